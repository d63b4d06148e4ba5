"""The market's regime at each closed 5-minute candle, from the two hours before it (docs/definitions.md, Regime)."""

from __future__ import annotations

import numpy as np
import pandas as pd

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
    first_open = candles["open"].shift(CANDLES - 1)
    high = candles["high"].rolling(CANDLES).max()
    low = candles["low"].rolling(CANDLES).min()
    whole = candles.index.to_series().diff(CANDLES - 1) == pd.Timedelta(minutes=5 * (CANDLES - 1))
    frame = pd.DataFrame(
        {
            "range_pct": ((high - low) / first_open * 100).where(whole),
            "change_pct": ((candles["close"] / first_open - 1) * 100).where(whole),
        }
    )
    spread, change = frame["range_pct"], frame["change_pct"]
    names = np.select(
        [
            ~whole.to_numpy(dtype=bool),
            spread <= QUIET_RANGE_PCT + SLACK,
            change > TREND_CHANGE_PCT + SLACK,
            change < -TREND_CHANGE_PCT - SLACK,
        ],
        ["UNKNOWN", "RANGING_QUIET", "BULLISH_TRENDING", "BEARISH_TRENDING"],
        default="RANGING_VOLATILE",
    )
    frame["regime"] = pd.Series(names, index=candles.index, dtype="str")
    return frame
