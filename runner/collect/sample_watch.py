"""The readings of one chart in a row: which quality each has, and the sample it becomes.

A reading alone does not show that the data behind it stand still, or are of two venues; the ones before it do. Ages come from a steady
clock. What would surprise: a chart on which nothing moves for a minute, volume included, is `frozen` too (a feed that stopped
leaves no other mark), while readers call a run frozen only if the price moved. The first of several reasons names the quality:
frozen, venue_mismatch, partial; lib.contract.quality says what a person can do.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.market.ribbon import FROZEN_SECONDS, ribbon_state
from lib.market.venue import closed_value, is_another_venue, is_far, price_distance
from runner.collect.chart_reading import ChartReading
from runner.collect.direction_watch import DirectionWatch


class FrozenWatch:
    """How long the lines have stood still, and whether the price moved meanwhile."""

    def __init__(self) -> None:
        self._lines: tuple[float | None, ...] | None = None
        self._since = 0.0
        self._prices: tuple[float, float] = (0.0, 0.0)
        self._others: tuple[object, ...] = ()
        self._others_moved = False

    def frozen(
        self, lines: tuple[float | None, ...], price: float, others: tuple[object, ...], steady_s: float
    ) -> bool:
        """Whether the run that this reading continues is frozen by now; `others` is what else moves while data come in."""
        if lines != self._lines:
            self._lines, self._since, self._prices = lines, steady_s, (price, price)
            self._others, self._others_moved = others, False
            return False
        low, high = self._prices
        self._prices = (min(low, price), max(high, price))
        self._others_moved |= others != self._others
        moved = self._prices[0] < self._prices[1]
        return steady_s - self._since >= FROZEN_SECONDS and (moved or not self._others_moved)


class _VenueWatch:
    """Whether the fastest line is made of the price shown; judged candle by candle, the verdict stays until the next.

    Without the very last price of the candle before there is no verdict: in lively markets the next one opens elsewhere. A market of quite
    other prices is seen at once: the line's value at the last close lies far from this candle's open, or jumps within a candle.
    """

    def __init__(self, bar_s: int) -> None:
        self._bar_s = bar_s
        self._line = ""
        self._slot = 0.0
        self._another = self._near = False
        self._before: list[tuple[float, float]] = []
        self._within: list[tuple[float, float]] = []
        self._last: tuple[float, float] | None = None

    def mismatch(self, reading: ChartReading, at: float, closed: tuple[float, float] | None) -> bool:
        """Take in a reading at `at` (seconds since 1970); `closed` is the candle before as (open time, close).

        Returns whether ribbon and price are of two venues.
        """
        shown = [(int(name[3:]), name, line.number) for name, line in reading.lines.items() if line.number]
        shown = [each for each in shown if each[0] > 1]  # a line of length 1 is the price itself
        if not shown:
            return self._another
        period, name, number = min(shown)
        price, value = reading.price.value, number.value
        self._turn(name, at // self._bar_s * self._bar_s)
        start = closed_value(price, value, period)
        starts = [closed_value(*pair, period) for pair in self._within]
        if starts and is_far(median(starts), start):
            self._near = False
            return True
        far = not self._near and _far_start(reading, start, max(shown)[2].value)
        self._near = not far
        moved = self._last is None or value != self._last[1] or price == self._last[0]
        self._last = (price, value)
        if moved:  # a line that stands still while the price moves is late or frozen, which is another matter
            self._within.append(self._last)
        if closed is None or closed[0] != self._slot - self._bar_s:
            return self._another or far
        distance = price_distance(_array(self._before), closed[1], _array(self._within), period)
        if distance is None:
            return self._another or far
        tick = 10.0 ** -min(reading.price.decimals, number.decimals)
        self._another = is_another_venue(distance, price, tick, period)
        self._near = not self._another
        return self._another

    def _turn(self, name: str, slot: float) -> None:
        if name != self._line:
            self._line, self._before, self._within, self._slot = name, [], [], slot
        elif slot != self._slot:
            self._before = self._within if slot == self._slot + self._bar_s else []
            self._within, self._slot = [], slot


def _far_start(reading: ChartReading, start: float, slowest: float) -> bool:
    """Whether the fastest line stood far from the price at the last close, and further than the slowest line stands.

    After a crash the fastest has come nearest to the price; of another market's lines it is furthest from it.
    """
    opened = reading.price.value if reading.bar is None else reading.bar.open
    return is_far(opened, start) and abs(start - opened) > abs(slowest - opened)


class Verdict(NamedTuple):
    """What a reading is worth: its quality (schema.QUALITIES), what is wrong in words, and the colours that say a direction, by line."""

    quality: str
    wrong: list[str]
    colours: dict[str, str]


class SampleWatch:
    """Judges the readings of one chart in the order they were taken."""

    def __init__(self, minutes: int, symbol: str, check_venue: bool = True) -> None:
        self._symbol = symbol
        self._frozen = FrozenWatch()
        self._directions = DirectionWatch(minutes * 60, check_venue)
        self._venue = _VenueWatch(minutes * 60) if check_venue else None

    def judge(
        self,
        reading: ChartReading,
        lines: Sequence[str],
        at: pd.Timestamp,
        steady_s: float,
        closed: tuple[float, float] | None = None,
    ) -> Verdict:
        """The verdict on a reading for a file with `lines`; `closed`: the candle before as (open time, close), where its end was seen."""
        values = tuple(_value(reading, name) for name in lines)
        others = () if reading.bar is None else (reading.bar,)
        frozen = self._frozen.frozen(values, reading.price.value, others, steady_s)
        mismatch = self._venue is not None and self._venue.mismatch(reading, at.timestamp(), closed)
        colours, words = self._directions.colours(reading, lines, at.timestamp(), not mismatch)
        missing = [name for name, value in zip(lines, values, strict=True) if value is None]
        found = {
            "frozen": ["nothing, or only the price, moved for a minute"] if frozen else [],
            "venue_mismatch": ["the ribbon is not made of the price shown"] if mismatch else [],
            "partial": [f"no value for {', '.join(missing)}"] if missing else [],
        }
        if reading.other_symbols:
            found["venue_mismatch"].append("the ribbon's study names another market")
        quality = next((name for name, why in found.items() if why), "ok")
        return Verdict(quality, [*(word for why in found.values() for word in why), *words], colours)

    def sample(
        self, reading: ChartReading, lines: Sequence[str], at: pd.Timestamp, verdict: Verdict
    ) -> pd.DataFrame:
        """A reading as a samples frame of one row with the columns of `lines`; a partial row's state is unknown."""
        colours = [verdict.colours[name] for name in lines]
        columns: dict[str, object] = {
            "price": reading.price.value,
            "state": "unknown" if verdict.quality == "partial" else ribbon_state(colours),
            "quality": verdict.quality,
            "symbol": self._symbol,
            schema.SOURCE_COLUMN: schema.CHART_SOURCE,
        }
        values = (_value(reading, name) for name in lines)
        columns |= {
            name: np.nan if value is None else value for name, value in zip(lines, values, strict=True)
        }
        columns |= {f"{name}_color": colour for name, colour in zip(lines, colours, strict=True)}
        index = pd.DatetimeIndex([at], name="timestamp").as_unit("us")
        return pd.DataFrame(columns, index=index)


def _value(reading: ChartReading, name: str) -> float | None:
    line = reading.lines.get(name)
    return line.number.value if line and line.number else None


def _array(pairs: list[tuple[float, float]]) -> np.ndarray:
    return np.array(pairs, dtype=float).reshape(-1, 2)
