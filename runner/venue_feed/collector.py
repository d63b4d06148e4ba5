"""The collector of an exchange: a steady beat at which the market is looked at, and samples and candles are written.

The first beat in a minute waits for the exchange to close the minute before, and stamps its samples at that minute's end, so that they are
the ones `ribbon backfill` makes of the same minute. Minutes that were told only after a pause get their candles and such samples then; a
beat that told nothing leaves none, and no beat is made up (docs/decisions/exchange-source.md).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.data.formats import price_decimals
from runner.collect.clock import Beat, Clock, Stamps, SystemClock
from runner.collect.collector_state import CollectorState, VenueState
from runner.collect.disk_watch import DiskWatch
from runner.collect.settings import CollectSettings
from runner.collect.state_file import StateFile
from runner.collect.unproven import doubted_before
from runner.venue_feed.chart import PriceAt, VenueChart
from runner.venue_feed.feed import Feed, VenueSource
from runner.venue_feed.files import VenueFiles, ends_candle
from runner.venue_feed.minutes import LENGTH_S, SETTLE_S, Minute, MinuteTable
from runner.venue_feed.track import VenueTrack
from runner.venue_feed.words import FeedRefusal

#: How often a waiting collector looks whether it is to stop, in seconds.
LOOK_S = 1.0
#: A beat so short before a minute's end waits for it, one so soon after it is the minute's own, seconds.
_NEAR_S, _OWN_S = 1.0, 3.0


class VenueCollector:
    """Collects the market of `source` into `folder`; use it as a context (it holds the locks), then `run`.

    `warm` gives a timeframe's closes where the folder has too few for the longest lines. Raises LockedError, DataError, ClockError.
    """

    def __init__(
        self,
        settings: CollectSettings,
        folder: Path,
        source: VenueSource,
        clock: Clock | None = None,
        say: Callable[[str], object] = lambda words: None,
        warm: Callable[[str], pd.Series | None] = lambda timeframe: None,
    ) -> None:
        self._settings, self._source, self._say, self._warm = settings, source, say, warm
        self._clock = clock or SystemClock()
        self._folder = folder
        self._state = StateFile(folder)
        self._held = ExitStack()
        self._disk, self._told = DiskWatch(say, again="beat"), ""
        self._refusal: FeedRefusal | None = None
        self._beat: Beat | None = None
        self._minutes = self._afterwards = 0
        self._stopped = False

    def __enter__(self) -> VenueCollector:
        self._folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            self.files = held.enter_context(
                VenueFiles(self._folder, self._settings.market, self._settings.exchange)
            )
            self._stamps = Stamps(self._clock, self.files.last)
            self._since = self._stamps.now()
            self._doubted = doubted_before(self._folder)
            self.files.show(self._source.decimals)
            self.feed = Feed(self._source, MinuteTable(self.files.past))
            self.tracks = {name: self._track(name) for name in self._settings.timeframes}
            self._minute = int(self._since.timestamp() // LENGTH_S)
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._tell()
        self._held.close()

    def _track(self, timeframe: str) -> VenueTrack:
        closes = self.files.closes(timeframe, self._since)
        chart = VenueChart(timeframe, closes if len(closes) else self._warm(timeframe))
        return VenueTrack(chart, self.files.charts[timeframe])

    def run(self, stop: Callable[[], bool] = lambda: False, beats: int | None = None) -> None:
        """Collect until `stop` says so, or for a number of beats. Raises FsyncFailedError."""
        beat = self._beat = self._beat or Beat(self._clock, self._settings.beat_s)
        self._tell()
        taken = 0
        while not stop() and (beats is None or taken < beats):
            left = beat.due_in()
            if left > 0:
                self._clock.sleep(min(left, LOOK_S))
                continue
            self.take()
            beat.taken()
            taken += 1

    def take(self) -> None:
        """One beat: look at the market, write, tell the state."""
        at, ended = self._instant()
        look = self.feed.look(self._clock.wall(), self._clock.steady(), ended is not None)
        closed, self.feed.closed = self.feed.closed, []
        prices = [
            PriceAt(each.ended, each.close, schema.BACKFILL_SOURCE)
            for each in closed
            if each.ended != ended and each.ended <= at
        ]
        if isinstance(look, FeedRefusal):
            self._refuse(look)
        else:
            self._refusal = None
            name = self._settings.exchange
            if ended is not None:
                minute = self.feed.table.ended_at(ended)
                prices.append(PriceAt(ended, minute.close if minute else look.price, name, look.frozen))
            if ended is None or at - ended > _OWN_S:
                prices.append(PriceAt(at, look.price, name, look.frozen))
        self.files.show(price_decimals(np.array([each.price for each in prices])))
        self._take_minutes(closed, ended)
        for track in self.tracks.values():
            track.take(prices, closed)
        self._disk.write([self.files])
        self._tell()

    def _instant(self) -> tuple[float, int | None]:
        """The instant of this beat, and the end of the minute that has closed since the beat before (None: none has); waits for it."""
        left = LENGTH_S - self._clock.wall() % LENGTH_S
        if left < _NEAR_S:
            self._clock.sleep(left)
        at = self._stamps.now().timestamp()
        minute = int(at // LENGTH_S)
        if minute <= self._minute:
            return at, None
        self._minute = minute
        # A clock that is ahead of the exchange's waits for it, too.
        settled = minute * LENGTH_S + SETTLE_S + max(self.feed.clock_off_s, 0.0) - at
        if 0 < settled < 2 * _OWN_S:
            self._clock.sleep(settled)
        return at, minute * LENGTH_S

    def _take_minutes(self, closed: list[Minute], ended: int | None) -> None:
        for minute in closed:
            self.files.take_minute(minute)
            self._minutes += 1
            self._afterwards += ended is None or minute.ended != ended
            for name in self.tracks:
                if not ends_candle(minute, name):
                    continue
                if (parts := self.feed.table.whole(minute.ended, schema.MINUTES[name])) is not None:
                    self.files.take_candle(name, parts)
                    self.tracks[name].candles += 1
                else:
                    self.tracks[name].missed += 1

    def _refuse(self, refusal: FeedRefusal) -> None:
        self._refusal = refusal
        for track in self.tracks.values():
            track.refuse(refusal)

    def _tell(self) -> None:
        state = self.summary()
        qualities = {f"{name} {chart.quality}" for name, chart in state.charts.items() if chart.remedy}
        told = state.waits_for or ", ".join(sorted(qualities))
        if told != self._told:
            self._say(told or f"{self._settings.exchange} is read again, and all is ok")
            self._told = told
        if not self._state.write(state.as_dict()) and not self._disk.fault:
            self._say(f"{self._state.path} cannot be written")

    def summary(self) -> CollectorState:
        """What `collector.json` says."""
        no = self._refusal
        waits_for = ""
        if no is not None:
            waits_for = f"{no.reason}: {no.remedy}" + (f" ({no.detail})" if no.detail else "")
        status = "disk_full" if self._disk.fault else "waiting" if no is not None else "reading"
        return CollectorState(
            status="stopped" if self._stopped else status,
            written=iso(pd.Timestamp(round(self._clock.wall(), 3), unit="s", tz="UTC").round("ms")),
            since=iso(self._since),
            pid=os.getpid(),
            symbol=self._settings.market,
            source=self._settings.exchange,
            venue=self._venue(),
            beat_s=self._settings.beat_s,
            waits_for=waits_for,
            disk=self._disk.fault,
            skipped=self._beat.skipped if self._beat else 0,
            clock_jumps=self._stamps.jumps,
            charts={name: track.summary() for name, track in self.tracks.items()},
            doubted=self._doubted,
        )

    def _venue(self) -> VenueState:
        pushed, told, counts = self._source.pushed(), self._source.told, self.feed.table.counts
        return VenueState(
            exchange=self._settings.exchange,
            stream=told.kind,
            stream_age_s=None if pushed is None else round(pushed.age_s, 1),
            renewals=self.feed.renewals,
            connections=told.connections,
            stream_fault=told.fault,
            asked=dict(self.feed.asked),
            fault="" if self.feed.fault is None else f"{self.feed.fault.reason}: {self.feed.fault.detail}",
            clock_off_s=round(self.feed.clock_off_s, 2),
            minutes=self._minutes,
            afterwards=self._afterwards,
            revised=counts.revised,
            stale=counts.stale,
            torn=counts.torn,
            implausible=counts.implausible,
            lost=counts.lost,
            lost_at=iso(pd.Timestamp(counts.lost_at, unit="s", tz="UTC")) if counts.lost else None,
        )
