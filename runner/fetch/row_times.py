"""The times of the rows that ccxt makes of an exchange's candles: milliseconds since 1970, or what cannot be one.

A time that cannot be is counted and never mended: what says seconds today may say milliseconds tomorrow. Rows of which all are told in one
other unit are no rows of that exchange as ccxt knows it, and are said to be so.
"""

from __future__ import annotations

import time
from typing import Any

from lib.contract.times import FIRST_MARKET
from lib.contract.visible import visible
from lib.foreign.recogniser.instants import epoch

#: A candle that opens so much later than now is of a wrong clock, the exchange's or this machine's.
_AHEAD_MS = 5_000
#: An earlier time is none of a market: seconds read as milliseconds, say.
FIRST_MARKET_MS = FIRST_MARKET // 1_000


class OddTimes:
    """Counts the rows of answers whose time cannot be; `first` is one of them, as it was told, "" before there was one."""

    def __init__(self) -> None:
        self.counts = {"ahead": 0, "bad_timestamp": 0}
        self.first = ""

    def __bool__(self) -> bool:
        return any(self.counts.values())

    @property
    def told(self) -> str:
        """How many, by reason."""
        return ", ".join(f"{number:,} {reason}" for reason, number in self.counts.items() if number)

    def without(self, page: list[list[Any]]) -> list[list[Any]]:
        """The rows of an answer whose time can be. What is no row at all ccxt gives without a time."""
        latest = _latest()
        timed = [row for row in page if row[0] is not None and row[0] >= FIRST_MARKET_MS]
        kept = [row for row in timed if row[0] <= latest]
        self.counts["bad_timestamp"] += len(page) - len(timed)
        self.counts["ahead"] += len(timed) - len(kept)
        if len(kept) < len(page):
            self.first = self.first or visible(str(next(row for row in page if row not in kept)))
        return kept


def in_another_unit(page: list[list[Any]]) -> str:
    """In words that all times of an answer can be of one other unit only, and its first row; "" where that is not so."""
    latest = _latest()
    units = {_other_unit(row[0], latest) for row in page}
    unit = units.pop() if len(units) == 1 else ""
    return f"they are in {unit}; the first row is {visible(str(page[0]))}" if unit else ""


def _other_unit(told: Any, latest: float) -> str:
    if not isinstance(told, int | float) or FIRST_MARKET_MS <= told <= latest:
        return ""
    unit, instant = epoch(told)
    return unit if FIRST_MARKET <= instant <= latest * 1_000 else ""


def _latest() -> float:
    return time.time() * 1_000 + _AHEAD_MS
