"""What the lessons of all days say beside figures of one window: of a row that a proven lesson contradicts, and of the current regime.

They are for reports, which are made once the whole cycle has ended: a notebook of a window does not know the lessons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lib.contract.results import GroupStats
from lib.contract.schema import DIRECTIONS
from lib.draw.apart import Apart
from lib.draw.numbers import LEAST, bounds, percent
from lib.draw.tables import Table, show_rows
from lib.draw.words import name_words, typeset
from lib.lessons.conflicts import advice
from lib.lessons.lesson import Lesson
from lib.lessons.one_window import opposed
from lib.lessons.wording import claim_words, subject

#: Whose trades a stream has, as the subject of a row and as those that a lesson is of.
_WHOSE = {
    "answers": ("answers", "the answers that were given"),
    "trades": ("entries", "the trades that were entered"),
    "rule": ("the entry rule", "the entry rule's trades"),
    "setups": ("setups", "all such setups"),
    "wicks": ("wicks", "all such wicks"),
}


def opposed_sentence(lessons: Sequence[Lesson], groups: Mapping[str, GroupStats], of: str) -> str:
    """Which of a table's groups a lesson to act on contradicts, and that the lesson counts; "" for none. `of`: whose window it is.

    A group below LEAST is said to be too few, and contradicts nothing.
    """
    found = {
        name: lesson
        for name, group in groups.items()
        if group.episodes >= LEAST and (lesson := opposed(lessons, name, group.net_mean_pct))
    }
    return " ".join(_counts(name, lesson, of) for name, lesson in found.items())


def _counts(name: str, lesson: Lesson, of: str) -> str:
    side = advice(lesson.hypothesis)
    return (
        f"{name_words(name)} {'lost' if side == 'favour' else 'gained'} here, in one window of {of}. The proven lesson to {side} it is of "
        f"{_WHOSE[lesson.stream][1]}, over all days (n {lesson.episodes:,}), not of this window alone: the lesson counts."
    )


def standing_sentence(lessons: Sequence[Lesson], groups: Iterable[Apart]) -> str:
    """What is proven over all days of each group of one window that stands out; "" where there is none that lessons know.

    Of several proven lessons the one to act on is named, else the first of the answers, else of the executed trades.
    """
    told = [_stands(lessons, found) for found in groups if found.family]
    return f"Over all days: {'; '.join(told)}." if told else ""


def _stands(lessons: Sequence[Lesson], found: Apart) -> str:
    about = [
        lesson
        for stream in ("answers", "trades")
        for lesson in lessons
        if (lesson.stream, lesson.family, lesson.value) == (stream, found.family, found.value)
        and lesson.status == "proven"
        and lesson.claim != "beats"
    ]
    if not about:
        return f"nothing is proven of {found.name}"
    lesson = min(about, key=lambda each: each.consequence != "act_on")
    asked = lesson.hypothesis
    return (
        f"{typeset(subject(asked))} {claim_words(asked)}, proven (n {lesson.episodes:,}), {_follows(lesson)}"
    )


def _follows(lesson: Lesson) -> str:
    """What follows from a proven lesson, in words."""
    told = {"act_on": "told to Claude", "restates_costs": "as every entry without an edge does"}
    return told.get(lesson.consequence, f"no advice ({lesson.consequence_words})")


def regime_lessons(lessons: Iterable[Lesson], regime: str) -> Table | None:
    """A row a stream and direction in this regime, over all days: the net mean with an interval that holds however often one looks, and
    what is proven of it; None where nothing was seen. Of answers and executed trades only the former, where there are any.
    """
    found: dict[tuple[str, str], list[Lesson]] = {}
    for lesson in lessons:
        name, _, direction = lesson.value.rpartition("_")
        if lesson.family == "regime" and name == regime and lesson.episodes:
            found.setdefault((lesson.stream, direction), []).append(lesson)
    if any(stream == "answers" for stream, _ in found):
        found = {key: group for key, group in found.items() if key[0] != "trades"}
    rows = [
        {
            "whose": f"{_WHOSE[stream][0].capitalize()}, {direction}",
            "net mean an episode": _mean(found[stream, direction]),
            "what is proven": _standing(found[stream, direction]),
        }
        for stream in _WHOSE
        for direction in DIRECTIONS
        if (stream, direction) in found
    ]
    return show_rows(rows) if rows else None


def _mean(group: Sequence[Lesson]) -> str:
    """That of the lesson about the group's own mean; of one that compares it with others nothing."""
    own = next((lesson for lesson in group if lesson.claim == "above"), None)
    if own is None:
        return "–"
    if own.episodes < LEAST:
        return f"too few (n {own.episodes})"
    interval = bounds(own.net_low_pct, own.net_high_pct, 3) or "no interval yet"
    return f"{percent(own.net_mean_pct, 3, signed=True)} (n {own.episodes:,}, {interval})"


def _standing(group: Sequence[Lesson]) -> str:
    proven = [lesson for lesson in group if lesson.status == "proven"]
    told = [f"{claim_words(lesson.hypothesis)}, {_follows(lesson)}" for lesson in proven]
    asked = "gain or loss" if any(lesson.claim == "below" for lesson in group) else "gain"
    return "; ".join(told) or f"no {asked} is proven"
