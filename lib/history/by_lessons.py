"""A window's own trades by whether they fit the lessons to act on: where the money went, beside what was told.

No test: the lessons were proven on such trades, these among them, and one window is one sample. What would surprise: of two lessons that
an entry falls under, one that says avoid decides, as it does for whoever follows both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from lib.contract.dollars import dollar_decimals
from lib.contract.results import Model
from lib.lessons.conflicts import advice
from lib.lessons.derived import OWN, to_act_on
from lib.lessons.hypotheses import Hypothesis
from lib.lessons.lesson import Lesson
from lib.lessons.streams.attributes import frame_words
from lib.stats.groups import round_dollars


class TradesMade(Model):
    """So many trades and what they made."""

    trades: int = Field(description="Closed trades.")
    pnl: float = Field(description="Sum of their P&L, dollars, net, per 1 coin.")


class LessonPart(TradesMade):
    """Those of them that count under one lesson."""

    lesson: str = Field(description="Its id.")


class LessonSplit(Model):
    """The closed trades of a window, in two parts by the lessons to act on."""

    lessons: int = Field(description="Lessons to act on that an entry can be held against.")
    others: int = Field(
        description="Lessons to act on besides: of holding on, of a market or a question, which no entry alone falls under."
    )
    fit: TradesMade = Field(
        description="Trades under a lesson to favour, if there is one, and under none to avoid."
    )
    rest: TradesMade = Field(description="All others.")
    parts: list[LessonPart] = Field(
        [],
        description="Those that fit by lesson to favour, in the order told; one under several counts under the first.",
    )


def split_by_lessons(closed: pd.DataFrame, insights: Mapping[str, Any]) -> LessonSplit | None:
    """The trades of a trades frame by the lessons to act on of insights; None where no entry can be held against one."""
    acted = [lesson.hypothesis for lesson in to_act_on([Lesson.read(found) for found in insights["lessons"]])]
    told = [asked for asked in acted if _is_of_entries(asked)]
    if not told:
        return None
    words = frame_words(closed)
    favoured = [asked for asked in told if advice(asked) == "favour"]
    avoided = [asked for asked in told if advice(asked) == "avoid"]
    # The place of the first lesson to favour that a trade falls under; with none to favour, all fall under the same nothing.
    first = np.array(
        [-1 if _is_under(each, avoided) else _first_over(each, favoured) for each in words], dtype=int
    )
    fits = first >= 0
    money, decimals = closed["net_usd"].to_numpy(dtype=float), dollar_decimals(closed["entry_price"])
    return LessonSplit(
        lessons=len(told),
        others=len(acted) - len(told),
        fit=_made(money[fits], decimals),
        rest=_made(money[~fits], decimals),
        parts=[
            LessonPart(lesson=asked.id, **_made(money[first == place], decimals).model_dump())
            for place, asked in enumerate(favoured)
        ],
    )


def _is_of_entries(asked: Hypothesis) -> bool:
    """Whether a trade of one's own falls under it, or does not, by what was known at its entry."""
    return asked.stream in OWN or asked.family == "setup"


def _first_over(words: Mapping[str, str], favoured: Sequence[Hypothesis]) -> int:
    """The place of the first that a trade falls under, 0 where there is none to favour; -1 where it falls under none."""
    places = (place for place, asked in enumerate(favoured) if _is_under(words, [asked]))
    return next(places, -1) if favoured else 0


def _is_under(words: Mapping[str, str], asked: Sequence[Hypothesis]) -> bool:
    return any(found.family == "all" or words[found.family] == found.value for found in asked)


def _made(money: np.ndarray, decimals: int) -> TradesMade:
    return TradesMade(trades=len(money), pnl=round_dollars(float(money.sum()), decimals))
