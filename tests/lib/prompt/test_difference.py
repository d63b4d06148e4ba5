from __future__ import annotations

import pandas as pd
import pytest

from lib.prompt.addition import compose_prompt
from lib.prompt.archive import sha256_of
from lib.prompt.difference import (
    MOST_LESSONS,
    MOST_LINES,
    LessonChange,
    PromptBefore,
    compare_lines,
    lesson_changes,
    lesson_states,
    prompt_change,
    read_states,
    states_text,
    text_change,
    with_lines,
)
from lib.published.insights import compile_insights
from tests.lib.contract.made import AS_OF, all_published, trades
from tests.lib.lessons.made_lessons import candidate, lesson, lessons

LATER = "2025-10-19T16:00:00Z"
OLD = """# NOTES
As of 2025-10-19 15:00Z, over the 24 hours before.

## SETUPS
- LONG: n=4, +$1.00
- SHORT: n=2, -$3.00
- gone for good

## WICKS
- none
"""


def told(lines) -> list[tuple[str, str, bool]]:
    return [(line.section, line.text, line.figures) for line in lines]


def test_by_hand():
    new = OLD.replace("15:00Z", "16:00Z").replace("n=4, +$1.00", "n=5, +$1,200.50")
    new = new.replace("- gone for good\n", "- new: n=1\n").replace("- none", "- none\n- none")
    came, went = compare_lines(OLD, new)
    assert told(came) == [
        ("SETUPS", "- new: n=1", False),
        ("WICKS", "- none", False),  # twice now: one of them came
        ("SETUPS", "- LONG: n=5, +$1,200.50", True),
    ]
    assert told(went) == [("SETUPS", "- gone for good", False), ("SETUPS", "- LONG: n=4, +$1.00", True)]


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        OLD.replace("2025-10-19 15:00Z", "2026-01-02 03:04Z"),
        OLD.replace("- LONG: n=4, +$1.00\n- SHORT: n=2, -$3.00", "- SHORT: n=2, -$3.00\n- LONG: n=4, +$1.00"),
        OLD.replace("\n\n", "\n"),
    ],
)
def test_times_order_and_blank_lines_are_no_change(new):
    assert text_change(sha256_of(OLD), OLD, new).same


def test_the_same_words_in_another_section_or_in_another_name_are_a_change():
    moved = OLD.replace("- gone for good\n", "").replace("- none", "- none\n- gone for good")
    came, went = compare_lines(OLD, moved)
    assert told(came) == [("WICKS", "- gone for good", False)]
    assert told(went) == [("SETUPS", "- gone for good", False)]
    # 5MIN and 15MIN are names, no figures.
    came, _ = compare_lines("LONG_ALL_GREEN_5MIN: n=1\n", "LONG_ALL_GREEN_15MIN: n=1\n")
    assert told(came) == [("", "LONG_ALL_GREEN_15MIN: n=1", False)]


def test_a_record_caps_new_lines_counts_the_rest_and_only_counts_figures():
    insights = compile_insights(all_published(), None, AS_OF)
    rows = "".join(f"row {letter}: n=1\n" for letter in "abcdefghijklmnopqrstuvwxyz" * 2)
    old = rows + "gone\n"
    new = "".join(f"new {letter}: n=1\n" for letter in "abcdefghijklmnopqrstuvwxyz" * 2) + rows.replace(
        "1", "2"
    )
    change = prompt_change(insights, new, PromptBefore(sha256_of(old), old, None), None)
    assert (len(change.came), change.came_more, change.figures_only) == (MOST_LINES, 52 - MOST_LINES, 52)
    assert (told(change.went), change.went_more) == ([("", "gone", False)], 0)
    whole = with_lines(change, old, new)
    assert (len(whole.came), whole.came_more, len(whole.went)) == (104, 0, 53)
    assert whole.figures_only == sum(line.figures for line in whole.went) == 52


def test_other_figures_alone_are_a_change():
    insights = compile_insights(all_published(), None, AS_OF)
    change = prompt_change(insights, "n=2\n", PromptBefore(sha256_of("n=1\n"), "n=1\n", None), None)
    assert change.came == change.went == [] and change.figures_only == 1 and not change.same


