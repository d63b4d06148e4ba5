"""One hourly cycle on a synthetic week, against the same notebooks run one after another by the `papermill` command."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.measure import figure, process_seconds
from lib import paths
from lib.data.times import iso
from lib.data.window import newest_known_at
from runner.cycle.plan import NOTEBOOKS

BIN = Path(sys.executable).parent


def run(folder: Path) -> dict[str, object]:
    """Both from a fresh process, on the same data and as_of; neither publishes for the other."""
    data = folder / "data"
    process_seconds(
        [str(BIN / "ribbon"), "simulate", "--trading-data", str(data), "--days", "7", "--seed", "7"]
    )
    as_of = iso(newest_known_at(data))
    ours = process_seconds(
        [
            str(BIN / "ribbon"),
            "cycle",
            "--trading-data",
            str(data),
            "--outputs",
            str(folder / "outputs"),
            "--as-of",
            as_of,
        ]
    )
    one_by_one = folder / "papermill"
    one_by_one.mkdir()
    other = 0.0
    for notebook in NOTEBOOKS:
        command = [str(BIN / "papermill"), str(paths.notebooks() / f"{notebook.name}.ipynb")]
        command += [
            str(one_by_one / f"{notebook.name}.ipynb"),
            "--no-progress-bar",
            "-p",
            "trading_data",
            str(data),
        ]
        other += process_seconds([*command, "-p", "run_dir", str(one_by_one), "-p", "as_of", as_of])
    return figure(ours, other, "papermill, one notebook after another", notebooks=len(NOTEBOOKS))
