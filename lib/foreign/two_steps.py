"""Candles of two lengths in one file: 5-minute rows before, behind or among 1-minute rows.

A longer candle that is taken for a short one knows the close of minutes that are still to come. What would surprise: a market in which
most minutes have no trade has gaps of any length, so what tells is that many in a row are equally long.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

_MINUTE = 60_000_000
#: Equal spacings in a row that are no chance: where half of all minutes have no trade, 20 of them come once in a trillion.
_IN_A_ROW = 20
#: So many rows at least, and half of those that differ from another of their time, are the sum of what follows: no chance.
_MADE_OF_OTHERS = 3
_LONGER = (2, 3, 5, 10, 15, 30, 60)


def other_step(candles: pd.DataFrame, minutes: int) -> tuple[int, int] | None:
    """(place in `candles`, minutes of its step) of the first row of a run of candles longer or shorter than `minutes`; None without.

    `candles`: in time order, times may repeat; index = open (UTC), columns open, high, low, close, volume.
    """
    times = candles.index.as_unit("us").asi8
    return _another_spacing(times, minutes) or _made_of_others(candles, times, minutes)


def _another_spacing(times: np.ndarray, minutes: int) -> tuple[int, int] | None:
    unique, places = np.unique(times, return_index=True)
    spacings = np.diff(unique)
    begins = np.flatnonzero(np.append(True, spacings[1:] != spacings[:-1])) if len(spacings) else spacings
    for begin, end in pairwise([*begins, len(spacings)]):
        spacing = int(spacings[begin])
        if end - begin >= _IN_A_ROW and spacing != minutes * _MINUTE and spacing % _MINUTE == 0:
            return int(places[begin]), spacing // _MINUTE
    return None


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
    whole[whole] = times[begin + count - 1] - times[begin] == (count - 1) * minutes * _MINUTE
    rows = short[places[whole][:, None] + np.arange(count)]
    found[whole] = np.column_stack([rows[:, :, 0].max(axis=1), rows[:, :, 1].min(axis=1), rows[:, -1, 2]])
    return found
