"""The replay's feed: collected or backfilled history, stepped through at the times of its 5-minute samples.

Everything is loaded once; what a tick may see is moved forward with the clock. A candle is known at its close, a sample at its timestamp
(docs/definitions.md, Known at), and a sample's quality is what was known of it while it was the newest.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.data.loaders import empty_candles, load_candles, load_samples
from lib.errors import EmptyWindowError
from lib.market.readings import instant
from runner.trade.clock import SetClock
from runner.trade.known import CandleTable, MarketTables, SampleTable


class HistoryFeed:
    """Ticks of (start, end]; rows from `warm_from` on are known to it. Sets `clock` to each tick's time. `as_batch`: as of SampleTable."""

    def __init__(
        self,
        folder: Path,
        warm_from: pd.Timestamp,
        start: pd.Timestamp,
        end: pd.Timestamp,
        clock: SetClock,
        as_batch: bool = False,
    ) -> None:
        self.clock = clock
        self.known = MarketTables(
            {
                name: SampleTable(name, load_samples(folder, name, warm_from, end, causal=True)[0], as_batch)
                for name in schema.RIBBON_TIMEFRAMES
            },
            {name: CandleTable(_candles(folder, name, warm_from, end)) for name in schema.CANDLE_FILES},
            measured=True,
        )
        times = self.known.main.at
        self.times = times[(times > instant(start)) & (times <= instant(end))]
        if not len(self.times):
            raise EmptyWindowError(
                f"{folder}: no sample in ({iso(start)}, {iso(end)}]: choose --from and --to within the data"
            )
        self._place = 0

    def poll(self) -> bool:
        """The next tick; False at the end."""
        if self._place == len(self.times):
            return False
        self.clock.at_us = int(self.times[self._place])
        self._place += 1
        self.known.know(self.clock.at_us)
        return True

    @property
    def next_at(self) -> int | None:
        """The time of the next tick; None at the end."""
        return int(self.times[self._place]) if self._place < len(self.times) else None

    def age_s(self, timeframe: str) -> float:
        """By the simulated clock."""
        table = self.known.samples[timeframe]
        if not table.known:
            return float(np.inf)
        return (self.clock.at_us - int(table.at[table.newest])) / 1e6

    def price_age_s(self) -> float:
        """By the simulated clock."""
        at = self.known.priced_at
        return (self.clock.at_us - at) / 1e6 if at >= 0 else float(np.inf)


def _candles(folder: Path, timeframe: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    if timeframe == "1min" and not (folder / schema.CANDLE_FILES[timeframe]).exists():
        return empty_candles()
    return load_candles(folder, timeframe, start, end)[0]
