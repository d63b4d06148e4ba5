"""The two files of one chart: samples and candles, held open under their locks, and what waits while the disk is full.

The columns of a samples file are fixed when it is made: a line that is no longer shown is blank, one that is new has no column. Rows that
the disk refused are kept in memory and written first when space returns, with the times they were read at (docs/guarantees.md, D4).
"""

from __future__ import annotations

from collections.abc import Callable
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


class WaitingRows:
    """Rows on their way to a file, in the order they were taken: the disk may refuse them for a while."""

    def __init__(self, append: Callable[[pd.DataFrame], object]) -> None:
        self._append = append
        self._waiting: list[pd.DataFrame] = []
        self.given_up = 0  #: rows lost because the disk stayed full

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, row: pd.DataFrame) -> None:
        """A frame of one row to write."""
        self._waiting.append(row)
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[0]
            self.given_up += 1

    def write(self) -> None:
        """Write what waits; raises WriteFailedError while the disk takes nothing, FsyncFailedError when all is lost."""
        if self._waiting:
            self._append(pd.concat(self._waiting))
            self._waiting.clear()


class CandleFile:
    """The candles of one timeframe, held open; use it as a context. `source` is what their column of that name says."""

    def __init__(self, folder: Path, timeframe: str, source: str = schema.CHART_SOURCE) -> None:
        self.journal = tables.candles_journal(folder, timeframe, with_source=True)
        self.rows = WaitingRows(self._append)
        self._source = source
        self._decimals = 0

    def __enter__(self) -> CandleFile:
        with ExitStack() as held:
            held.enter_context(self.journal)
            self.journal.begin()  # readers want an empty table rather than none
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def show(self, decimals: int) -> None:
        """Decimals that were shown; rows are written with as many as were ever shown since the file was opened."""
        self._decimals = max(self._decimals, decimals)

    def take(self, opened: pd.Timestamp, bar: Bar) -> None:
        """A closed candle to write."""
        self.show(formats.price_decimals(np.array([bar.open, bar.high, bar.low, bar.close])))
        values = {
            "open": bar.open,
            "high": bar.high,
            "low": bar.low,
            "close": bar.close,
            "volume": float("nan") if bar.volume is None else bar.volume,
            schema.SOURCE_COLUMN: self._source,
        }
        index = pd.DatetimeIndex([opened], name="timestamp").as_unit("us")
        self.rows.take(pd.DataFrame(values, index=index))

    def _append(self, frame: pd.DataFrame) -> None:
        if schema.SOURCE_COLUMN not in self.journal.header:  # an older file goes on as it is
            frame = frame.drop(columns=schema.SOURCE_COLUMN)
        tables.append_candles(self.journal, frame, self._decimals)


class ChartFiles:
    """Samples and candles of one timeframe; use it as a context. `lines` are the file's, [] until a new file has them."""

    def __init__(self, folder: Path, timeframe: str, symbol: str, source: str = schema.CHART_SOURCE) -> None:
        self._symbol = symbol
        self.samples = Journal(
            folder / schema.SAMPLE_FILES[timeframe],
            [*schema.SAMPLE_COLUMNS, *schema.SAMPLE_EXTRA_COLUMNS],
            later=schema.LATER_SAMPLE_COLUMNS,
            grows=False,
        )
        self.candles = CandleFile(folder, timeframe, source)
        self._rows = WaitingRows(self._append)
        self._held = ExitStack()
        self._decimals = self._line_decimals = 0
        self.lines: list[str] = []
        self.last: pd.Timestamp | None = None

    def __enter__(self) -> ChartFiles:
        with ExitStack() as held:
            held.enter_context(self.samples)
            tables.check_symbol(self.samples, self._symbol)
            held.enter_context(self.candles)
            self.last = last_time(self.samples)
            if not self.samples.empty:
                self.lines = line_names(self.samples.header)
                if not self.lines:
                    raise DataError(
                        "the file has no line columns",
                        path=self.samples.path,
                        fix="Collect into another folder",
                    )
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    @property
    def waiting(self) -> int:
        """Rows that wait for space on the disk."""
        return len(self._rows) + len(self.candles.rows)

    @property
    def given_up(self) -> int:
        """Rows lost because the disk stayed full."""
        return self._rows.given_up + self.candles.rows.given_up

    def begin(self, lines: list[str]) -> None:
        """Give a new samples file its lines, once and for all."""
        self.lines = lines
        empty = pd.DataFrame(columns=[*lines, *(f"{name}_color" for name in lines)])
        self.samples.lay_out(formats.sample_header(empty))

    def show(self, decimals: int, line_decimals: int) -> None:
        """Decimals that were shown; rows are written with as many as were ever shown since the files were opened."""
        self._decimals = max(self._decimals, decimals)
        self._line_decimals = max(self._line_decimals, line_decimals)
        self.candles.show(decimals)

    def take_sample(self, sample: pd.DataFrame) -> None:
        """A sample to write, as a frame of one row."""
        self._rows.take(sample)

    def take_candle(self, opened: pd.Timestamp, bar: Bar) -> None:
        """A closed candle to write."""
        self.candles.take(opened, bar)
        self.show(formats.price_decimals(np.array([bar.open, bar.high, bar.low, bar.close])), 0)

    def write(self) -> None:
        """Write what waits; raises WriteFailedError while the disk takes nothing, FsyncFailedError when all is lost."""
        failed: WriteFailedError | None = None
        for rows in (self._rows, self.candles.rows):
            try:
                rows.write()
            except WriteFailedError as error:
                failed = error
        if failed is not None:
            raise failed

    def _append(self, frame: pd.DataFrame) -> None:
        tables.append_samples(self.samples, frame, self._symbol, self._decimals, self._line_decimals)
