"""`ribbon claude-cost`."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from runner.cli import app
from runner.errors import ConfigError


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


def test_with_a_cheap_model_first_it_shows_both_models(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_CLAUDE__FIRST_MODEL", "claude-haiku-5-5")
    base = ["claude-cost", "--trading-data", str(tmp_path), "--calls", "120"]
    told = CliRunner().invoke(app, base).stdout
    assert told.startswith("claude-haiku-5-5: $0.1 in, $0.5 out per million tokens")
    assert "\nclaude-sonnet-5-5: $2 in" in told and "| 120 | 24 | $0.32 |" in told
    assert "With claude-sonnet-5-5 alone, a day of 120 decisions costs $0.73." in told
    assert "Room for both calls before each decision: $" in told
    shown = json.loads(CliRunner().invoke(app, [*base, "--asked-on", "50", "--json"]).stdout)
    assert shown["models"] == ["claude-haiku-5-5", "claude-sonnet-5-5"]
    assert (shown["days"][0]["asked_on"], shown["otherwise"]["first_model"]) == (60, "")
    assert 0 < shown["reserved_first_usd"] < shown["reserved_usd"]


def test_without_one_it_says_what_one_would_make_of_a_normal_day(tmp_path):
    told = CliRunner().invoke(app, ["claude-cost", "--trading-data", str(tmp_path)]).stdout
    words = 'With [claude] first_model = "claude-haiku-5-5" and 20 % asked on, a day of 120 decisions costs $0.32.'
    assert words in told and "Reserved before each call: $" in told


def test_what_a_model_of_unknown_price_costs_is_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_CLAUDE__MODEL", "claude-dear-9")
    done = CliRunner().invoke(app, ["claude-cost", "--trading-data", str(tmp_path)])
    assert isinstance(done.exception, ConfigError) and done.stdout == ""
    assert "what claude-dear-9 costs is not known" in str(done.exception)
    monkeypatch.setenv("RIBBON_CLAUDE__PRICES__INPUT_USD", "5")
    monkeypatch.setenv("RIBBON_CLAUDE__PRICES__OUTPUT_USD", "25")
    told = CliRunner().invoke(app, ["claude-cost", "--trading-data", str(tmp_path)]).stdout
    assert told.startswith("claude-dear-9: $5 in, $25 out per million tokens")
