"""The notebooks by plain papermill, from any folder, and what they publish; a short test of our own beside nbval."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib import paths
from lib.analysis.run import analyze_window
from lib.contract.analyzers import ANALYZER, ANALYZERS
from lib.data.window import load_window
from lib.market.terms import DEFAULT_TERMS
from lib.published.pair import load_results

PAPERMILL = Path(sys.executable).parent / "papermill"
ALL = sorted(path.stem for path in paths.notebooks().glob("*.ipynb"))


def papermill(name: str, folder: Path, **parameters: object) -> subprocess.CompletedProcess[str]:
    """Run one notebook by the command, in `folder`."""
    command = [
        str(PAPERMILL),
        str(paths.notebooks() / f"{name}.ipynb"),
        str(folder / f"{name}.ipynb"),
        "--no-progress-bar",
    ]
    for key, value in parameters.items():
        command += ["-p", key, str(value)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RIBBON_")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_every_notebook_runs_elsewhere_and_publishes_what_lib_computes(sample_data, tmp_path):
    data, run_dir = tmp_path / "data", tmp_path / "run"
    shutil.copytree(sample_data, data)
    before = {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()}
    for name in ALL:
        done = papermill(name, tmp_path, trading_data=data, run_dir=run_dir, lookback_hours=24)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Passed unknown parameter" not in done.stderr and "Unable to parse" not in done.stderr
    found, expected = load_results(run_dir), analyze_window(load_window(data), DEFAULT_TERMS)
    assert {name: found[name].model_dump() for name in ANALYZER} == {
        name: expected[name].model_dump() for name in ANALYZER
    }
    assert json.loads((run_dir / "training_insights.json").read_text())["sections"] == {
        analyzer.key: "ok" for analyzer in ANALYZERS
    }
    # Reading is not publishing: none of this told the live loop anything.
    assert {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()} == before


@pytest.mark.slow
def test_without_data_a_notebook_says_which_command_makes_some(tmp_path):
    done = papermill("01_actual_trades", tmp_path, trading_data=tmp_path / "nothing")
    assert done.returncode != 0
    assert "ribbon backfill" in done.stderr and "ribbon simulate" in done.stderr
