from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lib.stats.intervals import mean_interval, wilson_interval


def test_wilson_of_seven_wins_in_eight():
    # p = .875, z² = 3.8415: centre (.875 + .2401) / 1.4802 = .7533, half 1.96·sqrt(.01367 + .01501) / 1.4802 = .2242
    low, high = wilson_interval(7, 8)
    assert (round(low, 1), round(high, 1)) == (52.9, 97.8)


def test_wilson_at_the_edges():
    assert wilson_interval(0, 0) is None
    # No win in 10: upper bound z² / (n + z²) = 3.8415 / 13.8415
    low, high = wilson_interval(0, 10)
    assert low == 0.0 and high == pytest.approx(27.75, abs=0.01)
    assert wilson_interval(10, 10)[1] == 100.0
    with pytest.raises(ValueError, match="11 of 10"):
        wilson_interval(11, 10)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_that_of_scipy(case):
    wins, n = case
    expected = stats.binomtest(wins, n).proportion_ci(method="wilson")
    assert wilson_interval(wins, n) == pytest.approx((100 * expected.low, 100 * expected.high), abs=1e-9)


def test_mean_interval_by_hand():
    # Mean 2.5, sd 1.2910, t(.975, 3) = 3.1824: half width 3.1824 · 1.2910 / 2 = 2.0543
    assert mean_interval([1, 2, 3, 4]) == pytest.approx((2.5, 0.4457, 4.5543), abs=1e-4)
    # One-sided t(.95, 3) = 2.3534: 2.5 − 2.3534 · .6455 = .9809


def test_mean_without_bounds():
    assert mean_interval([]) is None and mean_interval([np.nan]) is None
    assert mean_interval([0.19]) == (0.19, None, None)


def test_exits_that_all_ended_alike_are_no_certainty():
    # Three stops of −0.26 %, off by the rounding of prices: spread below 1 % of their size
    stops = [-0.26, -0.2601, -0.2599]
    assert mean_interval(stops)[1:] == (None, None)
    assert mean_interval([0.0, 0.0])[1:] == (None, None)
