"""One learning cycle: take the lock, look at the data, let the ledger catch up, run the notebooks, compile, publish, write the reports.

`run_cycle` is the one function here that does things; what it decides with is pure. It publishes nothing itself: the compile notebook does,
and only after at least one analyzer succeeded. Whatever happens once the run folder exists is in its manifest.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lib import paths
from lib.contract.analyzers import ANALYZERS
from lib.contract.schema import INSIGHTS_FILE, PROMPT_FILE
from lib.contract.standing import file_bytes
from lib.contract.times import iso, parse_instant
from lib.data.window_file import remove_window_file
from lib.errors import ParameterError
from lib.lessons.eras import Era, eras_of
from lib.prompt.hold import hold_warning
from runner.cycle.aside import Aside, not_taken_warnings
from runner.cycle.catch_up import catch_up, leave_setups
from runner.cycle.execute import Execution
from runner.cycle.followed import ask_followed
from runner.cycle.headline import headline, hold_since, not_taken, note_recorded
from runner.cycle.index import latest_warning, point_latest, write_index
from runner.cycle.inputs import Asked, Inputs, inspect_window, now_utc, refuse_older, resolve_as_of
from runner.cycle.left_over import clear_left_over
from runner.cycle.lock import cycle_lock
from runner.cycle.manifest import Manifest, new_manifest, notebook_entry
from runner.cycle.models import NotebookOutcome
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.prune import prune
from runner.cycle.reports import Bodies, write_cycle_page, write_reports
from runner.cycle.stages import Settings, at_once, cycle_status, prepare, run_stages
from runner.errors import CycleFailed, CycleInterrupted, NotebookFailed
from runner.processes.interruption import Interruption
from runner.terms import change_words
from runner.warm.client import Warm, warm_or_plain


@dataclass(frozen=True)
class Cycle:
    """A cycle that has ended: its folder and its manifest."""

    run_dir: Path
    manifest: Manifest

    def raise_for_status(self) -> None:
        """Raise what the command's exit code stands for; nothing when all went well."""
        failed = [name for name, entry in self.manifest.notebooks.items() if entry["status"] != "ok"]
        if self.manifest.status == "partial":
            raise NotebookFailed(
                f"published, but without {', '.join(failed)}: see {self.run_dir / 'index.html'}"
            )
        if self.manifest.status == "failed":
            raise CycleFailed(
                f"nothing was published, {', '.join(failed)} failed: see {self.run_dir / 'index.html'}"
            )
        if self.manifest.status == "interrupted":
            raise CycleInterrupted(f"interrupted; what was done is in {self.run_dir}")


def run_cycle(settings: Settings, watching: Callable[[Mapping[str, str]], Any] | None = None) -> Cycle:
    """Run one cycle and return it, however its notebooks end.

    `watching(titles)` gives a context manager with the methods of progress.PlainProgress, `watch` and `caught_up`. Raises before
    anything runs: LockedError, PublishError (an older as_of), EmptyWindowError, DataError, ParameterError.
    """
    settings.check()
    settings.outputs.mkdir(parents=True, exist_ok=True)
    now = now_utc()
    as_of = resolve_as_of(settings.as_of, settings.trading_data, now)
    with cycle_lock(settings.trading_data, settings.outputs):
        refuse_older(as_of, settings.trading_data, settings.force)
        clear_left_over(settings.trading_data, settings.outputs)
        with warm_or_plain(once=True) as warm, Interruption() as stop:
            run_dir = _new_folder(settings.outputs, now)
            at_most = at_once(settings.jobs, warm.socket is not None)
            with Execution(at_most, stop=stop, warm=warm.socket) as execution:
                inputs = _look(settings, as_of, run_dir, execution)
                return _run(settings, inputs, run_dir, now, stop, watching, warm, execution)


