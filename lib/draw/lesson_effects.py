"""What became of each lesson (lib.history.lesson_effects): a sentence that counts them, and the table of them with n and interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.draw.numbers import bounds, counted, percent
from lib.draw.tables import Table, show_rows
from lib.draw.words import typeset
from lib.history.lesson_effects import VERDICTS, LessonEffect, Verdict


def show_lesson_effects(
    effects: Sequence[LessonEffect], *verdicts: Verdict, caption: str = "What became of each lesson"
) -> Table | None:
    """One row a lesson of these verdicts, in the given order, which the caption is to say; None without one.

    "no interval" stands where its own observations since, which n counts, show no spread.
    """
    rows = [
        {
            "lesson": typeset(effect.statement),
            "proven and large enough": _minute(effect.large_since),
            "ended": f"{_minute(effect.until)}, {_ENDED.get(effect.ended, effect.ended)}"
            if effect.until
            else None,
            "n since": counted(effect.episodes, effect.unit),
            "net mean since": percent(effect.mean_pct, 3, signed=True),
            "95 %": bounds(effect.low_pct, effect.high_pct, 3) or "no interval",
        }
        for effect in effects
        if effect.verdict in verdicts
    ]
    return show_rows(rows, caption=caption) if rows else None


def since_words(
    verdicts: Mapping[str, int], ended: int | None = None, no_longer_true: int | None = None
) -> str:
    """What became of the lessons that were ever proven and large enough, in a sentence; `ended` of them have ended, so many of these as no
    longer true (None: not known).

    "" without one, and of the verdicts of an older version, which asked something else.
    """
    ever = sum(verdicts.values())
    if set(verdicts) != set(VERDICTS) or not ever:
        return ""
    told = [(verdicts[verdict], _BECAME[verdict]) for verdict in VERDICTS]
    if ever == 1:
        (words,) = (one for count, (one, _) in told if count)
        first = f"1 lesson was ever proven and large enough; by the trades since it {words}."
    else:
        held, *others = (_counted(count, words) for count, words in told if count or words in _ALWAYS)
        since = f"{held} in the trades since, {', '.join(others)}"
        first = f"Of {ever:,} lessons ever proven and large enough, {since}."
    return f"{first}{_ended_words(ever, ended or 0, no_longer_true or 0)}"


def _ended_words(ever: int, ended: int, no_longer_true: int) -> str:
    if not ended:
        return ""
    who = "It has" if ever == 1 else f"{ended:,} of them {'has' if ended == 1 else 'have'}"
    part = "" if no_longer_true == ended else f"{no_longer_true:,} "
    return f" {who} ended since{f', {part}after a bad stretch' if no_longer_true else ''}."


#: How a lesson ends that went on for a while, where its own word would deny that.
_ENDED = {"no longer true": "after a bad stretch"}
#: What became of one lesson, and of several.
_BECAME = {
    "held": ("went on as it said", "went on as they said"),
    "turned": ("turned", "turned"),
    "not told apart": ("cannot be told", "cannot be told"),
    "too few": ("has too few", "have too few"),
}
_ALWAYS = (_BECAME["held"], _BECAME["turned"])


def _counted(count: int, words: tuple[str, str]) -> str:
    return f"{count:,} {words[count != 1]}" if count else f"none {words[0]}"


def _minute(iso: str) -> str:
    return iso[:16].replace("T", " ")
