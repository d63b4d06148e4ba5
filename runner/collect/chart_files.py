"""The two files of one chart: samples and candles, held open under their locks, and what waits while the disk is full.

The columns of a samples file are fixed when it is made: a line that is no longer shown is blank, one that is new has no column. Rows that
the disk refused are kept in memory and written first when space returns, with the times they were read at (docs/guarantees.md, D4).
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.data import formats
from lib.errors import DataError
from lib.market.ribbon import line_names
from runner.collect.chart_reading import Bar
from runner.errors import WriteFailedError
from runner.files import tables
from runner.files.journal import Journal
from runner.files.present import last_time

#: Rows kept while the disk is full: some three hours of one chart. Older ones are given up, and counted.
MOST_WAITING = 1_000
#: What stands in the candles' `source` column for candles that were watched.
SOURCE = "chart"


class ChartFiles:
    """Samples and candles of one timeframe; use it as a context. `lines` are the file's, [] until a new file has them."""

    def __init__(self, folder: Path, timeframe: str, symbol: str) -> None:
        self._timeframe = timeframe
        self._symbol = symbol
        self._samples = Journal(
            folder / schema.SAMPLE_FILES[timeframe],
            [*schema.SAMPLE_COLUMNS, *schema.SAMPLE_EXTRA_COLUMNS],
            later=schema.LATER_SAMPLE_COLUMNS,
            grows=False,
        )
        self._candles = tables.candles_journal(folder, timeframe, with_source=True)
        self._held = ExitStack()
        self._waiting_samples: list[pd.DataFrame] = []
        self._waiting_candles: list[pd.DataFrame] = []
        self._decimals = self._line_decimals = 0
        self.lines: list[str] = []
        self.last: pd.Timestamp | None = None
        self.given_up = 0  #: rows lost because the disk stayed full

    def __enter__(self) -> ChartFiles:
        with ExitStack() as held:
            held.enter_context(self._samples)
            held.enter_context(self._candles)
            tables.check_symbol(self._samples, self._symbol)
            self._candles.begin()  # readers want an empty table rather than none
            self.last = last_time(self._samples)
            if not self._samples.empty:
                self.lines = line_names(self._samples.header)
                if not self.lines:
                    raise DataError(
                        "the file has no line columns",
                        path=self._samples.path,
                        fix="Collect into another folder",
                    )
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    @property
    def waiting(self) -> int:
        """Rows that wait for space on the disk."""
        return len(self._waiting_samples) + len(self._waiting_candles)

    def begin(self, lines: list[str]) -> None:
        """Give a new samples file its lines, once and for all."""
        self.lines = lines
        empty = pd.DataFrame(columns=[*lines, *(f"{name}_color" for name in lines)])
        self._samples.lay_out(formats.sample_header(empty))

    def show(self, decimals: int, line_decimals: int) -> None:
        """Decimals that were shown; rows are written with as many as were ever shown since the files were opened."""
        self._decimals = max(self._decimals, decimals)
        self._line_decimals = max(self._line_decimals, line_decimals)

    def take_sample(self, sample: pd.DataFrame) -> None:
        """A sample to write, as a frame of one row."""
        self._keep(self._waiting_samples, sample)

    def take_candle(self, opened: pd.Timestamp, bar: Bar) -> None:
        """A closed candle to write."""
        prices = np.array([bar.open, bar.high, bar.low, bar.close])
        self.show(formats.price_decimals(prices), 0)
        values = {
            "open": bar.open,
            "high": bar.high,
            "low": bar.low,
            "close": bar.close,
            "volume": float("nan") if bar.volume is None else bar.volume,
            schema.SOURCE_COLUMN: SOURCE,
        }
        index = pd.DatetimeIndex([opened], name="timestamp").as_unit("us")
        self._keep(self._waiting_candles, pd.DataFrame(values, index=index))

    def write(self) -> None:
        """Write what waits; raises WriteFailedError while the disk takes nothing, FsyncFailedError when all is lost."""
        failed: WriteFailedError | None = None
        for waiting, append in (
            (self._waiting_samples, self._append_samples),
            (self._waiting_candles, self._append_candles),
        ):
            try:
                if waiting:
                    append(pd.concat(waiting))
                    waiting.clear()
            except WriteFailedError as error:
                failed = error
        if failed is not None:
            raise failed

    def _append_samples(self, frame: pd.DataFrame) -> None:
        tables.append_samples(self._samples, frame, self._symbol, self._decimals, self._line_decimals)

    def _append_candles(self, frame: pd.DataFrame) -> None:
        if schema.SOURCE_COLUMN not in self._candles.header:  # an older file goes on as it is
            frame = frame.drop(columns=schema.SOURCE_COLUMN)
        tables.append_candles(self._candles, frame, self._decimals)

    def _keep(self, waiting: list[pd.DataFrame], row: pd.DataFrame) -> None:
        waiting.append(row)
        if len(waiting) > MOST_WAITING:
            del waiting[0]
            self.given_up += 1