def _look(settings: Settings, as_of: pd.Timestamp, run_dir: Path, execution: Execution) -> Inputs:
    """Look at the window while the first notebooks come up; what is refused leaves neither them nor the run folder."""
    asked = Asked(iso(as_of), settings.lookback_hours)
    try:
        prepare(execution, settings, asked, settings.notebooks or paths.notebooks(), run_dir)
        inputs, window = inspect_window(settings.trading_data, as_of, settings.lookback_hours)
    except BaseException:
        try:
            execution.drop()
        finally:
            shutil.rmtree(run_dir, ignore_errors=True)
        raise
    with suppress(OSError):  # without it each notebook parses
        window.leave(run_dir)
    return inputs


def _run(
    settings: Settings,
    inputs: Inputs,
    run_dir: Path,
    now: pd.Timestamp,
    stop: Callable[[], bool],
    watching: Callable[[Mapping[str, str]], Any] | None,
    warm: Warm,
    execution: Execution,
) -> Cycle:
    folder, eras = settings.notebooks or paths.notebooks(), eras_of(settings.trading_data)
    options = _options(settings, at_once(settings.jobs, warm.socket is not None))
    manifest = new_manifest(run_dir.name, iso(now), inputs, NOTEBOOKS, options)
    if warm.reason:
        manifest.warnings.append(f"notebooks were started plain, not from a warm process: {warm.reason}")
    manifest.write(run_dir)
    before = _published_bytes(settings.trading_data)
    outcomes: dict[str, NotebookOutcome] = {}
    bodies, aside = Bodies(run_dir), Aside(settings, parse_instant(inputs.as_of))
    try:
        titles = {notebook.name: notebook.title for notebook in NOTEBOOKS}
        with watching(titles) if watching else nullcontext() as progress, execution:
            watch = progress.watch if progress else None
            _catch_up(settings, manifest, stop, progress)
            run_stages(
                settings, inputs, folder, run_dir, outcomes, execution, watch, _meanwhile(bodies, aside)
            )
        manifest.status = cycle_status(outcomes)
        _note_outcomes(manifest, outcomes, folder)
        _note_not_taken(manifest, run_dir)
        _note_published(settings, manifest, run_dir, before)
        _note_told(settings, manifest, run_dir, eras, aside)
        _keep_setups(settings, manifest, aside)
        manifest.reports = write_reports(run_dir, manifest, outcomes, bodies)
    except KeyboardInterrupt:
        manifest.status = "interrupted"
        _note_outcomes(manifest, outcomes, folder)
    except BaseException as error:
        manifest.status = "failed"
        manifest.warnings.append(f"{type(error).__name__}: {error}")
        _note_outcomes(manifest, outcomes, folder)
        _close(settings, manifest, run_dir, before, bodies)
        raise
    _close(settings, manifest, run_dir, before, bodies)
    return Cycle(run_dir, manifest)


def _options(settings: Settings, jobs: int) -> dict[str, Any]:
    """What a manifest says of the options beside as_of and lookback_hours; `jobs` notebooks run side by side."""
    return {
        "trading_data": str(settings.trading_data),
        "force": settings.force,
        "jobs": jobs,
        "limit_s": settings.limit_s,
        "output_mb": settings.output_mb,
        "memory_mb": settings.memory_mb,
        "terms": settings.terms.model_dump(),
    }


def _meanwhile(bodies: Bodies, aside: Aside) -> Callable[[Mapping[str, NotebookOutcome]], bool]:
    """What is done beside notebooks once a stage has ended, and leaves a core free: its pages, then what the cycle's end needs."""
    return lambda outcomes: bodies.make_one(outcomes) or (bool(outcomes) and aside.do_one())


def _catch_up(settings: Settings, manifest: Manifest, stop: Callable[[], bool], progress: Any) -> None:
    """What the followed questions found, then the hours that the ledger lacks."""
    ask_followed(settings, manifest, stop)
    told = (progress.caught_up,) if progress else ()
    if warning := catch_up(settings.trading_data, parse_instant(manifest.as_of), settings.terms, stop, *told):
        manifest.warnings.append(warning)


def _keep_setups(settings: Settings, manifest: Manifest, aside: Aside) -> None:
    """For the next hour; a cycle that published nothing leaves everything as it was."""
    if manifest.published and (warning := leave_setups(settings.trading_data, *aside.setups())):
        manifest.warnings.append(warning)


