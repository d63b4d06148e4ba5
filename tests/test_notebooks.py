"""The notebooks by plain papermill, from any folder, and what they publish; a short test of our own beside nbval."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import paths
from lib.analysis.run import analyze_window
from lib.contract.analyzers import ANALYZER, ANALYZERS
from lib.contract.schema import INSIGHTS_FILE
from lib.contract.times import iso
from lib.data.window import load_window
from lib.history.lesson_effects import lesson_effects
from lib.market.terms import DEFAULT_TERMS
from lib.published.insights import compile_insights
from lib.published.pair import load_results
from tests.lib.contract.made import all_published
from tests.lib.lessons.made_ledger import BEGIN, HOUR, ledger_of, own
from tests.lib.lessons.made_lessons import lesson, lessons

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


#: Long after the lessons were proven.
AS_OF = BEGIN + pd.Timedelta(days=20)
ENTERED = iso(AS_OF - pd.Timedelta(minutes=30))
HEAD = (
    "timestamp,direction,entry_recommended,confidence,entry_price,executed,reasoning,exit_price,exit_reason"
)
TRADE = f"""{HEAD},pnl_pct,entry_time,exit_time
{ENTERED},LONG,True,0.8,100.0,True,,100.3,TP_HIT,0.3,{ENTERED},{iso(AS_OF)}
"""


def shown(notebook: Path) -> str:
    """What an executed notebook shows, as HTML, in its order."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)


@pytest.mark.slow
def test_history_shows_the_lessons_that_claude_is_told_now_first_and_once(tmp_path):
    """By the run's own insights, not by the order of what became of them, nor by what a cycle of another folder tells."""
    data, run_dir = tmp_path / "data", tmp_path / "run"
    run_dir.mkdir()
    long, short = np.where(np.arange(160) % 5 == 0, -0.26, 0.19), np.where(np.arange(160) % 5, -0.26, 0.19)
    data.mkdir()
    later = BEGIN + len(long) * HOUR
    with ledger_of(data, own(long), own(short, later, len(long), direction="SHORT")) as store:
        by_verdict = [effect.id for effect in lesson_effects(store, AS_OF) if effect.until is None]
    (told_now, other) = ("trades.direction.LONG.above", "trades.direction.SHORT.below")
    assert by_verdict == [other, told_now]
    (data / "claude_decisions.csv").write_text(TRADE, encoding="utf-8")
    for folder, id_ in ((data, other), (run_dir, told_now)):
        insights = compile_insights(all_published(iso(AS_OF)), None, iso(AS_OF), lessons(lesson(id_)))
        (folder / INSIGHTS_FILE).write_text(json.dumps(insights), encoding="utf-8")
    done = papermill("06_training_history", tmp_path, trading_data=data, run_dir=run_dir, as_of=iso(AS_OF))
    assert done.returncode == 0, done.stderr[-3000:]
    page = shown(tmp_path / "06_training_history.ipynb")
    begin, rest = page.index(">Told to Claude now (1)"), page.index("Not told, and went on as they said")
    assert begin < rest
    assert page[begin:rest].count("LONG entries gain after costs.") == 1
    assert "SHORT entries lose" not in page[begin:rest] and "SHORT entries lose after costs." in page[rest:]
    assert page[:begin].count("Proven, told to Claude now: LONG entries gain after costs.") == 1
    assert (page[:begin] + page[rest:]).count("LONG entries gain after costs.") == 1
