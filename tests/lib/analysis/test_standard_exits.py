from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.standard_exits import standard_exits
from lib.market.exits import ExitRule, PricePath
from tests.builders import at, candles, entries, random_market
from tests.one_by_one import exits_alone

STILL, UP = (100.0, 100.1, 99.9, 100.0), (100.0, 100.3, 100.0, 100.2)


def test_standard_exits_keeps_the_index_and_marks_open_ones():
    asked = entries([("LONG", 5, 100.0), ("SHORT", 10, 100.0), ("LONG", 15, 100.0)])
    asked.index = [7, 3, 9]
    found = standard_exits(asked, PricePath.of(candles([], 1), candles([STILL, STILL, UP, STILL])))
    # 10-15 reaches 100.3: LONG from 5 wins, SHORT from 10 (stop 100.15) loses, LONG from 15 is open
    assert found.index.tolist() == [7, 3, 9]
    assert found["exit_time"].tolist() == [at(15), at(15), pd.NaT]
    assert found["exit_reason"].tolist() == ["TP_HIT", "SL_HIT", ""]
    assert found["exit_price"].tolist()[:2] == pytest.approx([100.3, 100.15])
    assert np.isnan(found["exit_price"].iloc[2])
    assert found["ambiguous"].tolist() == [False, False, False]
    assert str(found["exit_time"].dtype) == "datetime64[us, UTC]"


def test_standard_exits_of_nothing():
    found = standard_exits(entries([]), PricePath.of(candles([], 1), candles([])))
    assert found.empty
    assert str(found["exit_time"].dtype) == "datetime64[us, UTC]"


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    gaps=st.integers(0, 4),
    rule=st.sampled_from([ExitRule(), ExitRule(0.05, 0.05, 7.0), ExitRule(0.1, 0.05, 90.0)]),
    seconds=st.sampled_from([0, 60, 75]),
)
def test_the_exit_of_each_is_the_one_found_alone(seed, gaps, rule, seconds):
    market = random_market(seed, gaps=gaps)
    closes = market.candles_5min
    asked = pd.DataFrame(
        {
            "direction": np.where(np.arange(len(closes)) % 3, "LONG", "SHORT"),
            "entry_time": pd.DatetimeIndex(closes["closed_at"]) + pd.Timedelta(seconds=seconds),
            "entry_price": closes["close"].to_numpy(),
        }
    )
    for ones in (market.candles_1min, candles([], 1)):
        path = PricePath.of(ones, closes, market.samples_5min)
        pd.testing.assert_frame_equal(standard_exits(asked, path, rule), exits_alone(asked, path, rule))