def _note_outcomes(manifest: Manifest, outcomes: Mapping[str, NotebookOutcome], folder: Path) -> None:
    for notebook in NOTEBOOKS:
        if notebook.name in outcomes:
            outcome = outcomes[notebook.name]
            manifest.notebooks[notebook.name] = notebook_entry(
                notebook.title, outcome, folder / f"{notebook.name}.ipynb"
            )
            manifest.warnings += outcome.warnings
        elif manifest.status == "interrupted":
            manifest.notebooks[notebook.name] |= {"status": "interrupted", "error": "not started"}


def _note_not_taken(manifest: Manifest, run_dir: Path) -> None:
    """A notebook that ended well, but whose result was spoiled before it was compiled, has failed."""
    if manifest.status != "ok":
        return
    names = {analyzer.key: analyzer.notebook for analyzer in ANALYZERS}
    for key, why in not_taken(run_dir).items():
        manifest.status = "partial"
        manifest.notebooks[names[key]] |= {"status": "failed", "error": f"it ended well, but {why}"}


def _close(
    settings: Settings, manifest: Manifest, run_dir: Path, before: Sequence[bytes | None], bodies: Bodies
) -> None:
    """Everything after the notebooks: signatures, what was published, the figures, the pages, the list, old cycles."""
    manifest.warnings += bodies.sign_all()
    remove_window_file(run_dir)
    _note_published(settings, manifest, run_dir, before)
    manifest.reports = {name: page for name, page in manifest.reports.items() if (run_dir / page).is_file()}
    manifest.headline = headline(run_dir)
    if warning := latest_warning(settings.outputs):
        manifest.warnings.append(warning)
    ended = now_utc()
    manifest.ended = iso(ended)
    manifest.seconds = round((ended - pd.Timestamp(manifest.started)).total_seconds(), 1)
    manifest.write(run_dir)
    write_cycle_page(run_dir, manifest)
    prune(settings.outputs, ended, run_dir.name)
    write_index(settings.outputs)
    point_latest(settings.outputs, run_dir.name)


def _note_published(
    settings: Settings, manifest: Manifest, run_dir: Path, before: Sequence[bytes | None]
) -> None:
    """Compare the published files with what they were and with what this cycle compiled: only the bytes tell the truth."""
    after, ours = _published_bytes(settings.trading_data), _published_bytes(run_dir)
    compiled = all(manifest.notebooks[n.name]["status"] == "ok" for n in NOTEBOOKS if n.stage == "compile")
    # What is gone was taken away, and not published.
    gone = any(now is None and then is not None for now, then in zip(after, before, strict=True))
    manifest.published = not gone and (after != before or (compiled and after == ours))
    if compiled and after != ours:
        manifest.status = "failed"
        warning = "the compile notebook ended well, but what is published is not what it compiled"
        manifest.warnings += [warning] if warning not in manifest.warnings else []


def _note_told(
    settings: Settings, manifest: Manifest, run_dir: Path, eras: Sequence[Era], aside: Aside
) -> None:
    """The figures, what Claude is told anew, whether a person holds it; warnings where that cannot be told, and of a change of terms."""
    manifest.headline = headline(run_dir)
    note_recorded(settings.trading_data, manifest)
    manifest.prompt_held_since = hold_since(run_dir)
    found = (aside.account_warning(), aside.lost_trades(), hold_warning(settings.trading_data))
    manifest.warnings += [warning for warning in found if warning] + not_taken_warnings(settings.trading_data)
    if manifest.published and (warning := change_words(eras, eras_of(settings.trading_data))):
        manifest.warnings.append(warning)


def _published_bytes(folder: Path) -> list[bytes | None]:
    return [
        file_bytes(folder / name) if (folder / name).is_file() else None
        for name in (INSIGHTS_FILE, PROMPT_FILE)
    ]


def _new_folder(outputs: Path, now: pd.Timestamp) -> Path:
    name = f"{now:%Y%m%dT%H%M%SZ}"
    for number in range(1, 1000):
        folder = outputs / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise ParameterError(f"{outputs}: too many cycles of {name}")
