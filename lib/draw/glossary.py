"""What the words of pages mean, a plain line each, and which of them a text uses; the law stands in docs, where each entry names it.

A text is searched as a row of words, so that a name of the data (`all_green`) and its words ("all green") are found alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from lib.contract.schema import REGIMES
from lib.draw.words import name_words, regime_words
from lib.market.wicks import WICK_RANGE_PCT
from lib.stats.levels import SOUGHT_PCT


class Word(NamedTuple):
    """A word with its meaning. `marks`: the words in a row, in lower case, that show that a text uses it."""

    name: str
    meaning: str
    marks: tuple[str, ...]
    law: tuple[str, str, str]  #: a file of docs, a heading in it, and a term that stands under that


#: What has the words of a mark and another meaning.
_OTHERS = (" pairs of target and stop ",)
_WORD = re.compile(r"[a-z0-9.]+")
_LAW, _METHOD = "definitions.md", "evidence-method.md"
_REGIMES = [
    Word(
        name_words(name),
        f"a regime, by the last two hours: {regime_words(name)}",
        (name_words(name),),
        (_LAW, "Regime", name),
    )
    for name in REGIMES
    if regime_words(name)
]
#: Those first that a reader meets first, and that mean most to what is proven.
WORDS = [
    Word(
        "ribbon",
        "moving averages of the price, on a 5-minute and on a 15-minute chart; a line is green while it rises, red while it falls",
        ("ribbon", "ribbons"),
        (_LAW, "Ribbon", "green"),
    ),
    Word(
        "all green",
        "of a ribbon: at least 85 % of its lines rise; all red: they fall; where fewer agree it is called mixed",
        (
            "all green",
            "all red",
            "ribbon green",
            "ribbon red",
            "ribbons green",
            "ribbons red",
            "both green",
            "both red",
        ),
        (_LAW, "Ribbon", "85 %"),
    ),
    Word(
        "answer",
        "a LONG or SHORT that the decider (Claude, or who stands in for it) gave while nothing was held, executed or not",
        ("answer", "answers"),
        (_LAW, "Confidence", "answer"),
    ),
    Word(
        "entries",
        "in a lesson: the trades that were really entered; answers that were not executed are none",
        ("entries",),
        (_LAW, "Setup signature", "entry"),
    ),
    Word(
        "episode",
        "trades that overlap in time; they share one market, so they count once",
        ("episode", "episodes", "ep"),
        (_METHOD, "Observations", "episode"),
    ),
    Word(
        "pair",
        "an episode of a group set against those of all others; the difference says who did better, which need not be a gain",
        ("pairs",),
        (_METHOD, "The e-process", "pairs"),
    ),
    Word(
        "lesson",
        "a question to the trades of all days, with its evidence; Claude is told to act only on some that are proven",
        ("lesson", "lessons"),
        (_METHOD, "Ledger and levels", "act on"),
    ),
    Word(
        "proven",
        "its evidence has reached a mark fixed beforehand, so high that all questions ever asked have together a chance of 5 % of one "
        "false proof",
        ("proven", "unproven"),
        (_METHOD, "Ledger and levels", "proven"),
    ),
    Word(
        "however often one looks",
        "such an interval stays right though one looks every hour and asks hundreds of questions, so it is wide; an ordinary one does not",
        ("at every look", "however often one looks", "at every hourly look"),
        (_METHOD, "The e-process", "every look"),
    ),
    Word(
        "shrunk towards zero",
        "a mean that was found among many is partly luck; this is what is left to expect of it",
        ("shrunk towards zero", "cautiously"),
        (_METHOD, "The e-process", "inflated"),
    ),
    Word(
        f"an edge of {SOUGHT_PCT:g} %",
        "what usually shows so small a gain; it depends on how much the trades of a group differ and how often they come, so the wait "
        "need not follow the bars",
        (f"edge of {SOUGHT_PCT:g}",),
        (_METHOD, "The fixed number", "more needed"),
    ),
    Word(
        "restating costs",
        "says that a group loses, but not that it lost before fees and slippage: no reason to choose another direction",
        (
            "restates the costs",
            "restates costs",
            "restating costs",
            "restating the costs",
            "restating what trading costs",
        ),
        (_METHOD, "Ledger and levels", "restates costs"),
    ),
    Word(
        "withheld",
        "proven, but not told: a person vetoed it, a better lesson contradicts it, one of answers says it already, or its question "
        "cannot be asked",
        ("withheld",),
        (_METHOD, "Ledger and levels", "withheld"),
    ),
    Word(
        "static rules",
        "what Claude is always told of its task, beside the lessons; the page Prompt has them",
        ("static rules",),
        (_LAW, "Money", "static rules"),
    ),
    Word(
        "entry rule",
        "a fixed rule by ribbons and candles that trades are held against; it is a baseline, not advice",
        ("entry rule",),
        (_LAW, "The original entry rule", "LONG"),
    ),
    Word(
        "setup",
        "a visible reason to enter: the direction, a wick or breakout if there was one, and how both ribbons stood",
        ("setup", "setups"),
        (_LAW, "Setup signature", "DIRECTION"),
    ),
    Word(
        "standard exits",
        "the fixed target, stop and longest hold of the settings, by which trades that nobody made are ended",
        ("standard exits", "fixed exits"),
        (_LAW, "Standard exits", "target"),
    ),
    Word(
        "break-even",
        "the share of trades that must win for wins and losses to come to nothing after costs",
        ("breaks even", "break even", "broke even", "breakeven"),
        (_LAW, "Money", "Break-even"),
    ),
    Word(
        "95 %",
        "beside a figure: chance alone leaves the true value outside such an interval once in twenty times",
        ("95",),
        (_LAW, "Confidence", "interval"),
    ),
    Word(
        "wick",
        f"the thin end of a candle below or above its body; here one of {WICK_RANGE_PCT[0]:g} to {WICK_RANGE_PCT[1]:g} % of the price",
        ("wick", "wicks"),
        (_LAW, "Wicks", "WICK_DOWN"),
    ),
    *_REGIMES,
    Word(
        "scalper score",
        "0 to 100 points for win rate, hold time, and the sizes of wins and losses; a window that loses has at most 59",
        ("scalper score",),
        (_LAW, "Scalper score", "59"),
    ),
    Word(
        "controlled test",
        "what Claude is told is switched by chance, and both halves are compared: the only way to know whether telling helps",
        ("controlled test",),
        (_METHOD, "Controlled test", "arm"),
    ),
]


def words_in(text: str) -> list[Word]:
    """The words that a text uses, in the order of WORDS. A few milliseconds a megabyte."""
    row = f" {' '.join(found.strip('.') for found in _WORD.findall(text.lower()))} "
    for other in _OTHERS:
        row = row.replace(other, " ")
    return [word for word in WORDS if any(f" {mark} " in row for mark in word.marks)]


def listed(words: Sequence[Word], most: int = 4) -> str:
    """The first names, and how many more there are: "ribbon, answer, episode and 9 more"."""
    names = ", ".join(word.name for word in words[:most])
    return f"{names} and {len(words) - most} more" if len(words) > most else names
