"""Hourly learning without notebooks: the functions that a cycle's notebooks call, for one `as_of` after another (docs/guide/replaying.md).

Publishes into the replay's folder exactly what `ribbon cycle` would at that hour; a test compares the bytes. An hour in which nothing was
known is passed over, and counted. A decider that listens to the prompt addition needs each hour at once; for the others hours are analyzed
and published beside the ticks, which changes nothing: both know what was known at their as_of and no more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from lib.analysis.past_events import keep_past_events
from lib.contract.times import iso
from lib.data.atomic import synced_later
from lib.errors import PublishError
from lib.history.log import recent_history
from lib.history.records import CycleRecord
from lib.lessons.advance import ledger_through
from lib.lessons.choices import load_choices
from lib.lessons.compiling import LessonCompiler
from lib.lessons.store import LedgerStore
from lib.market.terms import Terms
from lib.prompt.hold import prompt_in_force
from lib.published.accepting import accepted_results
from lib.published.cycle import cycle_record, publish_record, publish_told
from lib.published.insights import compile_told
from lib.published.pair import load_insights, load_results
from runner.replay.analyses import Analyses, AnalyzedHour, AnalyzedHours, HourAnalyzer, hour_folder, jobs_for


@dataclass
class Learning:
    """Learns in `folder`, window after window of `lookback_hours`; keeps each hour's results, insights and prompt addition."""

    folder: Path
    terms: Terms
    lookback_hours: float = 24.0
    learned: int = 0
    passed_over: list[str] = field(default_factory=list)
    _publisher: _Publisher | None = field(default=None, init=False, repr=False)

    def learn(self, as_of: pd.Timestamp) -> None:
        """One hour's cycle."""
        self.learn_all([as_of], jobs=1)

    def learn_all(
        self,
        hours: Sequence[pd.Timestamp],
        jobs: int = 0,
        progress: Callable[[int], object] = lambda done: None,
    ) -> None:
        """Many hours, in order; `jobs` processes analyze (0: one per core, where they are worth it), `progress` is told of each hour."""
        with self.analyzing(hours, jobs) as analyses:
            self.publish(analyses.chunks(), progress)

    @contextmanager
    def analyzing(self, hours: Sequence[pd.Timestamp], jobs: int = 0) -> Iterator[Analyses]:
        """The analyses of hours that are to be published, begun as far as the caller says that it has `reached`."""
        analyzer = HourAnalyzer(self.folder, self.terms, self.lookback_hours)
        try:
            with Analyses(analyzer, hours, jobs_for(len(hours), jobs)) as analyses:
                if hours:
                    # As a cycle does: without it each hour would read the days before its window.
                    first, last = (
                        hour - pd.Timedelta(hours=self.lookback_hours) for hour in (hours[0], hours[-1])
                    )
                    keep_past_events(self.folder, first, last, self.terms.exits, self.terms.costs)
                yield analyses
        finally:
            os.sync()

    def publish(
        self,
        chunks: Iterable[AnalyzedHours],
        progress: Callable[[int], object] = lambda done: None,
    ) -> None:
        """Publish analyzed hours one after another; everything that was known up to the last of a chunk is in the folder.

        Hours replace what the hour before wrote, so nothing is made durable: that is the caller's, when all is done.
        """
        for chunk in chunks:
            hours = [hour.as_of for hour in chunk.hours]
            with synced_later(), ledger_through(self.folder, hours, self.terms, chunk.shown) as ledger:
                self._publisher = self._publisher or _Publisher(self.folder, self.lookback_hours, hours[0])
                self._publisher.begin(ledger)
                for hour in chunk.hours:
                    if self._publisher.publish(hour):
                        self.learned += 1
                    else:
                        self.passed_over.append(iso(hour.as_of))
                    progress(1)


class _Publisher:
    """Publishes the hours of a folder in their order; what the hour before left is kept at hand."""

    def __init__(self, folder: Path, lookback_hours: float, first: pd.Timestamp) -> None:
        self._folder, self._lookback_hours = folder, lookback_hours
        self._compiler: LessonCompiler | None = None
        self._published: dict[str, Any] | None = load_insights(folder)
        self._records: list[CycleRecord] = list(recent_history(folder, first).records)
        self._stored = False  #: whether the newest record is this one's own

    def begin(self, ledger: Callable[[pd.Timestamp], LedgerStore]) -> None:
        """Go on with the ledger opened anew, and with what a person has chosen since."""
        self._ledger, self._choices, self._is_opened = ledger, load_choices(self._folder), True

    def publish(self, hour: AnalyzedHour) -> bool:
        """Whether there was anything to publish."""
        if hour.closed is None:
            return False
        run_dir, as_of = hour_folder(self._folder, hour.as_of), hour.as_of
        results = load_results(run_dir)
        try:
            accepted_results(results, as_of)
        except PublishError:  # no analyzer found anything valid, which leaves a cycle without effect too
            return False
        store = self._ledger(as_of)
        if self._is_opened:
            self._compiler = self._compiler.go_on(store) if self._compiler else LessonCompiler(store)
            self._is_opened = False
        assert self._compiler is not None
        lessons = self._compiler.compile(as_of, self._choices)
        told = prompt_in_force(self._folder, *compile_told(results, self._published, as_of, lessons))
        publish_told(told, run_dir, self._folder, publish=True, force=False, standing=self._published)
        self._published = told.insights
        record = cycle_record(
            told.insights, told.prompt, hour.closed, self._lookback_hours, self._folder, self._records
        )
        publish_record(record, self._folder, publish=True, follows=self._stored)
        self._records.append(record)
        self._stored = True
        return True
