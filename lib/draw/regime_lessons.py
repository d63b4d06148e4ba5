"""What the lessons of all days say of the regimes, on one scale: the trader's own answers in each, and the entry rule and wicks in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lib.contract.schema import DIRECTIONS, REGIMES
from lib.draw.all_days import mean_text, standing_text
from lib.draw.forest import Interval, LessonGroup, LessonLine, forest
from lib.draw.lesson_lines import interval_of
from lib.draw.lessons import WHOSE_WORDS
from lib.draw.numbers import LEAST
from lib.draw.words import name_words
from lib.lessons.derived import OWN
from lib.lessons.lesson import Lesson

#: How the rows are read.
_READ = (
    "Dot: what an episode made on average after costs, % of the price. Line: its interval, which holds however often one looks. "
    f"Blue: told to Claude; brown: proven, not told. {WHOSE_WORDS}"
)
#: Whose trades a stream has, as the subject of a row.
WHOSE = {
    "answers": "answers",
    "trades": "entries",
    "rule": "the entry rule",
    "setups": "setups",
    "wicks": "wicks",
}


def all_regimes(lessons: Iterable[Lesson], now: str) -> str:
    """A row a regime and direction, over all days: the net mean of the trader's answers in it beside zero, the regime that rules `now`
    first, then what is proven, the rest folded; then in that one a row a direction of who chose nothing, the entry rule and wicks; all on
    one scale; HTML, "" where nothing was seen.

    Without answers those of executed trades.
    """
    found = _by_regime(lessons)
    stream = next((key[0] for key in found if key[0] in OWN), "")
    names = {key[1] for key in found if key[0] == stream} & set(REGIMES)
    own = {
        (name, direction): _row(
            f"{name_words(name).capitalize()}{', now' if name == now else ''}: {direction} {WHOSE[stream]}",
            found.get((stream, name, direction), []),
        )
        for name in sorted(names, key=lambda name: (name != now, REGIMES.index(name)))
        for direction in ("LONG", "SHORT")
    }
    rest = [line for (name, _), line in own.items() if name != now and not line.mark]
    others = [
        _row(f"{WHOSE[other].capitalize()}, {direction}", found[other, now, direction])
        for other in WHOSE
        for direction in DIRECTIONS
        if other not in OWN and (other, now, direction) in found
    ]
    heading = f"Taken every time, in {name_words(now)}"
    groups = [
        LessonGroup("", [line for line in own.values() if line not in rest]),
        LessonGroup(heading, others),
        LessonGroup("Other regimes, of which nothing is proven", rest, folded=True),
    ]
    return forest(groups, head=_READ)


def _row(statement: str, group: Sequence[Lesson]) -> LessonLine:
    mean = f"{mean_text(group)}." if group else ""
    return LessonLine(statement, _told(group), mean, "", None, _interval(group), _mark(group))


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
