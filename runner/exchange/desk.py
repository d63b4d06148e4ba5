"""What entry and exit share: the book, the venue, and what happened since the loop asked last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from runner.exchange.bybit import Bybit
from runner.exchange.models import Execution, Instrument
from runner.exchange.settings import ExchangeSettings
from runner.trade.book import Book
from runner.trade.clock import Clock
from runner.trade.events import Event
from runner.trade.paper import Watch

#: Halts that the broker makes; `ribbon resume` lifts them.
NO_STOP, VENUE = "no_stop", "venue"
#: Executions of an entry lie at most so long before its fill, and before its order by the two clocks.
ENTRY_MS = 60_000


@dataclass
class Desk:
    """One account at one market."""

    book: Book
    venue: Bybit
    market: Instrument
    settings: ExchangeSettings
    watch: Watch
    clock: Clock
    killed: Callable[[], bool]
    tell: Callable[[str, str], None]
    offset_us: int  #: our clock less the venue's
    happened: list[Event] = field(default_factory=list)  #: fills, voids and exits that nobody was told of yet
    _said: set[str] = field(default_factory=set, init=False)  #: why it is halted, as people were told

    def record(self, event: Event) -> None:
        """Make an event durable and keep it for the loop. Raises WriteFailedError, and then nothing has happened."""
        self.happened.append(self.book.record(event))

    def halt(self, reason: str, words: str) -> None:
        """No entry any more until a person lifts it, and a person is told; once each, also where it was halted for another reason."""
        if self.book.halted and words in self._said:
            return
        if not self.book.halted:
            self._said.clear()
            self.book.record(Event("halt", self.clock.now_us(), reason=reason))
        self._said.add(words)
        self.tell("halt", f"halted: {reason}: {words}; `ribbon resume` lifts it")

    def at(self, venue_ms: int) -> int:
        """A venue's stamp as microseconds of our clock."""
        return venue_ms * 1_000 + self.offset_us

    def venue_ms(self, at: int) -> int:
        """The other way round."""
        return (at - self.offset_us) // 1_000

    def executions_of(self, event: Event) -> list[Execution]:
        """What was executed from an entry's order or fill on. Raises VenueRefused or VenueUnknown."""
        return self.venue.executions(self.venue_ms(event.at) - ENTRY_MS, self.venue_ms(self.clock.now_us()))

    @property
    def arrives_within_s(self) -> float:
        """After so long the venue has either taken a request or never will, and shows it."""
        return self.settings.receive_window_ms / 1_000 + self.settings.settle_s
