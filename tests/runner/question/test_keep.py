from __future__ import annotations

import pandas as pd
import pytest

from lib.contract.times import iso
from lib.errors import MissingDataError, ParameterError, QuestionError
from lib.lessons.advance import note_terms
from lib.lessons.followed import followed_now
from lib.market.terms import DEFAULT_TERMS
from lib.questions.history import folder_history
from lib.questions.record import read_record, record_path
from runner.question.copies import copy_path, read_copy
from runner.question.keep import drop_in_folder, keep_in_folder
from tests.runner.ask.made import LIMITS, confirmed, explored
from tests.runner.question.made import (
    BEFORE,
    HOUR,
    KEPT_AT,
    PEEKS,
    QUIET,
    SINCE,
    clock_at,
    cycle,
    folder_of,
    kept,
    question_of,
)

pytestmark = pytest.mark.usefixtures("in_this_process")


def test_it_is_copied_and_recorded_with_a_level_of_its_own_from_the_next_hour_on(tmp_path, folder):
    found = kept(question_of(tmp_path), folder)
    line = found.kept
    assert not found.again and read_record(folder).kept == [line]
    assert (line.k, line.market, line.since, line.at) == (1, "XYZUSDT", iso(SINCE), iso(KEPT_AT))
    assert read_copy(folder, line).sha256 == line.sha256
    assert copy_path(folder, line).parent.name == f"falls-{line.sha256[:12]}"


def test_twice_the_same_is_said_and_changes_nothing(tmp_path, folder):
    first = kept(question_of(tmp_path), folder)
    before = record_path(folder).read_bytes()
    again = kept(question_of(tmp_path), folder)
    assert again.again and again.kept == first.kept and record_path(folder).read_bytes() == before


def test_numbers_go_on_over_those_that_were_confirmed(tmp_path, folder):
    history = folder_history(folder)
    question = question_of(tmp_path)
    explored(question, folder, history)
    assert confirmed(question, folder, history).opened.k == 1
    assert kept(question, folder).kept.k == 2
    other = question_of(tmp_path, QUIET, "quiet")
    assert confirmed(other, folder, history).opened.k == 3
    drop_in_folder("falls", folder)
    assert kept(question, folder).kept.k == 4  # kept anew, it spends the next one


def test_a_confirmation_says_who_was_followed_on_its_sealed_part(tmp_path, folder):
    explored(question_of(tmp_path), folder, folder_history(folder))
    kept(question_of(tmp_path), folder)
    folder_of(folder, BEFORE + 288)
    other = question_of(tmp_path, QUIET, "quiet")
    looked = confirmed(other, folder, folder_history(folder)).confirmed.looked
    assert looked == ["1 question followed by cycles: falls (since 2026-01-14 00:00Z)"]


def test_one_that_peeks_is_refused_and_nothing_is_written(tmp_path, folder):
    with pytest.raises(QuestionError, match="it looks ahead"):
        kept(question_of(tmp_path, PEEKS), folder)
    assert read_record(folder).lines == [] and [path.name for path in folder.glob("questions/falls*")] == []


def test_a_folder_that_nothing_is_collected_into_is_refused_and_nothing_is_spent(
    tmp_path, folder, monkeypatch
):
    newest = folder_history(folder).newest
    clock_at(monkeypatch, newest + pd.Timedelta(days=1, seconds=1))
    with pytest.raises(
        ParameterError, match=r"is of 2026-01-1\d \d\d:\d\dZ, 1 days ago: .* Begin to collect"
    ):
        kept(question_of(tmp_path), folder)
    assert not record_path(folder).exists() and list(folder.glob("questions/falls*")) == []
    clock_at(monkeypatch, newest + pd.Timedelta(days=1))
    assert kept(question_of(tmp_path), folder).kept.k == 1
    # What is followed already is said to be, however old the candles are.
    clock_at(monkeypatch, newest + pd.Timedelta(days=9))
    assert kept(question_of(tmp_path), folder).again


def test_what_its_confirmation_found_is_told_before_another_level_is_spent(tmp_path, folder):
    question, history, told = question_of(tmp_path), folder_history(folder), []
    explored(question, folder, history)
    found = confirmed(question, folder, history).confirmed.found
    keep_in_folder(question, history, folder, DEFAULT_TERMS, LIMITS, say=told.append)
    assert [line for line in told if "confirmed" in line] == [
        f"note: it was confirmed as number 1: {found.verdict}. Following it spends another level"
    ]
    other, told = question_of(tmp_path, QUIET, "quiet"), []
    keep_in_folder(other, history, folder, DEFAULT_TERMS, LIMITS, say=told.append)
    assert [line for line in told if "confirmed" in line] == []


def test_a_folder_without_candles_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingDataError, match="holds no candles to ask of"):
        kept(question_of(tmp_path), tmp_path / "empty")


def test_another_file_of_the_name_and_other_terms_are_refused(tmp_path, folder, monkeypatch):
    kept(question_of(tmp_path), folder)
    with pytest.raises(ParameterError, match="another file was kept as falls in this folder"):
        kept(question_of(tmp_path, QUIET), folder)
    cycle(folder, 0)
    note_terms(folder, DEFAULT_TERMS.model_copy(update={"target_pct": 0.5}), SINCE)
    for question in (question_of(tmp_path, QUIET, "quiet"), question_of(tmp_path)):
        with pytest.raises(ParameterError, match="are of other terms"):
            kept(question, folder)
    # Terms that were taken back begin another ledger: it is kept anew, at the next level.
    note_terms(folder, DEFAULT_TERMS, SINCE + HOUR)
    clock_at(monkeypatch, SINCE + 1.5 * HOUR)
    assert [kept(question_of(tmp_path), folder).kept.k for _ in range(2)] == [2, 2]
    assert [line.k for line in followed_now(folder)] == [2]
    assert [line.k for line in drop_in_folder("falls", folder)] == [1, 2]


def test_a_kill_between_copy_and_line_has_spent_nothing(tmp_path, folder, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    question = question_of(tmp_path)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("runner.question.record_file.RecordFile.append", killed)
        kept(question, folder)
    assert read_record(folder).kept == [] and len(list(folder.glob("questions/falls-*/falls.py"))) == 1
    assert cycle(folder, 3)[0] == []
    assert kept(question, folder).kept.k == 1


def test_evidence_begins_behind_the_ledgers_head_whatever_the_clock_says(tmp_path, folder, monkeypatch):
    cycle(folder, 5)
    clock_at(monkeypatch, KEPT_AT)  # the clock was set back
    assert kept(question_of(tmp_path), folder).kept.since == iso(SINCE + 6 * HOUR)


def test_what_is_not_followed_cannot_be_dropped(tmp_path, folder):
    kept(question_of(tmp_path), folder)
    with pytest.raises(ParameterError, match=r"other is not followed in .* Followed are: falls"):
        drop_in_folder("other", folder)
    (line,) = drop_in_folder("falls", folder)
    assert line.until == iso(SINCE)
    with pytest.raises(ParameterError, match="Followed are: none"):
        drop_in_folder("falls", folder)
