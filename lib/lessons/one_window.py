"""One window's figure beside a lesson to act on that says the opposite of the same setup or direction: which of the two counts.

A window is looked at every hour, so its figure of a group is often on the other side; the lesson rests on all days.
"""

from __future__ import annotations

from collections.abc import Iterable

from lib.lessons.lesson import Lesson

#: Claims about a mean of their own, with the sign that they ask of it; one that only does better than others asks for none.
_SIDES = {"above": 1, "below": -1}
#: Families whose value names the group alone.
_FAMILIES = ("setup", "direction", "kind")


def opposed(lessons: Iterable[Lesson], group: str, mean_pct: float | None) -> Lesson | None:
    """The first lesson to act on about this setup, wick or direction whose claim `mean_pct`, one window's, contradicts; None for none.

    `group`: a signature, WICK_DOWN_LONG or WICK_UP_SHORT, LONG or SHORT.
    """
    for lesson in lessons:
        about = lesson.family in _FAMILIES and lesson.value == group
        if about and lesson.consequence == "act_on" and _SIDES.get(lesson.claim, 0) * (mean_pct or 0.0) < 0:
            return lesson
    return None
