"""An exchange as a feed's source: its answers, and its stream where it has one."""

from __future__ import annotations

from runner.venue_feed.stream import Pushed, Stream, StreamTold
from runner.venue_feed.venue import Venue


class LiveVenue(Venue):
    """A venue with its stream; use it as a context. Raises ParameterError and ExchangeError on entry."""

    stream: Stream | None = None
    kind = ""

    def __enter__(self) -> LiveVenue:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        if self.stream is not None:
            self.stream.close()
        self.close()

    def listen(self) -> None:
        """Begin the stream, where the exchange has one."""
        self.kind = Stream.kind(self.name)
        if self.kind:
            self.stream = Stream(self.name, self.market, self._settings.exchange_address)
            self.stream.begin()

    @property
    def streams(self) -> bool:
        """See VenueSource."""
        return self.stream is not None

    @property
    def told(self) -> StreamTold:
        """See VenueSource."""
        if self.stream is None:
            return StreamTold()
        return StreamTold(self.kind, self.stream.connections, self.stream.fault)

    def pushed(self) -> Pushed | None:
        """See VenueSource."""
        return None if self.stream is None else self.stream.newest()

    def renew(self) -> None:
        """See VenueSource."""
        if self.stream is not None:
            self.stream.renew()
