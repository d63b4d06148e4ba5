"""`ribbon status` in words: what a person must see at a glance is there, from files as their writers leave them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lib.errors import MissingDataError
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import archive_text, sha256_of
from lib.prompt.hold import add_hold, prompt_in_force
from lib.published.insights import compile_insights
from lib.published.pair import publish
from runner.claude.standing import ClaudeState
from runner.cli import app
from runner.collect.state_file import StateFile
from tests.lib.contract.made import AS_OF, all_published
from tests.lib.foreign.trade_tables import plain


def told(folder) -> str:
    done = CliRunner().invoke(app, ["status", "--trading-data", str(folder)])
    assert done.exit_code == 0
    return done.stdout


@pytest.fixture
def collected(tmp_path):
    charts = {
        "5min": {
            "read": 1200,
            "refused": {"loading": 2, "hovered": 1},
            "quality": "frozen",
            "wrong": ["nothing moved", "no volume is shown, so candles have none"],
        },
        "15min": {"read": 0, "refused": {}, "last_reading": None},
    }
    state = {"status": "waiting", "written": "2026-01-05T00:00:10Z", "symbol": "ETHUSDT", "charts": charts}
    StateFile(tmp_path).write(state | {"waits_for": "15min: log in", "browser_fault": "", "disk": ""})
    return tmp_path


def test_the_collector_s_state_is_told_in_words(collected):
    words = told(collected)
    assert "waiting at 2026-01-05T00:00:10Z, ETHUSDT" in words
    assert "1,200 readings, 3 refused, newest frozen nothing moved, no volume is shown" in words
    assert "0 readings, 0 refused, newest none" in words
    assert "15min: log in" in words
    assert "browser fault" not in words and "{" not in words


def test_trades_that_no_loop_made_are_not_denied(tmp_path):
    assert "account                 nothing was traded yet" in told(tmp_path)
    done = CliRunner().invoke(
        app, ["import-trades", str(plain(tmp_path / "log.csv")), "--trading-data", str(tmp_path), "--yes"]
    )
    assert done.exit_code == 0
    assert "account                 none here: these decisions are not of a loop that traded" in told(
        tmp_path
    )


def test_without_a_collector_the_remedy_is_told(tmp_path):
    assert "`ribbon collect` has not run here" in told(tmp_path)


def test_a_refusing_api_is_told_with_reason_and_next_try(tmp_path):
    standing = ClaudeState(
        state="blocked", reason="billing", detail="HTTP 400: credit", since="2026-01-05T00:00:00Z",
        retry_at="2026-01-05T00:15:00Z", warnings=["the cache was not read"],
    )  # fmt: skip
    standing.write(tmp_path)
    words = told(tmp_path)
    assert "claude WRONG            not asked: billing since 2026-01-05T00:00:00Z: HTTP 400: credit" in words
    assert "it is tried again at 2026-01-05T00:15:00Z" in words
    assert words.lower().count("not asked") == words.count("billing") == 1  # told once
    assert "claude WRONG            the cache was not read. Mend what it names" in words


def test_an_api_that_answers_is_not_told_as_refusing(tmp_path):
    ClaudeState(state="ok", no_lessons="run `ribbon cycle`").write(tmp_path)
    words = told(tmp_path)
    assert "not asked" not in words and "without lessons: run `ribbon cycle`" in words
    (tmp_path / "claude.json").write_text(json.dumps({"state": "ok"}))
    assert "with the published lessons" in told(tmp_path)


def test_a_held_prompt_is_told_with_its_time_and_what_is_wrong_with_it(tmp_path):
    assert "PROMPT HELD" not in told(tmp_path)
    sha256 = archive_text(tmp_path, "# OLD\n")
    add_hold(tmp_path, sha256, "2026-01-05T10:00:00Z", None)
    words = told(tmp_path)
    assert f"PROMPT HELD             {sha256[:12]} since 2026-01-05T10:00:00Z" in words
    assert "not told yet" in words
    insights = compile_insights(all_published(), None, AS_OF)
    now = prompt_in_force(tmp_path, insights, compose_prompt(insights))
    publish(tmp_path, now.insights, now.prompt, composed=now.composed)
    assert "PROMPT HELD" in told(tmp_path) and "not told yet" not in told(tmp_path)
    (tmp_path / "prompts" / f"{sha256}.md").unlink()
    assert "cannot be told" in told(tmp_path)
    add_hold(tmp_path, "", "2026-01-05T11:00:00Z", None)
    assert "PROMPT HELD" not in told(tmp_path)


def test_a_told_prompt_that_no_cycle_wrote_is_warned_of(tmp_path):
    insights = compile_insights(all_published(AS_OF), None, AS_OF)
    prompt = compose_prompt(insights)
    publish(tmp_path, insights, prompt)
    assert "warning" not in told(tmp_path)
    (tmp_path / "prompt_addition.md").write_text("Always buy.\n")
    assert "warning" in told(tmp_path) and "the kept one is told" in told(tmp_path)
    path = tmp_path / "training_insights.json"
    path.write_text(path.read_text().replace(sha256_of(prompt), sha256_of("Always buy.\n")))
    assert "which no cycle told or composed" in told(tmp_path)


def test_what_is_wrong_is_told_with_a_remedy_and_the_age_of_what_says_it(collected):
    ClaudeState(state="blocked", reason="billing", detail="credit").write(collected)
    words = told(collected)
    assert "collector WRONG         its state is stale: written " in words and "renewed by nobody" in words
    assert (
        "the 5min chart is frozen: nothing moved, " in words
        and "candles have none. The chart stands still" in words
    )
    assert "claude WRONG            not asked: billing" in words and "Add credit" in words


def test_a_configuration_that_cannot_be_taken_hides_nothing_else(collected, tmp_path, monkeypatch):
    config = tmp_path / "ribbon.toml"
    config.write_text("[trade\n")
    monkeypatch.setenv("RIBBON_CONFIG", str(config))
    words = told(collected)
    assert "cannot be read: config: " in words and "1,200 readings" in words


@pytest.mark.parametrize("name", ["collector.json", "claude.json", "ticks.csv", "lesson_choices.jsonl"])
def test_what_cannot_be_read_is_said(tmp_path, name):
    for damaged in (b'{"read": \n', b'{"of": "another file"}\n'):
        (tmp_path / name).write_bytes(damaged)
        assert f"{tmp_path / name}: " in told(tmp_path).partition("cannot be read: ")[2]


def test_a_data_file_that_cannot_be_read_is_not_told_to_hold_nothing(tmp_path):
    (tmp_path / "candlesticks_5min.csv").write_text("timestamp,open,high,low,clse,volume\n")
    (tmp_path / "candlesticks_15min.csv").write_text("timestamp,open,high,low,close,volume\n")
    words = told(tmp_path)
    assert "candlesticks_5min.csv   unknown: see below" in words
    assert "candlesticks_15min.csv  none" in words
    assert "cannot be read: data: " in words


def test_files_that_a_wrong_setting_keeps_from_being_read_are_not_told_to_hold_nothing(tmp_path, monkeypatch):
    (tmp_path / "candlesticks_5min.csv").write_text(
        "timestamp,open,high,low,close,volume\n2025-05-04T15:35:00Z,1,1,1,1,1\n"
    )
    monkeypatch.setenv("RIBBON_TIMEZONE", "Mars/X")
    words = told(tmp_path)
    assert "candlesticks_5min.csv   unknown: see below" in words
    assert (
        "cannot be read: data: candlesticks_5min.csv: unknown time zone 'Mars/X' in RIBBON_TIMEZONE" in words
    )


@pytest.mark.parametrize("more", [[], ["--why", "1h"]])
def test_a_folder_that_is_not_there_is_no_empty_one(tmp_path, more):
    done = CliRunner().invoke(app, ["status", "--trading-data", str(tmp_path / "gone"), *more])
    assert isinstance(done.exception, MissingDataError)


def test_on_a_terminal_it_is_a_table_and_in_a_pipe_lines_that_programs_read(collected):
    from lib.contract.text_table import TextTable
    from runner.claude.settings import ClaudeSettings
    from runner.cli.status import _status_parts
    from runner.status.status import status
    from runner.trade.clock import MachineClock
    from runner.trade.settings import TradeSettings

    head, table, *rest = _status_parts(
        status(collected, TradeSettings(), MachineClock().now_us(), ClaudeSettings())
    )
    assert isinstance(table, TextTable) and rest == [] and str(collected) in str(head)
    names = [name for name, _ in table.rows]
    assert {"account", "last cycle", "collector", "  5min"} <= set(names)
    assert len(table.lines()) == len(names) and table.lines()[0].startswith(f"  {names[0]}")


def test_a_collectors_state_that_cannot_be_read_is_not_told_as_none(tmp_path):
    (tmp_path / "collector.json").write_text("")
    words = told(tmp_path)
    assert "unknown: see below" in words and "has not run here" not in words


def test_samples_of_two_markets_are_told(tmp_path):
    header = "timestamp,price,state,symbol,MMA5,MMA5_color\n"
    for name, symbol in (("5min", "ETHUSDT"), ("15min", "BTCUSDT")):
        row = f"2025-05-04T15:35:00Z,1,mixed,{symbol},1,red\n"
        (tmp_path / f"ema_data_{name}.csv").write_text(header + row)
    assert "its samples are of two markets: ema_data_5min.csv is of ETHUSDT" in told(tmp_path)
