from __future__ import annotations

import pandas as pd
import pytest

from lib.contract.times import iso, parse_instant
from lib.errors import DataError
from lib.lessons.derived import candidate_setups, nearest, to_act_on
from lib.lessons.followed import followed_now
from lib.lessons.rebuilding import rebuild_ledger
from lib.market.terms import DEFAULT_TERMS
from lib.prompt.lessons import lessons_section, questions_told
from lib.questions.confirmation import CONFIRMED
from lib.questions.followed import read_followed_trades, read_states, trades_path
from runner.errors import WriteFailedError
from runner.question import follow
from runner.question.copies import copy_path
from runner.question.keep import drop_in_folder
from tests.runner.ask.made import asked_here
from tests.runner.question.made import (
    HOUR,
    PEEKS,
    QUIET,
    SINCE,
    clock_at,
    cycle,
    folder_of,
    kept,
    lesson_of,
    question_of,
)

pytestmark = pytest.mark.usefixtures("in_this_process")


def cycles(folder, *hours: float):
    for hour in hours:
        asked, lessons = cycle(folder, hour)
        assert [found.error for found in asked if found.error] == []
    return lessons


def test_a_planted_edge_is_proven_from_its_keeping_on_and_told(tmp_path, folder):
    kept(question_of(tmp_path), folder)
    early = cycles(folder, 1, 2, 3)
    # Nine days before the keeping have some two hundred of its trades, and not one of them counts.
    assert lesson_of(early).n == len(read_followed_trades(folder)) <= 3
    assert all(parse_instant(trade.entry_time) > SINCE for trade in read_followed_trades(folder))
    assert lesson_of(early).status == "candidate" and lesson_of(early).level == CONFIRMED.level(1)
    lessons = cycles(folder, *range(6, 97, 10))
    found = lesson_of(lessons)
    assert (found.status, found.consequence) == ("proven", "act_on")
    assert found.n == len(read_followed_trades(folder)) and found.n >= 90
    text = "\n".join(lessons_section(lessons.lessons, lessons.summary, DEFAULT_TERMS).lines())
    assert "FAVOUR: Entries in the direction that QUESTION falls says gain after costs: n=" in text
    assert questions_told(text) == ["falls"]


def test_a_ledger_that_is_rebuilt_is_the_same_to_the_byte(tmp_path, folder, monkeypatch):
    kept(question_of(tmp_path), folder)
    cycles(folder, 1, 2, 5)
    cycle(folder, 7, ask=False)  # an hour in which nobody asked: its trades count at the next
    cycles(folder, 8, 30, 40)
    clock_at(monkeypatch, SINCE + 40.2 * HOUR)
    drop_in_folder("falls", folder)
    lessons = cycles(folder, 41, 43)
    assert lesson_of(lessons).status_words == "ended, by a person"
    found = rebuild_ledger(folder)
    assert found.same and found.before == found.after and found.after["observations"] > 30


def test_each_trade_is_written_once_whatever_ends_the_ask(tmp_path, folder, monkeypatch):
    kept(question_of(tmp_path), folder)
    cycles(folder, 2)
    once = read_followed_trades(folder)
    assert cycle(folder, 2)[0][0].trades == 0 and read_followed_trades(folder) == once
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(follow, "states_text", stopped)
        cycle(folder, 9)
    whole = trades_path(folder).read_bytes()
    trades_path(folder).write_bytes(whole[:-40])  # and its last line was torn
    cycles(folder, 9, 10)
    entries = [trade.entry_time for trade in read_followed_trades(folder)]
    assert len(entries) == len(set(entries)) and trades_path(folder).read_bytes().startswith(whole[:-40])
    straight = folder_of(tmp_path / "other")
    kept(question_of(tmp_path), straight)
    cycles(straight, 10)
    assert entries == [trade.entry_time for trade in read_followed_trades(straight)]


def stopped(*_: object) -> str:
    raise KeyboardInterrupt


def test_what_is_found_at_an_hour_rests_on_nothing_later(tmp_path, folder):
    kept(question_of(tmp_path), folder)
    for hour in (3, 6, 11):
        cycles(folder, hour)
        for trade in read_followed_trades(folder):
            assert parse_instant(trade.exit_time) <= parse_instant(trade.hour) <= SINCE + hour * HOUR
            longest = parse_instant(trade.entry_time) + pd.Timedelta(minutes=DEFAULT_TERMS.hold_minutes)
            assert longest <= SINCE + hour * HOUR


def test_one_without_an_edge_is_told_nowhere(tmp_path, folder):
    kept(question_of(tmp_path, QUIET, "quiet"), folder)
    lessons = cycles(folder, *range(4, 100, 8))
    found = lesson_of(lessons, "quiet")
    assert found.n > 40 and found.status == "candidate" and to_act_on(lessons.lessons) == []
    costs = DEFAULT_TERMS.costs
    assert nearest(lessons.lessons, costs) == [] and candidate_setups(lessons.lessons, costs) == []
    assert "QUESTION" not in "\n".join(
        lessons_section(lessons.lessons, lessons.summary, DEFAULT_TERMS).lines()
    )


