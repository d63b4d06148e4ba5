"""The nouns of a venue: its market, what is held there, an order, an execution. Sizes in units, prices in quote currency."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from lib.contract.dollars import plain_number
from lib.market.costs import SIGN
from lib.market.exits import ExitRule, levels

BUY, SELL = "Buy", "Sell"
ENTRY_SIDE = {"LONG": BUY, "SHORT": SELL}
EXIT_SIDE = {"LONG": SELL, "SHORT": BUY}
#: Of a tick: a level that is off by less lies on it, because levels come from a multiplication.
_SLACK = Decimal("1e-6")
#: Digits of a size or price that is told: more than the step of any market leaves.
_DIGITS = 12


@dataclass(frozen=True)
class Instrument:
    """What a venue takes orders in."""

    symbol: str
    coin: str  #: that it settles in
    tick: Decimal  #: step of prices
    step: Decimal  #: step of sizes
    least_size: Decimal
    least_value: Decimal  #: 0 where the venue names none
    most_size: Decimal  #: of one market order

    def size(self, notional: float, price: float) -> Decimal:
        """The largest size that costs at most `notional`; 0 where that is too small to be ordered."""
        wanted = Decimal(repr(notional)) / Decimal(repr(price))
        size = min(wanted, self.most_size) // self.step * self.step
        too_small = size < self.least_size or size * Decimal(repr(price)) < self.least_value
        return Decimal(0) if too_small else size

    def least(self, price: float) -> float:
        """The value of the smallest order."""
        return max(float(self.least_size) * price, float(self.least_value))

    def exits(self, direction: str, price: float, rule: ExitRule) -> tuple[Decimal, Decimal]:
        """Stop and target of a position from `price`, on ticks, each rounded towards the entry: never a larger loss."""
        target, stop = levels(SIGN[direction], price, rule)
        of_stop, of_target = (
            (ROUND_CEILING, ROUND_FLOOR) if direction == "LONG" else (ROUND_FLOOR, ROUND_CEILING)
        )
        return self._on_tick(stop, of_stop), self._on_tick(target, of_target)

    def _on_tick(self, price: float, rounding: str) -> Decimal:
        ticks = (Decimal(repr(price)) / self.tick).quantize(_SLACK)
        return ticks.to_integral_value(rounding) * self.tick

    def same_size(self, one: float, other: float) -> bool:
        """Whether two sizes differ by less than can be traded."""
        return abs(one - other) < float(self.step) / 2


@dataclass(frozen=True)
class VenuePosition:
    """What is held at the venue; size 0 and no direction where nothing is. A stop or target of 0 is none."""

    direction: str
    size: float
    stop: float
    target: float


@dataclass(frozen=True)
class VenueOrder:
    """An order as the venue knows it. `ended`: nothing more will come of it; `fee` in the settle coin, None where paid in another."""

    order_id: str
    ended: bool
    filled: float
    price: float
    fee: float | None
    at_ms: int
    of_position: bool  #: a stop or target that rests on a position and ends with it


#: What the venue closes a position by without anybody's order, and what that is called.
FORCED = {
    "BustTrade": "liquidated the position",
    "Delivery": "settled the position at the end of its contract",
    "Settle": "settled the position at the end of its contract",
    "AdlTrade": "closed the position to balance another account (auto-deleveraging)",
}


@dataclass(frozen=True)
class Execution:
    """A part of an order that was executed, or a payment on the position (size 0). `fee` is its worth in the settle coin."""

    order_id: str  #: ours; "" where the venue or a person made the order
    side: str
    size: float
    price: float
    fee: float
    at_ms: int
    cause: str  #: StopLoss, TakeProfit, … where a resting order of the position did it; a key of FORCED where the venue itself closed


def order_id(decision_id: str, part: str) -> str:
    """The client order id of a part of a decision: the same whenever it is asked for, at most 36 characters.

    `part`: e for the entry, x1, x2, … for attempts to leave.
    """
    return f"rb{hashlib.sha256(decision_id.encode()).hexdigest()[:28]}-{part}"


def exact(value: float) -> str:
    """A size or a price in words, to the venue's own step: two that differ are told as two."""
    return plain_number(value, _DIGITS)
