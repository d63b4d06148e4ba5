"""Look-ahead inside the window: a notebook run again with `as_of` moved back through its window, hour by hour.

The start of the window stays where it is, so what is computed over the whole of it shows as well. What each earlier run says of instants
up to its own `as_of` must be what the last run says of them (revised.py). A notebook without `lookback_hours` cannot be told to keep
the start: it keeps its `as_of`, and its data end at the earlier instant. Where trades are listed only once they are closed, it is run
again with everything after that instant absurd, which no entry before it may show.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell

from lib.contract.times import iso, microseconds, parse_instant
from runner.cycle.execute import execute_all
from runner.cycle.models import NotebookJob, NotebookOutcome
from runner.lookahead.dated import DatedTable, read_handed_over, tables_of_files
from runner.lookahead.documents import Difference
from runner.lookahead.findings import Check, findings_of
from runner.lookahead.revised import Revision, probe, revision
from runner.lookahead.rows import Mode
from runner.lookahead.workplace import Workplace

_HOUR = pd.Timedelta(hours=1)
#: Prices that jump and prices that fall: an entry that was chosen by the next ones is turned by one of the two.
_ABSURD: tuple[Mode, ...] = ("poison", "sink")

#: The job of a notebook at a place: `as_of` (ISO) and the window's length in hours are given.
JobAt = Callable[[Workplace, str, float], NotebookJob]
Tables = dict[str, DatedTable]


@dataclass(frozen=True)
class InsideRun:
    """A notebook to be moved through its window: where its data are, and how it is run; `hours` is its window's length."""

    job_at: JobAt
    data: Path
    hours: float
    insights: Sequence[Path | None] = (None,)
    clock: str | None = None
    name: str = ""  #: put before the names of its tables, where a check looks at several


def instants_inside(as_of: pd.Timestamp, hours: float, steps: int | None) -> list[pd.Timestamp]:
    """The instants before `as_of` in whole hours, newest first, that lie in a window of `hours`; at most `steps`, spread over them."""
    back = [hour for hour in range(1, int(hours) + 1) if hour < hours]
    if steps is not None and steps < len(back):
        back = [back[round(place * (len(back) - 1) / max(steps - 1, 1))] for place in range(steps)]
    return [as_of - hour * _HOUR for hour in back]


def check_inside(check: Check, run: InsideRun, place: Workplace, steps: int | None = None) -> None:
    """Run it at its `as_of` and at the instants inside its window; adds findings, notes and the verdict to `check`."""
    as_of = parse_instant(check.as_of)
    instants = instants_inside(as_of, run.hours, steps)
    last = dict(_runs(run, place, check.as_of, [as_of]))[as_of]
    if isinstance(last, NotebookOutcome):
        check.doubt(f"inside the window: it fails on what was known at its as_of: {last.error}")
        return
    if not last:
        check.doubt(
            "inside the window nothing can be said: no variable, file or output of it has times; keep signals and trades in a frame "
            "with entry_time"
        )
        return
    revisions: dict[pd.Timestamp, Revision] = {}
    failed: list[NotebookOutcome] = []
    for at, said in _runs(run, place, check.as_of, instants):
        if isinstance(said, NotebookOutcome):
            failed.append(said)
        else:
            revisions[at] = revision(said, last, microseconds(at))
    unlisted = [at for at, each in revisions.items() if each.unlisted]
    for absurd in _ABSURD if unlisted else ():
        for at, said in _runs(run, place, check.as_of, unlisted, absurd):
            probe(revisions[at], {} if isinstance(said, NotebookOutcome) else said, last, microseconds(at))
    if any(each.differences for each in revisions.values()):
        again = dict(_runs(run, place, check.as_of, [as_of]))[as_of]
        if not isinstance(again, NotebookOutcome):
            _leave_out_unsteady(check, revisions, revision(again, last, microseconds(as_of)))
    _tell(check, run, revisions, len(instants), failed)


