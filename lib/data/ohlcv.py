"""OHLCV history as others export it: 1-minute or 5-minute candles, checked row by row.

Reads no clock: `as_of` says up to when a candle can have closed. What would surprise: rows in any time order are taken (exports often
run newest first); a row that cannot be right is set aside and counted with its line, never repaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract.times import AMBIGUOUS, NAIVE, OK, ZONE_VARIABLE, configured_zone, parse_times, times_index
from lib.data.foreign import Foreign, read_foreign
from lib.data.formats import price_decimals
from lib.errors import DataError, NaiveTimeError

_PRICES = ["open", "high", "low", "close"]
_STEPS = {60: 1, 300: 5}


@dataclass(frozen=True)
class CandleHistory:
    """Candles of one market: index = open (UTC, strictly increasing), columns open, high, low, close, volume (NaN = blank)."""

    candles: pd.DataFrame
    minutes: int
    decimals: int
    set_aside: dict[str, int]
    first_bad: str = ""


def read_history(path: Path, as_of: pd.Timestamp) -> CandleHistory:
    """Read a candle file (`timestamp,open,high,low,close[,volume]`, timestamp = open), plain or gzipped.

    Raises MissingDataError, HeaderError, NaiveTimeError or DataError, naming file, line and fix.
    """
    foreign = read_foreign(path, ("timestamp", *_PRICES), any_case=True)
    times, reasons = _times(foreign)
    values = numbers(foreign.table)
    reasons = np.where((reasons == "") & ~_sound(foreign.table, values), "bad_value", reasons)
    first_bad = foreign.first_bad(reasons)
    if not (reasons == "").any():
        told = first_bad or "there are none"
        raise DataError(f"no row is a candle ({told})", path=path, fix="Give 1-minute or 5-minute candles")
    candles = values.set_axis(times)[reasons == ""].sort_index(kind="stable")
    return tidy(
        candles, step_minutes(candles.index.unique(), path), as_of, foreign.set_aside(reasons), first_bad
    )


def numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Open, high, low, close, volume as numbers; NaN where there is none."""
    values = table[_PRICES].apply(pd.to_numeric, errors="coerce").astype(float)
    values["volume"] = (
        pd.to_numeric(table["volume"], errors="coerce").astype(float) if "volume" in table else np.nan
    )
    return values


def sound_prices(values: pd.DataFrame) -> np.ndarray:
    """Where the four prices can be a candle's: positive, and open and close between low and high."""
    opened, high, low, close = values[_PRICES].to_numpy().T
    finite = np.isfinite(values[_PRICES].to_numpy()).all(axis=1)
    return finite & (low > 0) & (high >= np.maximum(opened, close)) & (low <= np.minimum(opened, close))


def tidy(
    candles: pd.DataFrame, minutes: int, as_of: pd.Timestamp, set_aside: dict[str, int], first_bad: str = ""
) -> CandleHistory:
    """Candles in time order without repeats, without those off the clock's grid, without those not closed at `as_of`."""
    repeated = candles.index.duplicated()
    off_grid = ~repeated & (candles.index.as_unit("us").asi8 % (minutes * 60_000_000) != 0)
    unfinished = ~repeated & ~off_grid & (candles.index + pd.Timedelta(minutes=minutes) > as_of)
    counts = set_aside | {
        "duplicate": int(repeated.sum()),
        "off_grid": int(off_grid.sum()),
        "unfinished": int(unfinished.sum()),
    }
    kept = candles[~(repeated | off_grid | unfinished)].rename_axis("timestamp")
    counts = {reason: number for reason, number in counts.items() if number}
    return CandleHistory(kept, minutes, price_decimals(kept[_PRICES].to_numpy()), counts, first_bad)


def step_minutes(index: pd.DatetimeIndex, path: Path) -> int:
    """1 or 5, from the most common spacing, so that a stray row is not a step; raises DataError for any other."""
    spacings, numbers_of = np.unique(np.diff(index.as_unit("us").asi8), return_counts=True)
    if not len(spacings):
        problem = "it holds a single candle, which tells no step"
        raise DataError(problem, path=path, column="timestamp", fix="Give at least two candles")
    seconds = spacings[numbers_of.argmax()] / 1e6
    if seconds not in _STEPS:
        problem = f"its candles are {seconds:g} s apart"
        raise DataError(problem, path=path, column="timestamp", fix="Give 1-minute or 5-minute candles")
    return _STEPS[int(seconds)]


def _times(foreign: Foreign) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Times (NaT where there is none), and for each why not: a reason, or ""."""
    texts = foreign.table["timestamp"]
    values, problems = parse_times(texts.to_numpy(dtype=object), configured_zone())
    naive = np.flatnonzero(problems == NAIVE)
    if len(naive):
        raise NaiveTimeError(
            f"the time {texts.iloc[naive[0]]!r} has no zone",
            path=foreign.path,
            line=int(foreign.lines[naive[0]]),
            column="timestamp",
            fix=f"Write times in UTC with Z, or name their zone in {ZONE_VARIABLE}",
        )
    return times_index(values), np.select(
        [problems == OK, problems == AMBIGUOUS], ["", "ambiguous_time"], "bad_timestamp"
    )


def _sound(table: pd.DataFrame, values: pd.DataFrame) -> np.ndarray:
    blank = table["volume"].str.strip() == "" if "volume" in table else pd.Series(True, index=table.index)
    volume = values["volume"].to_numpy()
    return sound_prices(values) & (blank.to_numpy() | (np.isfinite(volume) & (volume >= 0)))
