"""Which of several rows of one candle counts: equal ones, any; of those that differ the one that the candle grew to.

An exchange gives the running candle as it stands, so a file or a page may hold it twice, young and final. The final one's range contains
the younger one's, and its volume is no smaller. Where neither has grown from the other nobody knows which is right.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

_COLUMNS = ["open", "high", "low", "close", "volume"]


def same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether rows (n, 5) of open, high, low, close, volume are equal (n,); blank equals blank."""
    return ((one == other) | (np.isnan(one) & np.isnan(other))).all(axis=1)


def has_grown(later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Where `later` (n, 5) is `earlier` grown on (n,): equal ones have not. A candle without a trade grows to any that has one."""
    volume, before = np.nan_to_num(later[:, 4], nan=-1.0), np.nan_to_num(earlier[:, 4], nan=-1.0)
    contains = (later[:, 1] >= earlier[:, 1]) & (later[:, 2] <= earlier[:, 2]) & (volume >= before)
    more = (later[:, 1] > earlier[:, 1]) | (later[:, 2] < earlier[:, 2]) | (volume > before)
    without_trade = (earlier[:, 1] == earlier[:, 2]) & (before == 0) & (volume > 0)
    return (contains & more) | without_trade


def to_keep(candles: pd.DataFrame) -> tuple[np.ndarray, int]:
    """Which rows to keep (n,) bool, one of each time, and the first row that neither equals nor outgrows another of its time (-1: none)."""
    keep = ~candles.index.duplicated()
    values = candles[_COLUMNS].to_numpy(float)
    repeated = np.flatnonzero(candles.index.duplicated(keep=False))
    best: dict[pd.Timestamp, int] = {}
    for place in repeated:
        time = candles.index[place]
        held = best.setdefault(time, place)
        one, other = values[[place]], values[[held]]
        if has_grown(one, other)[0]:
            keep[held], keep[place] = False, True
            best[time] = place
        elif not (same(one, other)[0] or has_grown(other, one)[0]):
            return keep, int(place)
    return keep, -1
