"""What the file of a journal already holds: its times, its candles, its prices.

Reads from the end and no further than needed, because a year of samples is gigabytes. A time without zone is an error here, whatever
zone readers are told: rows in UTC behind local ones would be out of order.
"""

from __future__ import annotations

from itertools import islice

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import is_naive, parse_time, parse_times, times_index
from lib.errors import NaiveTimeError
from lib.foreign.ohlcv import numbers
from runner.files.journal import Journal

_FEW_NAIVE = 20
#: Older bars weigh less than a rounding error in the longest line (e^-41).
_BARS_BACK = 3_000


def last_time(journal: Journal) -> pd.Timestamp | None:
    """The time of the file's last row that has one; None while it has no row. Raises NaiveTimeError where times have no zone."""
    naive = 0
    for row in journal.rows_from_end():
        time = _time_of(row["timestamp"])
        if time is not None:
            return time
        naive += is_naive(row["timestamp"])
        if naive > _FEW_NAIVE:
            break
    if naive:  # some at the end of a file whose times have their zone are damage, and readers set them aside
        raise NaiveTimeError(
            "its times have no zone, so rows in UTC cannot follow",
            path=journal.path,
            column="timestamp",
            fix="Write into another folder, or import the file with its zone",
        )
    return None


def time_range(journal: Journal) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """The first and the last time of a file."""
    rows = (row for row in map(journal.fields, journal.rows_from_start()) if row)
    first = next((time for row in rows if (time := _time_of(row["timestamp"])) is not None), None)
    return first, last_time(journal)


def _time_of(text: str) -> pd.Timestamp | None:
    """A field's time in UTC; None where it is none, or has no zone."""
    instant = parse_time(text, None)
    return None if instant is None else pd.Timestamp(instant, unit="us", tz="UTC")


def candles_by_row(journal: Journal, rows: list[str]) -> pd.DataFrame:
    """One candle a row of the file, malformed ones included: their time is NaT, their numbers NaN."""
    blank = [""] * len(journal.header)
    fields = [parts if len(parts := row.split(",")) == len(blank) else blank for row in rows]
    table = pd.DataFrame(fields, columns=journal.header, dtype=object)
    times, _ = parse_times(table["timestamp"].to_numpy(dtype=object), None)
    return numbers(table).set_axis(times_index(times))


def candles_in(journal: Journal) -> pd.DataFrame:
    """The candles a file holds: index = open, columns open, high, low, close, volume; rows that are none are left out."""
    candles = candles_by_row(journal, journal.rows())
    usable = candles.index.notna() & candles["close"].notna() & ~candles.index.duplicated()
    return candles[usable].sort_index()


def watched_in(journal: Journal) -> pd.DatetimeIndex:
    """The opens of the candles that the `source` column says were watched, or filled in from an exchange: those keep their values."""
    if schema.SOURCE_COLUMN not in journal.header:
        return pd.DatetimeIndex([], tz="UTC").as_unit("us")
    fields = [row for row in map(journal.fields, journal.rows()) if row]
    kept = [row["timestamp"] for row in fields if row[schema.SOURCE_COLUMN] != schema.BACKFILL_SOURCE]
    times, _ = parse_times(np.array(kept, dtype=object), None)
    index = times_index(times)
    return index[index.notna()]


def prices_since(journal: Journal, start: pd.Timestamp) -> pd.Series:
    """The prices of a samples file known after `start`, in time order, index = their times."""
    times, prices = [], []
    for row in journal.rows_from_end():
        time = _time_of(row["timestamp"])
        if time is None:
            continue
        if time <= start:
            break
        times.append(time)
        prices.append(row["price"])
    return _priced(times[::-1], prices[::-1])


def newest_candles(journal: Journal, count: int) -> pd.DataFrame:
    """The last candles of a file, as `candles_in` has them; reads no more of it than that."""
    rows = [",".join(row.values()) for row in islice(journal.rows_from_end(), count)]
    candles = candles_by_row(journal, rows[::-1])
    return candles[candles.index.notna() & candles["close"].notna() & ~candles.index.duplicated()]


def closes_before(instant: pd.Timestamp, minutes: int, samples: Journal, candles: Journal) -> pd.Series:
    """Closes of the bars of `minutes` before the one that `instant` lies in, index = open: of the candles of a folder's file, and where a
    candle was not whole, of its samples. Samples are read only as far as bars lack a candle: a month of them takes many seconds.
    """
    bar = pd.Timedelta(minutes=minutes)
    now = _bar_of(instant, bar)
    closes = candles_in(candles)["close"]
    begun, _ = time_range(samples)
    if begun is None:
        return closes[closes.index < now]
    first = max(_bar_of(begun, bar), now - _BARS_BACK * bar)
    lacking = pd.date_range(first, now - bar, freq=bar, unit="us").difference(closes.index)
    inside = lacking if closes.empty else lacking[lacking > closes.index[0]]
    pieces = [prices_since(samples, inside[0])] if len(inside) else []
    if len(lacking) > len(inside):
        pieces.append(_prices_until(samples, closes.index[0], first))
    if pieces:
        prices = pd.concat(pieces)
        of_samples = prices.groupby((prices.index - pd.Timedelta(microseconds=1)).floor(bar)).last()
        closes = closes.combine_first(of_samples)
    return closes[closes.index < now]


def _prices_until(journal: Journal, end: pd.Timestamp, start: pd.Timestamp) -> pd.Series:
    """The prices of a samples file known after `start` and until `end`, read from its beginning on."""
    times, prices = [], []
    for row in map(journal.fields, journal.rows_from_start()):
        time = _time_of(row["timestamp"]) if row else None
        if row is None or time is None:
            continue
        if time > end:
            break
        if time > start:
            times.append(time)
            prices.append(row["price"])
    return _priced(times, prices)


def _priced(times: list[pd.Timestamp], prices: list[str]) -> pd.Series:
    values = pd.to_numeric(pd.Series(prices, dtype=object), errors="coerce").to_numpy(float)
    index = pd.DatetimeIndex(times, tz="UTC").as_unit("us")
    return pd.Series(values, index=index.rename("timestamp")).dropna()


def _bar_of(instant: pd.Timestamp, bar: pd.Timedelta) -> pd.Timestamp:
    """The open of the bar (open, end] that an instant lies in."""
    return (instant - pd.Timedelta(microseconds=1)).floor(bar)
