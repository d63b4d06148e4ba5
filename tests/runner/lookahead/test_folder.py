"""The data folder of a check: what is altered, what learning had left, what is left out."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from lib.analysis.past_events import SETUP_OUTCOMES_FILE
from lib.contract.schema import HISTORY_FILE, INSIGHTS_FILE, PROMPT_FILE
from lib.contract.times import parse_instant
from lib.errors import HeaderError, ParameterError
from lib.lessons.advance import note_terms
from lib.lessons.choices import CHOICES_FILE
from lib.lessons.eras import eras_of
from lib.market.terms import DEFAULT_TERMS, Terms
from runner.lookahead.folder import alter_folder, copy_learning, data_folder, whole_folder

AS_OF = pd.Timestamp("2025-06-15T10:00:00Z")


def write_insights(folder, as_of: str):
    folder.mkdir(exist_ok=True)
    (folder / INSIGHTS_FILE).write_text(json.dumps({"last_updated": as_of}))
    (folder / PROMPT_FILE).write_text("words")
    return folder


def test_every_file_with_timestamps_is_altered_and_the_rest_is_named(market, tmp_path):
    (market / "ticks.csv").write_text("timestamp,outcome\n2025-06-15T10:00:00Z,x\n2025-06-15T10:00:10Z,y\n")
    (market / "notes.csv").write_text("a,b\n1,2\n")
    (market / "lessons.sqlite").write_bytes(b"x")
    (market / SETUP_OUTCOMES_FILE).write_text(
        "{}"
    )  # made from the market's files: neither taken nor worth a word
    write_insights(market, "2025-06-15T09:00:00Z")
    found = alter_folder(market, tmp_path / "cut", AS_OF, "cut")
    assert found.left_out == ("lessons.sqlite", "notes.csv")
    assert found.later == {
        "candlesticks_15min.csv": 4,
        "candlesticks_5min.csv": 12,
        "ema_data_15min.csv": 60,
        "ema_data_5min.csv": 60,
        "ticks.csv": 1,
    }
    assert {path.name for path in (tmp_path / "cut").iterdir()} == set(found.later)


def test_a_market_file_without_a_header_is_refused(market, tmp_path):
    (market / "ema_data_5min.csv").write_text("a,b\n")
    with pytest.raises(HeaderError):
        alter_folder(market, tmp_path / "cut", AS_OF, "cut")


def test_earlier_learning_is_cut_where_its_readers_cut_it(market, tmp_path):
    kept = '{"at": "2025-06-15T09:00:00Z", "note": "a\u2028b"}\n\n{"at": "2025-06-15T09:10:00Z"}\n'
    (market / CHOICES_FILE).write_text(kept + '{"at": "2025-06-15T09:20', encoding="utf-8")
    (tmp_path / "run").mkdir()
    copy_learning(market, tmp_path / "run", AS_OF)
    assert (tmp_path / "run" / CHOICES_FILE).read_text(encoding="utf-8") == kept


def test_the_whole_is_the_whole(market, tmp_path):
    whole_folder(market, tmp_path / "whole")
    for path in market.glob("*.csv"):
        assert (tmp_path / "whole" / path.name).read_bytes() == path.read_bytes()


def test_learning_is_what_was_there_before(market, tmp_path):
    stamps = ("2025-06-15T09:00:00Z", "2025-06-15T10:00:00Z", "2025-06-15T11:00:00Z")
    lines = [*(json.dumps({"timestamp": stamp}) for stamp in stamps), "torn"]
    (market / HISTORY_FILE).write_text("\n".join(lines) + "\n")
    (market / "lesson_choices.jsonl").write_text("{}\n")
    target = tmp_path / "target"
    target.mkdir()
    copy_learning(write_insights(market, "2025-06-15T11:00:00Z"), target, AS_OF)
    assert (target / HISTORY_FILE).read_text() == lines[0] + "\n"
    assert (target / "lesson_choices.jsonl").is_file()
    assert not (target / INSIGHTS_FILE).exists()


def test_choices_are_those_that_had_been_made_when_it_ran(market, tmp_path):
    lines = [json.dumps({"at": f"2026-01-05T10:00:0{second}Z", "action": "pin"}) for second in (0, 1, 2)]
    (market / "lesson_choices.jsonl").write_text("\n".join([*lines, "torn"]) + "\n")
    for clock, kept in (("2026-01-05T10:00:01Z", lines[:2]), ("2026-01-05T09:00:00Z", []), (None, lines)):
        target = tmp_path / str(clock)
        target.mkdir()
        copy_learning(market, target, AS_OF, clock=parse_instant(clock) if clock else None)
        assert (target / "lesson_choices.jsonl").read_text().splitlines() == [*kept, "torn"]


def test_changes_of_terms_are_those_up_to_the_instant(market, tmp_path):
    for terms, hour in ((DEFAULT_TERMS, 9), (Terms(fee_pct=0.02), 10), (Terms(fee_pct=0.03), 11)):
        note_terms(market, terms, f"2025-06-15T{hour:02d}:00:00Z")
    (tmp_path / "target").mkdir()
    copy_learning(market, tmp_path / "target", AS_OF)
    assert eras_of(tmp_path / "target") == eras_of(market)[:2]


def test_followed_questions_are_those_of_its_clock_and_their_trades_those_found_by_then(market, tmp_path):
    (market / "questions").mkdir()
    lines = [json.dumps({"at": f"2026-01-05T10:00:0{second}Z", "kind": "kept"}) for second in (0, 2)]
    (market / "questions" / "record.jsonl").write_text("\n".join([*lines, '{"torn']))
    found = [json.dumps({"k": 1, "hour": f"2025-06-15T{hour}:00:00Z"}) for hour in ("09", "10", "11")]
    (market / "questions" / "trades.jsonl").write_text("\n".join([*found, '{"torn']))
    (tmp_path / "target").mkdir()
    copy_learning(market, tmp_path / "target", AS_OF, clock=parse_instant("2026-01-05T10:00:01Z"))
    target = tmp_path / "target" / "questions"
    assert (target / "record.jsonl").read_text() == lines[0] + "\n"
    assert (target / "trades.jsonl").read_text() == "\n".join(found[:2]) + "\n"


def test_insights_of_later_are_not_taken_and_older_ones_stand_in(market, tmp_path):
    later = write_insights(tmp_path / "later", "2025-06-15T10:00:01Z")
    older = write_insights(tmp_path / "older", "2025-06-15T09:00:00Z")
    target = tmp_path / "target"
    target.mkdir()
    copy_learning(market, target, AS_OF, [later])
    assert not (target / INSIGHTS_FILE).exists()
    same = write_insights(tmp_path / "same", "2025-06-15T10:00:00Z")
    copy_learning(market, target, AS_OF, [same])
    assert (target / INSIGHTS_FILE).read_text() == (same / INSIGHTS_FILE).read_text()
    copy_learning(write_insights(market, "2025-06-15T11:00:00Z"), target, AS_OF, [None, later, older])
    assert json.loads((target / INSIGHTS_FILE).read_text()) == {"last_updated": "2025-06-15T09:00:00Z"}
    assert (target / PROMPT_FILE).is_file()


def test_a_folder_that_is_gone_is_said(tmp_path):
    with pytest.raises(ParameterError, match="--trading-data"):
        data_folder(tmp_path / "gone")
