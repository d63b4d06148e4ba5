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


def side_of(lesson: Lesson, group: str) -> int:
    """1 where a lesson to act on says that this setup, wick or direction gains, −1 where it says that it loses, 0 of any other.

    `group`: a signature, WICK_DOWN_LONG or WICK_UP_SHORT, LONG or SHORT.
    """
    about = lesson.family in _FAMILIES and lesson.value == group and lesson.consequence == "act_on"
    return _SIDES.get(lesson.claim, 0) if about else 0


def opposed(lessons: Iterable[Lesson], group: str, mean_pct: float | None) -> Lesson | None:
    """The first lesson to act on about this group (`side_of`) whose claim `mean_pct`, one window's, contradicts; None for none."""
    return next((lesson for lesson in lessons if side_of(lesson, group) * (mean_pct or 0.0) < 0), None)
