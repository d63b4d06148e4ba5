"""The readings of one chart in a row: which quality each has, and the sample it becomes.

A reading alone does not show that the data behind it stand still, or are of two venues; the ones before it do. Ages come from a steady
clock. What would surprise: a chart on which nothing moves for a minute, volume included, is `frozen` too (a feed that stopped
leaves no other mark), while readers call a run frozen only if the price moved. The first of several reasons names the quality:
frozen, venue_mismatch, partial.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.market.ribbon import FROZEN_SECONDS, ribbon_state
from lib.market.venue import is_another_venue, is_far, price_distance
from runner.collect.chart_reading import ChartReading


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

    Without the very last price of the candle before there is no verdict: in lively markets the next one opens elsewhere.
    """

    def __init__(self, bar_s: int) -> None:
        self.mismatch = False
        self._bar_s = bar_s
        self._line = ""
        self._slot = 0.0
        self._before: list[tuple[float, float]] = []
        self._within: list[tuple[float, float]] = []
        self._last: tuple[float, float] | None = None

    def judge(self, reading: ChartReading, at: float, closed: tuple[float, float] | None) -> bool:
        """Take in a reading at `at` (seconds since 1970); `closed` is the candle before as (open time, close).

        Returns whether ribbon and price are of two venues.
        """
        shown = [(int(name[3:]), name, line.number) for name, line in reading.lines.items() if line.number]
        if not shown:
            return self.mismatch
        period, name, number = min(shown)
        price, value = reading.price.value, number.value
        if is_far(price, value):
            self.mismatch = True
            return True
        self._turn(name, at // self._bar_s * self._bar_s)
        moved = self._last is None or value != self._last[1] or price == self._last[0]
        self._last = (price, value)
        if moved:  # a line that stands still while the price moves is late or frozen, which is another matter
            self._within.append(self._last)
        if closed is None or closed[0] != self._slot - self._bar_s:
            return self.mismatch
        distance = price_distance(_array(self._before), closed[1], _array(self._within), period)
        if distance is not None:
            tick = 10.0 ** -min(reading.price.decimals, number.decimals)
            self.mismatch = is_another_venue(distance, price, tick, period)
        return self.mismatch

    def _turn(self, name: str, slot: float) -> None:
        if name != self._line:
            self._line, self._before, self._within, self._slot = name, [], [], slot
        elif slot != self._slot:
            self._before = self._within if slot == self._slot + self._bar_s else []
            self._within, self._slot = [], slot


class SampleWatch:
    """Judges the readings of one chart in the order they were taken."""

    def __init__(self, minutes: int, symbol: str, check_venue: bool = True) -> None:
        self._symbol = symbol
        self._frozen = FrozenWatch()
        self._venue = _VenueWatch(minutes * 60) if check_venue else None

    def quality(
        self,
        reading: ChartReading,
        lines: Sequence[str],
        at: pd.Timestamp,
        steady_s: float,
        closed: tuple[float, float] | None = None,
    ) -> tuple[str, list[str]]:
        """The quality of a reading (schema.QUALITIES) for a file with `lines`, and in words what is wrong.

        `closed`: the candle before as (open time, close), where its end was seen.
        """
        values = tuple(_value(reading, name) for name in lines)
        others = () if reading.bar is None else (reading.bar,)
        frozen = self._frozen.frozen(values, reading.price.value, others, steady_s)
        mismatch = self._venue is not None and self._venue.judge(reading, at.timestamp(), closed)
        missing = [name for name, value in zip(lines, values, strict=True) if value is None]
        found = {
            "frozen": ["nothing, or only the price, moved for a minute"] if frozen else [],
            "venue_mismatch": ["the ribbon is not made of the price shown"] if mismatch else [],
            "partial": [f"no value for {', '.join(missing)}"] if missing else [],
        }
        if reading.other_symbols:
            found["venue_mismatch"].append("the ribbon's study names another market")
        quality = next((name for name, words in found.items() if words), "ok")
        return quality, [word for words in found.values() for word in words]

    def sample(
        self, reading: ChartReading, lines: Sequence[str], at: pd.Timestamp, quality: str
    ) -> pd.DataFrame:
        """A reading as a samples frame of one row with the columns of `lines`; a partial row's state is unknown."""
        found = [reading.lines.get(name) for name in lines]
        colours = [line.colour if line and line.number else "" for line in found]
        columns: dict[str, object] = {
            "price": reading.price.value,
            "state": "unknown" if quality == "partial" else ribbon_state(colours),
            "quality": quality,
            "symbol": self._symbol,
        }
        columns |= {
            name: line.number.value if line and line.number else np.nan
            for name, line in zip(lines, found, strict=True)
        }
        columns |= {f"{name}_color": colour for name, colour in zip(lines, colours, strict=True)}
        index = pd.DatetimeIndex([at], name="timestamp").as_unit("us")
        return pd.DataFrame(columns, index=index)


def _value(reading: ChartReading, name: str) -> float | None:
    line = reading.lines.get(name)
    return line.number.value if line and line.number else None


def _array(pairs: list[tuple[float, float]]) -> np.ndarray:
    return np.array(pairs, dtype=float).reshape(-1, 2)
