from __future__ import annotations

from math import nan

import numpy as np
import pytest
from scipy.stats import t as student

from lib.stats.differences import welch_interval


def test_by_hand():
    # Means 2 and 5, variances 1 and 4, n 3 and 3: se² = 1/3 + 4/3 = 5/3, df = (5/3)² / ((1/9 + 16/9) / 2) = 50/17
    found = welch_interval([1, 2, 3], [3, 5, 7])
    half = student.ppf(0.975, 50 / 17) * (5 / 3) ** 0.5
    assert found == pytest.approx((3.0, 3 - half, 3 + half))
    assert welch_interval([3, 5, 7], [1, 2, 3]) == pytest.approx((-3.0, -3 - half, -3 + half))


def test_a_lower_level_is_narrower_and_values_that_are_missing_are_left_out():
    wide, narrow = (
        welch_interval([1, 2, 3, nan], [nan, 3, 5, 7]),
        welch_interval([1, 2, 3], [3, 5, 7], level=0.5),
    )
    assert wide == welch_interval([1, 2, 3], [3, 5, 7])
    assert wide.low < narrow.low < narrow.mean < narrow.high < wide.high


@pytest.mark.parametrize("before", [[1.0], [0.19] * 12, [0.19, 0.1901]])
def test_one_value_or_no_spread_gives_no_bounds(before):
    assert welch_interval(before, [1, 2, 3]) == pytest.approx((2 - np.mean(before), None, None))
    assert welch_interval([1, 2, 3], before)[1:] == (None, None)


def test_nothing_on_a_side_is_no_difference():
    assert welch_interval([], [1, 2]) is None and welch_interval([1, 2], [nan]) is None


def test_it_holds_the_difference_as_often_as_it_says():
    # Unequal spread and size, where an interval of pooled variances holds it far less often.
    generator = np.random.default_rng(5)
    held = 0
    for _ in range(1000):
        found = welch_interval(generator.normal(0, 0.1, 60), generator.normal(0.05, 0.4, 12))
        held += found.low <= 0.05 <= found.high
    assert 930 <= held <= 970
