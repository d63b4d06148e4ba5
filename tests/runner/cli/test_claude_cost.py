"""`ribbon claude-cost`."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from runner.cli import app


def test_a_table_for_people_and_json_for_programs(tmp_path):
    arguments = ["claude-cost", "--trading-data", str(tmp_path), "--calls", "48", "--calls", "250", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert [day["calls"] for day in shown["days"]] == [48, 250]
    assert all(day["cached_usd"] < day["uncached_usd"] for day in shown["days"])
    assert "| 250 |" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_default_cap_lets_the_default_calls_through(tmp_path):
    """250 calls a day and 2 dollars a day are meant to fit each other."""
    result = CliRunner().invoke(
        app, ["claude-cost", "--trading-data", str(tmp_path), "--calls", "250", "--json"]
    )
    shown = json.loads(result.stdout)
    assert shown["days"][0]["cached_usd"] + shown["reserved_usd"] < 2.0


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    result = CliRunner().invoke(app, ["claude-cost", "--trading-data", str(tmp_path / "none")])
    assert result.exit_code != 0 and "there is no such folder" in str(result.exception)
