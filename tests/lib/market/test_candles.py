"""Candles: clock alignment, missing minutes, unbroken stretches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.errors import ParameterError
from lib.market.candles import (
    candles_from_prices,
    is_covered,
    resample,
)


def minute_candles(opens: list[str], volume: float = 1.0) -> pd.DataFrame:
    index = pd.DatetimeIndex([f"2025-01-01T{text}:00Z" for text in opens], name="timestamp").as_unit("us")
    close = 100.0 + np.arange(len(opens))
    return pd.DataFrame(
        {"open": close - 0.5, "high": close + 1, "low": close - 2, "close": close, "volume": volume},
        index=index,
    )


def test_five_minutes_by_hand() -> None:
    made = resample(minute_candles([f"00:0{minute}" for minute in range(5)]), 1, 5)
    assert made.index.tolist() == [pd.Timestamp("2025-01-01T00:00:00Z")]
    # opens 99.5 …, highs up to 105, lows from 98, last close 104, five volumes of 1
    assert made.iloc[0][["open", "high", "low", "close", "volume"]].tolist() == [99.5, 105, 98, 104, 5]
    assert made["closed_at"].tolist() == [pd.Timestamp("2025-01-01T00:05:00Z")]


def test_a_candle_that_misses_a_minute_is_not_made() -> None:
    opens = [
        f"00:{minute:02d}" for minute in range(3, 20) if minute != 12
    ]  # begins inside a candle, lacks 00:12
    made = resample(minute_candles(opens), 1, 5)
    assert [f"{time:%H:%M}" for time in made.index] == ["00:05", "00:15"]


def test_blank_volume_stays_blank() -> None:
    candles = minute_candles([f"00:{minute:02d}" for minute in range(10)])
    candles.loc[candles.index[3], "volume"] = np.nan
    assert np.isnan(resample(candles, 1, 5)["volume"].iloc[0])
    assert resample(candles, 1, 5)["volume"].iloc[1] == 5


def test_steps_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ParameterError, match="do not add up"):
        resample(minute_candles(["00:00"]), 2, 5)


def test_nothing_gives_nothing() -> None:
    made = resample(minute_candles([]), 1, 5)
    assert made.empty
    assert made.index.dtype == "datetime64[us, UTC]"


def samples(times: list[str]) -> pd.Series:
    index = pd.DatetimeIndex([f"2025-01-01T{text}Z" for text in times]).as_unit("us")
    return pd.Series(100.0 + np.arange(len(times)), index=index)


def test_candles_from_prices_by_hand() -> None:
    # One sample in each minute of (00:00, 00:05], the last exactly at the close; then a candle that lacks a minute.
    made = candles_from_prices(
        samples(["00:00:20", "00:01:30", "00:02:10", "00:03:59", "00:05:00", "00:06:00", "00:10:00"]), 5
    )
    assert [f"{time:%H:%M}" for time in made.index] == ["00:00"]
    assert made.iloc[0][["open", "high", "low", "close"]].tolist() == [100, 104, 100, 104]
    assert made["volume"].isna().all()


def test_a_sample_at_the_open_belongs_to_the_candle_before() -> None:
    times = ["00:00:00", *[f"00:0{minute}:30" for minute in range(5)]]
    assert candles_from_prices(samples(times), 5)["open"].tolist() == [101]


def test_candles_from_close_stamped_samples_are_those_of_the_closes() -> None:
    candles = minute_candles([f"00:{minute:02d}" for minute in range(30)])
    closes = candles["close"].set_axis(candles.index + pd.Timedelta(minutes=1))
    assert candles_from_prices(closes, 15)["close"].tolist() == resample(candles, 1, 15)["close"].tolist()


@pytest.mark.parametrize(
    ("first", "last", "since", "covered"),
    [
        (0, 2, 0, True),
        (0, 2, 3, True),
        (1, 2, 4, False),  # the first candle begins later
        (0, 3, 0, False),  # a gap between 15 and 20
        (3, 3, 20, True),
        (3, 4, 20, False),  # there is no fifth
        (2, 1, 10, False),
    ],
)
def test_whether_candles_cover_a_time_without_a_gap(first: int, last: int, since: int, covered: bool) -> None:
    opens = np.array([0, 5, 10, 20])
    assert is_covered(opens, opens + 5, first, last, since) is covered
