"""A price path on which no answer has an edge: a walk on a grid that target and stop lie on, begun anew at 100 for every slot.

A minute moves the price by one step up, one down or not at all, so no candle passes over a level, and every exit is at exactly its price:
without costs an entry at 100 makes 0 on average to the last digit, given all that was known at it. How often the price moves is chosen so
that a trade's spread is 0.16 %, which the method's tables are for (docs/evidence-method.md, Controlled tests).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from lib.experiments.scoring import Prices
from lib.market.exits import MINUTE, SECOND, PricePath
from lib.market.readings import instants
from lib.market.terms import Terms

Side = Literal["LONG", "SHORT"]
#: Without costs, so that a trade without an edge makes 0.
TERMS = Terms(fee_pct=0.0, slippage_pct=0.0)
START = pd.Timestamp("2026-01-05T00:00:00Z")
PRICE, STEP = 100.0, 0.05
#: Chance that the price moves in a minute, so that the spread is 0.16 %: of all trades, and of those alone that end above or below 0.
MOVES, MOVES_DIFFERING = 0.28, 0.24
#: When in a minute the price is sampled, and how long an answer takes, seconds.
SAMPLED_S, TOOK_S = 10, 5.0
_BAR = 5
DAY_MINUTES = 1_440


@dataclass(frozen=True)
class Market:
    """The paths of an experiment's slots, one block each; `slot_minutes` from one block's beginning to the next one's."""

    begun: int  #: microseconds
    opened: np.ndarray  #: (slots, slot_minutes): the price at the beginning of each minute
    close: np.ndarray

    @property
    def slot_minutes(self) -> int:
        """How long a slot is."""
        return self.opened.shape[1]

    def tick(self, slot: int, minute: int = 0) -> int:
        """The instant of a tick, microseconds."""
        return self.begun + (slot * self.slot_minutes + minute) * MINUTE

    def moved(self, slot: int, minute: int) -> float:
        """How far the price has moved since the slot began."""
        return float(self.opened[slot, minute]) - PRICE

    def favoured(self, slot: int) -> Side | None:
        """The side to which the price will have moved after the hold; None where it has not moved."""
        moved = self.moved(slot, int(TERMS.hold_minutes))
        return None if not moved else "LONG" if moved > 0 else "SHORT"

    def prices(self, slot: int) -> Prices:
        """What answers of a slot are scored on."""
        opened, close = self.opened[slot], self.close[slot]
        opens = self.tick(slot) + np.arange(self.slot_minutes, dtype=np.int64) * MINUTE
        path = PricePath(
            opens=opens,
            closes_at=opens + MINUTE,
            open=opened,
            high=np.maximum(opened, close),
            low=np.minimum(opened, close),
            close=close,
            bar_closes_at=opens[_BAR - 1 :: _BAR] + MINUTE,
            bar_close=close[_BAR - 1 :: _BAR],
            sample_at=opens + SAMPLED_S * SECOND,
            sample_price=opened,
        )
        return Prices(path, self.tick(slot + 1))


def market(slots: int, rng: np.random.Generator, slot_minutes: int = 60, moves: float = MOVES) -> Market:
    """The paths of so many slots; a slot is long enough for the hold of an entry in its first quarter of an hour."""
    chances = [moves / 2, 1 - moves, moves / 2]
    steps = rng.choice([-STEP, 0.0, STEP], p=chances, size=(slots, slot_minutes))
    close = np.round(PRICE + steps.cumsum(axis=1), 10)
    opened = np.concatenate([np.full((slots, 1), PRICE), close[:, :-1]], axis=1)
    return Market(int(instants(pd.DatetimeIndex([START]))[0]), opened, close)
