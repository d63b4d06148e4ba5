"""What a notebook shows of a folder is what the command would show, and no more (docs/guarantees.md, Q1)."""

from __future__ import annotations

import shutil

import pytest

from lib.contract.times import iso
from lib.errors import EmptyWindowError, QuestionError
from lib.market.terms import DEFAULT_TERMS
from lib.questions.history import boundary_of, folder_history
from lib.questions.looking import explore_here, open_part
from lib.questions.record import Boundary, line_text, record_path
from tests.lib.questions.made import PEEK, question


def test_without_a_boundary_it_ends_where_a_first_ask_would_and_writes_nothing(sample_data):
    shown, boundary = open_part(sample_data)
    assert boundary == boundary_of(folder_history(sample_data)) == shown.newest
    assert not record_path(sample_data).exists()


def test_it_ends_at_the_boundary_that_was_written_down_and_as_of_only_narrows(tmp_path, sample_data):
    folder = tmp_path / "data"
    shutil.copytree(sample_data, folder)
    whole = folder_history(folder)
    earlier, later = (whole.candles_5min["closed_at"].iloc[row] for row in (900, 1_900))
    record_path(folder).parent.mkdir()
    told = {
        name: iso(instant)
        for name, instant in (("at", later), ("boundary", earlier), ("first", whole.first), ("newest", later))
    }
    line = Boundary(market=whole.market, source="folder", rows=1, price=1.0, **told)
    record_path(folder).write_text(line_text(line) + "\n", encoding="utf-8")
    shown, boundary = open_part(folder)
    assert boundary == shown.newest == earlier
    assert open_part(folder, iso(later))[0].newest == earlier
    assert open_part(folder, iso(whole.candles_5min["closed_at"].iloc[800]))[0].newest < earlier
    with pytest.raises(EmptyWindowError, match="Give a later as_of"):
        open_part(folder, "2020-01-01T00:00:00Z")


def test_it_is_asked_checked_and_explored(tmp_path, sample_data):
    shown, boundary = open_part(sample_data)
    found = explore_here(question(tmp_path), shown, DEFAULT_TERMS, boundary).record
    assert found.rows_checked == 200 and found.until == found.boundary == iso(boundary)
    day = explore_here(question(tmp_path), shown, DEFAULT_TERMS, boundary, 24.0).record
    assert 0 < day.trades.total < found.trades.total and day.days == 1.0
    with pytest.raises(QuestionError, match="it looks ahead"):
        explore_here(question(tmp_path, PEEK), shown, DEFAULT_TERMS, boundary)
