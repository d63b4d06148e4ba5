from __future__ import annotations

import math

from lib.draw.compiled import MOST_ROWS, show_prompt_change, show_prompt_in_force, show_weeks
from lib.history.trends import weekly
from lib.prompt.archive import sha256_of
from lib.prompt.difference import LessonChange, text_change
from lib.prompt.hold import PromptInForce
from tests.lib.history.test_log import FIRST, SECOND, cycle


def test_weeks_have_their_lessons():
    one = cycle(FIRST, [0.1], [0.1], []).model_copy(update={"evidence": None})
    two = cycle(SECOND, [0.1], [0.2], [one])
    two = two.model_copy(
        update={"evidence": two.evidence.model_copy(update={"act_on": 2, "proven": 5, "nearest": 0.416})}
    )
    (row,) = show_weeks(weekly([one, two])).frame.to_dict(orient="records")
    assert (row["lessons to act on"], row["proven"], row["nearest candidate"]) == ("2", "5", "0.42")
    (row,) = show_weeks(weekly([one])).frame.to_dict(orient="records")
    assert (row["lessons to act on"], row["nearest candidate"]) == ("–", "–")
    assert math.isnan(weekly([one])["lessons_to_act_on"].iloc[0])


def test_what_is_told_says_since_when_it_is_held():
    insights = {"provenance": {"prompt_held_since": ""}}
    assert repr(show_prompt_in_force(PromptInForce(insights, "# N\n", "# N\n", ""))) == "# N\n"
    insights["provenance"]["prompt_held_since"] = "2026-01-05T10:00:00Z"
    shown = repr(show_prompt_in_force(PromptInForce(insights, "# OLD\n", "# N\n", "")))
    assert shown.startswith("HELD since 2026-01-05T10:00:00Z") and shown.endswith("\n\n# OLD\n")


OLD = "## A\n- gone <b>\n"


def test_what_came_went_and_changed_in_rows():
    change = text_change(sha256_of(OLD), OLD, "## A\n- new\n")
    change = change.model_copy(
        update={
            "lessons": [LessonChange(id="trades.direction.LONG.above", before="", after="proven, act on")]
        }
    )
    table = show_prompt_change(change)
    assert table.frame.to_numpy().tolist() == [
        ["new", "A", "- new"],
        ["gone", "A", "- gone <b>"],
        ["lesson", "LONG entries gain after costs", "not there → proven, act on"],
    ]
    assert "1 new line, 1 gone" in table.caption and "<b>" not in table._repr_html_()


def test_it_stays_short_and_says_when_there_is_nothing():
    many = "".join(f"line {letter}\n" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert len(show_prompt_change(text_change(sha256_of(OLD), OLD, many)).frame) == MOST_ROWS
    change = text_change(sha256_of(OLD), OLD, many)
    assert (
        f"{len(change.came) + change.came_more + 2 - MOST_ROWS} more rows"
        in show_prompt_change(change).caption
    )
    assert "more rows" not in show_prompt_change(text_change(sha256_of(OLD), OLD, "## A\n- new\n")).caption
    first = show_prompt_change(text_change("", None, many))
    assert first.frame.empty and "the first of this history" in first.caption
    assert "not recorded" in repr(show_prompt_change(None))
    assert "did not change." in repr(show_prompt_change(text_change(sha256_of(OLD), OLD, OLD)))
