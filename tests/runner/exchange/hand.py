"""A desk whose venue is set by hand: what it tells, what it refuses, and what was asked of it; no server, and a clock that is set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal

from runner.exchange.desk import Desk
from runner.exchange.models import Execution, Instrument, VenueOrder, VenuePosition
from runner.exchange.settings import ExchangeSettings
from runner.trade.book import Book
from runner.trade.clock import SetClock
from runner.trade.events import Event
from runner.trade.paper import Watch
from tests.runner.trade.made import at_us

MARKET = Instrument("ETHUSDT", "USDT", *map(Decimal, ("0.01", "0.01", "0.01", "5", "500")))
OPEN = Event("open", at_us(0), price=1_000.0)
_RULE = {"stop_pct": 0.15, "target_pct": 0.3, "hold_minutes": 45.0}
ORDER = Event("order", at_us(1), "a", "LONG", notional=500.0, valid_until=at_us(21), **_RULE)
FILL = Event("fill", at_us(11), "a", "LONG", size=5.0, price=100.0, fee=0.2, **_RULE)
EXIT = Event("exit", at_us(21), "a", "LONG", size=5.0, price=100.0, fee=0.2, reason="TP_HIT")
LEAVE = Event("leave", at_us(12), "a", reason="CLAUDE_EXIT")
FLAT = VenuePosition("", 0.0, 0.0, 0.0)
HELD = VenuePosition("LONG", 5.0, 99.85, 100.3)
UNSTOPPED = replace(HELD, stop=0.0)


class HandWire:
    """Never out of time."""

    busy = False

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        yield


@dataclass
class HandVenue:
    """`faults`: what the next requests of a name raise, None for an answer. `positions`: told one by one, the last for ever."""

    positions: list[VenuePosition] = field(default_factory=lambda: [FLAT])
    price: float = 100.0
    orders: dict[str, VenueOrder] = field(default_factory=dict)
    found: list[Execution] = field(default_factory=list)
    faults: dict[str, list[Exception | None]] = field(default_factory=lambda: defaultdict(list))
    asked: list[tuple[object, ...]] = field(default_factory=list)
    wire: HandWire = field(default_factory=HandWire)

    def _ask(self, *request: object) -> None:
        self.asked.append(request)
        waiting = self.faults[str(request[0])]
        if waiting and (fault := waiting.pop(0)):
            raise fault

    def named(self, name: str) -> list[tuple[object, ...]]:
        """What was asked of one name, without it."""
        return [request[1:] for request in self.asked if request[0] == name]

    def position(self) -> VenuePosition:
        self._ask("position")
        return self.positions.pop(0) if len(self.positions) > 1 else self.positions[0]

    def last_price(self) -> float:
        self._ask("last_price")
        return self.price

    def open_orders(self) -> list[VenueOrder]:
        self._ask("open_orders")
        return [order for order in self.orders.values() if not order.ended]

    def order(self, order_id: str) -> VenueOrder | None:
        self._ask("order", order_id)
        return self.orders.get(order_id)

    def executions(self, since_ms: int, now_ms: int) -> list[Execution]:
        self._ask("executions", since_ms, now_ms)
        return self.found

    def enter(self, order_id: str, direction: str, size: Decimal, stop: Decimal, target: Decimal) -> None:
        self._ask("enter", order_id, direction, size, stop, target)

    def leave(self, order_id: str, side: str, size: float) -> None:
        self._ask("leave", order_id, side, size)

    def cancel(self, order_id: str) -> None:
        self._ask("cancel", order_id)

    def set_exits(self, stop: Decimal, target: Decimal) -> None:
        self._ask("set_exits", stop, target)


class HandDesk(Desk):
    """Over a book of these events, at so many seconds after START."""

    def __init__(
        self, events: Sequence[Event], at: float, *positions: VenuePosition, **given: object
    ) -> None:
        self.told: list[tuple[str, str]] = []
        parts = {
            "book": Book.from_events([OPEN, *events]),
            "venue": HandVenue(list(positions) or [FLAT]),
            "market": MARKET,
            "settings": ExchangeSettings(symbol="ETHUSDT"),
            "watch": Watch(),
            "clock": SetClock(at_us(at)),
            "killed": lambda: False,
            "tell": lambda kind, text: self.told.append((kind, text)),
            "offset_us": 0,
        }
        super().__init__(**(parts | given))

    def kinds(self) -> list[str]:
        """Of the book's events."""
        return [event.kind for event in self.book.events]

    def words(self, kind: str) -> str:
        """What a person was told of a kind."""
        return " | ".join(text for of, text in self.told if of == kind)


def ended(order_id: str, filled: float = 0.0, is_over: bool = True, at: float = 10.0) -> VenueOrder:
    """An order as the venue knows it, at 100."""
    return VenueOrder(order_id, is_over, filled, 100.0, 0.1, at_us(at) // 1_000, False)
