"""The table of what followed each lesson: own trades before and since it was proven and large enough, with n and interval.

A look back and no controlled test (lib.history.lesson_effects), which is for the notebook to say once beside the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from lib.draw.numbers import bounds, counted, percent
from lib.draw.tables import Table, show_rows
from lib.draw.words import subject, typeset
from lib.history.lesson_effects import CAVEAT, VERDICTS, LessonEffect, Sides


def told_apart(effects: Sequence[LessonEffect], is_told: bool = True) -> list[LessonEffect]:
    """The lessons since which own trades were better or worse by the interval; the others where `is_told` is False."""
    return [effect for effect in effects if (effect.verdict in ("better", "worse")) == is_told]


def show_lesson_effects(
    effects: Sequence[LessonEffect], caption: str = "Lessons and what followed, net mean per episode"
) -> Table:
    """One row a lesson, in the given order; n counts episodes, "no interval" stands where a side has too few or shows no spread."""
    rows = [
        {
            "lesson": typeset(effect.statement),
            "proven and large enough": f"{_minute(effect.large_since)} to {_until(effect)}",
            "own trades since": effect.verdict,
            "before": _side_text(effect.own.mean_before_pct, effect.own.episodes_before),
            "since": _side_text(effect.own.mean_while_pct, effect.own.episodes_while),
            "difference (95 % Welch)": _difference_text(effect.own),
            "difference, its own group": _difference_text(effect.group),
        }
        for effect in effects
    ]
    return show_rows(rows, caption=caption)


def effects_sentences(effects: Sequence[LessonEffect]) -> list[str]:
    """How many lessons there ever were, and how own trades were since."""
    if not effects:
        return ["No lesson was proven and large enough yet, so nothing followed one."]
    counts = Counter(effect.verdict for effect in effects)
    told = ", ".join(f"{_VERDICTS[verdict]} {counts[verdict]}" for verdict in VERDICTS)
    return [
        f"{counted(len(effects), 'lessons')} were proven and large enough at some time. Own trades since: {told}.",
        CAVEAT,
    ]


def since_words(verdicts: Mapping[str, int], told: int | None, ended: int | None, decisions: str = "") -> str:
    """What became of the lessons that were ever proven and large enough, and how own trades were since; "" without one.

    `told` are those to act on now, `ended` those that ended (None: not known); `decisions` is the kind of the source: of traders that read
    no lessons, what followed says nothing of them.
    """
    ever = sum(verdicts.values())
    if not ever:
        return ""
    first = f"{counted(ever, 'lessons')} {'was' if ever == 1 else 'were'} ever proven and large enough"
    if told is not None and ended is not None:
        others = max(ever - told - ended, 0)
        rest = f", {others:,} are no advice (restating costs, too small, or withheld)" if others else ""
        first += f": {told:,} {'is' if told == 1 else 'are'} told now, {ended:,} ended{rest}"
    after = ", ".join(
        f"{_AFTER[verdict]} after {verdicts.get(verdict, 0)}"
        for verdict in VERDICTS
        if verdict in ("better", "worse") or verdicts.get(verdict)
    )
    who, _ = subject(decisions)
    blind = (
        f" {who} reads no lessons, so this says nothing of whether telling them helps."
        if decisions in _BLIND
        else ""
    )
    return f"{first}. Since each was, own trades were {after}.{blind}"


#: Kinds of traders that read no lessons.
_BLIND = ("simulated", "rules")
_AFTER = {verdict: verdict for verdict in VERDICTS} | {"too few": "too few yet to tell"}
_VERDICTS = {
    "better": "better for",
    "worse": "worse for",
    "not told apart": "not told apart for",
    "too few": "too few yet for",
}


def _until(effect: LessonEffect) -> str:
    return "now" if effect.until is None else _minute(effect.until)


def _minute(iso: str) -> str:
    return iso[:16].replace("T", " ")


def _side_text(mean: float | None, episodes: int) -> str:
    return f"{percent(mean, 3, signed=True)} (n {episodes})"


def _difference_text(sides: Sides) -> str:
    found = bounds(sides.low_pct, sides.high_pct, 3) or "no interval"
    count = f"n {sides.episodes_before} and {sides.episodes_while}"
    return f"{percent(sides.difference_pct, 3, signed=True)} ({count}, {found})"
