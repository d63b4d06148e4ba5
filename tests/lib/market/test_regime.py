"""24 candles of 5 minutes that open at 1000: 1 % is 10."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.market.regime import regimes
from tests.builders import candles, flat, random_market


def two_hours(high=1000.0, low=1000.0, close=1000.0, first_open=1000.0):
    """The range is high - low, the change close - first open; high and low are in the middle."""
    rows = [(first_open,) * 4] * 24
    rows[10] = (first_open, max(high, first_open), min(low, first_open), first_open)
    rows[23] = (first_open, max(first_open, close), min(first_open, close), close)
    return candles(rows)


def regime_of(**shape):
    return regimes(two_hours(**shape))["regime"].iloc[-1]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({}, "RANGING_QUIET"),
        ({"high": 1008, "low": 992}, "RANGING_QUIET"),  # range 1.6 %, inclusive
        ({"high": 1008.1, "low": 992}, "RANGING_VOLATILE"),  # 1.61 %
        ({"low": 990, "close": 1010.1}, "BULLISH_TRENDING"),  # range 2.01 %, change +1.01 %
        ({"low": 990, "close": 1010}, "RANGING_VOLATILE"),  # change of exactly +1 % is no trend
        ({"high": 1010, "close": 989.9}, "BEARISH_TRENDING"),  # -1.01 %
        ({"high": 1010, "close": 990}, "RANGING_VOLATILE"),  # exactly -1 %
        ({"close": 1015}, "RANGING_QUIET"),  # change +1.5 %, but the range is 1.5 % too
    ],
)
def test_each_regime_and_its_limits(shape, expected):
    assert regime_of(**shape) == expected


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        # (100.9 - 99.3) / 100 = 1.6 %, though the floats say 1.6000000000000085
        ({"first_open": 100.0, "high": 100.9, "low": 99.3, "close": 100.0}, "RANGING_QUIET"),
        # 101 / 100 - 1 = 1 %, though the floats say 1.0000000000000009
        ({"first_open": 100.0, "high": 101.0, "low": 99.0, "close": 101.0}, "RANGING_VOLATILE"),
        ({"first_open": 100.0, "high": 101.0, "low": 99.0, "close": 99.0}, "RANGING_VOLATILE"),
    ],
)
def test_limits_of_decimal_prices(shape, expected):
    assert regime_of(**shape) == expected


def test_both_figures_are_percent_of_the_first_open():
    # range 1016.1 - 1000 = 16.1 is 1.61 % of 1000 (1.586 % of the last close, 1015)
    last = regimes(two_hours(high=1016.1, close=1015)).iloc[-1]
    assert last["range_pct"] == pytest.approx(1.61)
    assert last["change_pct"] == pytest.approx(1.5)
    assert last["regime"] == "BULLISH_TRENDING"


def test_the_open_of_the_first_candle_counts_not_its_close():
    rows = [(1000.0, 1000.0, 980.0, 980.0)] + [(980.0,) * 4] * 23
    # change 980 / 1000 - 1 = -2 %
    assert regimes(candles(rows)).iloc[-1]["change_pct"] == pytest.approx(-2)


def test_exactly_24_candles_count():
    wild = (1000.0, 1500.0, 500.0, 1000.0)
    assert regimes(candles([wild] + [(1000.0,) * 4] * 23))["regime"].iloc[-1] == "RANGING_VOLATILE"
    assert regimes(candles([wild] + [(1000.0,) * 4] * 24))["regime"].iloc[-1] == "RANGING_QUIET"


def test_unknown_until_24_candles_are_known():
    assert regimes(flat(25))["regime"].tolist() == ["UNKNOWN"] * 23 + ["RANGING_QUIET"] * 2
    assert regimes(flat(25))["range_pct"].isna().tolist() == [True] * 23 + [False] * 2
    assert regimes(candles([])).empty


def test_unknown_while_a_gap_lies_in_the_24_candles():
    rows = [(1000.0,) * 4] * 30 + [None] + [(1000.0,) * 4] * 25
    names = regimes(candles(rows))["regime"].tolist()
    assert names == ["UNKNOWN"] * 23 + ["RANGING_QUIET"] * 7 + ["UNKNOWN"] * 23 + ["RANGING_QUIET"] * 2


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 71), gaps=st.integers(0, 2))
def test_later_candles_change_nothing(seed, cut, gaps):
    shown = random_market(seed, gaps=gaps).candles_5min
    later = shown.copy()
    later.iloc[cut:, :4] *= 3.0
    expected = regimes(shown.iloc[:cut])
    pd.testing.assert_frame_equal(regimes(shown).iloc[:cut], expected)
    pd.testing.assert_frame_equal(regimes(later).iloc[:cut], expected)