def test_one_that_fails_is_said_and_withheld_and_stops_no_other(tmp_path, folder, monkeypatch):
    kept(question_of(tmp_path), folder)
    kept(question_of(tmp_path, QUIET, "quiet"), folder)
    lessons = cycles(folder, *range(8, 73, 8))
    assert lesson_of(lessons).consequence == "act_on"

    def slow(question, *rest, **how):
        if question.name == "falls":
            raise TimeoutError("stopped at its limit of 60 s")
        return asked_here(question, *rest, **how)

    with monkeypatch.context() as patched:
        patched.setattr("runner.question.follow.ask_in_processes", slow)
        asked, lessons = cycle(folder, 74)
    assert [(found.question, bool(found.error)) for found in asked] == [("falls", True), ("quiet", False)]
    assert lesson_of(lessons).status_words == "proven, withheld by question"
    assert to_act_on(lessons.lessons) == []
    # Once it answers again, the trades that were missed are there, and so is the lesson.
    found = lesson_of(cycles(folder, 76))
    assert found.consequence == "act_on" and found.n == sum(
        trade.k == 1 for trade in read_followed_trades(folder)
    )


def test_where_the_ask_fails_as_a_whole_all_are_withheld_until_it_goes_well(tmp_path, folder, monkeypatch):
    kept(question_of(tmp_path), folder)
    kept(question_of(tmp_path, QUIET, "quiet"), folder)
    assert lesson_of(cycles(folder, *range(8, 73, 8))).consequence == "act_on"
    settled = {k: state.settled for k, state in read_states(folder).items()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(WriteFailedError, match="No space left"):
        patched.setattr(follow, "append_line", full)
        cycle(folder, 76)
    states = read_states(folder)
    assert all("No space left" in state.error for state in states.values()) and len(states) == 2
    assert {k: state.settled for k, state in states.items()} == settled
    lessons = cycle(folder, 76, ask=False)[1]
    assert lesson_of(lessons).status_words == "proven, withheld by question"
    assert to_act_on(lessons.lessons) == []
    # What it had to say then is found by the next ask.
    found = lesson_of(cycles(folder, 77))
    assert found.consequence == "act_on" and found.n == sum(
        trade.k == 1 for trade in read_followed_trades(folder)
    )


def test_where_not_even_that_can_be_noted_the_first_error_is_told(tmp_path, folder, monkeypatch):
    kept(question_of(tmp_path), folder)
    cycles(folder, 2)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(follow, "replace_text", full)
    with pytest.raises(WriteFailedError, match=r"followed\.json: No space left"):
        cycle(folder, 3)


def test_a_changed_copy_is_refused_and_said(tmp_path, folder):
    (line,) = [kept(question_of(tmp_path), folder).kept]
    copy_path(folder, line).write_text(PEEKS, encoding="utf-8")
    asked, _ = cycle(folder, 3)
    assert "the folder's copy was changed since it was kept" in asked[0].error
    assert read_followed_trades(folder) == [] and read_states(folder)[1].error == asked[0].error
    copy_path(folder, line).unlink()
    assert "there is no such file" in cycle(folder, 4)[0][0].error


def test_one_that_peeks_by_now_is_said(tmp_path, folder):
    """Its file looks ahead from an instant on, which no check at its keeping could see."""
    text = question_of(tmp_path).text.replace(
        "change = candles", f'late = candles.index > "{iso(SINCE)}"\n    change = candles'
    )
    text = text.replace("change < -0.25", "(change < -0.25) | (late & (change.shift(-1) > 0.2))")
    kept(question_of(tmp_path, text), folder)
    asked, lessons = cycle(folder, 4)
    assert "it looks ahead: of the row known at" in asked[0].error and lesson_of(lessons) is None


def test_a_dropped_one_leaves_the_prompt_and_is_asked_no_longer(tmp_path, folder, monkeypatch):
    kept(question_of(tmp_path), folder)
    lessons = cycles(folder, *range(8, 65, 8))
    assert lesson_of(lessons).consequence == "act_on"
    clock_at(monkeypatch, SINCE + 64.5 * HOUR)
    (line,) = drop_in_folder("falls", folder)
    assert line.until == iso(SINCE + 65 * HOUR) and followed_now(folder) == []
    asked, lessons = cycle(folder, 65)
    assert asked == [] and lesson_of(lessons).status == "ended" and to_act_on(lessons.lessons) == []
    assert lesson_of(lessons).n > 50  # what was found stays


def test_under_other_terms_it_is_not_followed(tmp_path, folder):
    from lib.lessons.advance import note_terms

    cycle(folder, 0)
    kept(question_of(tmp_path), folder)
    cycles(folder, 3)
    note_terms(folder, DEFAULT_TERMS.model_copy(update={"target_pct": 0.5}), SINCE + 3.5 * HOUR)
    assert followed_now(folder) == [] and cycle(folder, 6)[0] == []
    assert lesson_of(cycle(folder, 8)[1]) is None


def test_a_damaged_line_of_trades_is_named(tmp_path, folder):
    kept(question_of(tmp_path), folder)
    cycles(folder, 4)
    path = trades_path(folder)
    path.write_bytes(b'{"k": 1}\n' + path.read_bytes())
    with pytest.raises(DataError, match="no trade of a followed question") as raised:
        cycle(folder, 5)
    assert raised.value.line == 1
