"""A user's own notebooks, each run at several instants on the whole data, on the data cut there, on data that are absurd from there on, and
moved back through its window (inside.py).

Compared is what it publishes into its `run_dir`; of one that publishes nothing, what its cells show. A notebook must declare
`trading_data`, else it would read the same data in every run; one without `as_of` is run all the same, and whatever it computes from
the end of its data will be found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.contract.times import iso, parse_instant
from lib.data.oldest import oldest_known_at
from lib.data.window import newest_known_at
from lib.errors import MissingDataError, ParameterError
from runner.cycle.execute import execute_all
from runner.cycle.inputs import now_utc
from runner.cycle.models import NotebookJob, NotebookOutcome
from runner.cycle.parameters import declared_parameters
from runner.lookahead.documents import Difference, Documents, all_documents, cell_outputs, differences, leaves
from runner.lookahead.findings import Check, findings_of
from runner.lookahead.inside import InsideRun, check_inside
from runner.lookahead.rows import Mode
from runner.lookahead.workplace import WHOLE, Workplace

#: Where the instants lie that are checked when none is named, as parts of the data's time.
_SPREAD = (0.5, 0.7, 0.9)
#: The window of a notebook that declares none: that of lib.data.window.load_window.
_DAY_HOURS = 24.0


def notebook_files(named: Sequence[Path]) -> list[Path]:
    """The notebooks among files and folders; raises ParameterError for what is none, or takes no `trading_data`."""
    found: list[Path] = []
    for path in named:
        if path.is_dir():
            inside = sorted(path.glob("*.ipynb"))
            if not inside:
                raise ParameterError(f"{path}: no notebooks in this folder")
            found += inside
        else:
            found.append(path)
    for path in found:
        if "trading_data" not in declared_parameters(path):
            raise ParameterError(
                f"{path}: no parameter trading_data in the cell tagged `parameters`, so it cannot be given other data; add it, "
                "and read from there"
            )
    return [path.resolve() for path in found]


def spread_instants(trading_data: Path) -> list[str]:
    """Three instants spread over the time that the folder's data cover."""
    newest = newest_known_at(trading_data, now=now_utc())
    oldest = oldest_known_at(trading_data)
    if newest is None or oldest is None:
        raise MissingDataError(
            "the folder holds no rows yet", path=trading_data, fix="Make data with `ribbon simulate`"
        )
    return [iso((oldest + part * (newest - oldest)).floor("s")) for part in _SPREAD]


def check_notebook(
    notebook: Path,
    trading_data: Path,
    as_of: str,
    place: Workplace,
    modes: Sequence[Mode] = ("cut", "poison"),
    inside: bool = False,
    steps: int | None = None,
) -> Check:
    """Run one notebook at `as_of` on the whole data and in each mode, and compare; `inside`: move it through its window as well."""
    check = Check(notebook.name, iso(parse_instant(as_of)))
    declared = declared_parameters(notebook)
    if "as_of" not in declared:
        check.notes.append("it declares no as_of, so it takes all data for known")
    given = [name for name in ("trading_data", "as_of", "run_dir") if name in declared]
    whole = _run(notebook, trading_data, check, place, WHOLE, given)
    if isinstance(whole, NotebookOutcome) and "run_dir" in given:
        # A notebook that wants results of others in its run folder has to find its own without one.
        given.remove("run_dir")
        whole = _run(notebook, trading_data, check, place, WHOLE, given)
    if isinstance(whole, NotebookOutcome):
        check.verdict = "unchecked"
        check.notes.append(f"it fails on the whole data: {whole.error}")
        return check
    if not leaves(whole):
        check.verdict = "unchecked"
        check.notes.append("it publishes nothing and shows nothing")
        return check
    unsteady = _compare_modes(check, notebook, trading_data, place, modes, given, whole)
    _judge(check, whole, unsteady, notebook.name)
    if inside:
        check_inside(check, _inside_run(notebook, trading_data, check.as_of, declared, given), place, steps)
    return check


