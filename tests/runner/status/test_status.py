"""How everything stands, from files alone, and why there was no entry."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime

import pandas as pd
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from lib.contract.times import iso
from lib.errors import ParameterError
from lib.lessons.lesson import EvidenceCounts
from lib.prompt.addition import compose_prompt
from lib.published.insights import compile_insights
from lib.published.pair import publish
from runner.claude.ledger import SPEND_FILE, SpendLedger
from runner.claude.model_cost import ModelCost, cost_of_folder
from runner.claude.settings import ClaudeSettings
from runner.claude.standing import ClaudeState
from runner.cli import app
from runner.cli.status import _model_words
from runner.fetch.simulated import Simulation, write_simulation
from runner.status import files
from runner.status.status import status
from runner.status.why import parse_span, why
from runner.trade.known import stamp
from runner.trade.models import Answer, Usage
from runner.trade.settings import TradeSettings
from tests.builders import START
from tests.lib.contract.made import AS_OF, all_published
from tests.lib.lessons.made_lessons import candidate, lesson, lessons
from tests.runner.claude.made import publish_lessons
from tests.runner.trade.made import Script, at_us, enter, hand_loop, settings
from tests.runner.trade.test_feed import HEADER, row


@pytest.fixture
def traded(tmp_path):
    """Two entries, one of them still open, a refused one, a frozen tick; the model billed half a cent and reserved as much."""
    asked_at = datetime.fromtimestamp(at_us(40) / 1e6, UTC)
    with closing(SpendLedger(tmp_path / SPEND_FILE, 2.0, 250, lambda: asked_at).open()) as ledger:
        ledger.settle(ledger.reserve(0.005, "m"), Usage(cost_usd=0.005), "m")
        ledger.reserve(0.005, "m")
    script = Script(enter(), Answer("HOLD", False, 0.0, model="script"), enter(confidence=0.5), enter())
    with hand_loop(tmp_path, script, settings()) as (loop, feed):
        for second, price, quality in (
            (40, 100.0, "ok"), (50, 100.0, "ok"), (60, 101.0, "ok"), (70, 101.0, "frozen"), (80, 101.0, "ok"), (90, 101.0, "ok"),
        ):  # fmt: skip
            feed.give(second, price, quality=quality)
            loop.step()
    return tmp_path


def test_cycles_that_stopped_while_data_come_are_told(tmp_path):
    """A spoiled setting ends each hourly cycle; the loop goes on, and Claude with the lessons of days ago."""
    (tmp_path / "ema_data_5min.csv").write_text(HEADER + row(0) + row(90))
    newest = stamp(at_us(90))

    def told(hours: int, later_s: float = 0.0) -> list[str]:
        publish_lessons(tmp_path, iso(newest - pd.Timedelta(hours=hours)))
        found = status(tmp_path, TradeSettings(), at_us(100 + later_s))["findings"]
        return [each["what"] for each in found if each["part"] == "cycle" and "cron.log" in each["fix"]]

    assert told(hours=1) == []
    (what,) = told(hours=3)
    assert f"and the data go on to {iso(newest)}" in what
    assert told(hours=3, later_s=3 * 3_600) == []  # the data have stopped too, and a cycle has nothing new


def test_status_tells_account_position_costs(traded):
    found = status(traded, TradeSettings(), at_us(100))
    account = found["account"]
    assert account["trades_today"] == 2
    assert account["day_net"] == pytest.approx(1_000 * 0.0021)
    assert account["day_fees"] == pytest.approx(0.45 * 2 + 0.45 * 1.0021)
    assert account["position"]["direction"] == "LONG"
    assert account["position"]["entry_time"] == "2026-01-05T00:01:30Z"
    cost = ModelCost(2, 0.005, 0.005, 1, 2.0, 250)
    assert found["model"] | asdict(cost) == found["model"]
    assert found["model"]["words"] == cost.words()
    # A cent, what is reserved included, over two trades of about 1,000 each.
    assert found["model"]["breakeven_bp_per_trade"] == pytest.approx(0.01 / 2_002.1 * 1e4)
    assert found["last_decision"]["at"] == "2026-01-05T00:01:30Z"
    assert found["last_tick"] == {
        "at": "2026-01-05T00:01:10Z",
        "age_s": 30.0,
        "outcome": "frozen",
        "reason_code": "",
    }
    assert found["faults"] == []
    assert found["kill_file"] is False
    (traded / "KILL").touch()
    assert status(traded, TradeSettings(), at_us(100))["kill_file"] is True


def test_what_the_model_cost_is_one_figure_and_said_the_same_way_everywhere(traded):
    ClaudeState(state="ok", cost=ModelCost(1, 9.0, 9.0, 1, 9.0, 9)).write(
        traded
    )  # of the last decision: older than the file
    found = status(traded, TradeSettings(), at_us(100))
    assert "cost" not in found["claude"]
    words = found["model"]["words"]
    assert words == (
        "2 calls: $0.0050 billed, $0.0050 reserved for 1 of unknown cost, of at most $2.00 and 250 calls a UTC day"
    )
    assert words in _model_words(found["model"])
    assert words == cost_of_folder(traded, ClaudeSettings()).words()  # what a replay's summary says
    (traded / SPEND_FILE).write_text("damaged\nx\n")
    found = status(traded, TradeSettings(), at_us(100))
    assert found["model"] is None and _model_words(None) == "unknown: see below"
    assert any("what was spent" in fault for fault in found["faults"])


def test_the_day_begins_at_midnight(traded):
    found = status(traded, TradeSettings(), at_us(86_400))
    assert (found["account"]["day_net"], found["account"]["trades_today"]) == (0.0, 0)
    assert found["model"]["breakeven_bp_per_trade"] is None


def test_an_empty_folder_is_no_fault_and_a_broken_file_is_told(tmp_path):
    found = status(tmp_path, TradeSettings(), at_us(0))
    assert (found["account"], found["last_decision"], found["faults"]) == (None, None, [])
    (tmp_path / "trade_events.csv").write_text("seq,kind\nx,y\n")
    (tmp_path / "collector.json").write_text('{"written": "2026-01-05T00:00:00Z"}')
    found = status(tmp_path, TradeSettings(), at_us(0))
    assert any("trade_events.csv" in fault for fault in found["faults"])
    assert (found["collector"]["written"], found["collector"]["charts"]) == ("2026-01-05T00:00:00Z", {})
    for name in ("collector.json", "claude.json"):
        (tmp_path / name).write_bytes(b'{"state": "rea')
    found = status(tmp_path, TradeSettings(), at_us(0))
    told = [fault for fault in found["faults"] if "no state that was written here" in fault]
    assert [fault.partition(":")[0] for fault in told] == ["collector", "claude"]


@pytest.mark.parametrize(
    ("name", "part"), [("claude_decisions.csv", "last_decision"), ("candlesticks_1min.csv", "data")]
)
def test_a_file_whose_rows_cannot_be_taken_is_not_told_as_none(tmp_path, name, part):
    """A spreadsheet that saves a file writes its times anew."""
    write_simulation(
        Simulation(days=1, seed=5, end="2025-06-15T12:00:00Z", step_seconds=60, gaps=0), tmp_path
    )
    path = tmp_path / name
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join([lines[0], *(f"05.01.2026 13:51,{line.partition(',')[2]}" for line in lines[1:])]) + "\n"
    )
    fault = f"{part}: {path}, line 2: none of its {len(lines) - 1:,} rows can be taken"
    found = status(tmp_path, TradeSettings(), at_us(0))
    assert any(each.startswith(fault) and "«05.01.2026 13:51," in each for each in found["faults"])
    shown = CliRunner().invoke(app, ["status", "--trading-data", str(tmp_path)]).stdout
    assert "none of its" in shown and "nothing was traded yet" not in shown


@pytest.mark.parametrize("back", [1 << 20, 4_096])
def test_decisions_of_which_some_cannot_be_taken_are_counted_with_the_first(tmp_path, monkeypatch, back):
    monkeypatch.setattr(files, "_DECISION_BYTES", back)
    write_simulation(
        Simulation(days=1, seed=5, end="2025-06-15T12:00:00Z", step_seconds=60, gaps=0), tmp_path
    )
    path = tmp_path / "claude_decisions.csv"
    lines = path.read_text().splitlines()
    spoiled = {len(lines) - 4: "a line of a note", len(lines) - 2: lines[-2].replace("Z,", "Z,X", 1)}
    path.write_text("\n".join(spoiled.get(place, line) for place, line in enumerate(lines)) + "\nhalf a")
    found = status(tmp_path, TradeSettings(), at_us(0))
    (finding,) = [each for each in found["findings"] if each["part"] == "last_decision"]
    whole = back > path.stat().st_size
    read = f"{len(lines):,}" if whole else r"last \d+"
    assert re.match(
        rf"claude_decisions.csv, line {len(lines) - 3}: 2 of its {read} rows are set aside \(1 malformed, 1 bad_value\); "
        "the first is «a line of a note»",
        finding["what"],
    )
    assert "bad-rows.md" in finding["fix"] and found["last_decision"] is not None


@pytest.mark.parametrize("name", ["candlesticks_1min.csv", "ema_data_15min.csv"])
def test_samples_and_candles_that_cannot_be_taken_are_told_with_the_first(tmp_path, name):
    """A file that an editor spoiled has an age all the same."""
    write_simulation(
        Simulation(days=1, seed=5, end="2025-06-15T12:00:00Z", step_seconds=60, gaps=0), tmp_path
    )
    path = tmp_path / name
    lines = path.read_text().splitlines()
    assert not [
        each for each in status(tmp_path, TradeSettings(), at_us(0))["findings"] if name in each["what"]
    ]
    lines[-40:-10] = [f"{line},by hand" for line in lines[-40:-10]]
    path.write_text("\n".join(lines) + "\nhalf a")
    (finding,) = [
        each for each in status(tmp_path, TradeSettings(), at_us(0))["findings"] if name in each["what"]
    ]
    assert re.match(
        rf"{name}, line {len(lines) - 39}: 30 of its (last )?[\d,]+ rows are set aside \(30 malformed\)",
        finding["what"],
    )
    assert finding["part"] == "data" and "bad-rows.md" in finding["fix"]


def test_why_counts_each_tick_once(traded):
    found = why(traded, START, START + pd.Timedelta(hours=1))
    assert found["ticks"] == 6
    assert found["asked_nobody"]["frozen"] == {"-": 1}
    assert found["decisions"]["executed"] == 2
    assert (
        sum(found["decisions"].values())
        + sum(sum(codes.values()) for codes in found["asked_nobody"].values())
        == 6
    )
    assert why(traded, START, START + pd.Timedelta(seconds=40))["ticks"] == 1
    with (traded / "ticks.csv").open("a") as file:
        file.write("rubbish\n")
    assert why(traded, START, START + pd.Timedelta(hours=1))["set_aside"] == 1


def test_spans():
    assert parse_span("90m") == pd.Timedelta(minutes=90)
    assert parse_span("1.5d") == pd.Timedelta(hours=36)
    for text in ("", "24", "h", "-1h", "0h"):
        with pytest.raises(ParameterError, match="span"):
            parse_span(text)


def test_the_commands_print_json_that_can_be_read(traded):
    for arguments in (["status"], ["status", "--why", "24h"]):
        done = CliRunner().invoke(app, [*arguments, "--trading-data", str(traded), "--json"])
        assert done.exit_code == 0
        assert json.loads(done.stdout)
        plain = CliRunner().invoke(app, [*arguments, "--trading-data", str(traded)])
        assert plain.exit_code == 0
        assert plain.stdout


def test_the_lessons_told_are_those_to_act_on_and_the_nearest_are_questions(tmp_path):
    """What restates the costs, what a person vetoed and a second one of a group are not near anything."""
    best, other = lesson("trades.direction.LONG.beats", effect_pct=0.09), lesson("trades.wick.present.above")
    near = candidate("trades.pattern.mixed.above", evidence=0.5)
    found = [
        other,
        best,
        candidate("trades.band.high.above", evidence=0.9, vetoed=True, pinned=False),
        candidate("trades.setup.LONG_BOTH_GREEN.below", evidence=0.8, net_high_pct=-0.01),
        near,
        candidate("trades.pattern.mixed.beats", evidence=0.4),
        lesson("trades.band.low.below", consequence="restates_costs"),
    ]
    insights = compile_insights(all_published(), None, AS_OF, lessons(*found, act_on=2, proven=3))
    publish(tmp_path, insights, compose_prompt(insights))
    told = status(tmp_path, TradeSettings(), at_us(0))["lessons"]
    assert (told["act_on"], told["proven"]) == (2, 3)
    actual = insights["actual_performance"]
    assert told["window"] == {
        "trades": actual["total_trades"],
        "net": actual["total_pnl"],
        "dollar_decimals": 2,
    }
    assert told["window"]["trades"] > 0
    assert [said.partition(". ")[0] for said in told["told"]] == [
        "Favour: LONG entries do better than all others",
        "Favour: Entries with a wick in their direction gain after costs",
    ]
    assert (
        "Proven since 2025-10-12 09:30. On average +0.071 % against all others (n 180 pairs, "
        in told["told"][0]
    )
    (found,) = told["nearest"]
    assert found["evidence"] == 0.5
    assert found["statement"].startswith(
        "Entries at a 5-minute ribbon that is mixed gain after costs? So far "
    )


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"{}", b'{"evidence": {"proven": -10}}'],
    ids=repr,
)
def test_insights_that_are_none_are_told_and_are_no_folder_without_a_cycle(tmp_path, damage):
    path = tmp_path / "training_insights.json"
    path.write_bytes(damage)
    (fault,) = status(tmp_path, TradeSettings(), at_us(0))["faults"]
    assert fault.startswith(f"lessons: {path}: these are no insights") and "`ribbon cycle`" in fault
    shown = CliRunner().invoke(app, ["status", "--trading-data", str(tmp_path)])
    assert "last cycle              unknown: see below" in shown.stdout


def test_insights_that_the_system_does_not_let_be_read_are_told_with_its_word_and_no_cycle(tmp_path):
    path = tmp_path / "training_insights.json"
    path.mkdir()
    (fault,) = status(tmp_path, TradeSettings(), at_us(0))["faults"]
    assert (
        fault
        == f"lessons: {path}: cannot be used: Is a directory. A folder stands where a file belongs: move it away"
    )


def test_decisions_that_are_all_ahead_of_the_clock_ask_for_the_clock(tmp_path):
    """A laptop's clock that lags after a sleep; it was asked to put the file back from a copy."""
    write_simulation(
        Simulation(days=1, seed=5, end="2025-06-15T12:00:00Z", step_seconds=60, gaps=0), tmp_path
    )
    found = status(tmp_path, TradeSettings(), pd.Timestamp("2025-06-14T03:00:00Z").value // 1_000)
    (finding,) = [each for each in found["findings"] if each["part"] == "last_decision"]
    assert finding["what"].startswith(
        "claude_decisions.csv has rows ahead of this machine's clock, up to 2025-06-15T1"
    )
    assert finding["fix"] == "Set the clock right" and found["last_decision"] is None


def test_a_row_that_was_written_after_the_clock_was_taken_is_not_ahead_of_it(tmp_path):
    path = tmp_path / "ema_data_5min.csv"
    path.write_text("timestamp,price,state,MMA5\n2026-01-05T12:00:02.9Z,100,all_green,99\n")
    for second, age_s, findings in ((4, 1.1, 0), (2, 0.0, 0), (-2, 0.0, 0), (-3, None, 1)):
        now = pd.Timestamp("2026-01-05T12:00:00Z") + pd.Timedelta(seconds=second)
        found = status(tmp_path, TradeSettings(), now.value // 1_000)
        newest = found["data"][path.name]
        assert (newest and newest["age_s"], len(found["findings"])) == (age_s, findings)


def test_insights_ahead_of_the_clock_are_told_with_what_they_stop(tmp_path):
    publish_lessons(tmp_path, "2027-01-05T12:00:00Z")
    (found,) = status(tmp_path, TradeSettings(), at_us(0))["findings"]
    assert found["part"] == "cycle" and "`ribbon cycle --force`" in found["fix"]
    assert found["what"] == (
        "the insights are of 2027-01-05T12:00:00Z, ahead of this machine's clock: every cycle until then is refused"
    )
    shown = CliRunner().invoke(app, ["status", "--trading-data", str(tmp_path)])
    assert (
        " d ahead of this machine's clock (2027-01-05T12:00:00Z)" in shown.stdout
        and "cycle WRONG" in shown.stdout
    )


def test_no_count_of_lessons_is_below_zero():
    counts = {
        "hypotheses": 1,
        "candidates": 1,
        "proven": 0,
        "act_on": 0,
        "ended": 0,
        "trades": 3,
        "episodes": 2,
        "nearest": None,
    }
    assert EvidenceCounts.model_validate(counts).trades == 3
    for name in ("hypotheses", "candidates", "proven", "act_on", "ended", "trades", "episodes"):
        with pytest.raises(ValidationError, match=name):
            EvidenceCounts.model_validate(counts | {name: -1})


def test_a_position_that_no_loop_looks_at_is_said(traded):
    def told(second):
        found = status(traded, TradeSettings(), at_us(second))["findings"]
        return [each for each in found if each["part"] == "account"]

    assert told(100) == told(250) == []
    (wrong,) = told(500)
    assert "LONG is held, and no loop has looked at it for 7 min; on paper nothing closes it" in wrong["what"]
    assert "ribbon trade" in wrong["fix"]
    (traded / "summary.json").write_text("{}")  # a replay that ended with it
    assert told(500) == []
