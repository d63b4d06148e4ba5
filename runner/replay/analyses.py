"""The analyses of many hours side by side, as soon as what they read is there.

A worker analyzes a chunk of hours, whose rows it parses once. It may be at work while the replay's ticks go on: what comes later than an
hour is known to none of its analyses. A chunk is handed out once the ticks are a chunk further, so that no row that is being
written stands at its end.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lib.analysis.past_events import unsettled_hours
from lib.analysis.trades import actual_trades
from lib.data.atomic import synced_later
from lib.data.hours import read_hours
from lib.data.window import MarketWindow
from lib.data.windows import load_windows
from lib.lessons.streams.stretch import Stretch
from lib.market.terms import Terms

#: Of hours that a worker analyzes at once: the rows of a day before them are parsed with theirs.
CHUNK = 12
#: By how much a worker is nicer than the process of the ticks: that one publishes too, and all wait for it in the end.
_NICER = 10
_HOURS_FOLDER = "hours"


class AnalyzedHours(NamedTuple):
    """A chunk of hours in order, and what its rows show the ledger; None where they do not tell."""

    hours: list[AnalyzedHour]
    shown: Stretch | None


class AnalyzedHour(NamedTuple):
    """An hour whose results are in its folder, and the closed trades of its window; None where nothing was known."""

    as_of: pd.Timestamp
    closed: pd.DataFrame | None


@dataclass(frozen=True)
class HourAnalyzer:
    """Analyzes hours of a replay's folder into the hours' folders."""

    folder: Path
    terms: Terms
    lookback_hours: float

    def __call__(self, hours: Sequence[pd.Timestamp]) -> AnalyzedHours:
        """The four analyses of each hour; raises as load_window."""
        unsettled = unsettled_hours(self.terms.exits)
        starts = [hour - pd.Timedelta(hours=self.lookback_hours) for hour in hours]
        with synced_later():
            read = read_hours(self.folder, starts[0] - pd.Timedelta(hours=unsettled), hours[-1])
            windows = load_windows(self.folder, hours, self.lookback_hours, read)
            before = load_windows(self.folder, starts, unsettled, read)
            found = [self._analyzed(*each) for each in zip(hours, windows, before, strict=True)]
            return AnalyzedHours(found, None if read is None else Stretch.of(read, self.terms))

    def _analyzed(
        self, as_of: pd.Timestamp, window: MarketWindow | None, unsettled: MarketWindow | None
    ) -> AnalyzedHour:
        from lib.analysis.run import analyze_window  # imports vectorbt, which takes seconds

        if window is None:
            return AnalyzedHour(as_of, None)
        hour = hour_folder(self.folder, as_of)
        hour.mkdir(parents=True, exist_ok=True)
        trades = actual_trades(window, self.terms.costs)
        analyze_window(window, self.terms, hour, unsettled, trades)
        return AnalyzedHour(as_of, trades.closed)


class Analyses:
    """Hours in order, analyzed by `jobs` processes (1: by this one, once they are asked for)."""

    def __init__(self, analyze: HourAnalyzer, hours: Sequence[pd.Timestamp], jobs: int) -> None:
        self._analyze, self._jobs = analyze, jobs
        self._chunks = [hours[first : first + CHUNK] for first in range(0, len(hours), CHUNK)]
        self._begun: list[Future[AnalyzedHours]] = []
        self._given = 0
        self._held = ExitStack()
        self._pool: ProcessPoolExecutor | None = None
        self._starting: Future[Future[int]] | None = None

    def __enter__(self) -> Analyses:
        if self._jobs > 1:
            pool = ProcessPoolExecutor(self._jobs, _context(), initializer=_begin_worker)
            self._held.callback(pool.shutdown, wait=True, cancel_futures=True)
            self._pool = pool
            # What they import takes seconds, which whoever starts them waits for: a thread, while the ticks begin.
            self._starting = self._held.enter_context(ThreadPoolExecutor(1)).submit(pool.submit, os.getpid)
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def reached(self, at: pd.Timestamp) -> None:
        """All that was known before `at` is in the folder."""
        while self._pool and len(self._begun) + 1 < len(self._chunks):
            if self._chunks[len(self._begun) + 1][-1] > at:
                return
            self._begin()

    def ready(self) -> Iterator[AnalyzedHours]:
        """The chunks that are analyzed by now and were not given yet, in order; all that their hours know is in the folder."""
        while self._given < len(self._begun) and self._begun[self._given].done():
            yield self._next()

    def chunks(self) -> Iterator[AnalyzedHours]:
        """All that were not given yet, in order, once everything that any hour knows is in the folder."""
        while self._pool and len(self._begun) < len(self._chunks):
            self._begin()
        while self._given < len(self._chunks):
            yield self._next()

    def _next(self) -> AnalyzedHours:
        """The next chunk; one whose worker died is analyzed here."""
        place, self._given = self._given, self._given + 1
        try:
            return self._begun[place].result() if self._pool else self._analyze(self._chunks[place])
        except BrokenProcessPool:  # one was killed, for its memory, say
            return self._analyze(self._chunks[place])

    def _begin(self) -> None:
        assert self._pool and self._starting
        try:
            self._starting.result()
            self._begun.append(self._pool.submit(self._analyze, self._chunks[len(self._begun)]))
        except BrokenProcessPool as error:
            failed: Future[AnalyzedHours] = Future()
            failed.set_exception(error)
            self._begun.append(failed)


def jobs_for(hours: int, jobs: int = 0) -> int:
    """How many processes are worth starting (0: up to one per core): one that has yet to import everything costs seconds."""
    wanted = jobs or os.cpu_count() or 1
    return wanted if hours >= CHUNK * wanted else 1


def hour_folder(folder: Path, as_of: pd.Timestamp) -> Path:
    """Where an hour's files are kept."""
    return folder / _HOURS_FOLDER / f"{as_of:%Y%m%dT%H%M%SZ}"


def _begin_worker() -> None:
    """Nicer than the process of the ticks, and no longer there than it: killed, that one would leave the workers waiting for ever."""
    os.nice(_NICER)
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _context() -> multiprocessing.context.BaseContext:
    """Workers are forked from a process that has imported what takes seconds, once for all of them; where there is none each imports it."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["runner.replay.preloaded"])
    return context
