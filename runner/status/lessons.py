"""What Claude is told, for status: lessons to act on and the nearest in sentences, and a prompt that a person holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.lessons.derived import nearest, to_act_on, unpinned
from lib.lessons.lesson import Lesson
from lib.prompt.addition import terms_told
from lib.prompt.hold import hold_warning, load_hold
from lib.published.pair import load_insights, read_prompt

#: Lessons that are told of those not yet proven.
_NEAREST = 3


def told_lessons(folder: Path) -> dict[str, Any] | None:
    """How many lessons are to be acted on and how many are proven, in sentences those and the nearest; null while nothing is published."""
    insights = load_insights(folder)
    if insights is None:
        return None
    lessons = [Lesson.model_validate(lesson) for lesson in insights["lessons"]]
    near = nearest(unpinned(lessons), terms_told(insights).costs, _NEAREST)
    return {
        **{name: insights["evidence"][name] for name in ("act_on", "proven")},
        "told": [lesson.statement for lesson in to_act_on(lessons)],
        "nearest": [{"statement": lesson.statement, "evidence": lesson.evidence} for lesson in near],
    }


def prompt_held(folder: Path) -> dict[str, Any] | None:
    """The prompt that a person holds, and whether it is what Claude is told (not between choosing and republishing)."""
    hold = load_hold(folder)
    if hold is None:
        return None
    told = read_prompt(folder).sha256 == hold.sha256
    return {"sha256": hold.sha256, "since": hold.at, "told": told, "warning": hold_warning(folder)}
