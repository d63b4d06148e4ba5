"""What a question says, out of two conditions; and the small readings that questions share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market.wicks import WICK_RANGE_PCT, wicks


def say(long: object, short: object = None) -> np.ndarray:
    """LONG where `long` holds, SHORT where `short` does, "" where neither or both do; (n,) object. What is not known holds nowhere."""
    up = _condition(long)
    down = np.zeros(len(up), dtype=bool) if short is None else _condition(short)
    return np.select([up & ~down, down & ~up], ["LONG", "SHORT"], "").astype(object)


def began(condition: object) -> np.ndarray:
    """Where a condition holds and did not hold one row before; never in the first row."""
    holds = _condition(condition)
    return holds & ~np.r_[True, holds[:-1]]


def wick_shown(
    candles: pd.DataFrame, band: tuple[float, float] = WICK_RANGE_PCT
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each candle has a wick down, and one up, of this size in percent of its close (docs/definitions.md, Wicks)."""
    found = wicks(candles, band)
    return found["wick_down"].to_numpy(bool), found["wick_up"].to_numpy(bool)


def _condition(values: object) -> np.ndarray:
    return pd.Series(np.asarray(values)).fillna(False).to_numpy(bool)
