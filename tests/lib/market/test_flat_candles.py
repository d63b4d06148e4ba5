"""Flat candles: of an exchange's minutes without a trade, for stretches of up to ten minutes (docs/definitions.md, Ribbon, Candles)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.market.candles import with_flat


def candles(minutes: list[int], step: int = 1) -> pd.DataFrame:
    start = pd.Timestamp("2025-01-01T00:00Z")
    index = pd.DatetimeIndex([start + pd.Timedelta(minutes=minute * step) for minute in minutes]).as_unit(
        "us"
    )
    close = np.arange(len(minutes)) + 100.5
    return pd.DataFrame(
        {"open": close, "high": close + 1, "low": close - 1, "close": close, "volume": 2.0}, index=index
    )


def test_a_stretch_is_filled_at_the_close_before() -> None:
    made = with_flat(candles([0, 3, 4]), 1)
    assert made.index.minute.tolist() == [0, 1, 2, 3, 4]
    assert made["flat"].tolist() == [False, True, True, False, False]
    assert made.iloc[1, :5].tolist() == made.iloc[2, :5].tolist() == [100.5, 100.5, 100.5, 100.5, 0.0]
    assert made.iloc[3, 0] == 101.5


@pytest.mark.parametrize(("step", "lacking", "filled"), [(1, 10, 10), (1, 11, 0), (5, 2, 2), (5, 3, 0)])
def test_ten_minutes_are_filled_and_more_is_a_gap(step: int, lacking: int, filled: int) -> None:
    assert with_flat(candles([0, lacking + 1], step), step)["flat"].sum() == filled


def test_only_where_it_is_allowed() -> None:
    made = with_flat(candles([0, 2, 4]), 1, np.array([False, True]))
    assert made.index.minute.tolist() == [0, 2, 3, 4]
    assert len(with_flat(candles([0]), 1)) == 1
