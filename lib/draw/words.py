"""Names of the data as a reader says them: setups, states and regimes in words, and the minus sign of pages."""

from __future__ import annotations

import re

from lib.contract.schema import DIRECTIONS, REGIMES, SIGNATURES, STATES, TRIGGERS
from lib.draw.numbers import counted
from lib.market.regime import QUIET_RANGE_PCT, TREND_CHANGE_PCT

_ALIGNMENTS = {
    "MIXED_TIMEFRAMES": "ribbons of opposite colours",
    "BOTH_GREEN": "both ribbons green",
    "BOTH_RED": "both ribbons red",
    "ALL_GREEN_5MIN": "5-minute ribbon green",
    "ALL_RED_5MIN": "5-minute ribbon red",
    "ALL_GREEN_15MIN": "15-minute ribbon green",
    "ALL_RED_15MIN": "15-minute ribbon red",
    "MIXED": "mixed ribbons",
}
_TRIGGERS = {"WICK_DOWN": "wick down", "WICK_UP": "wick up", "BREAKOUT": "breakout"}
_EXITS = {
    "TP_HIT": "target hit",
    "SL_HIT": "stop hit",
    "TIME_EXIT": "time exit",
    "RIBBON_REVERSAL": "ribbon reversal",
    "CLAUDE_EXIT": "Claude's exit",
    "DATA_LOSS": "data loss",
    "MANUAL": "by hand",
    "OTHER": "other",
}
_KINDS = {
    "WICK_DOWN_LONG": "wick down, taken LONG",
    "WICK_UP_SHORT": "wick up, taken SHORT",
    "RIBBON_DIP_DOWN_LONG": "dip down, taken LONG",
    "RIBBON_DIP_UP_SHORT": "dip up, taken SHORT",
}
_PLAIN = {*REGIMES, *STATES}
#: Who traded, as the subject of a sentence, by the kind of DataSource.
_SUBJECTS = {
    "live": ("You", "you"),
    "rules": ("The rule decider", "it"),
    "simulated": ("The simulated trader", "it"),
    "imported": ("The imported bot", "it"),
}
#: A time as files and the prompt have it: to the second or the minute, in UTC; seconds of zero say nothing.
_INSTANT = re.compile(
    r"\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::00(?:\.0+)?(?=Z|\+00:00)|(:\d\d)(?:\.\d+)?)?(?:Z|\+00:00)(?!\w)"
)
#: The short form of the prompt for how much a figure rests on.
_SIZE = re.compile(r"\bn=([\d,]+) in ([\d,]+) (ep|pairs)\b")
_ASCII_MINUS = re.compile(r"(?<![\w.])-(?=[$\d.])")
#: The blank before a unit, and that after n.
_PARTED = re.compile(r"(?<=\d) (?=%)|(?<=\bn) (?=\d)|(?<=95 %) (?=[−\d])")
#: Longest first, so that a signature is not taken for the shorter one that it begins with.
_NAMES = re.compile(
    r"\b(?:"
    + "|".join(sorted([*SIGNATURES, *REGIMES[:4], *(s for s in STATES if "_" in s)], key=len, reverse=True))
    + r")\b"
)


def subject(decisions: str) -> tuple[str, str]:
    """Who traded, at a sentence's begin and inside it: ("You", "you"); of an unknown kind of source ("These trades", "they")."""
    return _SUBJECTS.get(decisions, ("These trades", "they"))


def setup_words(signature: str) -> str:
    """A setup signature in words: "SHORT (breakout, both ribbons red)"; any other name as it is."""
    if signature not in SIGNATURES:
        return signature
    direction, _, rest = signature.partition("_")
    assert direction in DIRECTIONS
    trigger = next((found for found in TRIGGERS[direction] if rest.startswith(f"{found}_")), "")
    parts = [_TRIGGERS.get(trigger, ""), _ALIGNMENTS[rest.removeprefix(f"{trigger}_")]]
    return f"{direction} ({', '.join(part for part in parts if part)})"


def name_words(name: str) -> str:
    """RANGING_QUIET as "ranging quiet", TP_HIT as "target hit", WICK_UP_SHORT as "wick up, taken SHORT"; setups by `setup_words`; what is
    no name of the data stays as it is.
    """
    if (words := (_EXITS | _KINDS).get(name)) is not None:
        return words
    if name not in _PLAIN:
        return setup_words(name)
    return name.replace("_", " ").lower()


def regime_words(regime: str) -> str:
    """What a regime's name means, by the range and the change of the two hours before; "" of none that is known."""
    small, trend = f"{QUIET_RANGE_PCT:g}\u00a0%", f"{TREND_CHANGE_PCT:g}\u00a0%"
    return {
        "RANGING_QUIET": f"a range of at most {small}, whichever way price went",
        "BULLISH_TRENDING": f"a range above {small} and a rise of more than {trend}",
        "BEARISH_TRENDING": f"a range above {small} and a fall of more than {trend}",
        "RANGING_VOLATILE": f"a range above {small} and neither a rise nor a fall of more than {trend}",
    }.get(regime, "")


def typeset(text: str) -> str:
    """A sentence that was made in ASCII of the data's names, as pages have it: names, sizes and times in words, the minus a minus."""
    return minus(moments(sizes(_NAMES.sub(lambda found: name_words(found[0]), text))))


def moments(text: str) -> str:
    """A text with its times as pages have them, `2025-06-15 11:00`: in UTC, which a page says once."""
    return _INSTANT.sub(lambda found: f"{found[1]} {found[2]}{found[3] or ''}", text)


def sizes(text: str) -> str:
    """A text with "n=43 in 40 ep" as "43 trades in 40 episodes"."""
    return _SIZE.sub(lambda found: _size(found[1], found[2], found[3]), text)


def _size(trades: str, units: str, unit: str) -> str:
    whole = {"ep": "episodes", "pairs": "pairs"}[unit]
    count, groups = (int(number.replace(",", "")) for number in (trades, units))
    return f"{counted(count, 'trades')} in {counted(groups, whole)}"


def tight(text: str) -> str:
    """A sentence in which a figure and its unit or sign, or n and its count, are not parted at the end of a line."""
    return _PARTED.sub("\u00a0", text).replace("\u2212$", "\u2212\u2060$")


def minus(text: str) -> str:
    """A text with a minus sign before each number that a hyphen stands before, and its arrows."""
    return _ASCII_MINUS.sub("\u2212", text.replace("->", "\u2192"))
