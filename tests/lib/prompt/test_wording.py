from __future__ import annotations

from lib.prompt.archive import sha256_of
from lib.prompt.difference import LessonChange, TradeBehind, text_change
from lib.prompt.wording import ChangeLine, change_lines, change_sentence

OLD, NEW = "# N\n\n## A\n- x: n=1\n- gone\n", "# N\n\n## A\n- x: n=2\n- new\n- newer\n"
CHANGE = text_change(sha256_of(OLD), OLD, NEW)


def test_the_sentence():
    told = "The text for Claude changed: 2 new lines, 1 gone, 1 with other figures"
    assert change_sentence(CHANGE) == f"{told}."
    more = CHANGE.model_copy(
        update={
            "lessons": [LessonChange(id="a", before="", after="proven, act on")],
            "trades": 3,
            "held_since": "2026-01-05T10:00:00Z",
        }
    )
    assert (
        change_sentence(more)
        == f"{told}; 1 lesson with another status; 3 trades closed since; HELD since 2026-01-05 10:00Z."
    )
    assert "not recorded" in change_sentence(None)
    assert change_sentence(text_change(sha256_of(OLD), OLD, OLD)) == "The text for Claude did not change."
    figures = text_change(sha256_of(OLD), OLD, OLD.replace("n=1", "n=2"))
    assert change_sentence(figures) == "The text for Claude did not change, but for figures in 1 line."
    assert "not compared, as the one before is not kept" in change_sentence(text_change("f" * 64, None, NEW))
    first = text_change("", None, NEW)
    assert change_sentence(first) == "The text for Claude is the first of this history."
    lessons = [LessonChange(id="x", before="", after="proven, act on")]
    told = [line.text for line in change_lines(first.model_copy(update={"trades": 2, "lessons": lessons}))]
    assert "Trades closed in the window: n=2" in told and "Lessons" not in told
    assert "the first of this history: all of it is new" in told and not any(
        "more line" in line for line in told
    )
    held = first.model_copy(update={"held_since": "2026-01-05T10:00:00Z"})
    assert change_sentence(held).endswith("of this history; HELD since 2026-01-05 10:00Z.")


def test_the_lines():
    trade = TradeBehind(
        entry_time="2025-06-15T10:00:00Z",
        exit_time="2025-06-15T10:10:00Z",
        direction="LONG",
        net_pct=-0.26,
        signature="LONG_MIXED",
    )
    change = CHANGE.model_copy(
        update={
            "lessons": [
                LessonChange(id="a", before="", after="proven, act on"),
                LessonChange(id="b", before="proven, act on", after="proven, act on"),
                LessonChange(id="c", before="proven, act on", after=""),
            ],
            "lessons_more": 2,
            "trades": 5,
            "trades_shown": [trade],
            "came_more": 1,
        }
    )
    lines = change_lines(change)
    assert lines[2:7] == [
        ChangeLine("heading", "A"),
        ChangeLine("went", "- gone"),
        ChangeLine("went", "- x: n=1", moved=True),
        ChangeLine("came", "- new"),
        ChangeLine("came", "- newer"),
    ]
    texts = [line.text for line in lines]
    assert {
        "1 more line came",
        "a: not there -> proven, act on",
        "b: proven, act on, worded otherwise",
        "c: proven, act on -> gone",
        "2 more",
        "2025-06-15 10:00Z to 2025-06-15 10:10Z LONG LONG_MIXED: net -0.2600 %",
        "4 older ones not listed",
    } <= set(texts)
    assert all(text.isascii() for text in texts)
