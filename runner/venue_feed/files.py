"""The files of a market that is collected from an exchange: its minutes, and samples and candles of both charts, under their locks."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.data import formats
from lib.errors import DataError
from lib.market.ribbon import LINE_PERIODS, WARM_CANDLES
from runner.collect.chart_files import CandleFile, ChartFiles
from runner.collect.chart_reading import Bar
from runner.errors import WriteFailedError
from runner.files.present import closes_before, newest_candles
from runner.venue_feed.minutes import LENGTH_S, Minute

_LINES = [f"MMA{period}" for period in LINE_PERIODS]
#: Of the folder's minutes so many are known again at a start: those of the longest candle, and some to compare.
_MINUTES_BACK = 60


class VenueFiles:
    """All five files; use it as a context. Raises LockedError, and DataError where they are of another market or have other lines."""

    def __init__(self, folder: Path, market: str, source: str) -> None:
        self.minutes = CandleFile(folder, "1min", source)
        self.charts = {name: ChartFiles(folder, name, market, source) for name in schema.RIBBON_TIMEFRAMES}
        self.past: list[Minute] = []  #: the newest minutes that the folder held
        self._held = ExitStack()

    def __enter__(self) -> VenueFiles:
        with ExitStack() as held:
            held.enter_context(self.minutes)
            for files in self.charts.values():
                held.enter_context(files)
                if not files.lines:
                    files.begin(_LINES)
                if unknown := [name for name in files.lines if name not in _LINES]:
                    raise DataError(
                        f"the file has lines that an exchange's ribbon has not: {', '.join(unknown)}",
                        path=files.samples.path,
                        fix="Collect into another folder",
                    )
            newest = newest_candles(self.minutes.journal, _MINUTES_BACK)
            opens = (newest.index.as_unit("us").asi8 // 1_000_000).tolist()
            values = newest[["open", "high", "low", "close", "volume"]].to_numpy(float).tolist()
            self.past = [Minute(at, *row) for at, row in zip(opens, values, strict=True)]
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    @property
    def last(self) -> pd.Timestamp | None:
        """The time of the newest row: a sample's, or a minute's end; none that closes would follow a minute that is ahead of the clock."""
        samples = [each.last for each in self.charts.values() if each.last is not None]
        return max([*samples, *(_instant(each.ended) for each in self.past[-1:])], default=None)

    @property
    def waiting(self) -> int:
        """Rows that wait for space on the disk."""
        return len(self.minutes.rows) + sum(files.waiting for files in self.charts.values())

    def closes(self, timeframe: str, before: pd.Timestamp) -> pd.Series:
        """Closes of the bars before an instant, as the folder has them; too few of them are as none."""
        files = self.charts[timeframe]
        found = closes_before(before, schema.MINUTES[timeframe], files.samples, files.candles.journal)
        return found if len(found) >= WARM_CANDLES else found.iloc[:0]

    def show(self, decimals: int) -> None:
        """Write prices with at least so many decimals."""
        self.minutes.show(decimals)
        for files in self.charts.values():
            files.show(decimals, decimals + formats.MORE_LINE_DECIMALS)

    def take_minute(self, minute: Minute) -> None:
        """A closed minute to write."""
        self.minutes.take(_instant(minute.opened), Bar(*minute[1:]))

    def take_candle(self, timeframe: str, minutes: list[Minute]) -> None:
        """The candle that whole `minutes` make, to write."""
        bar = Bar(
            minutes[0].open,
            max(each.high for each in minutes),
            min(each.low for each in minutes),
            minutes[-1].close,
            sum(each.volume for each in minutes),
        )
        self.charts[timeframe].take_candle(_instant(minutes[0].opened), bar)

    def write(self) -> None:
        """Write what waits; raises WriteFailedError while the disk takes nothing, FsyncFailedError when all is lost."""
        failed: WriteFailedError | None = None
        for write in (self.minutes.rows.write, *(files.write for files in self.charts.values())):
            try:
                write()
            except WriteFailedError as error:
                failed = error
        if failed is not None:
            raise failed


def ends_candle(minute: Minute, timeframe: str) -> bool:
    """Whether a minute is the last of a candle of the timeframe."""
    return minute.ended % (schema.MINUTES[timeframe] * LENGTH_S) == 0


def _instant(seconds: int) -> pd.Timestamp:
    return pd.Timestamp(seconds, unit="s", tz="UTC").as_unit("us")
