"""Candles: clock-aligned resampling, candles out of samples, and whether a row of candles is unbroken.

Source: docs/definitions.md, Ribbon, Candles: what misses a minute is not written; of an exchange a short stretch without a trade is flat.
What would surprise: a sample stamped exactly at a candle's close belongs to that candle, as it does in the ribbon: it shows the candle
complete.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.errors import ParameterError

_MINUTE = 60_000_000  # microseconds
_PRICES = ["open", "high", "low", "close"]
#: A longer stretch without a candle is a gap, not one without a trade.
FLAT_MINUTES = 10


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


def sound_prices(values: pd.DataFrame) -> np.ndarray:
    """Where the four prices can be a candle's (n,) bool: positive, and open and close between low and high."""
    prices = values[_PRICES].to_numpy(float)
    opened, high, low, close = prices.T
    bounded = (high >= np.maximum(opened, close)) & (low <= np.minimum(opened, close))
    return np.isfinite(prices).all(axis=1) & (low > 0) & bounded


def sound_candles(values: pd.DataFrame) -> np.ndarray:
    """`sound_prices`, and a volume that is none (NaN) or can be one: finite and not below 0 (n,) bool."""
    volume = values["volume"].to_numpy(float)
    return sound_prices(values) & (np.isnan(volume) | (np.isfinite(volume) & (volume >= 0)))


def with_flat(candles: pd.DataFrame, minutes: int, allowed: np.ndarray | None = None) -> pd.DataFrame:
    """The candles and, for each stretch of up to 10 minutes that none covers, flat ones of volume 0 at the close before.

    candles: as in `resample`. `allowed` (n - 1,) bool: whether the stretch behind each candle but the last may be filled (default: each).
    Adds the column `flat`. Only for an exchange or a file of one: what was watched has holes of its own (docs/definitions.md, Ribbon).
    """
    opens = _microseconds(candles.index)
    lacking = np.diff(opens) // (minutes * _MINUTE) - 1
    fill = (lacking > 0) & (lacking * minutes <= FLAT_MINUTES)
    places = np.flatnonzero(fill if allowed is None else fill & allowed)
    made = candles.assign(flat=False)
    if not len(places):
        return made
    before = np.repeat(places, lacking[places])
    first = np.repeat(np.cumsum(lacking[places]) - lacking[places], lacking[places])
    times = opens[before] + (np.arange(len(before)) - first + 1) * minutes * _MINUTE
    close = candles["close"].to_numpy(float)[before]
    flat = pd.DataFrame(dict.fromkeys(_PRICES, close) | {"volume": 0.0, "flat": True}, index=_index(times))
    return pd.concat([made, flat]).sort_index().rename_axis("timestamp")


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


def is_covered(opens: np.ndarray, closes_at: np.ndarray, first: int, last: int, since: int) -> bool:
    """Whether the candles first…last cover the time from `since` on without a gap; times in int64 microseconds."""
    return first <= last < covered_until(opens, closes_at, first, last, since)


def covered_until(opens: np.ndarray, closes_at: np.ndarray, first: int, last: int, since: int) -> int:
    """The first candle behind `first` that does not follow the one before, one behind `last` if none; `first` if that begins later."""
    if first >= len(opens) or opens[first] > since:
        return first
    last = min(last, len(opens) - 1)
    apart = opens[first + 1 : last + 1] != closes_at[first:last]
    return first + 1 + int(apart.argmax()) if apart.any() else last + 1


def _sums(volume: np.ndarray, bar: np.ndarray) -> np.ndarray:
    first = np.flatnonzero(np.diff(bar, prepend=bar[:1] - 1))
    return np.add.reduceat(volume, first) if len(first) else volume


def _on_clock(made: pd.DataFrame, minutes: int) -> pd.DataFrame:
    opens = _index(made.index.to_numpy(np.int64) * minutes * _MINUTE)
    return with_closed_at(made.set_axis(opens).astype(float), minutes)


def _index(instants: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(instants * 1_000, tz="UTC", name="timestamp").as_unit("us")


def _microseconds(index: pd.Index) -> np.ndarray:
    return pd.DatetimeIndex(index).as_unit("us").asi8
