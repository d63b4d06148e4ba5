"""The confidence from which answers are proven to gain after costs (docs/definitions.md, Confidence): one of five, or none."""

from __future__ import annotations

from collections.abc import Sequence

from lib.lessons.hypotheses import THRESHOLDS
from lib.lessons.lesson import Lesson

#: The band that holds the confidences just above each threshold.
_BAND_ABOVE = {
    "from_70": "low",
    "from_75": "medium",
    "from_80": "medium",
    "from_85": "high",
    "from_90": "high",
}


def threshold_lesson(lessons: Sequence[Lesson]) -> Lesson | None:
    """The lesson of the smallest threshold that is proven and has not ended, and whose band just above is not proven to lose.

    One that a person vetoed is passed over. None while there is none.
    """
    proven = [lesson for lesson in lessons if lesson.stream == "answers" and lesson.status == "proven"]
    losing = {lesson.value for lesson in proven if (lesson.family, lesson.claim) == ("band", "below")}
    gaining = {
        lesson.family: lesson for lesson in proven if lesson.family in THRESHOLDS and not lesson.vetoed
    }
    fit = (name for name in THRESHOLDS if name in gaining and _BAND_ABOVE[name] not in losing)
    return next((gaining[name] for name in fit), None)


def confidence_threshold(lessons: Sequence[Lesson]) -> float | None:
    """`optimal_confidence_threshold`: the confidence of `threshold_lesson`, 0 to 1."""
    found = threshold_lesson(lessons)
    return None if found is None else THRESHOLDS[found.family]