def _tell(
    check: Check,
    run: InsideRun,
    revisions: dict[pd.Timestamp, Revision],
    wanted: int,
    failed: list[NotebookOutcome],
) -> None:
    check.instants += len(revisions)
    check.instants_wanted += wanted
    for at in sorted(revisions):
        check.compared += revisions[at].compared
        found = [
            replace(each, file=f"{run.name}{each.file}", path=f"{each.path}, as of {iso(at)}")
            for each in revisions[at].differences
        ]
        check.findings += findings_of("inside", found)
    if failed:
        check.notes.append(
            f"inside the window: {len(failed)} earlier runs failed, the first: {failed[0].error}"
        )
    doubtful = sorted({name for each in revisions.values() for name, _ in each.doubtful})
    if check.findings:
        check.verdict = "found"
    elif doubtful:
        check.doubt(
            f"inside the window: {', '.join(doubtful)} lists trades only once they are closed, and not all of them are there "
            "when prices end otherwise, so nothing can be said of their entries; list open ones too, with a blank exit_time"
        )
    elif not sum(each.compared for each in revisions.values()):
        check.doubt("inside the window: no earlier run left anything to compare")


def _leave_out_unsteady(check: Check, revisions: dict[pd.Timestamp, Revision], twice: Revision) -> None:
    """What differs between two runs on the same data says nothing: those columns are left out."""
    unsteady = {_column(each) for each in twice.differences}
    for each in revisions.values():
        each.differences = [one for one in each.differences if _column(one) not in unsteady]
    if unsteady:
        named = ", ".join(" ".join(each) for each in sorted(unsteady)[:3])
        check.doubt(f"inside the window not compared, as it differs from run to run: {named}; set seeds")


def _column(found: Difference) -> tuple[str, str]:
    return found.file, found.path.split(" of ")[0]


def _runs(
    run: InsideRun, place: Workplace, as_of: str, instants: Sequence[pd.Timestamp], mode: Mode = "cut"
) -> Iterator[tuple[pd.Timestamp, Tables | NotebookOutcome]]:
    """What the notebook says at each instant, as many at once as the place has; the outcome of a run that failed.

    One is read when it is asked for: a notebook may hand over all rows of its data at every instant.
    """
    for first in range(0, len(instants), place.at_once):
        some = instants[first : first + place.at_once]
        places = [replace(place, root=place.root / "inside" / str(number)) for number in range(len(some))]
        jobs = [_job(run, own, as_of, at, mode) for own, at in zip(places, some, strict=True)]
        outcomes = execute_all(jobs, place.at_once, place.watch, place.stop, place.warm)
        for own, at, job in zip(places, some, jobs, strict=True):
            outcome = outcomes[job.name]
            ran = outcome.status == "ok"
            yield at, read_handed_over(own.root / "dated.json") | tables_of_files(own.run) if ran else outcome
            shutil.rmtree(own.root)


def _job(run: InsideRun, place: Workplace, as_of: str, at: pd.Timestamp, mode: Mode) -> NotebookJob:
    """The notebook's job at one instant, with a cell behind its last one that hands over what is dated.

    Its data are cut there, and that is its `as_of`; or they are absurd from there on, and `as_of` stays.
    """
    place.tell(f"as of {iso(at)}, inside the window ({mode})")
    place.prepare(run.data, iso(at), mode, run.insights, clock=run.clock)
    moved = at if mode == "cut" else parse_instant(as_of)
    job = run.job_at(place, iso(moved), run.hours - (parse_instant(as_of) - moved) / _HOUR)
    book = nbformat.read(job.source, as_version=4)
    target = str(place.root / "dated.json")
    book.cells.append(
        new_code_cell(f"from runner.lookahead.dated import hand_over\nhand_over(globals(), {target!r})")
    )
    source = place.root / "source" / job.source.name
    source.parent.mkdir()
    nbformat.write(book, source)
    name = f"{job.name} at {iso(at)}"
    executed = place.root / "executed.ipynb"
    return replace(job, name=name, source=source, folder=job.source.parent, output=executed, writes=())
