"""The lessons that an arm is told: the published ones, the published ones but one, none, or a kept text.

One lesson is left out as if a person had vetoed it: by the rules that a veto has, of the insights that are published at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.errors import RibbonError
from lib.experiments.arm import Arm
from lib.lessons.lesson import Lesson
from lib.lessons.threshold import confidence_threshold
from lib.market.terms import Terms
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import read_archive, sha256_of
from lib.published.pair import PublishedPrompt, load_insights, read_prompt

Reader = Callable[[Path], PublishedPrompt]


def lessons_of(arm: Arm, because: str, terms: Terms) -> Reader:
    """What reads the lessons of an arm out of a data folder; `because` says in words why an arm without lessons has none."""
    if arm.without_lesson:
        return lambda folder: _without(folder, arm.without_lesson)
    if arm.lessons == "published":
        return read_prompt
    if arm.lessons == "none":
        return lambda folder: PublishedPrompt("", "", "", because)
    return lambda folder: _kept(folder, arm.lessons, terms)


def told_without(insights: dict[str, Any], name: str) -> str:
    """The prompt addition of insights as it would be had a person vetoed the lesson of this id. Raises PublishError."""
    lessons = [_vetoed(Lesson.model_validate(each), name) for each in insights["lessons"]]
    told = insights | {
        "lessons": [lesson.model_dump(mode="json") for lesson in lessons],
        "optimal_confidence_threshold": confidence_threshold(lessons),
    }
    return compose_prompt(told)


def _vetoed(lesson: Lesson, name: str) -> Lesson:
    if lesson.id != name:
        return lesson
    withheld = {"consequence": "withheld", "withheld": "veto"} if lesson.status == "proven" else {}
    return lesson.model_copy(update={"vetoed": True, "pinned": False} | withheld)


def _without(folder: Path, name: str) -> PublishedPrompt:
    published, insights = read_prompt(folder), load_insights(folder)
    if not published.text or insights is None:
        return published
    try:
        text = told_without(insights, name)
    except RibbonError as error:
        return PublishedPrompt("", "", published.as_of, f"{name} cannot be left out: {error}")
    return PublishedPrompt(text, sha256_of(text), published.as_of, "", published.terms)


def _kept(folder: Path, sha256: str, terms: Terms) -> PublishedPrompt:
    """A kept prompt addition, told under whatever terms hold: whoever names it by its hash wants it told."""
    try:
        return PublishedPrompt(read_archive(folder, sha256), sha256, "", "", terms)
    except RibbonError as error:
        return PublishedPrompt("", "", "", str(error))
