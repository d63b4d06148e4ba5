"""Past cycles run again on what was known at their `as_of`, and on that with an absurd future; every published value is compared. Their
analyzers are moved back through the window besides (inside.py).

Only a cycle's notebooks that were ok are run, with its parameters. What differs is looked into once more, with the data as they are now
and with the same data a second time: what changes with the later rows alone is look-ahead for certain. What does not, but is not
what was published, is put down to data or code that changed since, where the manifest shows that they did, and else counts as found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib import paths
from lib.contract.schema import INSIGHTS_FILE
from lib.contract.times import parse_instant
from lib.errors import ParameterError
from lib.market.terms import Terms
from runner.cycle.execute import execute_all
from runner.cycle.inputs import Inputs, inspect_window
from runner.cycle.manifest import Manifest, git_commit, notebook_entry, read_manifests
from runner.cycle.models import NotebookJob, NotebookOutcome
from runner.cycle.plan import NOTEBOOKS, Notebook
from runner.cycle.stages import Settings, job_for
from runner.lookahead.documents import Difference, Documents, differences, leaves, published_documents
from runner.lookahead.findings import Check, findings_of
from runner.lookahead.folder import data_folder
from runner.lookahead.inside import InsideRun, check_inside
from runner.lookahead.rows import Mode
from runner.lookahead.workplace import WHOLE, Workplace


@dataclass(frozen=True)
class PastCycle:
    """A past cycle, what it published, and where the insights published before it are."""

    manifest: Manifest
    run_dir: Path
    data: Path
    notebooks: Path
    before: Path | None

    @property
    def plan(self) -> list[Notebook]:
        """Its notebooks that were ok and left something to compare."""
        entries = self.manifest.notebooks
        ok = [n for n in NOTEBOOKS if entries.get(n.name, {}).get("status") == "ok"]
        return [n for n in ok if n.writes or any((self.run_dir / file).is_file() for file in n.leaves)]


def past_cycles(
    outputs: Path,
    names: Sequence[str] = (),
    last: int | None = 1,
    trading_data: Path | None = None,
    notebooks: Path | None = None,
) -> list[PastCycle]:
    """The cycles to check, newest first: those named, or the `last` ones (None: all). Raises ParameterError."""
    if not outputs.is_dir():
        raise ParameterError(f"{outputs}: no such folder; give the one that `ribbon cycle` writes to")
    manifests = [m for m in read_manifests(outputs) if m.status in ("ok", "partial", "failed")]
    unknown = set(names) - {manifest.cycle for manifest in manifests}
    if unknown:
        raise ParameterError(f"{outputs}: no finished cycle {', '.join(sorted(unknown))} there")
    wanted = [m for m in manifests if m.cycle in names] if names else manifests[:last]
    found = []
    for manifest in wanted:
        data = data_folder(trading_data or manifest.parameters["trading_data"])
        folder = notebooks or paths.notebooks()
        older = manifests[manifests.index(manifest) + 1 :]
        found.append(
            PastCycle(
                manifest, outputs / manifest.cycle, data, folder, _insights_before(older, manifest, outputs)
            )
        )
    return found


def _insights_before(older: Sequence[Manifest], manifest: Manifest, outputs: Path) -> Path | None:
    """The folder of the cycle whose insights stood published when this one began; None if they are gone or were of later."""
    place = manifest.parameters["trading_data"]
    for before in older:
        if before.published and before.parameters.get("trading_data") == place:
            return outputs / before.cycle
    return None


def check_cycle(
    past: PastCycle,
    place: Workplace,
    modes: Sequence[Mode] = ("cut", "poison"),
    inside: bool = False,
    steps: int | None = None,
) -> Check:
    """Run one cycle again in each mode and compare; `inside`: move its analyzers through their window as well."""
    manifest = past.manifest
    check = Check(manifest.cycle, manifest.as_of)
    published = published_documents(past.run_dir)
    if not past.plan or not published:
        check.verdict = "unchecked"
        check.notes.append("no notebook of it was ok and left something to compare")
        return check
    then = _comparable(past, published, check)
    suspects: dict[Mode, Documents] = {}
    for mode in modes:
        now = _run(past, place, mode, check)
        now = {file: content for file, content in now.items() if file in then or file not in published}
        check.compared += leaves(then)
        if differences(then, now):
            suspects[mode] = now
    if suspects:
        _judge(past, place, check, then, suspects)
    elif modes and not sum(check.later_rows.values()):
        check.notes.append("no row is later than its as_of, so cutting and poisoning changed nothing yet")
    if inside:
        for notebook in past.plan:
            if notebook.stage == "analyze":
                check_inside(check, _inside_run(past, notebook), place, steps)
    return check


def _inside_run(past: PastCycle, notebook: Notebook) -> InsideRun:
    manifest = past.manifest

    def job_at(place: Workplace, as_of: str, hours_left: float) -> NotebookJob:
        inputs = Inputs(as_of, manifest.window_start, hours_left, {}, {})
        return job_for(notebook, _settings(past, place), inputs, past.notebooks, place.run)

    return InsideRun(
        job_at,
        past.data,
        float(manifest.parameters["lookback_hours"]),
        [past.before] if past.before else [],
        manifest.started,
        f"{notebook.name}: ",
    )


def _comparable(past: PastCycle, published: Documents, check: Check) -> Documents:
    """What was published by notebooks that were ok, without insights that rest on earlier ones which are gone."""
    written = {file for notebook in past.plan for file in (*notebook.writes, *notebook.leaves)}
    then = {file: content for file, content in published.items() if file in written}
    carried = _carried_over(then.get(INSIGHTS_FILE), past.manifest.as_of)
    if carried and past.before is None:
        check.notes.append(
            f"insights not compared: {', '.join(carried)} stood in from insights that are gone"
        )
        own = {file for notebook in past.plan if notebook.stage == "analyze" for file in notebook.writes}
        then = {file: content for file, content in then.items() if file in own}
    return then


def _carried_over(insights: Any, as_of: str) -> list[str]:
    try:
        origins = insights["provenance"]["sections"]
        return [name for name, origin in origins.items() if origin["as_of"] not in (None, as_of)]
    except (KeyError, TypeError):
        return []


def _run(past: PastCycle, place: Workplace, mode: Mode | str, check: Check) -> Documents:
    """One run of the cycle's notebooks; a notebook that fails now is a document of its own, so that it differs."""
    manifest = past.manifest
    place.tell(f"{manifest.cycle}, {mode}")
    before = [past.before] if past.before else []
    altered = place.prepare(past.data, manifest.as_of, mode, before, clock=manifest.started)
    if mode != WHOLE:
        check.later_rows |= altered.later
    inputs = Inputs(manifest.as_of, manifest.window_start, manifest.parameters["lookback_hours"], {}, {})
    settings = _settings(past, place)
    outcomes: dict[str, NotebookOutcome] = {}
    for stage in dict.fromkeys(notebook.stage for notebook in past.plan):
        jobs = [
            job_for(n, settings, inputs, past.notebooks, place.run) for n in past.plan if n.stage == stage
        ]
        outcomes |= execute_all(jobs, place.at_once, place.watch, place.stop, place.warm)
    failed = {f"notebook {n}": o.error for n, o in outcomes.items() if o.status != "ok"}
    return published_documents(place.run) | failed


