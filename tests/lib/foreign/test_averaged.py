"""Files of averaged candles are refused; those of a market never are, however it opens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.errors import DataError
from lib.foreign.ohlcv import read_history
from tests.lib.foreign.test_two_steps import NOW, longer, minutes, written


def heikin_ashi(candles: pd.DataFrame, decimals: int = 2) -> pd.DataFrame:
    """What a chart draws of them."""
    close = candles[["open", "high", "low", "close"]].mean(axis=1).to_numpy()
    opens = np.empty(len(close))
    opens[0] = (candles["open"].iloc[0] + candles["close"].iloc[0]) / 2
    for place in range(1, len(close)):
        opens[place] = (opens[place - 1] + close[place - 1]) / 2
    drawn = candles.assign(open=opens, close=close)
    drawn["high"] = drawn[["open", "high", "close"]].max(axis=1)
    drawn["low"] = drawn[["open", "low", "close"]].min(axis=1)
    return drawn.round(decimals)


@pytest.mark.parametrize("step", [1, 5])
@pytest.mark.parametrize("decimals", [2, 8])
def test_averaged_candles_are_refused(tmp_path: Path, step: int, decimals: int) -> None:
    drawn = heikin_ashi(longer(minutes(1_500), step), decimals)
    with pytest.raises(DataError, match=r"as Heikin Ashi draws them .*nobody traded") as refused:
        read_history(written(tmp_path / "ETHUSDT.csv", drawn), NOW)
    assert refused.value.column == "open"
    assert refused.value.line is not None
    assert "Set the chart to candles" in str(refused.value)


def test_a_row_that_is_missing_hides_nothing(tmp_path: Path) -> None:
    drawn = heikin_ashi(longer(minutes(1_500), 5)).drop(pd.Timestamp("2025-01-01T03:00:00Z"))
    with pytest.raises(DataError, match="as Heikin Ashi draws them"):
        read_history(written(tmp_path / "ETHUSDT.csv", drawn), NOW)


@pytest.mark.parametrize("gap", [0.0, 0.05, 1.0])
def test_a_market_that_opens_anywhere_is_read(tmp_path: Path, gap: float) -> None:
    market = longer(minutes(5_000), 5)
    market["open"] = (market["open"] + np.random.default_rng(2).normal(0, gap, len(market))).round(2)
    market["high"], market["low"] = market["high"] + 5, market["low"] - 5
    assert len(read_history(written(tmp_path / "ETHUSDT.csv", market), NOW).candles) == 1_000
