"""The stages of a cycle: which notebooks run, with what parameters, and what follows from how they ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from lib.errors import ParameterError
from lib.market.terms import Terms
from runner.cycle.execute import Execution
from runner.cycle.inputs import Asked, Inputs
from runner.cycle.manifest import CycleStatus
from runner.cycle.models import (
    DEFAULT_LIMIT_S,
    DEFAULT_LOOKBACK_HOURS,
    DEFAULT_MEMORY_MB,
    DEFAULT_OUTPUT_MB,
    WAITS,
    NotebookJob,
    NotebookOutcome,
    Watch,
)
from runner.cycle.parameters import has_tag, taken_of
from runner.cycle.plan import NOTEBOOKS, Notebook


@dataclass(frozen=True)
class Settings:
    """The options of a cycle."""

    trading_data: Path
    outputs: Path
    terms: Terms
    as_of: str | None = None  #: None: now; "newest": the newest row; else a time
    lookback_hours: float = DEFAULT_LOOKBACK_HOURS
    force: bool = False
    jobs: int = 0  #: notebooks side by side; 0: four if forked, else one per core, at most four
    limit_s: float = DEFAULT_LIMIT_S  #: wall time of each notebook
    output_mb: float = DEFAULT_OUTPUT_MB  #: output of each
    memory_mb: float = DEFAULT_MEMORY_MB  #: memory of each with all that it starts
    notebooks: Path | None = None  #: None: the repository's

    def check(self) -> None:
        """Raise ParameterError for an option that makes no sense, or a folder that no notebook could be told of."""
        for folder in (self.trading_data, self.outputs):
            if not _is_text(str(folder)):
                raise ParameterError(f"{folder}: its name is no UTF-8, and a notebook is text: rename it")
        if not self.lookback_hours > 0:
            raise ParameterError(f"--lookback-hours {self.lookback_hours:g} must be more than 0")
        if self.limit_s == inf:
            raise ParameterError(
                "--limit-s inf is no limit: a notebook that hangs would hold the cycle for ever"
            )
        if not self.limit_s >= 5:
            raise ParameterError(
                f"--limit-s {self.limit_s:g} must be at least 5: a kernel needs seconds to start"
            )
        if self.jobs < 0:
            raise ParameterError(f"--jobs {self.jobs} must be at least 1 (or 0 for one per core)")


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def at_once(jobs: int = 0, warm: bool = False) -> int:
    """How many notebooks run side by side: forked ones share their memory and fill each other's waits, so more than there are cores."""
    return jobs or (4 if warm else min(4, os.cpu_count() or 1))


def run_stages(
    settings: Settings,
    inputs: Inputs,
    folder: Path,
    run_dir: Path,
    outcomes: dict[str, NotebookOutcome],
    execution: Execution,
    watch: Watch | None = None,
    meanwhile: Callable[[Mapping[str, NotebookOutcome]], bool] = lambda outcomes: False,
) -> None:
    """Run the plan stage by stage into `outcomes`, which also holds what was done when KeyboardInterrupt ends it.

    A notebook that can wait for the stages before its own is begun once there is room. `meanwhile(outcomes)`, of the stages before, is
    called while notebooks run (Execution).
    """
    tell = watch or (lambda name, status, seconds: None)
    stages = list(dict.fromkeys(notebook.stage for notebook in NOTEBOOKS))
    jobs = {notebook.name: job_for(notebook, settings, inputs, folder, run_dir) for notebook in NOTEBOOKS}
    execution.tells(watch, partial(meanwhile, outcomes))
    for stage in stages:
        wanted = []
        for notebook in (notebook for notebook in NOTEBOOKS if notebook.stage == stage):
            if reason := why_not(stage, outcomes) or lacks(notebook, inputs):
                execution.drop(notebook.name)
                outcomes[notebook.name] = NotebookOutcome(notebook.name, "skipped", reason)
                tell(notebook.name, "skipped", 0.0)
            else:
                wanted.append(notebook)
        after = stages[stages.index(stage) + 1 :]
        later = [jobs[n.name] for n in NOTEBOOKS if n.stage in after and not lacks(n, inputs)]
        try:
            outcomes |= execution.run([jobs[notebook.name] for notebook in wanted], later)
        except BaseException as ended:
            outcomes |= getattr(ended, "outcomes", {})
            raise
        for notebook in wanted:
            if outcomes[notebook.name].status != "ok":
                _set_results_aside(notebook, run_dir)