def _settings(past: PastCycle, place: Workplace) -> Settings:
    """The cycle's own settings, at a place."""
    parameters = past.manifest.parameters
    limits = {
        name: float(parameters[name]) for name in ("limit_s", "output_mb", "memory_mb") if name in parameters
    }
    return Settings(
        place.data,
        place.root,
        force=True,
        **limits,
        terms=Terms.model_validate(parameters.get("terms", {})),  # without: of before it named any
    )


def _judge(
    past: PastCycle, place: Workplace, check: Check, then: Documents, suspects: dict[Mode, Documents]
) -> None:
    """Tell look-ahead from what changed since, by two further runs."""
    first = next(iter(suspects))
    again = _run(past, place, first, check)
    unsteady = {each.place for each in differences(suspects[first], _like(again, suspects[first]))}
    whole = _run(past, place, WHOLE, check)
    broken = {file: error for file, error in whole.items() if file.startswith("notebook ")}
    if broken:
        check.verdict = "unchecked"
        check.notes += [f"{file} fails on the whole data too: {error}" for file, error in broken.items()]
        return
    reasons = _changed_since(past)
    other: list[tuple[Mode, Difference]] = []
    for mode, now in suspects.items():
        late = [d for d in differences(_like(whole, now), now) if d.place not in unsteady]
        check.findings += findings_of(mode, late)
        places = {d.place for d in late}
        other += [(mode, d) for d in differences(then, now) if d.place not in unsteady | places]
    if unsteady:
        check.notes.append(
            f"{len(unsteady)} values differ from run to run, such as {next(iter(sorted(unsteady)))}"
        )
    if other and not reasons:
        for mode, difference in other:
            check.findings += findings_of(mode, [difference])
        check.notes.append(
            "published values are not what the data known then give, and neither data nor code changed"
        )
    elif other:
        check.notes.append(f"{len(other)} values are not those of then; changed since: {', '.join(reasons)}")
    check.verdict = "found" if check.findings else ("changed" if other else "unchecked")


def _like(documents: Documents, model: Documents) -> Documents:
    """The documents that are in the model, and notebooks that failed."""
    return {
        file: content for file, content in documents.items() if file in model or file.startswith("notebook ")
    }


def _changed_since(past: PastCycle) -> list[str]:
    """What the manifest shows to have changed since the cycle: its window's bytes by file, its notebooks, the code."""
    manifest = past.manifest
    as_of = parse_instant(manifest.as_of)
    files = inspect_window(past.data, as_of, manifest.parameters["lookback_hours"])[0].files
    changed = [
        f"data ({name})"
        for name in sorted({*files, *manifest.inputs})
        if files.get(name, {}).get("sha256") != manifest.inputs.get(name, {}).get("sha256")
    ]
    for notebook in past.plan:
        source = past.notebooks / f"{notebook.name}.ipynb"
        now = notebook_entry(notebook.title, NotebookOutcome(notebook.name, "ok"), source)["sha256"]
        if now != manifest.notebooks[notebook.name].get("sha256"):
            changed.append(f"notebook {notebook.name}")
    if git_commit() != manifest.commit:
        changed.append("code")
    return changed
