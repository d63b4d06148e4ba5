from __future__ import annotations

import math

from lib.draw.compiled import MOST_ROWS, show_prompt_change, show_weeks
from lib.learning.prompts.difference import LessonChange, text_change
from lib.learning.prompts.kept import sha256_of
from lib.learning.trends import weekly
from tests.lib.learning.test_history import FIRST, SECOND, cycle


def test_weeks_have_their_lessons():
    one = cycle(FIRST, [0.1], [0.1], []).model_copy(update={"evidence": None})
    two = cycle(SECOND, [0.1], [0.2], [one])
    two = two.model_copy(update={"evidence": two.evidence.model_copy(update={"active": 2, "nearest": 0.416})})
    (row,) = show_weeks(weekly([one, two])).frame.to_dict(orient="records")
    assert (row["active lessons"], row["nearest candidate"]) == ("2", "0.42")
    (row,) = show_weeks(weekly([one])).frame.to_dict(orient="records")
    assert (row["active lessons"], row["nearest candidate"]) == ("–", "–")
    assert math.isnan(weekly([one])["active_lessons"].iloc[0])


OLD = "## A\n- gone <b>\n"


def test_what_came_went_and_changed_in_rows():
    change = text_change(sha256_of(OLD), OLD, "## A\n- new\n")
    change = change.model_copy(update={"lessons": [LessonChange(id="x", before="", after="active")]})
    table = show_prompt_change(change)
    assert table.frame.to_numpy().tolist() == [
        ["new", "A", "- new"],
        ["gone", "A", "- gone <b>"],
        ["lesson", "x", "not there → active"],
    ]
    assert "1 new line, 1 gone" in table.caption and "<b>" not in table._repr_html_()


def test_it_stays_short_and_says_when_there_is_nothing():
    many = "".join(f"line {letter}\n" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert len(show_prompt_change(text_change(sha256_of(OLD), OLD, many)).frame) == MOST_ROWS
    first = show_prompt_change(text_change("", None, many))
    assert first.frame.empty and "the first of this history" in first.caption
    assert "not recorded" in repr(show_prompt_change(None))
    assert "nothing but times" in repr(show_prompt_change(text_change(sha256_of(OLD), OLD, OLD)))
