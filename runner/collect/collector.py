"""The collector: a steady beat at which every chart is read, judged and written, and a browser that is replaced when it fails.

Nothing here knows selenium: a `ChartSource` brings what the script found in the page, or raises BrowserError. A beat that cannot be read
leaves no row, so gaps are visible in the data and never filled. The disk being full does not end the collector, a failed fsync does.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from lib.contract.times import iso
from runner.collect.apart_watch import ApartWatch
from runner.collect.chart_files import ChartFiles
from runner.collect.chart_reading import ChartReading, ReadingRefusal
from runner.collect.chart_track import ChartTrack
from runner.collect.clock import Beat, Clock, Stamps, SystemClock
from runner.collect.collector_state import CollectorState
from runner.collect.disk_watch import DiskWatch
from runner.collect.page_texts import printable
from runner.collect.settings import CollectSettings
from runner.collect.state_file import StateFile
from runner.collect.unproven import doubted_before
from runner.errors import BrowserError, PageError

#: How often a waiting collector looks whether its browser still runs, in seconds.
LOOK_S = 1.0
#: Pause before a second look within one beat, in seconds.
_AGAIN_S = 0.7


class ChartSource(Protocol):
    """Where readings come from: runner.collect.browser.Browser, or a simulated one."""

    def start(self) -> None:
        """Open the charts; raises BrowserError."""

    def read(self, timeframe: str) -> dict[str, Any]:
        """What the script brings; raises BrowserError, PageError."""

    def reload(self, timeframe: str) -> None:
        """Load a chart anew; raises BrowserError."""

    def close(self) -> None:
        """Give up whatever was started."""

    @property
    def alive(self) -> bool:
        """Whether it still runs."""


class Collector:
    """Reads the charts of `settings` into `folder`; use it as a context (it holds the locks), then `run`.

    Raises LockedError, DataError and ClockError on entry where the folder cannot be written.
    """

    def __init__(
        self,
        settings: CollectSettings,
        folder: Path,
        source: ChartSource,
        clock: Clock | None = None,
        say: Callable[[str], object] = lambda words: None,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._source = source
        self._clock = clock or SystemClock()
        self._say = say
        self._state = StateFile(folder)
        self._held = ExitStack()
        self._restarts = 0
        self._fault = self._waits_for = ""
        self._disk = DiskWatch(say, again="reading")
        self._beat: Beat | None = None
        self._start_at: float | None = None  #: when to start a browser; None while there is one
        self._stopped = False

    def __enter__(self) -> Collector:
        self._folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            files = {
                name: held.enter_context(ChartFiles(self._folder, name, self._settings.symbol))
                for name in self._settings.timeframes
            }
            before, self._apart = doubted_before(self._folder), ApartWatch()
            self.tracks = [
                ChartTrack(name, self._settings, each, before, self._apart) for name, each in files.items()
            ]
            read = {each.samples.path.name for each in files.values()}
            self._doubted = [each for each in before if each.file not in read]
            newest = max((each.last for each in files.values() if each.last is not None), default=None)
            self._stamps = Stamps(self._clock, newest)
            self._since = self._stamps.now()
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._tell()
        self._held.close()

    def run(self, stop: Callable[[], bool] = lambda: False, beats: int | None = None) -> None:
        """Collect until `stop` says so, or for a number of beats.

        Raises BrowserError if the browser cannot be started at first (later it is tried again), FsyncFailedError.
        """
        if self._beat is None:
            self._source.start()
            self._beat = Beat(self._clock, self._settings.beat_s)
        beat = self._beat
        self._tell()
        taken = 0
        while not stop() and (beats is None or taken < beats):
            left = beat.due_in()
            if left > 0:
                self._look_after_browser()
                self._reload_where_due()
                self._clock.sleep(min(left, LOOK_S))
                continue
            self.take()
            beat.taken()
            taken += 1

    def take(self) -> None:
        """One beat: read every chart, write, tell the state."""
        for track in self.tracks:
            at = self._read(track)
        told = {track.timeframe: track.comparable for track in self.tracks if track.comparable is not None}
        self._apart.observe(at.timestamp(), told)
        self._disk.write(track.files for track in self.tracks)
        self._reload_where_due()
        self._tell()

    def _read(self, track: ChartTrack) -> pd.Timestamp:
        raw, judged = self._look(track)
        if raw is not None and track.wants_another_look(judged):
            first = raw
            self._clock.sleep(_AGAIN_S)
            raw, judged = self._look(track)
            if raw is not None:  # what the page noted is handed over once: keep the first part
                shift = raw["now"] - first["now"]
                raw = raw | {"seen": first["seen"] + raw["seen"]} if shift >= 0 else raw
        steady = self._clock.steady()
        at = self._stamps.now()
        if isinstance(judged, ReadingRefusal):
            track.refuse(judged, steady)
        else:
            before = track.quality
            track.take(judged, at, steady)
            self._say_change(track, before)
        if raw is not None:
            reading = None if isinstance(judged, ReadingRefusal) else judged
            doubted = track.watch_candle(raw, at, reading, trusted=not self._stamps.disturbed)
            if doubted is not None:
                self._say(f"{track.timeframe}: {'. '.join(doubted.finding)}")
        return at

    def _say_change(self, track: ChartTrack, before: str) -> None:
        """Tell when a chart begins or ends to be of a quality that teaches nothing."""
        if track.quality == before:
            return
        if track.quality == "ok":
            self._say(f"{track.timeframe}: ok again, no longer {before}")
        else:
            self._say(f"{track.timeframe}: {track.quality}: {'; '.join(track.wrong)}. {track.remedy}")

    def _look(self, track: ChartTrack) -> tuple[dict[str, Any] | None, ChartReading | ReadingRefusal]:
        """What the page shows, raw and judged; without a browser, or with a page that broke the script, there is nothing raw."""
        if self._start_at is not None:
            return None, ReadingRefusal("browser", self._fault)
        try:
            raw = self._source.read(track.timeframe)
        except PageError as error:
            return None, ReadingRefusal("script", printable(str(error), 120))
        except BrowserError as error:
            self._give_up(error)
            return None, ReadingRefusal("browser", self._fault)
        return raw, track.judge(raw)

    def _reload_where_due(self) -> None:
        for track in self.tracks:
            if self._start_at is None and track.overdue(self._clock.steady()):
                try:
                    self._source.reload(track.timeframe)
                except PageError:
                    continue  # an alert() came amid it: asked again in its turn
                except BrowserError as error:
                    self._give_up(error)

    def _give_up(self, error: BrowserError) -> None:
        """Without this browser from here on; another one is started while waiting for the next beat."""
        self._fault = printable(str(error), 200)
        self._start_at = self._clock.steady()
        self._say(f"browser: {self._fault}; it is replaced")
        self._source.close()
        self._tell()

    def _look_after_browser(self) -> None:
        if self._start_at is None and not self._source.alive:
            self._give_up(BrowserError("it ended by itself"))
        if self._start_at is None or self._clock.steady() < self._start_at:
            return
        self._restarts += 1
        try:
            self._source.start()
        except BrowserError as error:
            self._fault = printable(str(error), 300)
            self._start_at = self._clock.steady() + self._settings.restart_wait_s
            self._say(f"browser: {self._fault}; tried again in {self._settings.restart_wait_s:g} s")
        else:
            self._start_at = None
            self._say("browser: started again")
        self._tell()

    def _tell(self) -> None:
        state = self.summary()
        if state.waits_for != self._waits_for:
            self._say(f"waits: {state.waits_for}" if state.waits_for else "all charts are read")
            self._waits_for = state.waits_for
        if not self._state.write(state.as_dict()) and not self._disk.fault:
            self._say(f"{self._state.path} cannot be written")

    def summary(self) -> CollectorState:
        """What `collector.json` says."""
        refusals = {track.timeframe: track.refusal for track in self.tracks if track.refusal}
        waits_for = "; ".join(
            f"{name}: {refusal.remedy}" + (f" ({refusal.detail})" if refusal.detail else "")
            for name, refusal in refusals.items()
        )
        status = "waiting" if refusals else "reading"
        status = "browser_down" if self._start_at is not None else status
        status = "disk_full" if self._disk.fault else status
        return CollectorState(
            status="stopped" if self._stopped else status,
            written=iso(pd.Timestamp(round(self._clock.wall(), 3), unit="s", tz="UTC").round("ms")),
            since=iso(self._since),
            pid=os.getpid(),
            symbol=self._settings.symbol,
            beat_s=self._settings.beat_s,
            waits_for=waits_for,
            disk=self._disk.fault,
            browser_fault=self._fault,
            restarts=self._restarts,
            skipped=self._beat.skipped if self._beat else 0,
            clock_jumps=self._stamps.jumps,
            charts={track.timeframe: track.summary() for track in self.tracks},
            doubted=self._doubted,
        )
