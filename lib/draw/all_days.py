"""What the lessons of all days say beside figures of one window: what is proven, and of a group that a proven lesson is about.

They are for reports, which are made once the whole cycle has ended: a notebook of a window does not know the lessons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from lib.contract.optimal_vs_actual import StandardExits
from lib.contract.results import GroupStats
from lib.draw.apart import Apart
from lib.draw.lesson_lines import says
from lib.draw.lessons import COSTS_ONLY, NO_LOSS, sides_sentence
from lib.draw.numbers import LEAST, bounds, percent
from lib.draw.tables import Table, net_text, show_rows
from lib.draw.words import name_words, typeset
from lib.lessons.conflicts import advice
from lib.lessons.derived import OWN, to_act_on
from lib.lessons.lesson import Lesson
from lib.lessons.one_window import side_of
from lib.lessons.wording import claim_words, subject

#: The same where chosen moments stand beside all of them.
_TAKEN = {
    "answers": "chosen by the trader",
    "trades": "entered by the trader",
    "rule": "taken by the entry rule",
    "setups": "taken at each fresh signal",
    "wicks": "taken every time",
}
#: Why a group that nobody chose is not asked whether it loses.
_LOSSES = "; whether it loses is not asked, as costs alone make nearly all lose"
#: What the sentence on what is proven begins with.
PROVEN = "Proven over all days"
#: Proven lessons that it names at most.
_MOST = 3


class Contrast(NamedTuple):
    """Lessons to act on beside the same groups as a page has them: a table each, and what counts and why."""

    tables: list[Table]
    words: str


def contrast(
    lessons: Sequence[Lesson],
    groups: Mapping[str, GroupStats | StandardExits],
    stream: str,
) -> Contrast | None:
    """Each lesson to act on whose group, as a page has it, does not clearly show what the lesson says; None where there is none.

    `groups`: signature, wick or direction → its figures in the window; one below LEAST is too few to say anything. `stream`: whose
    trades they are, as lessons call it.
    """
    found = {
        lesson.id: lesson
        for name, group in groups.items()
        for lesson in lessons
        if (side := side_of(lesson, name)) and _size(group) >= LEAST and not _shows(group, side)
    }
    if not found:
        return None
    asked = {lesson.id: lesson for lesson in lessons}
    tables = [_side_by_side(lesson, groups[lesson.value], asked, stream) for lesson in found.values()]
    return Contrast(tables, _what_counts(list(found.values())))


def _size(group: GroupStats | StandardExits) -> int:
    return group.n if isinstance(group, StandardExits) else group.episodes


def _shows(group: GroupStats | StandardExits, side: int) -> bool:
    """Whether the whole interval lies on that side of zero; events judged alone have none."""
    if isinstance(group, StandardExits):
        return False
    end = group.net_low_pct if side > 0 else group.net_high_pct
    return end is not None and side * end > 0


def _side_by_side(
    lesson: Lesson,
    group: GroupStats | StandardExits,
    asked: Mapping[str, Lesson],
    stream: str,
) -> Table:
    rows = [(f"{_TAKEN[lesson.stream]}, all days", mean_text([lesson]), standing_text([lesson]))]
    every = asked.get(f"{stream}.{lesson.family}.{lesson.value}.above")
    if every is not None and every.id != lesson.id and every.episodes:
        rows.append((f"{_TAKEN[stream]}, all days", mean_text([every]), standing_text([every])))
    mean = percent(group.net_mean_pct, 3, signed=True)
    figures = f"{mean} (n {group.n})" if isinstance(group, StandardExits) else net_text(group)
    rows.append((f"{_TAKEN[stream]}, this window", figures, "nothing: it is one window"))
    return show_rows(
        (
            dict(zip(("which trades", "net mean (95\u00a0%)", "what is proven"), row, strict=True))
            for row in rows
        ),
        caption=name_words(lesson.value),
    )


def _what_counts(found: Sequence[Lesson]) -> str:
    """What counts of the rows, and why."""
    if any(lesson.stream not in OWN for lesson in found):
        return "The first row counts: it is proven over all days. In one window chance alone can turn a figure over."
    sides = {advice(lesson.hypothesis) for lesson in found}
    told = "favour it among what it would choose, not to take each one" if sides == {"favour"} else "avoid it"
    return (
        "The first row counts: it is proven. It is of moments that the trader chose while the setup stood; the other rows choose nothing. "
        f"So Claude is told to {told if len(sides) == 1 else 'act on it where it would choose'}."
    )


def proven_sentence(lessons: Sequence[Lesson], parts: Mapping[str, Callable[[Lesson], bool]]) -> str:
    """What is proven over all days of each part of a page (its name → which lessons are about it); "" where no lesson is known."""
    if not lessons:
        return ""
    proven = [lesson for lesson in lessons if lesson.status == "proven" and lesson.withheld != "answers"]
    # What is proven of answers need not be said of the executed ones among them.
    answered = {lesson.id.replace("answers", "trades", 1) for lesson in proven if lesson.stream == "answers"}
    proven = [lesson for lesson in proven if lesson.id not in answered]
    told = [*to_act_on(proven), *(lesson for lesson in proven if lesson.consequence != "act_on")]
    found = {name: [lesson for lesson in told if about(lesson)] for name, about in parts.items()}
    if not any(found.values()):
        return f"{PROVEN} of {' and '.join(found)}: nothing."
    said = [f"of {name}: {_listed(lessons)}" for name, lessons in found.items()]
    return f"{PROVEN} {'; '.join(said)}."


def chosen_sentence(lessons: Sequence[Lesson]) -> str:
    """What is proven of a setup where the trader chose it, beside what is of every signal of it; "" without such a lesson to act on.

    Of several that of the first.
    """
    asked = {lesson.id: lesson for lesson in lessons}
    for lesson in to_act_on(lessons):
        every = asked.get(f"setups.{lesson.family}.{lesson.value}.above")
        if of_setups(lesson) and lesson.claim == "above" and every is not None and every.episodes:
            same = "they do, too" if every.status == "proven" else "no gain is proven"
            chosen = f"{says(lesson.hypothesis)} as the trader chose them (n {lesson.episodes:,})"
            return f"{PROVEN}: {chosen}; taken at every signal {same} (n {every.episodes:,})."
    return ""


def regimes_sentence(lessons: Sequence[Lesson]) -> str:
    """Whether a regime or a wick is a reason to trade or not, by what is proven; "" where no lesson is known."""
    if not lessons:
        return ""
    told = [
        _proven_words(lesson)
        for lesson in to_act_on(lessons)
        if lesson.family == "regime" or of_wicks(lesson)
    ]
    if not told:
        return "No regime is proven to be a reason to trade, or not to."
    more = f", and {len(told) - _MOST} more" if len(told) > _MOST else ""
    return f"Proven: {'; '.join(told[:_MOST])}{more}. No other regime is proven to be a reason to trade, or not to."


def losers_sentence(lessons: Sequence[Lesson], now: str) -> str:
    """What is proven to lose in the regime that rules `now`, though that is no advice; "" for nothing."""
    losers = [
        lesson
        for lesson in lessons
        if of_regime(now)(lesson) and (lesson.status, lesson.consequence) == ("proven", "restates_costs")
    ]
    own = [lesson for lesson in losers if lesson.stream == "answers"] or losers
    said = " and ".join(map(_proven_words, own[:_MOST]))
    return f"That {said} is proven, but {COSTS_ONLY}." if own else ""


def rule_over_all_days(lessons: Iterable[Lesson]) -> str:
    """What all trades of the entry rule made on average; "" where none is known.

    Each of its trades has one setup, and is in one round of the question whether that gains.
    """
    found = [
        lesson
        for lesson in lessons
        if (lesson.stream, lesson.family, lesson.claim) == ("rule", "setup", "above")
    ]
    n = sum(lesson.n for lesson in found)
    if n < LEAST:
        return ""
    mean = sum(lesson.n * (lesson.trade_mean_pct or 0.0) for lesson in found) / n
    asked = _LOSSES if mean < 0 else ""
    return f"Its {n:,} trades made {percent(mean, 3, signed=True)} each on average, after costs{asked}."


def _listed(proven: Sequence[Lesson]) -> str:
    """The first of them in words; what follows stands once for those beside one another."""
    told = [
        f"{' and '.join(map(_proven_words, same))}, {follows}"
        for follows, same in groupby(proven[:_MOST], key=_follows)
    ]
    more = [f"{len(proven) - _MOST} more"] if len(proven) > _MOST else []
    return ", ".join([*told, *more]) or "nothing"


def of_setups(lesson: Lesson) -> bool:
    """Whether a lesson is about a setup that the trader chose."""
    return lesson.family == "setup" and lesson.stream in OWN


def of_own(lessons: Sequence[Lesson]) -> Callable[[Lesson], bool]:
    """Whether a lesson is about the trader's own entries; where some of these are to be acted on, one of them."""
    act_on = any(lesson.stream in OWN and lesson.consequence == "act_on" for lesson in lessons)
    return lambda lesson: lesson.stream in OWN and (not act_on or lesson.consequence == "act_on")