def _compare_modes(
    check: Check,
    notebook: Path,
    trading_data: Path,
    place: Workplace,
    modes: Sequence[Mode],
    given: Sequence[str],
    whole: Documents,
) -> set[tuple[str, str]]:
    """Run it in each mode and add what differs from the whole data; returns the places that differ from run to run."""
    found: list[tuple[Mode, list[Difference]]] = []
    for mode in modes:
        now = _run(notebook, trading_data, check, place, mode, given)
        documents = {"the run": f"failed: {now.error}"} if isinstance(now, NotebookOutcome) else now
        found.append((mode, differences(whole, documents)))
    unsteady: set[tuple[str, str]] = set()
    if any(each for _, each in found):
        again = _run(notebook, trading_data, check, place, WHOLE, given)
        unsteady = (
            set() if isinstance(again, NotebookOutcome) else {d.place for d in differences(whole, again)}
        )
    for mode, each in found:
        check.compared += leaves(whole) - len(unsteady)
        check.findings += findings_of(mode, [one for one in each if one.place not in unsteady])
    return unsteady


def _inside_run(
    notebook: Path, trading_data: Path, check_as_of: str, declared: Mapping[str, Any], given: Sequence[str]
) -> InsideRun:
    """The notebook as it is moved through its window: that of its `lookback_hours`, else a day, whose start it cannot be told to keep."""
    own = declared.get("lookback_hours")
    hours = float(own) if isinstance(own, int | float) and not isinstance(own, bool) else _DAY_HOURS
    held = check_as_of if own is None or "as_of" not in given else None

    def job_at(place: Workplace, as_of: str, hours_left: float) -> NotebookJob:
        values = {"trading_data": str(place.data), "run_dir": str(place.run), "as_of": held or as_of}
        parameters: dict[str, Any] = {name: values[name] for name in given}
        if held is None:
            parameters["lookback_hours"] = hours_left
        return NotebookJob(notebook.stem, notebook, place.root, parameters)

    return InsideRun(job_at, trading_data, hours)


def _judge(check: Check, whole: Documents, unsteady: set[tuple[str, str]], shown: str) -> None:
    """The verdict. A cell may show how long it took; a figure that is published must repeat itself, and something must be left."""
    if check.findings:
        check.verdict = "found"
    elif any(file != shown for file, _ in unsteady) or (unsteady and len(unsteady) >= leaves(whole)):
        check.verdict = "unchecked"
    if unsteady:
        check.notes.append(
            f"{len(unsteady)} values differ from run to run and were not compared, such as {', '.join(min(unsteady))}; "
            "set seeds and leave out the clock"
        )


def _run(
    notebook: Path,
    trading_data: Path,
    check: Check,
    place: Workplace,
    mode: Mode | str,
    given: Sequence[str],
) -> Documents | NotebookOutcome:
    """What one run published or else showed; the outcome of one that failed."""
    place.tell(f"{notebook.name} at {check.as_of}, {mode}")
    altered = place.prepare(trading_data, check.as_of, mode, [None])
    if mode != WHOLE:
        check.later_rows |= altered.later
        left = f"left out, as it has no timestamps: {', '.join(altered.left_out)}"
        if altered.left_out and left not in check.notes:
            check.notes.append(left)
    values: dict[str, Any] = {
        "trading_data": str(place.data),
        "as_of": check.as_of,
        "run_dir": str(place.run),
    }
    executed = place.root / "executed" / notebook.name
    job = NotebookJob(
        name=notebook.stem,
        source=notebook,
        output=executed,
        parameters={name: values[name] for name in given},
    )
    outcome = execute_all([job], 1, place.watch, place.stop, place.warm)[job.name]
    if outcome.status != "ok":
        return outcome
    return all_documents(place.run) or cell_outputs(executed)
