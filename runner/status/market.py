"""Price and ribbon of a folder as they are now, and the prices of the last hours: the samples files tailed, never read whole."""

from __future__ import annotations

from collections.abc import Sequence
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
from lib.market.ribbon import classify_colour, colour_names, line_names
from runner.trade.tail import Tail

#: How many of the prices of the last hours are kept: one a minute.
_EVERY_US = 60_000_000
#: Qualities of a sample whose price counts as one.
_PRICED = ("ok", "partial")
#: Time (microseconds), lowest and highest line, state.
Sampled = tuple[int, float, float, str]


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

    def ribbons(self) -> dict[str, list[Sampled]]:
        """By timeframe: time (microseconds), lowest and highest line and state of its ribbon, one a minute, likewise."""
        return {name: chart.ribbon for name, chart in self._charts.items()}


class _Chart:
    def __init__(self, path: Path, keep: pd.Timedelta) -> None:
        self._tail, self._keep = Tail(path, _rows, max(keep, SAMPLE_CONTEXT)), keep
        self._recent = pd.DataFrame()
        self._told: dict[str, Any] | None = None
        self.prices: list[tuple[int, float]] = []
        self.ribbon: list[Sampled] = []

    def now(self, now: pd.Timestamp) -> dict[str, Any] | None:
        if not self._tail.path.exists():
            self._forget()
            return None
        fresh = self._tail.poll(now)
        if self._tail.restarted:
            self._forget()
        if fresh is not None:
            self._take(fresh)
        return self._told

    def _take(self, fresh: pd.DataFrame) -> None:
        recent = pd.concat([self._recent, fresh]) if len(self._recent) else fresh
        self._recent = recent[recent.index > recent.index[-1] - SAMPLE_CONTEXT]
        samples = samples_of(self._recent, causal=True)
        self._told = _newest(samples)
        told = samples_of(fresh) if len(fresh) > len(samples) else samples.tail(len(fresh))
        since = int(instants(told.index)[-1]) - self._keep // pd.Timedelta(microseconds=1)
        self.prices = [row for row in self._prices(told) if row[0] > since]
        self.ribbon = [row for row in self._ribbon(told) if row[0] > since]

    def _forget(self) -> None:
        self._recent, self._told, self.prices, self.ribbon = pd.DataFrame(), None, [], []

    def _prices(self, samples: pd.DataFrame) -> list[tuple[int, float]]:
        usable = samples[samples["quality"].isin(_PRICED)]
        return _one_a_minute(
            self.prices, list(zip(instants(usable.index).tolist(), usable["price"], strict=True))
        )

    def _ribbon(self, samples: pd.DataFrame) -> list[Sampled]:
        """Of samples whose lines are settled."""
        names = line_names(samples.columns)
        settled = samples[samples["quality"] != "partial"]
        if not names or settled.empty:
            return self.ribbon
        lines, at = settled[names].to_numpy(dtype=float), instants(settled.index).tolist()
        edges = lines.min(axis=1).tolist(), lines.max(axis=1).tolist()
        fresh = zip(at, *edges, settled["state"].astype(str), strict=True)
        return _one_a_minute(self.ribbon, [row for row in fresh if row[1] == row[1]])


def _one_a_minute(kept: list[Any], fresh: Sequence[Any]) -> list[Any]:
    """Rows that begin with their time, the last of each minute."""
    found = list(kept)
    for row in fresh:
        if found and found[-1][0] // _EVERY_US == row[0] // _EVERY_US:
            found.pop()
        found.append(row)
    return found


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
