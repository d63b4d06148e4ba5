"""The market's regime at each closed 5-minute candle, from the two hours before it (docs/definitions.md, Regime)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from lib.market.readings import CANDLE, MICROSECOND, instants

CANDLES = 24
QUIET_RANGE_PCT = 1.6
TREND_CHANGE_PCT = 1.0
#: Prices are decimal text: 101 / 100 − 1 is a hair above 1 % in floats, and is no trend.
SLACK = 1e-9


def regimes(candles: pd.DataFrame) -> pd.DataFrame:
    """range_pct, change_pct (percent of the first open) and regime per candle; UNKNOWN where the 24 candles
    hold a gap.

    The regime of a row is known at that candle's close and uses nothing later.
    """
    count, at = len(candles), instants(candles.index)
    whole = np.zeros(count, dtype=bool)
    spread, change = np.full(count, np.nan), np.full(count, np.nan)
    if count >= CANDLES:
        before = CANDLES - 1
        whole[before:] = at[before:] - at[:-before] == before * (CANDLE // MICROSECOND)
        opened, high, low, close = (candles[name].to_numpy() for name in ("open", "high", "low", "close"))
        highest = sliding_window_view(high, CANDLES).max(axis=1)
        lowest = sliding_window_view(low, CANDLES).min(axis=1)
        spread[before:] = (highest - lowest) / opened[:-before] * 100
        change[before:] = (close[before:] / opened[:-before] - 1) * 100
    spread[~whole], change[~whole] = np.nan, np.nan
    names = np.select(
        [
            ~whole,
            spread <= QUIET_RANGE_PCT + SLACK,
            change > TREND_CHANGE_PCT + SLACK,
            change < -TREND_CHANGE_PCT - SLACK,
        ],
        ["UNKNOWN", "RANGING_QUIET", "BULLISH_TRENDING", "BEARISH_TRENDING"],
        default="RANGING_VOLATILE",
    )
    regime = pd.array(names, dtype="str")
    return pd.DataFrame({"range_pct": spread, "change_pct": change, "regime": regime}, index=candles.index)