def of_wicks(lesson: Lesson) -> bool:
    """Whether a lesson is about wicks."""
    return lesson.stream == "wicks" or lesson.family == "wick"


def of_regime(regime: str) -> Callable[[Lesson], bool]:
    """Whether a lesson is about trades in this regime; those of wicks are about wicks."""
    return lambda lesson: (
        lesson.family == "regime" and lesson.stream != "wicks" and lesson.value.rpartition("_")[0] == regime
    )


def _proven_words(lesson: Lesson) -> str:
    return f"{says(lesson.hypothesis)} (n {lesson.episodes:,})"


def standing_sentence(lessons: Sequence[Lesson], groups: Sequence[Apart]) -> str:
    """What is proven over all days of each group of one window that stands out; "" where there is none that lessons know.

    Of several proven lessons the one to act on is named, else the first of the answers, else of the executed trades.
    """
    told = [_stands(lessons, found) for found in groups if found.family]
    compared = any(found.family == "direction" for found in groups) and sides_sentence(lessons)
    return " ".join([f"Over all days: {'; '.join(told)}.", *[compared] * bool(compared)]) if told else ""


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


def _follows(lesson: Lesson, costs: str = COSTS_ONLY) -> str:
    """What follows from a proven lesson, in words; `costs` where it restates these."""
    told = {"act_on": "told to Claude", "restates_costs": f"but {costs}"}
    return told.get(lesson.consequence, f"no advice ({lesson.consequence_words})")


def mean_text(group: Sequence[Lesson]) -> str:
    """That of the lesson about the group's own mean; of one that compares it with others nothing."""
    own = next((lesson for lesson in group if lesson.claim == "above"), None)
    if own is None:
        return "–"
    if own.episodes < LEAST:
        return f"too few (n {own.episodes})"
    interval = bounds(own.net_low_pct, own.net_high_pct, 3) or "no interval yet"
    return f"{percent(own.net_mean_pct, 3, signed=True)} (n {own.episodes:,}, {interval})"


def standing_text(group: Sequence[Lesson]) -> str:
    """What is proven of a group by its lessons, or that it is not."""
    proven = [lesson for lesson in group if lesson.status == "proven"]
    told = [f"{claim_words(lesson.hypothesis)}, {_follows(lesson, NO_LOSS)}" for lesson in proven]
    if told:
        return "; ".join(told)
    if any(lesson.claim == "below" for lesson in group):
        return "no gain or loss is proven"
    lost = any(lesson.claim == "above" and (lesson.net_high_pct or 0.0) < 0 for lesson in group)
    return f"no gain is proven{_LOSSES if lost else ''}"