def prepare(execution: Execution, settings: Settings, asked: Asked, folder: Path, run_dir: Path) -> None:
    """Make the folders of a run, and begin what can wait of its first stage: nobody has looked at the data yet."""
    for directory in ("notebooks", "results", "reports"):
        (run_dir / directory).mkdir(exist_ok=True)
    first = [notebook for notebook in NOTEBOOKS if notebook.stage == NOTEBOOKS[0].stage]
    execution.prepare([job_for(notebook, settings, asked, folder, run_dir) for notebook in first])


def why_not(stage: str, outcomes: Mapping[str, NotebookOutcome]) -> str:
    """Why a stage cannot run after what happened before it; "" if it can."""
    stages = {notebook.name: notebook.stage for notebook in NOTEBOOKS}
    succeeded = {stages[name] for name, outcome in outcomes.items() if outcome.status == "ok"}
    if stage == "compile" and "analyze" not in succeeded:
        return "no analyzer succeeded, so there is nothing to compile"
    if stage == "history" and "compile" not in succeeded:
        return "the insights were not compiled, so there is nothing to record"
    return ""


def lacks(notebook: Notebook, inputs: Inputs) -> str:
    """What a notebook lacks in the window, in words; "" if nothing."""
    if not notebook.needs_market or inputs.has_market:
        return ""
    return (
        "the window holds trades, but no candle and no sample: fetch them with "
        "`ribbon backfill --exchange NAME --symbol ETH/USDT --since TIME`"
    )


def job_for(notebook: Notebook, settings: Settings, asked: Asked, folder: Path, run_dir: Path) -> NotebookJob:
    """The job of one notebook: parameters are JSON types, times ISO strings. Of the terms it gets those that it declares."""
    parameters: dict[str, Any] = {
        "trading_data": str(settings.trading_data),
        "run_dir": str(run_dir),
        "as_of": asked.as_of,
        "lookback_hours": float(asked.lookback_hours),
    }
    source, terms = folder / f"{notebook.name}.ipynb", settings.terms.model_dump()
    switches = {"publish": True, "force": settings.force}
    return NotebookJob(
        name=notebook.name,
        source=source,
        output=run_dir / "notebooks" / f"{notebook.name}.ipynb",
        parameters=parameters
        | {name: switches[name] for name in notebook.switches}
        | taken_of(source, terms | {"terms": terms}),
        writes=tuple(run_dir / file for file in notebook.writes),
        limit_s=settings.limit_s,
        output_mb=settings.output_mb,
        memory_mb=settings.memory_mb,
        waits=has_tag(source, *WAITS),
    )


def _set_results_aside(notebook: Notebook, run_dir: Path) -> None:
    """A notebook that wrote its result and failed afterwards has failed: its result must not be compiled."""
    for file in notebook.writes:
        path = run_dir / file
        if path.exists():
            path.replace(path.with_name(f"{path.name}.failed"))


def cycle_status(outcomes: Mapping[str, NotebookOutcome]) -> CycleStatus:
    """`ok` if all are, `partial` if the insights were compiled all the same, else `failed`."""
    if all(outcome.status == "ok" for outcome in outcomes.values()):
        return "ok"
    compiled = [outcomes[n.name].status for n in NOTEBOOKS if n.stage == "compile" and n.name in outcomes]
    return "partial" if compiled and all(status == "ok" for status in compiled) else "failed"
