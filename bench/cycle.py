"""One hourly cycle on a synthetic week, against the same notebooks run one after another by the plain `papermill` command.

Two figures against one: `cycle`, as cron calls it with no server kept, and `cycle_warm`, with one. The three are run in turns, so that
whatever else the machine does meets them alike.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import nbformat

from bench.command import BIN, check_ended, cycle_command, kept_server, own_environment, plain_environment
from bench.measure import Figures, figure, process_seconds
from lib import paths
from lib.contract.times import iso
from lib.data.window import newest_known_at
from runner.cycle.manifest import read_manifests
from runner.cycle.plan import NOTEBOOKS, Notebook
from runner.warm.address import why_not

OTHER = "papermill, one notebook after another"


def run(folder: Path, days: int = 7, plan: Sequence[Notebook] = NOTEBOOKS) -> Figures:
    """All from fresh processes, on the same data and as_of; papermill's results go to a folder of their own."""
    data, outputs, one_by_one = folder / "data", folder / "outputs", folder / "papermill"
    one_by_one.mkdir()
    simulate = [str(BIN / "ribbon"), "simulate", "--trading-data", str(data)]
    process_seconds([*simulate, "--days", str(days), "--seed", "7"])
    as_of = iso(newest_known_at(data))
    times: dict[str, list[float]] = {"cycle": [], "cycle_warm": []}
    other_s = 0.0
    with ExitStack() as held:
        ways = {"cycle": held.enter_context(own_environment())}
        if reason := why_not():
            print(f"cycle_warm: not measured: {reason}", file=sys.stderr)
        else:
            ways["cycle_warm"] = held.enter_context(kept_server())[0]
        for notebook in plan:
            for name, environment in ways.items():
                command = cycle_command(data, outputs / name, as_of)
                times[name].append(process_seconds(command, environment))
            other_s += papermill_seconds(notebook.name, data, one_by_one, as_of)
    figures: Figures = {}
    for name in ways:
        check(outputs / name, one_by_one)
        # The first cycle loads what lies cold on the disk.
        ours_s = median(times[name][1:])
        more = drawing(outputs / name) | {"notebooks": len(plan), "repeats": len(plan) - 1}
        figures[name] = figure(ours_s, other_s, OTHER, **more)
    return figures


def drawing(outputs: Path) -> dict[str, object]:
    """How many figures the newest cycle drew, and which share of its cells' time the cells took that drew them."""
    newest = read_manifests(outputs)[0].cycle
    figures, times = 0, {True: 0.0, False: 0.0}
    for copy in (outputs / newest / "notebooks").glob("*.ipynb"):
        for cell in nbformat.read(copy, as_version=4).cells:
            shown = sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
            figures += shown
            times[shown > 0] += cell.metadata.get("papermill", {}).get("duration") or 0.0
    return {"figures": figures, "drawing_share": round(times[True] / (sum(times.values()) or 1.0), 2)}


def papermill_seconds(notebook: str, data: Path, run_dir: Path, as_of: str) -> float:
    """Wall time of the `papermill` command on one notebook, in its default kernel."""
    copy = [str(paths.notebooks() / f"{notebook}.ipynb"), str(run_dir / f"{notebook}.ipynb")]
    command = [str(BIN / "papermill"), *copy, "--no-progress-bar", "-p", "trading_data", str(data)]
    return process_seconds(
        [*command, "-p", "run_dir", str(run_dir), "-p", "as_of", as_of], plain_environment()
    )


def check(outputs: Path, one_by_one: Path) -> None:
    """Raise RuntimeError unless each cycle's results are, byte for byte, those of the papermill commands."""
    expected = {path.name: path.read_bytes() for path in (one_by_one / "results").glob("*.json")}
    for manifest in read_manifests(outputs):
        check_ended(manifest)
        results = outputs / manifest.cycle / "results"
        if not expected or {name: (results / name).read_bytes() for name in expected} != expected:
            raise RuntimeError(f"the results of {manifest.cycle} differ from those of papermill")
