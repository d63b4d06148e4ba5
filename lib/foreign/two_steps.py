"""Candles of two lengths in one file: 5-minute rows before, behind or among 1-minute rows.

A longer candle that is taken for a short one knows the close of minutes that are still to come.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.data.spacing import MINUTE, another_spacing

#: So many rows at least, and half of those that differ from another of their time, are the sum of what follows: no chance.
_MADE_OF_OTHERS = 3
_LONGER = (2, 3, 5, 10, 15, 30, 60)


def other_step(candles: pd.DataFrame, minutes: int) -> tuple[int, int] | None:
    """(place in `candles`, minutes of its step) of the first row of a run of candles longer or shorter than `minutes`; None without.

    `candles`: in time order, times may repeat; index = open (UTC), columns open, high, low, close, volume.
    """
    times = candles.index.as_unit("us").asi8
    return another_spacing(times, minutes) or _made_of_others(candles, times, minutes)


def _made_of_others(candles: pd.DataFrame, times: np.ndarray, minutes: int) -> tuple[int, int] | None:
    """Of rows that share their time, those that are the sum of the short candles from there on."""
    repeated = candles.index.duplicated(keep=False)
    if not repeated.any():
        return None
    values = candles[["high", "low", "close"]].to_numpy(float)
    # Of each time the narrowest row stands for the short candle.
    order = np.lexsort((values[:, 0] - values[:, 1], times))
    first = np.append(True, np.diff(times[order]) != 0)
    short, short_times = values[order[first]], times[order[first]]
    longer = np.setdiff1d(np.flatnonzero(repeated), order[first])
    at = np.searchsorted(short_times, times[longer])
    differ = (values[longer] != short[at]).any(axis=1)
    for count in _LONGER:
        matches = (values[longer] == _sums(short, short_times, at, count, minutes)).all(axis=1) & differ
        if matches.sum() >= max(_MADE_OF_OTHERS, differ.sum() / 2):
            return int(longer[matches.argmax()]), count * minutes
    return None


def _sums(short: np.ndarray, times: np.ndarray, places: np.ndarray, count: int, minutes: int) -> np.ndarray:
    """High, low, close (n, 3) of `count` short candles from each place on; NaN where they do not follow one another."""
    found = np.full((len(places), 3), np.nan)
    whole = places + count <= len(times)
    begin = places[whole]
    whole[whole] = times[begin + count - 1] - times[begin] == (count - 1) * minutes * MINUTE
    rows = short[places[whole][:, None] + np.arange(count)]
    found[whole] = np.column_stack([rows[:, :, 0].max(axis=1), rows[:, :, 1].min(axis=1), rows[:, -1, 2]])
    return found
