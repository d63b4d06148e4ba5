"""The ribbon of one timeframe over an exchange's prices: by the same formula as `ribbon backfill`, so that both give the same values.

A sample is of an instant, and of the forming bar that it lies in; one that is made of a closed minute is stamped at that minute's end
(docs/definitions.md, Known at).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.market.ribbon import ribbon_on_forming_bars

#: Closes that are kept: older bars weigh less than a rounding error in the longest line.
_BARS_KEPT = 3_000


class PriceAt(NamedTuple):
    """A price at an instant (seconds since 1970 UTC), and what its sample's `source` says."""

    at: float
    price: float
    source: str
    frozen: bool = False


class VenueChart:
    """The bars of one timeframe. `closes`: of the bars so far, index = open, as `closes_before` of runner.files.present gives them."""

    def __init__(self, timeframe: str, closes: pd.Series | None = None) -> None:
        self.timeframe = timeframe
        self.minutes = schema.MINUTES[timeframe]
        self._closes: dict[int, float] = {}
        self._known: dict[int, float] = {}  #: by bar the instant of its close so far
        if closes is not None:
            step = self.minutes * 60
            opens = pd.DatetimeIndex(closes.index).as_unit("us").asi8 // (step * 1_000_000)
            self._closes = dict(zip(opens.tolist(), closes.to_numpy(float).tolist(), strict=True))

    def note(self, at: float, price: float) -> None:
        """A price of the bar that `at` lies in: its close, until a later one is noted."""
        bar = self._bar(at)
        if at >= self._known.get(bar, 0.0):
            self._closes[bar], self._known[bar] = price, at
        if len(self._closes) > _BARS_KEPT:
            del self._closes[min(self._closes)]
            self._known = {bar: self._known[bar]}

    def samples(self, prices: Sequence[PriceAt]) -> pd.DataFrame:
        """A samples frame of `prices`, in order of time, a row each; they are noted, too."""
        instants = pd.DatetimeIndex(
            pd.to_datetime([round(each.at * 1_000) for each in prices], unit="ms", utc=True)
        )
        series = pd.Series([each.price for each in prices], index=instants.as_unit("us"))
        first = self._bar(prices[0].at)
        before = {bar: close for bar, close in self._closes.items() if bar < first}
        for each in prices:
            self.note(each.at, each.price)
        opens = pd.DatetimeIndex(
            np.array(list(before), dtype=np.int64) * self.minutes * 60_000_000_000, tz="UTC"
        )
        history = pd.Series(list(before.values()), index=opens.as_unit("us"), dtype=float).sort_index()
        frame = ribbon_on_forming_bars(series, self.minutes, history)
        quality = np.where([each.frozen for each in prices], "frozen", frame["quality"])
        return frame.assign(quality=quality, **{schema.SOURCE_COLUMN: [each.source for each in prices]})

    def _bar(self, at: float) -> int:
        """The bar (open, end] that an instant lies in, by its number."""
        return (round(at * 1_000) - 1) // (self.minutes * 60_000)
