"""The account as the replay of its events: cash, position, what is ordered, what was traded, what is halted.

Cash falls by what is bought and rises by what is sold, fees taken off at once; a short holds negative units. While nothing is held cash is
the equity. Fees are in percent of the entry price on both sides (docs/definitions.md, Money). `record` makes an event durable before it
counts. What is stamped after now, because a clock was wrong, is taken as it can have happened (`settle`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lib.market.costs import SIGN
from lib.market.exits import ExitRule
from lib.market.watched import OpenTrade
from runner.errors import EventLogError
from runner.trade.events import EVENTS_FILE, PUT_BACK, Event
from runner.trade.known import stamp
from runner.trade.models import Position

HOUR, DAY = 3_600_000_000, 86_400_000_000


@dataclass(frozen=True)
class ClosedTrade:
    """A trade that has ended; `equity` after it, `net` in quote currency."""

    at: int
    net: float
    equity: float


@dataclass
class Book:
    """The state; only `apply` changes it."""

    write: Callable[[Event], None] = lambda event: None
    equity: float = 0.0  #: of closed trades
    cash: float = 0.0
    units: float = 0.0
    order: Event | None = None  #: accepted, not yet filled
    held: Event | None = None  #: the fill of what is held
    leaving: Event | None = None  #: the position is to be closed at the next price
    longer_us: int = (
        0  #: by how much the wall clock was set forward while it is held: its hold ends so much later
    )
    halt: Event | None = None
    measured: int = (
        0  #: of the closed trades, the first that daily loss and drawdown count: since a halt was lifted
    )
    opened: bool = False
    account: str = ""  #: whose money it is; "": nobody's, it is on paper
    fills: list[Event] = field(default_factory=list)
    closed: list[ClosedTrade] = field(default_factory=list)
    ordered: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list, compare=False, repr=False)  #: all, as they are logged
    _latest: int = field(default=0, compare=False, repr=False)
    #: Places of the events that `settle` moved.
    _ahead: list[int] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def from_events(
        cls, events: Sequence[Event], write: Callable[[Event], None] = lambda event: None
    ) -> Book:
        """The book after these events, all of a log. Raises EventLogError where they contradict each other."""
        book = cls(write)
        for line, event in enumerate(events, start=2):
            try:
                book.apply(event)
            except EventLogError as error:
                raise EventLogError(f"{EVENTS_FILE}, line {line}: {error}. {PUT_BACK}") from None
        return book

    def record(self, event: Event) -> Event:
        """Make an event durable, then let it count; it is given back. Raises what the log raises, and then nothing has happened."""
        if fault := self._fault(event):
            raise EventLogError(f"{event.kind} of {event.decision_id or 'the account'}: {fault}")
        self.write(event)
        self.apply(event)
        return event

    def apply(self, event: Event) -> None:
        """Let an event count."""
        if fault := self._fault(event):
            raise EventLogError(
                f"the event log contradicts itself at {stamp(event.at)}: {event.kind} of {event.decision_id or 'the account'}: {fault}"
            )
        getattr(self, f"_{event.kind}")(event)
        self.events.append(event)
        self._latest = max(self._latest, event.at)

    def settle(self, now: int) -> None:
        """Let nothing that happened lie after `now` (docs/guarantees.md, L10); the event log stays as it is.

        Events move once, and back as soon as the clock has passed them, so that the age of what is moved grows.
        """
        if self._latest <= now and not self._ahead:
            return
        ahead = [place for place, event in enumerate(self.events) if event.at > now]
        if ahead == self._ahead:
            return
        events, write = self.events, self.write
        settled = Book.from_events(not_after(events, now), write)
        kept = {"events": events, "_ahead": ahead, "longer_us": self.longer_us}
        vars(self).update(vars(settled) | kept)

    def clock_set(self, by_us: int) -> None:
        """The wall clock was set by so many microseconds: forward ends no hold sooner (docs/guarantees.md, D6)."""
        self.longer_us = max(0, self.longer_us + by_us) if self.held else 0

    def _fault(self, event: Event) -> str:
        """Why an event cannot follow what is there; "" if it can."""
        if event.kind == "open":
            return "the account is open already" if self.opened else ""
        if not self.opened:
            return "the account was not opened"
        if event.kind == "order":
            if event.decision_id in self.ordered:
                return "it was ordered before"
            return "something is held or ordered" if self.held or self.order else ""
        if event.kind in ("fill", "void"):
            return "" if _is_of(event, self.order) else "it is not what is ordered"
        if event.kind in ("leave", "exit"):
            return "" if _is_of(event, self.held) else "it is not what is held"
        return ""

    def _open(self, event: Event) -> None:
        self.opened, self.account = True, event.reason
        self.equity = self.cash = event.price

    def _order(self, event: Event) -> None:
        self.order = event
        self.ordered.add(event.decision_id)

    def _void(self, event: Event) -> None:
        self.order = None

    def _fill(self, event: Event) -> None:
        self.order, self.held, self.leaving, self.longer_us = None, event, None, 0
        signed = SIGN[event.direction] * event.size
        self.cash -= signed * event.price + event.fee
        self.units += signed
        self.fills.append(event)

    def _leave(self, event: Event) -> None:
        self.leaving = event

    def _exit(self, event: Event) -> None:
        self.cash += self.units * event.price - event.fee
        self.units, self.held, self.leaving = 0.0, None, None
        net, self.equity = self.cash - self.equity, self.cash
        self.closed.append(ClosedTrade(event.at, net, self.equity))

    def _halt(self, event: Event) -> None:
        self.halt = event

    def _resume(self, event: Event) -> None:
        self.halt, self.measured = None, len(self.closed)

    @property
    def halted(self) -> str:
        """Why no entry is made until a person lifts it; "" if none."""
        return self.halt.reason if self.halt else ""

    def fill_of(self, decision_id: str) -> Event | None:
        """The fill of a decision, if it was filled."""
        return next((fill for fill in reversed(self.fills) if fill.decision_id == decision_id), None)

    def watched(self, reverses: bool = False) -> OpenTrade | None:
        """What is held, as exits are judged; the hold is of the time that passed, whatever the wall clock was set to."""
        fill = self.held
        if fill is None:
            return None
        rule = ExitRule(fill.target_pct, fill.stop_pct, fill.hold_minutes + self.longer_us / 60e6)
        return OpenTrade(fill.direction, SIGN[fill.direction], fill.at, fill.price, rule, reverses)

    def position(self, prices: np.ndarray) -> Position | None:
        """What is held; `prices` are those seen since the entry, in order."""
        trade, fill = self.watched(), self.held
        if trade is None or fill is None:
            return None
        target, stop = trade.levels()
        moves = trade.sign * (np.append(prices, fill.price) / fill.price - 1) * 100
        return Position(
            decision_id=fill.decision_id,
            direction=fill.direction,  # type: ignore[arg-type]
            size=fill.size,
            entry_price=fill.price,
            entry_time=stamp(fill.at),
            stop_price=stop,
            target_price=target,
            time_exit_at=stamp(trade.time_exit_at),
            fees=2 * fill.fee,
            peak_pct=float(moves.max()),
            worst_pct=float(moves.min()),
        )

    def net_since(self, at: int, first: int = 0) -> tuple[float, float]:
        """Net of the trades, from the `first` on, that closed at `at` or later, and the equity before them."""
        net = sum(trade.net for trade in self.closed[first:] if trade.at >= at)
        return net, self.equity - net

    def drawdown_pct(self) -> float:
        """Fall of the equity below its highest since it is measured, in percent of that (conventions: of closed trades)."""
        counted = self.closed[self.measured :]
        before = self.equity - sum(trade.net for trade in counted)
        peak = max([before, *(trade.equity for trade in counted)])
        return (peak - self.equity) / peak * 100 if peak > 0 else 100.0

    def filled_since(self, at: int) -> int:
        """Entries filled at `at` or later."""
        return sum(fill.at >= at for fill in self.fills)


def not_after(events: Sequence[Event], now: int) -> list[Event]:
    """The events, those stamped after `now` at the latest instant they can have happened: the next one's, or now; an exit at most its hold
    after its fill. An order of them has expired. A halt keeps its time, by which it is lifted.
    """
    found, later = list(events), now
    for place in reversed(range(len(found))):
        event = found[place]
        if event.at > now and event.kind != "halt":
            at = later if event.kind != "exit" else min(later, _longest(events[:place], now))
            event = found[place] = replace(event, at=at, valid_until=min(event.valid_until, at))
        later = min(event.at, now)
    return found


def _longest(before: Sequence[Event], now: int) -> int:
    """When the hold of the newest fill ends; now if there is none."""
    fill = next((event for event in reversed(before) if event.kind == "fill"), None)
    return now if fill is None else fill.at + int(fill.hold_minutes * 60e6)


def _is_of(event: Event, earlier: Event | None) -> bool:
    """Whether an event is about what an earlier one began: the decision, and where it names them, its direction and size."""
    if earlier is None or event.decision_id != earlier.decision_id:
        return False
    same_size = not (event.size and earlier.size) or event.size == earlier.size
    return event.direction in ("", earlier.direction) and same_size
