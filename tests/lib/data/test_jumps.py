"""Jumps of the price: between a close and an open, and one candle beyond those beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.data.jumps import first_jump
from lib.foreign.ohlcv import read_history

EVERY = np.ones(6, dtype=bool)


def candles(**changed: dict[int, float]) -> pd.DataFrame:
    index = pd.date_range("2025-01-01T00:00Z", periods=6, freq="1min", unit="us")
    table = pd.DataFrame(
        {"open": 100.0, "high": 101.0, "low": 99.0, "close": 100.0, "volume": 1.0}, index=index
    )
    for name, values in changed.items():
        for place, value in values.items():
            table.iloc[place, table.columns.get_loc(name)] = value
    return table


def test_twenty_percent_is_no_jump_and_more_is() -> None:
    assert first_jump(candles(open={3: 120.0}, high={3: 120.0}, close={3: 119.0}, low={4: 99}), EVERY) is None
    jump = first_jump(candles(open={3: 120.1}, high={3: 120.1}), EVERY)
    assert jump is not None
    assert (jump.at, jump.before, jump.after, jump.kind) == (
        pd.Timestamp("2025-01-01T00:03Z"),
        100.0,
        120.1,
        "jump",
    )
    assert jump.words() == "the open is 120.1, +20.1 % from the close before it (100)"


@pytest.mark.parametrize("place", [0, 3, 5])
@pytest.mark.parametrize(("name", "value"), [("high", 121.3), ("low", 79.1)])
def test_a_spike_of_one_candle(place: int, name: str, value: float) -> None:
    jump = first_jump(candles(**{name: {place: value}}), EVERY)
    assert jump is not None
    assert (jump.at.minute, jump.after, jump.kind) == (place, value, "spike")


def test_only_what_is_asked_for(shared_data) -> None:
    spiked = candles(high={2: 200.0})
    assert first_jump(spiked, EVERY & (np.arange(6) != 2)) is None
    assert (
        first_jump(candles(open={3: 150.0}, high={3: 150.0}), np.arange(6) == 2) is not None
    )  # one of the two is
    real = read_history(
        shared_data / "ETHUSDT_spot_5m_2024-01-01_2024-09-06.csv.gz", pd.Timestamp("2026-01-01T00:00Z")
    ).candles
    assert first_jump(real, np.ones(len(real), dtype=bool)) is None  # two crashes are inside
