"""What became of each lesson (lib.history.lesson_effects): a sentence that counts them, and a card each with n and interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from lib.draw.card import Drawn, LessonLine, card, drawn_together
from lib.draw.html import NO_FORMULAS, escape
from lib.draw.numbers import bounds, counted, percent
from lib.draw.words import typeset
from lib.history.lesson_effects import VERDICTS, LessonEffect, Verdict

#: Lessons of a group that are shown; the others are folded.
_MOST = 6


class EffectCards:
    """What became of lessons, a card each, those that stand before those that ended; shows itself as lines on a terminal.

    `mixed`: whether each says its verdict, as the caption does not; `why` one that is proven is not told, by its id.
    """

    def __init__(
        self,
        caption: str,
        effects: Sequence[LessonEffect],
        mixed: bool = False,
        why: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.caption = caption
        standing_first = sorted(effects, key=lambda effect: effect.until is not None)
        drawn = drawn_together([_interval(effect) for effect in standing_first])
        self.lines = [
            _line(effect, found, mixed, why.get(effect.id, ""))
            for effect, found in zip(standing_first, drawn, strict=True)
        ]

    def _repr_html_(self) -> str:
        first, rest = self.lines[:_MOST], self.lines[_MOST:]
        more = f"<details><summary>{len(rest)} more</summary>{_grid(rest)}</details>" if rest else ""
        return f'<div class="{NO_FORMULAS}"><h3>{escape(self.caption)} ({len(self.lines)})</h3>{_grid(first)}{more}</div>'

    def __repr__(self) -> str:
        said = [
            f"  - {line.statement} {line.standing}. {line.figures} {line.needs}".rstrip()
            for line in self.lines
        ]
        return "\n".join([f"{self.caption} ({len(said)})", *said])


def lesson_effects_cards(
    effects: Sequence[LessonEffect],
    *verdicts: Verdict,
    caption: str,
    why: Mapping[str, str] = MappingProxyType({}),
) -> EffectCards | None:
    """A card a lesson of these verdicts (none: of all), in the given order, those that ended last; None without one.

    `why` is that of EffectCards.
    """
    chosen = [effect for effect in effects if effect.verdict in (verdicts or VERDICTS)]
    return EffectCards(caption, chosen, mixed=len(verdicts) != 1, why=why) if chosen else None


def _grid(lines: Sequence[LessonLine]) -> str:
    return f'<div class="lessons">{"".join(map(card, lines))}</div>'


def _interval(effect: LessonEffect) -> tuple[float, float, float] | None:
    if effect.low_pct is None or effect.mean_pct is None or effect.high_pct is None:
        return None
    return effect.low_pct, effect.mean_pct, effect.high_pct


def _line(effect: LessonEffect, drawn: Drawn | None, mixed: bool, why: str) -> LessonLine:
    over = effect.until and effect.verdict == "not told apart"
    words = _BECAME[effect.verdict][0] if over else _SO_FAR[effect.verdict]
    became = f", {words}" if mixed else ""
    ended = (
        f", ended {_minute(effect.until)} {_ENDED.get(effect.ended, effect.ended)}" if effect.until else ""
    )
    if effect.mean_pct is None:
        figures = "Nothing came since."
    else:
        unit = f"{bounds(effect.low_pct, effect.high_pct, 3)} %" if drawn else "no interval"
        mean = percent(effect.mean_pct, 3, signed=True)
        since = "Until then" if effect.until else "Since then"
        figures = f"{since} {mean} on average (n {counted(effect.episodes, effect.unit)}, {unit})."
    return LessonLine(
        f"{typeset(effect.statement)}.",
        f"Proven {_minute(effect.large_since)}{became}{ended}",
        figures,
        f"Not told: {why}." if why and not effect.until else "",
        None,
        drawn,
    )


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
    why = (
        f", {part}after a bad stretch, which ends a lesson whatever its other trades say"
        if no_longer_true
        else ""
    )
    return f" {who} ended since{why}."


#: How a lesson ends that went on for a while, where its own word would deny that.
_ENDED = {"no longer true": "after a bad stretch"}
#: What became of one lesson, and of several.
_BECAME = {
    "held": ("went on as it said", "went on as they said"),
    "turned": ("turned", "turned"),
    "not told apart": ("cannot be told", "cannot be told"),
    "too few": ("has too few", "have too few"),
}
#: The same on the card of one whose caption does not say it.
_SO_FAR = {
    "held": "went on as it said",
    "turned": "turned",
    "not told apart": "too early to say",
    "too few": "too few since",
}
_ALWAYS = (_BECAME["held"], _BECAME["turned"])


def _counted(count: int, words: tuple[str, str]) -> str:
    return f"{count:,} {words[count != 1]}" if count else f"none {words[0]}"


def _minute(iso: str) -> str:
    return iso[:16].replace("T", " ")
