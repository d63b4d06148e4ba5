"""`ribbon lookahead` from outside: a real cycle on the sample, own notebooks, exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from runner.cli import app
from tests.runner.cycle.conftest import write_notebook, write_plan
from tests.runner.lookahead.conftest import AS_OF, analyzer, only, write_moving_market

RUN = [sys.executable, "-c", "from runner.main import main; main()"]


@pytest.fixture
def ribbon(forked):
    def run(*arguments: str | Path) -> subprocess.CompletedProcess:
        return subprocess.run([*RUN, *map(str, arguments)], capture_output=True, text=True, timeout=300)

    return run


@pytest.mark.slow
def test_a_real_cycle_of_the_sample_is_clean_in_all_modes(ribbon, sample_data, tmp_path):
    data, outputs = tmp_path / "data", tmp_path / "outputs"
    shutil.copytree(sample_data, data)
    made = ribbon("cycle", "--trading-data", data, "--outputs", outputs, "--as-of", "2025-06-14T12:00:00Z")
    assert made.returncode == 0, made.stderr
    before = {path: path.read_bytes() for path in data.glob("training_*")}
    done = ribbon("lookahead", "--outputs", outputs, "--json")
    assert done.returncode == 0, done.stderr
    (check,) = json.loads(done.stdout)
    assert (check["verdict"], check["findings"]) == ("clean", [])
    assert check["instants"] == check["instants_wanted"] == 16 and check["compared"] > 50_000
    assert min(check["later_rows"].values()) > 10
    assert "clean" in done.stderr and {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
def test_a_figure_that_is_not_what_was_known_gives_another_code_and_is_named(ribbon, tmp_path):
    data, outputs = write_moving_market(tmp_path / "market"), tmp_path / "outputs"
    notebooks = write_plan(tmp_path / "notebooks", **only(n01=analyzer("honest")))
    places = ("--outputs", outputs, "--trading-data", data)
    assert ribbon("cycle", *places, "--as-of", AS_OF, "--notebooks", notebooks).returncode == 7
    result = next(outputs.glob("*T*Z/results/actual_trades.json"))
    content = json.loads(result.read_text())
    content["result"]["mean"] += 1e-6
    result.write_text(json.dumps(content))
    named = ("--cycle", result.parents[1].name, "--cycle-notebooks", notebooks)
    done = ribbon("lookahead", "--outputs", outputs, "--mode", "cut", *named)
    assert done.returncode == 15
    assert "results/actual_trades.json" in done.stderr and "result.mean" in done.stderr


@pytest.mark.slow
def test_own_notebooks_end_with_the_code_of_what_they_do(ribbon, tmp_path):
    data = write_moving_market(tmp_path / "market")
    honest = write_notebook(tmp_path / "honest.ipynb", analyzer("honest"))
    cheat = write_notebook(tmp_path / "cheat.ipynb", analyzer("shifts"))
    common = ("lookahead", "--trading-data", data, "--as-of", AS_OF, "--mode", "poison", "--json")
    done = ribbon(*common, "--notebooks", honest)
    assert (done.returncode, json.loads(done.stdout)[0]["verdict"]) == (0, "clean")
    done = ribbon(*common, "--notebooks", honest, "--notebooks", cheat)
    assert done.returncode == 15
    assert [check["verdict"] for check in json.loads(done.stdout)] == ["clean", "found"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--mode", "half"], ParameterError),
        (["--as-of", AS_OF], ParameterError),
        (["--notebooks", "x.ipynb", "--all"], ParameterError),
        (["--outputs", "none"], ParameterError),
        (["--notebooks", "x.ipynb", "--trading-data", "none"], ParameterError),
        (["--notebooks", "x.ipynb", "--trading-data", ".", "--as-of", "yesterday"], ParameterError),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path, monkeypatch, options, error):
    """Before anything is started: there is no server to fork from, and none is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("runner.lookahead.workplace.workplace", None)
    done = CliRunner().invoke(app, ["lookahead", *options])
    assert isinstance(done.exception, error) and done.stdout == ""


def test_a_folder_without_cycles_is_no_success(ribbon, tmp_path):
    done = ribbon("lookahead", "--outputs", tmp_path)
    assert done.returncode == 1 and "no cycle to check" in done.stderr
    assert "Traceback" not in done.stderr
