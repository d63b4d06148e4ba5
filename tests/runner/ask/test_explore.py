"""Exploring in a folder: one boundary for ever, nothing beyond it, and what was asked is kept (docs/guarantees.md, Q1)."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

from lib.contract.times import iso, parse_instant
from lib.contract.words import time_word
from lib.errors import EmptyWindowError, QuestionError
from lib.questions.exploration import Exploration
from lib.questions.history import boundary_of
from lib.questions.record import Record, read_record, record_path
from runner.ask.explore import Stretch
from runner.ask.words import exploration_lines
from runner.errors import LockedError, WriteFailedError
from runner.question.record_file import writing
from tests.lib.questions.made import PEEK, WICKS, history, question, walk
from tests.runner.ask.made import absurd, asked_here, explored, longer


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    monkeypatch.setattr("runner.ask.explore.ask_in_processes", asked_here)


def test_the_boundary_is_fixed_at_the_first_ask_and_never_moves(tmp_path):
    shown, folder = history(), tmp_path / "data"
    first, record = explored(question(tmp_path), folder, shown)
    fixed = boundary_of(shown)
    assert parse_instant(first.boundary) == parse_instant(first.until) == fixed
    assert [line.kind for line in record.lines] == ["boundary", "asked"]
    grown = longer(shown, 1_500)
    assert boundary_of(grown) > fixed
    again, record = explored(question(tmp_path), folder, grown)
    assert again.boundary == first.boundary and again.trades == first.trades
    assert [line.kind for line in record.lines] == ["boundary", "asked", "asked"]
    assert record.lines == read_record(folder).lines and record.tried("XYZUSDT") == 1


def test_nothing_beyond_the_boundary_changes_an_exploration(tmp_path):
    shown = history()
    before, _ = explored(question(tmp_path), tmp_path / "a", shown)
    after, _ = explored(question(tmp_path), tmp_path / "b", absurd(shown, boundary_of(shown)))
    left_out = {"notes"}
    assert before.model_dump(exclude=left_out) == after.model_dump(exclude=left_out)
    # What lies before it does: the test sees what it looks for.
    inside = absurd(shown, shown.candles_5min["closed_at"].iloc[2_000])
    assert explored(question(tmp_path), tmp_path / "c", inside)[0].trades != before.trades


def test_options_only_narrow(tmp_path):
    shown, folder, asked = history(), tmp_path / "data", question(tmp_path)
    whole, _ = explored(asked, folder, shown)
    closed = shown.candles_5min["closed_at"]
    part, _ = explored(asked, folder, shown, Stretch(closed.iloc[500], closed.iloc[1_500]))
    assert 0 < part.trades.total < whole.trades.total
    assert (part.since, part.until) == tuple(
        closed.iloc[row].strftime("%Y-%m-%dT%H:%M:%SZ") for row in (500, 1_500)
    )
    beyond, _ = explored(asked, folder, shown, Stretch(None, closed.iloc[-1]))
    assert beyond.trades == whole.trades and beyond.until == whole.boundary
    assert any("sealed and was not looked at" in note for note in beyond.notes)


def test_rows_that_all_lie_beyond_the_boundary_are_refused(tmp_path):
    shown, folder = history(), tmp_path / "data"
    explored(question(tmp_path), folder, shown)
    late = history(shown.candles_5min.iloc[2_500:])
    with pytest.raises(EmptyWindowError, match="is sealed"):
        explored(question(tmp_path), folder, late)


def test_another_file_and_another_folder_of_the_same_market_are_warned_of(tmp_path):
    shown, asked = history(), question(tmp_path)
    alone, _ = explored(asked, tmp_path / "a", shown)
    assert alone.notes == []
    other, _ = explored(asked, tmp_path / "a", history(source="other.csv"))
    assert (
        other.notes
        == [note for note in other.notes if "made.csv" in note and "one market has one boundary" in note]
        != []
    )
    beside, _ = explored(asked, tmp_path / "b", shown)
    assert len(beside.notes) == 1 and str(tmp_path / "a") in beside.notes[0]
    assert explored(asked, tmp_path / "c", history(walk(seed=2), market="ABCUSDT"))[0].notes == []


def test_the_same_prices_under_another_name_are_warned_of(tmp_path):
    shown, asked = history(), question(tmp_path)
    explored(asked, tmp_path / "a", shown)
    (note,) = explored(asked, tmp_path / "a", history(longer(shown, 900).candles_5min, market="XYZUSD"))[
        0
    ].notes
    assert (
        note.startswith("XYZUSD has the prices of XYZUSDT, which was asked here from made.csv")
        and "--symbol" in note
    )


def test_a_question_that_is_refused_is_not_kept_as_asked(tmp_path):
    with pytest.raises(QuestionError, match="it looks ahead"):
        explored(question(tmp_path, PEEK), tmp_path / "data", history())
    assert [line.kind for line in read_record(tmp_path / "data").lines] == ["boundary"]


def test_each_question_and_market_is_kept_apart(tmp_path):
    folder = tmp_path / "data"
    explored(question(tmp_path), folder, history())
    explored(question(tmp_path, WICKS + "\n"), folder, history())
    _, record = explored(question(tmp_path), folder, history(market="ABCUSDT"))
    assert (record.tried("XYZUSDT"), record.tried("ABCUSDT")) == (2, 1)
    assert len([line for line in record.lines if line.kind == "boundary"]) == 2


def test_there_is_one_writer_and_who_meets_another_waits_a_little(tmp_path):
    with (
        writing(tmp_path),
        pytest.raises(LockedError, match=r"record\.jsonl is being written"),
        writing(tmp_path, patience_s=0.1),
    ):
        pass
    held = writing(tmp_path)
    held.__enter__()
    threading.Timer(0.3, lambda: held.__exit__(None, None, None)).start()
    with writing(tmp_path, patience_s=10) as file:
        assert file.record.lines == []


def test_a_full_disk_adds_nothing_and_says_so(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    explored(question(tmp_path), folder, history())
    before = record_path(folder).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib.data.atomic.sync", full)
    with pytest.raises(WriteFailedError, match="No space left"):
        explored(question(tmp_path), folder, history())
    assert record_path(folder).read_bytes() == before


def looks_ahead(found: Exploration, record: Record) -> str:
    """What stands behind "looks ahead" on the terminal."""
    (line,) = [line for line in exploration_lines(found, record) if line.startswith("  looks ahead  ")]
    return line.removeprefix("  looks ahead  ")


def test_why_no_trade_was_made_is_said(tmp_path):
    text = WICKS.replace("change < -0.2", 'ribbon_5min["state"].str.match("green")').replace(
        "change > 0.2", "change > 99"
    )
    found, record = explored(question(tmp_path, text), tmp_path / "data", history())
    assert found.trades.total == 0 and found.answer[1].startswith("It said nothing of any row")
    assert looks_ahead(found, record) == "not known: it spoke of no row, so there is nothing to compare"
    assert any(note.startswith("A ribbon's state is one of all_green, ") for note in found.notes)
    both, record = explored(
        question(tmp_path, WICKS.replace("> 0.2", "< -0.2")), tmp_path / "data", history()
    )
    assert any(
        note.endswith("rows both of its conditions held: that counts as nothing.") for note in both.notes
    )
    spoke, record = explored(question(tmp_path), tmp_path / "data", history())
    assert looks_ahead(spoke, record).startswith(f"no: the same behind {spoke.rows_checked} of ")


def test_folders_beside_it_are_told_in_one_sentence(tmp_path):
    for name in "abcdef":
        found, _ = explored(question(tmp_path), tmp_path / name, history())
    (note,) = [note for note in found.notes if "over the same time" in note]
    assert note.startswith(
        "5 other folders (a, b, c and 2 more) have asked XYZUSDT over the same time, with the latest "
    )


def test_a_neighbour_s_boundary_says_what_was_seen_there(tmp_path):
    shown, asked = history(), question(tmp_path)
    early, late = boundary_of(shown), boundary_of(longer(shown, 1_500))
    explored(asked, tmp_path / "short", shown)
    # Its boundary is later than the neighbour's: what lies between is open to it, and only a confirmation there saw more.
    (note,) = explored(asked, tmp_path / "long", longer(shown, 1_500))[0].notes
    assert note.startswith(
        f"{tmp_path / 'short'} has asked XYZUSDT over the same time, with its boundary at "
    )
    assert note.endswith(
        f"{time_word(iso(early))}: what was confirmed there is seen, though it be sealed here."
    )
    # Its boundary is earlier: the neighbour saw what is sealed here.
    (note,) = [
        note for note in explored(asked, tmp_path / "short", shown)[0].notes if "over the same" in note
    ]
    assert note.endswith(
        f": what was seen there before {time_word(iso(late))} is seen, though it be sealed here."
    )


def test_an_end_before_the_first_candle_is_told_as_that(tmp_path):
    first = history().first
    with pytest.raises(EmptyWindowError, match=r"later than --until 2026-01-04T\S+Z\. Give a later --until"):
        explored(
            question(tmp_path), tmp_path / "data", history(), Stretch(None, first - pd.Timedelta(days=1))
        )
