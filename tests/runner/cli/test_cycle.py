"""`ribbon cycle` from outside: options, what it prints where, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runner.cli.cycle import HELP
from runner.cycle.prune import RULE


@pytest.fixture
def ribbon(tmp_path):
    """Run the command on a small market with tiny notebooks."""
    from tests.runner.cycle.conftest import write_market, write_plan

    write_market(tmp_path / "market")

    def run(*arguments: str, **instead: str) -> subprocess.CompletedProcess:
        notebooks = write_plan(tmp_path / "notebooks", **instead)
        folders = [
            "--trading-data",
            str(tmp_path / "market"),
            "--outputs",
            str(tmp_path / "out"),
            "--notebooks",
            str(notebooks),
        ]
        command = [
            sys.executable,
            "-c",
            "from runner.main import main; main()",
            "cycle",
            *folders,
            *arguments,
        ]
        return subprocess.run(command, capture_output=True, text=True, timeout=200)

    return run


@pytest.mark.slow
def test_json_goes_to_stdout_and_words_to_stderr(ribbon, tmp_path):
    done = ribbon("--as-of", "newest", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["status"], told["published"]) == ("ok", True)
    assert Path(told["index"]).is_file()
    assert Path(told["run_dir"]).parent == tmp_path / "out"
    lines = done.stderr.splitlines()
    assert lines[0] == "01_actual_trades: running"
    assert "trades won 44.4 % of 18, net −$12.50" in done.stderr
    assert lines[-1].endswith("index.html")


@pytest.mark.slow
def test_exit_codes_of_failing_notebooks(ribbon, forked_if_possible):
    broken = dict.fromkeys(("n01", "n02", "n03"), "1 / 0")
    some = ribbon("--as-of", "newest", **broken)
    assert some.returncode == 7
    assert "01_actual_trades: failed: ZeroDivisionError" in some.stdout
    none = ribbon("--as-of", "newest", **broken, n04="1 / 0")
    assert none.returncode == 8
    assert "nothing was published" in none.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--as-of", "2025-06-20T11:00:00Z"], 4, "2025-06-15T11:00:00Z"),
        (["--as-of", "yesterday"], 2, "not a time"),
        (["--lookback-hours", "0"], 2, "lookback"),
        (["--nonsense"], 2, "No such option"),
    ],
)
def test_refusals_have_codes_of_their_own_and_no_traceback(ribbon, arguments, code, words):
    done = ribbon(*arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_older_as_of_and_a_missing_folder(ribbon, tmp_path):
    (tmp_path / "market" / "training_insights.json").write_text('{"last_updated": "2025-06-15T12:00:00Z"}')
    assert ribbon("--as-of", "newest").returncode == 5
    assert ribbon("--trading-data", str(tmp_path / "none")).returncode == 3


def test_help_states_the_rule_of_pruning_and_the_codes():
    assert RULE in HELP
    for code in ("7 published", "8 nothing", "6 another", "130 interrupted"):
        assert code in HELP
