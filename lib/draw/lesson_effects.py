"""What became of each lesson (lib.history.lesson_effects): a sentence that counts them, and a card each with n and interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from lib.draw.forest import Interval, LessonGroup, LessonLine, forest
from lib.draw.html import NO_FORMULAS, escape
from lib.draw.lesson_lines import ended_words
from lib.draw.numbers import bounds, counted, percent
from lib.draw.words import typeset
from lib.history.lesson_effects import VERDICTS, LessonEffect, Verdict

#: Lessons of a group that are shown; the others are folded.
_MOST = 6


class Effects:
    """What became of lessons, a row each, those that stand before those that ended; shows itself as lines on a terminal.

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
        self.lines = [_line(effect, mixed, why.get(effect.id, "")) for effect in standing_first]

    def _repr_html_(self) -> str:
        first, rest = self.lines[:_MOST], self.lines[_MOST:]
        rows = forest([LessonGroup("", first), LessonGroup("More", rest, folded=True)])
        return f'<div class="{NO_FORMULAS}"><h3>{escape(self.caption)} ({len(self.lines)})</h3>{rows}</div>'

    def __repr__(self) -> str:
        said = [
            f"  - {line.statement} {line.standing}. {line.figures} {line.needs}".rstrip()
            for line in self.lines
        ]
        return "\n".join([f"{self.caption} ({len(said)})", *said])


def lesson_effects_rows(
    effects: Sequence[LessonEffect],
    *verdicts: Verdict,
    caption: str,
    why: Mapping[str, str] = MappingProxyType({}),
) -> Effects | None:
    """A row a lesson of these verdicts (none: of all), in the given order, those that ended last; None without one.

    `why` is that of Effects.
    """
    chosen = [effect for effect in effects if effect.verdict in (verdicts or VERDICTS)]
    return Effects(caption, chosen, mixed=len(verdicts) != 1, why=why) if chosen else None


def _interval(effect: LessonEffect) -> Interval | None:
    if effect.low_pct is None or effect.mean_pct is None or effect.high_pct is None:
        return None
    return Interval(effect.low_pct, effect.mean_pct, effect.high_pct)


def _line(effect: LessonEffect, mixed: bool, why: str) -> LessonLine:
    """Of one that ended only how, and what its trades made from its proof to then: the verdict is of those that stand."""
    drawn = _interval(effect)
    became = f", {_SO_FAR[effect.verdict]}" if mixed else ""
    if effect.until:
        became = f", ended {_minute(effect.until)} {ended_words(effect.ended)}"
    if effect.mean_pct is None:
        figures = "Nothing came since."
    else:
        unit = f"{bounds(effect.low_pct, effect.high_pct, 3)} %" if drawn else "no interval"
        mean = percent(effect.mean_pct, 3, signed=True)
        since = "From proof to end" if effect.until else "Since then"
        figures = f"{since} {mean} on average (n {counted(effect.episodes, effect.unit)}, {unit})."
    return LessonLine(
        f"{typeset(effect.statement)}.",
        f"Proven {_minute(effect.large_since)}{became}",
        figures,
        f"Not told: {why}." if why and not effect.until else "",
        None,
        drawn,
        "ended" if effect.until else "proven" if why else "told",
        effect.unit == "pairs",
    )


def since_proof_words(effects: Sequence[LessonEffect]) -> dict[str, str]:
    """What each lesson that stands made since its proof, in a sentence, by its id; without those of which nothing came since."""
    return {
        effect.id: f"Since its proof {percent(effect.mean_pct, 3, signed=True)} (n {counted(effect.episodes, effect.unit)})."
        for effect in effects
        if effect.mean_pct is not None and not effect.until
    }


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
    return f"{first}{_ended_since(ever, ended or 0, no_longer_true or 0)}"


def _ended_since(ever: int, ended: int, no_longer_true: int) -> str:
    if not ended:
        return ""
    who = "It has" if ever == 1 else f"{ended:,} of them {'has' if ended == 1 else 'have'}"
    part = "" if no_longer_true == ended else f"{no_longer_true:,} of these "
    why = f", {part}after a run of trades against the lesson, which ends even one that was right on the whole"
    return f" {who} ended since{why if no_longer_true else ''}."


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
