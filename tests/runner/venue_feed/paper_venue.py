"""An exchange without a network: what it would answer and push at the time of a clock turned by hand, with faults on demand."""

from __future__ import annotations

import math
from collections.abc import Callable

from runner.venue_feed.minutes import Minute
from runner.venue_feed.stream import Pushed, StreamTold
from runner.venue_feed.words import FeedFault
from tests.chart_page.market import PageMarket
from tests.runner.collect.clocks import HandClock


class PaperVenue:
    """One market, whose time runs with the steady clock, whatever the wall clock does.

    `fault` is raised by every request; `as_of` changes the instant that answers and pushes tell of (frozen, lagging); `change` alters the
    minutes told; `quiet` says of which minutes (by their open) there is no trade; `stream` is "well", "silent", "stuck" or "none".
    """

    def __init__(self, market: PageMarket, clock: HandClock) -> None:
        self.market, self.clock = market, clock
        self._offset = clock.wall() - clock.steady()
        self._closed: dict[int, Minute] = {}
        self.fault: str = ""
        self.as_of: Callable[[float], float] = lambda now: now
        self.change: Callable[[list[Minute], float], list[Minute]] = lambda rows, now: rows
        self.quiet: Callable[[int], bool] = lambda opened: False
        self.ahead_s = 0.0  #: of this machine's clock, beside jumps
        self.listed = True
        self.stream = "well"
        self.stuck: Pushed | None = None
        self._stuck_at = 0.0
        self.requests = self.renewals = 0
        self.begins = math.floor(float(market.times[0]) / 60) * 60

    @property
    def decimals(self) -> int:
        return 2

    @property
    def streams(self) -> bool:
        return self.stream != "none"

    @property
    def told(self) -> StreamTold:
        return StreamTold("minutes" if self.streams else "", 1 + self.renewals)

    def now(self) -> float:
        """The market's time."""
        return self.clock.steady() + self._offset

    def minutes(self, since: float) -> list[Minute]:
        self.requests += 1
        if self.fault:
            raise FeedFault(self.fault, "made for this test")
        return self.rows(since)

    def rows(self, since: float) -> list[Minute]:
        """What the market has from `since` on, by what it is known for at this instant."""
        now = self.as_of(self.now())
        first = max(math.floor(since / 60) * 60, self.begins)
        opens = [at for at in range(first, math.floor(now / 60) * 60 + 1, 60) if not self.quiet(at)]
        return self.change([self._minute(at, now) for at in opens], now)

    def _minute(self, opened: int, now: float) -> Minute:
        if opened in self._closed and now >= opened + 60:
            return self._closed[opened]
        candle = self.market.candle_at(min(now, opened + 59.999), 1)
        values = (candle.open, candle.high, candle.low, candle.close, round(candle.volume, 6))
        minute = Minute(opened, *values)
        if now >= opened + 60:
            self._closed[opened] = minute
        return minute

    def clock_off(self) -> tuple[float, float] | None:
        if self.fault:
            raise FeedFault(self.fault, "made for this test")
        return self.clock.wall() + self.ahead_s - self.now(), 0.05

    def traded(self) -> bool:
        return self.listed

    def pushed(self) -> Pushed | None:
        if self.stream == "stuck" and self.stuck is not None:
            return self.stuck._replace(age_s=self.now() - self._stuck_at)
        if self.stream != "well":
            return None
        rows = self.rows(self.now() - 120)
        self._stuck_at = self.now() - 0.3
        self.stuck = Pushed(tuple(rows[-2:]), None, 0.3) if rows else None
        return self.stuck

    def renew(self) -> None:
        self.renewals += 1
