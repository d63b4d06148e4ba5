"""Hourly learning without notebooks: the functions that a cycle's notebooks call, for one `as_of` after another (docs/guide/replaying.md).

Publishes into the replay's folder exactly what `ribbon cycle` would at that hour; a test compares the bytes. An hour in which nothing was
known is passed over, and counted. A decider that listens to the prompt addition needs each hour at once; for the others all hours are
analyzed side by side when the ticks are done, which changes nothing: an analysis knows what was known at its as_of and no more.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd

from lib.analysis.past_events import keep_past_events
from lib.contract.times import iso
from lib.data.window import load_window
from lib.errors import EmptyWindowError, PublishError
from lib.market.terms import Terms
from lib.prompt.addition import compose_prompt
from lib.published.cycle import cycle_insights, publish_cycle, publish_record, records_with
from lib.published.pair import load_results

_HOURS_FOLDER = "hours"


@dataclass
class Learning:
    """Learns in `folder`, window after window of `lookback_hours`; keeps each hour's results, insights and prompt addition."""

    folder: Path
    terms: Terms
    lookback_hours: float = 24.0
    least_a_job: int = 8  #: hours; a process that has yet to import everything costs seconds, so fewer are done sooner by this one
    learned: int = 0
    passed_over: list[str] = field(default_factory=list)

    def learn(self, as_of: pd.Timestamp) -> None:
        """One hour's cycle."""
        self._keep_setups(as_of, as_of)
        self._publish(as_of, _analyze_hour(self.folder, self.lookback_hours, self.terms, as_of))

    def learn_all(
        self,
        hours: Iterable[pd.Timestamp],
        jobs: int = 0,
        progress: Callable[[int], object] = lambda done: None,
    ) -> None:
        """Many hours, in order; `jobs` processes analyze (0: one per core), `progress` is told of each hour."""
        wanted = list(hours)
        if wanted:
            self._keep_setups(wanted[0], wanted[-1])
        for as_of, known in zip(wanted, self._analyzed(wanted, jobs or os.cpu_count() or 1), strict=True):
            self._publish(as_of, known)
            progress(1)

    def _keep_setups(self, first: pd.Timestamp, last: pd.Timestamp) -> None:
        """As a cycle does: without it each hour would read the days before its window."""
        back = pd.Timedelta(hours=self.lookback_hours)
        keep_past_events(self.folder, first - back, last - back, self.terms.exits, self.terms.costs)

    def _analyzed(self, hours: list[pd.Timestamp], jobs: int) -> Iterator[bool]:
        analyze = partial(_analyze_hour, self.folder, self.lookback_hours, self.terms)
        if jobs == 1 or len(hours) < self.least_a_job * jobs:
            yield from map(analyze, hours)
            return
        done = 0
        try:
            with ProcessPoolExecutor(min(jobs, len(hours)), multiprocessing.get_context("spawn")) as pool:
                for known in pool.map(analyze, hours, chunksize=4):
                    done += 1
                    yield known
        except BrokenProcessPool:  # one was killed, for its memory, say
            yield from map(analyze, hours[done:])

    def _publish(self, as_of: pd.Timestamp, known: bool) -> None:
        if not known:
            self.passed_over.append(iso(as_of))
            return
        hour = hour_folder(self.folder, as_of)
        try:
            results = load_results(hour)
            insights = cycle_insights(results, self.folder, iso(as_of), publish=True, terms=self.terms)
        except PublishError:  # no analyzer found anything valid, which leaves a cycle without effect too
            self.passed_over.append(iso(as_of))
            return
        publish_cycle(insights, compose_prompt(insights), hour, str(self.folder), publish=True)
        record, _ = records_with(load_window(self.folder, as_of, self.lookback_hours), hour)
        publish_record(record, str(self.folder), publish=True)
        self.learned += 1


def _analyze_hour(folder: Path, lookback_hours: float, terms: Terms, as_of: pd.Timestamp) -> bool:
    """The four analyses of one hour into its folder; False where nothing was known."""
    from lib.analysis.run import analyze_window  # imports vectorbt, which takes seconds

    try:
        window = load_window(folder, as_of, lookback_hours)
    except EmptyWindowError:
        return False
    hour = hour_folder(folder, as_of)
    hour.mkdir(parents=True, exist_ok=True)
    analyze_window(window, terms, hour)
    return True


def hour_folder(folder: Path, as_of: pd.Timestamp) -> Path:
    """Where an hour's files are kept."""
    return folder / _HOURS_FOLDER / f"{as_of:%Y%m%dT%H%M%SZ}"
