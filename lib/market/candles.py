"""Candles: clock-aligned resampling, candles out of samples, and where a row of candles is unbroken.

Source: docs/definitions.md, Ribbon ("a candle that misses a minute is not written"); a gap stays a gap. What would surprise:
a sample stamped exactly at a candle's close belongs to that candle, as it does in the ribbon: it shows the candle complete.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.errors import ParameterError

_MINUTE = 60_000_000  # microseconds


def with_closed_at(candles: pd.DataFrame, minutes: int) -> pd.DataFrame:
    """The candles with `closed_at` = open + interval, the instant each is known."""
    return candles.assign(closed_at=candles.index + pd.Timedelta(minutes=minutes))


def resample(candles: pd.DataFrame, from_minutes: int, to_minutes: int) -> pd.DataFrame:
    """Candles of `to_minutes` out of candles of `from_minutes`, aligned to the clock (UTC).

    candles: index `timestamp` (open, UTC, strictly increasing), columns open, high, low, close, volume. First, max, min, last, sum;
    the volume is blank where any part is blank; a candle that lacks one of its parts is not made. Adds `closed_at`.
    """
    if to_minutes % from_minutes:
        raise ParameterError(
            f"candles of {from_minutes} minutes do not add up to candles of {to_minutes} minutes"
        )
    bar = _microseconds(candles.index) // (to_minutes * _MINUTE)
    groups = candles.groupby(bar, sort=True)
    made = groups.agg({"open": "first", "high": "max", "low": "min", "close": "last"})
    made["volume"] = _sums(candles["volume"].to_numpy(float), bar)
    whole = groups.size().to_numpy() == to_minutes // from_minutes
    return _on_clock(made[whole], to_minutes)


def candles_from_prices(prices: pd.Series, minutes: int) -> pd.DataFrame:
    """Candles of `minutes` out of sampled prices (index = the instant each was read, UTC, increasing); the volume is blank.

    A candle holds the samples of (open, close]. It is made only if each of its minutes holds one: a minute without a sample may
    have held the high or the low.
    """
    instants = _microseconds(prices.index)
    bar = (instants - 1) // (minutes * _MINUTE)
    table = pd.DataFrame({"price": prices.to_numpy(float), "minute": (instants - 1) // _MINUTE})
    groups = table.groupby(bar, sort=True)
    made = groups["price"].agg(open="first", high="max", low="min", close="last")
    made["volume"] = np.nan
    return _on_clock(made[(groups["minute"].nunique() == minutes).to_numpy()], minutes)


def gap_before(index: pd.DatetimeIndex, minutes: int) -> np.ndarray:
    """True for each candle whose predecessor is not exactly one interval earlier; the first candle has none."""
    return np.diff(_microseconds(index), prepend=np.iinfo(np.int64).min // 2) != minutes * _MINUTE


def contiguous_runs(index: pd.DatetimeIndex, minutes: int) -> np.ndarray:
    """The number (0, 1, …) of the unbroken run each candle lies in."""
    return np.cumsum(gap_before(index, minutes)) - 1


def contiguous(index: pd.DatetimeIndex, minutes: int, length: int) -> np.ndarray:
    """True for each candle that ends `length` candles without a gap, itself included: nothing is computed across a gap."""
    places = np.arange(len(index))
    run_start = (
        np.maximum.accumulate(np.where(gap_before(index, minutes), places, 0)) if len(index) else places
    )
    return places - run_start + 1 >= length


def is_covered(opens: np.ndarray, closes_at: np.ndarray, first: int, last: int, since: int) -> bool:
    """Whether the candles first…last cover the time from `since` on without a gap; times in int64 microseconds."""
    if last >= len(opens) or first > last or opens[first] > since:
        return False
    return bool((opens[first + 1 : last + 1] == closes_at[first:last]).all())


def _sums(volume: np.ndarray, bar: np.ndarray) -> np.ndarray:
    first = np.flatnonzero(np.diff(bar, prepend=bar[:1] - 1))
    return np.add.reduceat(volume, first) if len(first) else volume


def _on_clock(made: pd.DataFrame, minutes: int) -> pd.DataFrame:
    opens = pd.DatetimeIndex(made.index.to_numpy(np.int64) * minutes * _MINUTE * 1_000, tz="UTC").as_unit(
        "us"
    )
    return with_closed_at(made.set_axis(opens.rename("timestamp")).astype(float), minutes)


def _microseconds(index: pd.Index) -> np.ndarray:
    return pd.DatetimeIndex(index).as_unit("us").asi8
