"""Price and ribbon of a folder as they are now, and the prices of the last hours: the samples files tailed, never read whole."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.data.loaders import SAMPLE_CONTEXT, parse_samples, samples_of
from lib.data.rows import Rows
from lib.data.slices import Slice
from lib.market.readings import instants
from lib.market.ribbon import classify_colour, colour_names
from runner.trade.tail import Tail

#: How many of the prices of the last hours are kept: one a minute.
_EVERY_US = 60_000_000
#: Qualities of a sample whose price counts as one.
_PRICED = ("ok", "partial")


class MarketOfFolder:
    """The samples of both charts, read on from look to look. `keep`: so far back prices are told."""

    def __init__(self, folder: Path, keep: pd.Timedelta = SAMPLE_CONTEXT) -> None:
        self._charts = {name: _Chart(folder / file, keep) for name, file in schema.SAMPLE_FILES.items()}

    def now(self, timeframe: str, now: pd.Timestamp) -> dict[str, Any] | None:
        """The newest sample of a chart; null without one. Raises DataError."""
        return self._charts[timeframe].now(now)

    def prices(self) -> list[tuple[int, float]]:
        """Time (microseconds) and price of the 5-minute chart, one a minute, by what was read last."""
        return self._charts["5min"].prices


class _Chart:
    def __init__(self, path: Path, keep: pd.Timedelta) -> None:
        self._tail, self._keep = Tail(path, _rows, max(keep, SAMPLE_CONTEXT)), keep
        self._recent = pd.DataFrame()
        self._told: dict[str, Any] | None = None
        self.prices: list[tuple[int, float]] = []

    def now(self, now: pd.Timestamp) -> dict[str, Any] | None:
        if not self._tail.path.exists():
            self._recent, self._told, self.prices = pd.DataFrame(), None, []
            return None
        fresh = self._tail.poll(now)
        if self._tail.restarted:
            self._recent, self._told, self.prices = pd.DataFrame(), None, []
        if fresh is not None:
            self._take(fresh)
        return self._told

    def _take(self, fresh: pd.DataFrame) -> None:
        recent = pd.concat([self._recent, fresh]) if len(self._recent) else fresh
        self._recent = recent[recent.index > recent.index[-1] - SAMPLE_CONTEXT]
        samples = samples_of(self._recent, causal=True)
        self._told = _newest(samples)
        self._take_prices(samples_of(fresh) if len(fresh) > len(samples) else samples.tail(len(fresh)))

    def _take_prices(self, samples: pd.DataFrame) -> None:
        usable = samples[samples["quality"].isin(_PRICED)]
        for at, price in zip(instants(usable.index), usable["price"], strict=True):
            if self.prices and self.prices[-1][0] // _EVERY_US == at // _EVERY_US:
                self.prices.pop()
            self.prices.append((int(at), float(price)))
        since = int(instants(samples.index)[-1]) - self._keep // pd.Timedelta(microseconds=1)
        self.prices = [(at, price) for at, price in self.prices if at > since]


def _rows(piece: Slice, clock: int) -> Rows:
    return parse_samples(piece, None, None, None, clock)


def _newest(samples: pd.DataFrame) -> dict[str, Any]:
    """The last sample in JSON types; `colours` of its lines from the shortest to the longest, "" where a line has none."""
    row = samples.iloc[-1]
    states = samples["state"].to_numpy(object)
    changed = max((place for place, (a, b) in enumerate(pairwise(states), 1) if a != b), default=0)
    return {
        "at": iso(samples.index[-1]),
        "price": float(row["price"]),
        "usable": str(row["quality"]) in _PRICED,
        "state": str(row["state"]),
        "state_since": iso(samples.index[changed]) if changed else None,
        "quality": str(row["quality"]),
        "symbol": str(row["symbol"]),
        "colours": [classify_colour(row[name]) for name in colour_names(samples.columns)],
    }
