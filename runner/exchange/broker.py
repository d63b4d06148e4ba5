"""The exchange broker: the Broker protocol over one market of one account.

The event log says what was wanted and what is known to have happened; the venue says what is. Everything a look at the venue shows is
recorded first and told to the loop afterwards. A venue that does not answer makes nothing happen: whatever rests there goes on resting, and
the next look asks again.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.errors import ExchangeError, VenueRefused, WriteFailedError
from runner.exchange.desk import Desk
from runner.exchange.entry import Entry
from runner.exchange.holding import Holding
from runner.exchange.wire import RequestNotSent
from runner.trade.broker import Order
from runner.trade.events import Event
from runner.trade.known import MarketTables

#: Seconds without an answer while something is held or ordered, until a person is told.
_SILENT_S = 60.0


class ExchangeBroker:
    """Implements Broker on a venue."""

    name = "exchange"
    blind = "its stop and target rest at the exchange"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.size_pct = desk.settings.size_pct
        self.entry, self.holding = Entry(desk), Holding(desk)
        self._known: MarketTables | None = None
        self._silent_since: float | None = None
        self._told = False

    def submit(self, order: Order) -> None:
        """Record the order, then send it; what becomes of it is told by `advance`."""
        desk = self.desk
        desk.book.record(order.event())
        known = self._known
        price = known.price if known is not None and known.usable else 0.0
        self._try(lambda: self._enter(order, price))

    def leave(self, now: int, reason: str) -> None:
        """Close what is held, at once if nothing hinders it."""
        desk = self.desk
        held = desk.book.held
        if held and not desk.book.leaving:
            desk.book.record(Event("leave", now, held.decision_id, reason=reason))
            self._try(lambda: self._watch(desk.killed))

    def advance(self, known: MarketTables | None, now: int, killed: Callable[[], bool]) -> list[Event]:
        """What happened since the last call."""
        self._known = known
        if self.desk.book.order or self.desk.book.held:
            self._try(lambda: self._look(killed))
        happened, self.desk.happened = self.desk.happened, []
        return happened

    def _enter(self, order: Order, price: float) -> None:
        self.entry.make(order, price)
        self._watch(self.desk.killed)

    def _look(self, killed: Callable[[], bool]) -> None:
        if self.desk.book.order:
            self.entry.settle()
        self._watch(killed)

    def _watch(self, killed: Callable[[], bool]) -> None:
        if self.desk.book.held:
            self.holding.look(self._known, killed())

    def _try(self, look: Callable[[], None]) -> None:
        """One look at the venue, bounded in time. Without an answer, or a disk that takes it, nothing has happened yet."""
        try:
            with self.desk.venue.wire.within(self.desk.settings.tick_s):
                look()
        except ExchangeError as error:
            self._unanswered(error)
        except WriteFailedError as error:
            self.desk.tell("error", f"what the exchange did is not written down yet: {error}")
        else:
            if self._told:
                self.desk.tell("error", "over: the exchange answers again")
            self._silent_since, self._told = None, False

    def _unanswered(self, error: ExchangeError) -> None:
        """Silence is told once it has lasted, a refusal at once: nothing but a person ends it."""
        now = self.desk.clock.monotonic()
        self._silent_since = now if self._silent_since is None else self._silent_since
        refused = isinstance(error, VenueRefused) and not isinstance(error, RequestNotSent)
        if not self._told and (refused or now - self._silent_since > _SILENT_S):
            self._told = True
            what = "the exchange refuses" if refused else f"the exchange has not answered for {_SILENT_S:g} s"
            rests = f"; a position is open, {self.blind}" if self.desk.book.held else ""
            self.desk.tell("error", f"{what}{rests}: {error}")
