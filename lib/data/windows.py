"""The windows of many instants of a folder, out of rows that are parsed once.

Each is what `lib.data.window.load_window` gives, to the last cell and count. Where the rows of all of them do not tell what one of them
holds (lib.data.hours; a row that is set aside in it or at its ends, which is counted) it is loaded alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import microseconds, parse_instant
from lib.data.decisions import as_known
from lib.data.hours import HoursRead, read_hours
from lib.data.market import FILES
from lib.data.newest import newest_symbol
from lib.data.rows import RowCounts
from lib.data.source import source_of
from lib.data.window import DECISIONS_WARMUP, WARMUP, MarketWindow, folder_of, load_window
from lib.errors import EmptyWindowError
from lib.market.readings import instants

_MINUTE = 60_000_000
_DECISIONS = "decisions"


def load_windows(
    trading_data: str | Path | None,
    as_ofs: Sequence[pd.Timestamp],
    lookback_hours: float = 24.0,
    read: HoursRead | None = None,
) -> Iterator[MarketWindow | None]:
    """The window of each of `as_ofs`, which come in their order; None where nothing was known. Raises as load_window at each of them.

    `read` are rows of the folder at hand that may reach further (lib.data.hours.read_hours); None: they are read.
    """
    if not as_ofs:
        return
    folder, lookback = folder_of(trading_data), pd.Timedelta(hours=lookback_hours)
    as_ofs = [parse_instant(as_of) for as_of in as_ofs]
    if read is None and len(as_ofs) > 1:
        read = read_hours(folder, as_ofs[0] - lookback, as_ofs[-1])
    cut = _Cut(folder, float(lookback_hours), read) if read is not None else None
    for as_of in as_ofs:
        window = cut.window(as_of) if cut else None
        if window is None:
            window = _alone(folder, as_of, lookback_hours)
        yield window


def _alone(folder: Path, as_of: pd.Timestamp, lookback_hours: float) -> MarketWindow | None:
    try:
        return load_window(folder, as_of, lookback_hours)
    except EmptyWindowError:
        return None


class _Cut:
    """Windows cut out of the rows of many hours."""

    def __init__(self, folder: Path, lookback_hours: float, read: HoursRead):
        self._folder, self._lookback_hours, self._read = folder, lookback_hours, read
        self._last_symbol = cache(newest_symbol)
        self._frames = {name: getattr(read, name) for name in FILES}
        self._at = {name: instants(frame.index) for name, frame in self._frames.items()}
        self._at[_DECISIONS] = instants(pd.DatetimeIndex(read.decisions["timestamp"]))

    def window(self, as_of: pd.Timestamp) -> MarketWindow | None:
        """The window up to `as_of`; None where the rows do not tell, or nothing was known."""
        start = as_of - pd.Timedelta(hours=self._lookback_hours)
        if not self._read.reach.show(microseconds(as_of), microseconds(start - WARMUP)):
            return None
        frames, counts = {}, {}
        for name in self._frames:
            bounds = self._bounds(name, start - WARMUP, as_of)
            if self._is_flawed(name, *bounds):
                return None
            frames[name] = self._frames[name].iloc[slice(*self._places(name, *bounds))]
            if name in self._read.flaws:
                counts[FILES[name]] = RowCounts(len(frames[name]), len(frames[name]))
        bounds = self._bounds(_DECISIONS, start - DECISIONS_WARMUP, as_of)
        if self._is_flawed(_DECISIONS, *bounds):
            return None
        decided = self._read.decisions.iloc[slice(*self._places(_DECISIONS, *bounds))].reset_index(drop=True)
        frames[_DECISIONS] = as_known(decided, as_of) if _DECISIONS in self._read.flaws else decided
        counts[schema.DECISIONS_FILE] = RowCounts(len(decided), len(decided))
        source = source_of(self._folder, frames, None, self._last_symbol)
        window = MarketWindow(
            self._folder, as_of, start, self._lookback_hours, counts=counts, source=source, **frames
        )
        return window if window.has_market else None

    def _bounds(self, name: str, start: pd.Timestamp, until: pd.Timestamp) -> tuple[int, int]:
        """The times in a file, after the first and up to the second, of what became known in (start, until]."""
        kind, _, timeframe = name.partition("_")
        length = schema.MINUTES[timeframe] * _MINUTE if kind == "candles" else 0
        return microseconds(start) - length, microseconds(until) - length

    def _places(self, name: str, begin: int, end: int) -> np.ndarray:
        return self._at[name].searchsorted([begin, end], side="right")

    def _is_flawed(self, name: str, begin: int, end: int) -> bool:
        """Whether a row that is set aside may stand among those of (begin, end]."""
        flaws = self._read.flaws.get(name)
        return flaws is not None and bool(((flaws[:, 0] <= end) & (flaws[:, 1] > begin)).any())
