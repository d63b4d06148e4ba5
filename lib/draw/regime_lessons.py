"""What the lessons of all days say of the regimes: the trader's own answers in each beside zero, and the entry rule and wicks in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lib.contract.schema import DIRECTIONS, REGIMES
from lib.draw.all_days import mean_text, standing_text
from lib.draw.forest import Interval, LessonGroup, LessonLine, forest
from lib.draw.lesson_lines import interval_of
from lib.draw.lessons import WHOSE_WORDS
from lib.draw.numbers import LEAST
from lib.draw.tables import Table, show_rows
from lib.draw.words import name_words
from lib.lessons.derived import OWN
from lib.lessons.lesson import Lesson

#: How the rows are read.
_READ = (
    "Dot: what an episode made on average after costs. Line: its interval, which holds however often one looks. Blue: told to Claude; "
    "brown: proven, not told."
)
#: Whose trades a stream has, as the subject of a row.
WHOSE = {
    "answers": "answers",
    "trades": "entries",
    "rule": "the entry rule",
    "setups": "setups",
    "wicks": "wicks",
}


def regime_lessons(lessons: Iterable[Lesson], regime: str) -> Table | None:
    """A row a direction of who chose nothing, in this regime and over all days: the net mean with an interval that holds however often one
    looks, and what is proven of it; None where nothing was seen. The trader's own have cards (`all_regimes`).
    """
    found = {
        (stream, direction): group
        for (stream, name, direction), group in _by_regime(lessons).items()
        if name == regime and stream not in OWN
    }
    rows = [
        {
            "whose": f"{WHOSE[stream].capitalize()}, {direction}",
            "net mean an episode": mean_text(found[stream, direction]),
            "what is proven": standing_text(found[stream, direction]),
        }
        for stream in WHOSE
        for direction in DIRECTIONS
        if (stream, direction) in found
    ]
    return show_rows(rows) if rows else None


def all_regimes(lessons: Iterable[Lesson], now: str) -> str:
    """A row a regime and direction, over all days: the net mean of the trader's answers in it beside zero, all on one scale; HTML.

    The regime that rules `now` is first and marked; "" where none was seen. Without answers those of executed trades.
    """
    found = {key: group for key, group in _by_regime(lessons).items() if key[0] in OWN}
    stream, names = next((key[0] for key in found), ""), {key[1] for key in found}
    shown = [
        (name, direction, found.get((stream, name, direction), []))
        for name in sorted(names & set(REGIMES), key=lambda name: (name != now, REGIMES.index(name)))
        for direction in ("LONG", "SHORT")
    ]
    lines = [
        LessonLine(
            f"{name_words(name).capitalize()}{', now' if name == now else ''}: {direction} {WHOSE[stream]}",
            _told(group),
            f"{mean_text(group)}." if group else "",
            "",
            None,
            _interval(group),
            _mark(group),
        )
        for name, direction, group in shown
    ]
    return forest([LessonGroup("", lines)], f"{_READ} {WHOSE_WORDS}")


def _mark(group: Sequence[Lesson]) -> str:
    """Whether something of it is told to Claude, or proven."""
    if any(lesson.consequence == "act_on" for lesson in group):
        return "told"
    return "proven" if any(lesson.status == "proven" for lesson in group) else ""


def _told(group: Sequence[Lesson]) -> str:
    """`standing_text` as the begin of a sentence."""
    if not group:
        return "None seen"
    proven = any(lesson.status == "proven" for lesson in group)
    return f"Proven: {standing_text(group)}" if proven else standing_text(group).capitalize()


def _interval(group: Sequence[Lesson]) -> Interval | None:
    """What `mean_text` tells; None where it has no interval."""
    own = next((lesson for lesson in group if lesson.claim == "above" and lesson.episodes >= LEAST), None)
    return own and interval_of(own)


def _by_regime(lessons: Iterable[Lesson]) -> dict[tuple[str, str, str], list[Lesson]]:
    """Stream, regime and direction → the lessons on it that saw a trade; of answers and executed trades the former, where there are any."""
    found: dict[tuple[str, str, str], list[Lesson]] = {}
    for lesson in lessons:
        name, _, direction = lesson.value.rpartition("_")
        if lesson.family == "regime" and lesson.episodes:
            found.setdefault((lesson.stream, name, direction), []).append(lesson)
    answered = {name for stream, name, _ in found if stream == "answers"}
    return {key: group for key, group in found.items() if key[0] != "trades" or key[1] not in answered}
