"""`ribbon import-trades`: the preview, the answer, what is said and what is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from lib.paths import repository_root
from runner.cli import app, import_trades
from tests.lib.foreign import trade_tables as tables


def run(path: Path, folder: Path, *options: str, answer: str | None = None):
    return CliRunner().invoke(
        app, ["import-trades", str(path), "--trading-data", str(folder), *options], input=answer
    )


def test_nobody_to_ask_and_no_yes_writes_nothing_and_says_what_next(tmp_path):
    result = run(tables.plain(tmp_path / "log.csv"), tmp_path / "data")
    assert isinstance(result.exception, ParameterError) and "--yes" in str(result.exception)
    assert (
        "entry_time     entry_time                 2025-10-17T10:00:00Z -> 2025-10-17T10:00:00Z"
        in result.stderr
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False)])
def test_a_person_is_asked(tmp_path, monkeypatch, answer, written):
    monkeypatch.setattr(import_trades, "_can_ask", lambda: True)
    result = run(tables.plain(tmp_path / "log.csv"), tmp_path / "data", answer=answer)
    assert result.exit_code == 0 and "Write 3 trades?" in result.stderr
    assert (tmp_path / "data" / "claude_decisions.csv").exists() is written


def test_json_on_stdout_has_all_and_words_go_to_stderr(tmp_path):
    bad = "soon,3900,2025-10-17T11:30:00Z,3939,long,1"
    path = tables.plain(tmp_path / "log.csv", *tables.PLAIN_ROWS, bad)
    result = run(path, tmp_path / "data", "--yes", "--json", "--model", "mine")
    told = json.loads(result.stdout)
    assert (told["written"], told["there_already"], told["rows_read"]) == (3, 0, 4)
    assert told["set_aside"][0] | {"fix": ""} == {
        "place": "line 5",
        "text": bad.replace(",", ", "),
        "reason": "bad_timestamp",
        "fix": "",
    }
    assert told["figures"]["models"] == {"mine": 3} and told["figures"]["account_gross"] == -39.15
    assert "log.csv, line 5: bad_timestamp" in result.stderr
    again = run(path, tmp_path / "data", "--json")
    assert again.exit_code == 0 and json.loads(again.stdout)["written"] == 0
    assert "all trades stand in the folder already" in again.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dates", "sideways"], "day-first"),
        (["--direction", "up"], "long or short"),
        (["--contract-size", "0"], "above 0"),
        (["--model", "Rules"], "taken by a decider"),
        (["--timezone", "Middle/Earth"], "time zone"),
    ],
)
def test_options_that_are_off(tmp_path, options, message):
    result = run(tables.plain(tmp_path / "log.csv"), tmp_path / "data", *options)
    assert isinstance(result.exception, ParameterError) and message in str(result.exception)


def test_what_is_said_of_sizes_fees_and_the_sources_money(tmp_path):
    rows = [f"{row},{net}" for row, net in zip(tables.PLAIN_ROWS, (55.5, -20.65, -82), strict=True)]
    said = run(
        tables.plain(tmp_path / "log.csv", *rows, further="net_pnl"), tmp_path / "data", "--yes"
    ).output
    assert "account: net −$47.15 (gross −$39.15), 3 of 3 trades have a size" in said
    assert "'net_pnl' is net of fees, and taken as what the account got" in said
    assert "ribbon cycle --as-of newest --lookback-hours 50" in said
    bare = [row.rpartition(",")[0] + "," for row in tables.PLAIN_ROWS]
    said = run(tables.plain(tmp_path / "bare.csv", *bare), tmp_path / "bare", "--yes").output
    assert "no sizes: what the account made cannot be told" in said


def test_the_worked_example_of_the_guide(tmp_path):
    page = (repository_root() / "docs" / "guide" / "importing-trades.md").read_text(encoding="utf-8")
    table, shown = re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "mybot.csv").write_text(table)
    said = run(tmp_path / "mybot.csv", tmp_path / "data", "--yes").output.splitlines()
    lines = [line.rstrip() for line in said]
    assert [line for line in shown.splitlines() if line.rstrip() not in lines] == []
