"""`ribbon study`: a study read, its jobs run by the pool or by a cluster, each answer kept at once, all of them tabled and shown.

A study that explores has one round: the open parts. One that confirms has two: the open parts, on which all that can refuse a question is
tried, and then the sealed parts of the cells that were answered. In between every level is written down as spent, durable, for the cells
and for what is asked of the markets together (docs/guarantees.md, Q1). What would surprise: the job's record is written after the line in
the folder's record of questions, so that a kill in between asks once more and hides nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lib.market.terms import Terms
from lib.questions import study as tabled
from lib.questions.file import Question
from lib.questions.history import LEAST_ROWS, History
from lib.questions.record import Asked, Confirmed, Record, Replication, read_record
from lib.questions.study import JobRecord, StudyTable, study_table
from runner.ask.confirm import silent
from runner.ask.looked import looked_at
from runner.cycle.settings import CycleSettings
from runner.errors import StudyInterrupted
from runner.question.record_file import RecordFile, clock, writing
from runner.study.cluster import run_cluster
from runner.study.file import read_study
from runner.study.folder import Found, StudyFolder, held
from runner.study.job import Job, code_version
from runner.study.page import study_page
from runner.study.plan import Plan, open_cells, read_plan
from runner.study.pool import run_pool
from runner.study.progress import Progress, Say


@dataclass(frozen=True)
class Means:
    """By what a study runs: a pool of so many processes, or a cluster."""

    processes: int = 0  #: 0: as many as there are cores, less one
    cluster: str = ""

    def run(
        self,
        jobs: Sequence[Job],
        done: Callable[[Job, JobRecord], None],
        stopped: Callable[[], bool],
        say: Say,
    ) -> None:
        """Run jobs, calling `done` with each record."""
        if self.cluster:
            run_cluster(jobs, self.cluster, done, stopped, say)
        else:
            run_pool(jobs, self.processes or max(1, (os.cpu_count() or 2) - 1), done, stopped)


@dataclass
class _Study:
    """A study while it runs."""

    plan: Plan
    questions: Path  #: the folder that keeps what was asked
    folder: StudyFolder
    means: Means
    stopped: Callable[[], bool]
    say: Say
    records: dict[str, JobRecord] = field(default_factory=dict)

    def round(self, jobs: Sequence[Job], what: str) -> None:
        """Run what has no answer yet. Raises StudyInterrupted once somebody wants the end."""
        found = self.folder.found(jobs)
        self.records |= found.done
        due = [job for job in jobs if job.id not in found.done]
        self.say(_begun(what, len(jobs), found))
        if not due:
            return
        progress = Progress(len(due), self.say)

        def done(job: Job, record: JobRecord) -> None:
            with writing(self.questions) as file:
                line = _line(job, record, file.record, self.questions, self.plan.history(job.market))
                if line is not None:
                    file.append(line)
            self.folder.keep(record)
            self.records[record.id] = record
            progress.done()

        self.means.run(due, done, self.stopped, self.say)
        if self.stopped() and progress.count < progress.total:
            raise StudyInterrupted(
                f"stopped after {progress.count:,} of {progress.total:,} jobs, which are kept in {self.folder.path}. "
                "The same command goes on with the rest"
            )

    def refuse_silent(self, explored: Sequence[Job]) -> None:
        """Refuse here, as `ribbon ask --confirm` does, the cells that made no trade in a long open part and were not opened before.

        The record that is kept stays: it is true of exploring.
        """
        before = read_record(self.questions)
        for job in explored:
            found = self.records.get(job.id)
            if found is None or found.explored is None or found.explored.trades.total:
                continue
            if found.explored.rows < LEAST_ROWS or before.opening(job.question.sha256, job.market):
                continue
            reason = str(silent(Path(f"{job.question.name}.py")))
            self.records[job.id] = JobRecord(id=job.id, version=found.version, state="refused", reason=reason)

    def table(self, jobs: Sequence[Job]) -> StudyTable:
        """The table of these jobs, written down with its page."""
        plan, confirms = self.plan, any(job.opened for job in jobs)
        record = read_record(self.questions)
        following = 1 + max((line.k for line in record.replications), default=0)
        levels = {}
        for question in plan.questions:
            line = record.replication(question.sha256, _names(plan)) if confirms else None
            levels[question.name] = tabled.Level(line.k if line else following, line is not None)
        listed = [tabled.Job(job.id, job.cell) for job in jobs]
        records = {job.id: self.records[job.id] for job in jobs if job.id in self.records}
        found = study_table(plan.study.name, confirms, code_version(), listed, records, levels)
        self.folder.show(found, study_page(found, plan))
        return found


def run_study(
    path: Path,
    questions: Path,
    studies: Path,
    terms: Terms,
    limits: CycleSettings,
    means: Means,
    stopped: Callable[[], bool] = lambda: False,
    say: Say = lambda line: None,
) -> tuple[StudyTable, Path]:
    """Run the study of the file `path`; the table, and the study's folder below `studies`. What it asks is kept in the folder `questions`.

    Raises what is off with file, questions or candles (runner.study.plan), ClusterError, LockedError, StudyInterrupted.
    """
    study = read_study(path)
    with held(studies / study.name) as folder:
        say(f"{study.name}: reading questions and markets")
        plan = read_plan(study, path, questions, folder.path / "markets", terms, limits)
        for note in plan.notes:
            say(f"note: {note}")
        at_work = _Study(plan, questions, folder, means, stopped, say)
        jobs = plan.exploring()
        try:
            at_work.round(jobs, "open parts")
            if study.confirm:
                sealed, left = _confirming(at_work, jobs)
                jobs = [*sealed, *left]
                at_work.round(sealed, "sealed parts")
        finally:
            found = at_work.table(jobs)
        return found, folder.path


def _confirming(at_work: _Study, explored: Sequence[Job]) -> tuple[list[Job], list[Job]]:
    """The jobs of the sealed parts, after every level of theirs is spent, and the explored ones that got no answer, so are not confirmed.

    What has an answer for good is taken from there.
    """
    plan = at_work.plan
    at_work.refuse_silent(explored)
    sound = {
        (job.question.sha256, job.market)
        for job in explored
        if (found := at_work.records.get(job.id)) and found.state == "answered"
    }
    with writing(at_work.questions) as file:
        for question in plan.questions:
            markets = [name for name in _names(plan) if (question.sha256, name) in sound]
            if len(markets) == len(plan.markets) > 1:
                _spend_together(file, question, markets)
    jobs = plan.confirming(open_cells(plan, at_work.questions, sound))
    record = read_record(at_work.questions)
    for job in jobs:
        assert job.opened is not None
        if (before := record.answer(job.opened.k)) is not None:
            kept = JobRecord(
                id=job.id,
                version=job.version,
                state="answered",
                log_e=before.found.log_e,
                confirmed=before.found,
            )
            at_work.folder.keep(kept)
    return jobs, [job for job in explored if (job.question.sha256, job.market) not in sound]


def _spend_together(file: RecordFile, question: Question, markets: list[str]) -> None:
    """Spend a level on the markets together, unless one is spent; none where the sealed part of one of them was opened before for this
    question: which markets are taken together must not be chosen by what they said.
    """
    record = file.record
    opened = any(record.opening(question.sha256, market) is not None for market in markets)
    if not opened and record.replication(question.sha256, markets) is None:
        k = 1 + max((line.k for line in record.replications), default=0)
        file.append(
            Replication(at=clock(), k=k, question=question.name, sha256=question.sha256, markets=markets)
        )


def _line(
    job: Job, record: JobRecord, before: Record, questions: Path, history: History
) -> Asked | Confirmed | None:
    """What the folder of questions keeps of an answer; None for what looked at nothing, or is kept already."""
    if job.opened is not None and record.confirmed is not None:
        if before.answer(job.opened.k) is not None:
            return None
        looked = looked_at(questions, before, job.opened, history)
        return Confirmed(
            at=clock(), k=job.opened.k, sha256=job.question.sha256, found=record.confirmed, looked=looked
        )
    if (found := record.explored) is None:
        return None
    return Asked(
        at=clock(),
        question=found.question,
        sha256=found.sha256,
        market=found.market,
        source=found.source,
        since=found.since,
        until=found.until,
        trades=found.trades.total,
        net_mean_pct=found.trades.net_mean_pct,
    )


def _names(plan: Plan) -> list[str]:
    return sorted(market.history.market for market in plan.markets)


def _begun(what: str, total: int, found: Found) -> str:
    told = {"done": len(found.done), "of another version, done again": found.other_version}
    told |= {"unreadable, done again": found.unreadable, "refused before, tried again": found.refused}
    known = "".join(f"; {count:,} {word}" for word, count in told.items() if count)
    return f"{what}: {total:,} jobs{known}"