def test_sizes_and_what_is_not_there():
    change = text_change(sha256_of("abc\n"), "abc\n", "é" * 15)
    assert (change.bytes_before, change.bytes_after) == (4, 30)
    assert (change.tokens_before, change.tokens_after) == (1, 10)
    first = text_change("", None, "one\ntwo\n")
    assert (first.tokens_before, first.before_lost, len(first.came), first.went) == (None, False, 2, [])
    lost = text_change("f" * 64, None, "one\ntwo\n")
    assert lost.before_lost and not lost.same and lost.came == lost.went == []


def test_lessons_came_went_and_changed():
    before = {
        "a": ("candidate", "1"),
        "b": ("proven, act on", "1"),
        "c": ("proven, act on", "1"),
        "d": ("proven, act on", "1"),
    }
    after = {
        "b": ("proven, act on", "1"),
        "c": ("ended", "1"),
        "d": ("proven, act on", "2"),
        "e": ("candidate", "1"),
    }
    assert lesson_changes(before, after) == [
        LessonChange(id="a", before="candidate", after=""),
        LessonChange(id="c", before="proven, act on", after="ended"),
        LessonChange(id="d", before="proven, act on", after="proven, act on"),
        LessonChange(id="e", before="", after="candidate"),
    ]
    assert read_states(states_text(before)) == before
    assert states_text(before) == states_text(dict(reversed(before.items())))


def test_a_lesson_s_figures_are_no_other_wording():
    first = lesson(statement="LONG entries: n=4 in 3 ep, +0.020 %; unproven.").model_dump()
    figures = first | {"statement": "LONG entries: n=14 in 9 ep, -0.003 %; unproven."}
    words = first | {"statement": "LONG entries: n=4 in 3 ep, +0.020 %; proven."}
    states = [lesson_states({"lessons": [found]}) for found in (first, figures, words)]
    assert states[0] == states[1] != states[2]
    open_ = [
        lesson_states({"lessons": [found | {"status": "candidate", "consequence": ""}]})
        for found in (first, words)
    ]
    assert open_[0] == open_[1] == {first["id"]: ("candidate", "")}
    kept_back = lesson_states({"lessons": [first | {"consequence": "restates_costs", "pinned": True}]})
    assert kept_back[first["id"]][0] == "proven, restates costs, pinned"


def test_the_change_of_a_cycle():
    known = lessons(candidate(), candidate("trades.band.low.beats"))
    one, two = (compile_insights(all_published(at), None, at, known) for at in (AS_OF, LATER))
    two["lessons"][0]["status"] = "proven"
    two["lessons"] = two["lessons"][:-1]
    gone = one["lessons"][-1]["id"]
    text, new = compose_prompt(one), compose_prompt(two)
    closed = trades([0.1] * 25 + [-0.26])
    change = prompt_change(two, new, PromptBefore(sha256_of(text), text, lesson_states(one)), closed)
    assert change.sha256_before == sha256_of(text) and change.sha256_after == sha256_of(new)
    assert change.composed_sha256 == two["provenance"]["composed_sha256"] and change.held_since == ""
    assert {(found.id, found.before, found.after) for found in change.lessons} == {
        (one["lessons"][0]["id"], "candidate", "proven"),
        (gone, "candidate", ""),
    }
    assert (change.trades, len(change.trades_shown)) == (26, 20)
    assert change.trades_shown[-1].model_dump() == {
        "entry_time": "2025-10-19T08:20:00Z",
        "exit_time": "2025-10-19T08:30:00Z",
        "direction": "LONG",
        "net_pct": -0.26,
        "signature": "LONG_BOTH_GREEN",
    }
    again = prompt_change(two, new, PromptBefore(sha256_of(text), text, lesson_states(one)), closed)
    assert again.model_dump_json() == change.model_dump_json()


def test_what_cannot_be_compared_is_null_and_not_empty():
    insights = compile_insights(all_published(), None, AS_OF)
    text = compose_prompt(insights)
    change = prompt_change(insights, text, PromptBefore("f" * 64, None, None), None)
    assert change.before_lost and change.lessons is change.trades is None
    first = prompt_change(insights, text, None, pd.DataFrame(trades([])))
    assert first.sha256_before == "" and first.trades == 0
    assert len(first.lessons) == min(len(insights["lessons"]), MOST_LESSONS)
    assert all(found.before == "" for found in first.lessons)
