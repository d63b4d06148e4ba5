from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_rel

from lib.stats.differences import difference_interval
from lib.stats.intervals import Interval


def welch(before: Sequence[float], after: Sequence[float], level: float = 0.95) -> Interval | None:
    """That of two sides without a pair: each is missing where the other has a value."""
    first = [*before, *[nan] * len(after)]
    second = [*[nan] * len(before), *after]
    found = difference_interval(np.array(first), np.array(second), level=level)
    return found and Interval(*found[:3])


def test_by_hand():
    # Means 2 and 5, variances 1 and 4, n 3 and 3: se² = 1/3 + 4/3 = 5/3, df = (5/3)² / ((1/9 + 16/9) / 2) = 50/17
    found = welch([1, 2, 3], [3, 5, 7])
    half = student.ppf(0.975, 50 / 17) * (5 / 3) ** 0.5
    assert found == pytest.approx((3.0, 3 - half, 3 + half))
    assert welch([3, 5, 7], [1, 2, 3]) == pytest.approx((-3.0, -3 - half, -3 + half))


def test_a_lower_level_is_narrower_and_values_that_are_missing_are_left_out():
    wide, narrow = (
        welch([1, 2, 3, nan], [nan, 3, 5, 7]),
        welch([1, 2, 3], [3, 5, 7], level=0.5),
    )
    assert wide == welch([1, 2, 3], [3, 5, 7])
    assert wide.low < narrow.low < narrow.mean < narrow.high < wide.high


@pytest.mark.parametrize("before", [[1.0], [0.19] * 12, [0.19, 0.1901]])
def test_one_value_or_no_spread_gives_no_bounds(before):
    assert welch(before, [1, 2, 3]) == pytest.approx((2 - np.mean(before), None, None))
    assert welch([1, 2, 3], before)[1:] == (None, None)


def test_nothing_on_a_side_is_no_difference():
    assert welch([], [1, 2]) is None and welch([1, 2], [nan]) is None


def test_it_holds_the_difference_as_often_as_it_says():
    # Unequal spread and size, where an interval of pooled variances holds it far less often.
    generator = np.random.default_rng(5)
    held = 0
    for _ in range(1000):
        found = welch(generator.normal(0, 0.1, 60), generator.normal(0.05, 0.4, 12))
        held += found.low <= 0.05 <= found.high
    assert 930 <= held <= 970


# Where both sides have a value of some episodes


def test_all_in_pairs_it_is_that_of_paired_differences():
    generator = np.random.default_rng(7)
    first = generator.normal(0, 1, 20)
    second = first / 2 + generator.normal(0.1, 1, 20)
    found, pair = difference_interval(first, second), ttest_rel(second, first).confidence_interval()
    assert found[:4] == pytest.approx((second.mean() - first.mean(), pair.low, pair.high, 20))


def test_partly_in_pairs_by_hand():
    """First 1, 2, 3, 6 (mean 3, squares 14) and second 2, 4, 9 (mean 5, squares 26), of which (1, 2) and (2, 4) are pairs.

    Var = 14/12 + 26/6 - 2 ((1-3)(2-5) + (2-3)(4-5)) / (√12 √6); degrees of freedom as in Derrick et al. (2017).
    """
    first, second = np.array([1, 2, 3, 6, nan]), np.array([2, 4, nan, nan, 9])
    parts = 14 / 12, 26 / 6
    variance = sum(parts) - 2 * 7 / 72**0.5
    welch = sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 2)
    half = student.ppf(0.975, 1 + (welch - 1) * 3 / 7) * variance**0.5
    assert difference_interval(first, second) == pytest.approx((2.0, 2 - half, 2 + half, 2, 1.0))


@pytest.mark.parametrize("correlation", [0.8, -0.6])
def test_partly_in_pairs_it_holds_as_often_as_it_says(correlation):
    generator, held = np.random.default_rng(8), 0
    for _ in range(1000):
        pairs = generator.multivariate_normal([0, 0.1], [[1, correlation], [correlation, 1]], 25)
        first = np.r_[pairs[:, 0], generator.normal(0, 1, 15), np.full(30, nan)]
        second = np.r_[pairs[:, 1], np.full(15, nan), generator.normal(0.1, 2, 30)]
        found = difference_interval(first, second)
        held += found.low <= 0.1 <= found.high
    assert 930 <= held <= 970


def test_pairs_that_all_differ_by_the_same_have_no_spread():
    first = np.array([1.0, 3.0, 2.0])
    assert difference_interval(first, first + 0.5) == pytest.approx((0.5, None, None, 3, 1.0))


def held_over_days(shared: bool, by_days: bool) -> float:
    """Share of runs whose interval holds a difference of 0, over 20 days that are good or bad as a whole, for both sides or for each."""
    generator, held = np.random.default_rng(9), 0
    days = np.repeat(np.arange(20), 8)
    for _ in range(300):
        moods = generator.normal(0, 0.6, (2, 20))
        sides = [moods[0 if shared else side][days] + generator.normal(0, 1, 160) for side in (0, 1)]
        chosen = generator.random(160)
        first, second = np.where(chosen < 0.6, sides[0], nan), np.where(chosen > 0.3, sides[1], nan)
        found = difference_interval(first, second, days if by_days else None)
        held += found.low <= 0 <= found.high
    return held / 300


def test_days_of_each_sides_own_widen_it():
    assert held_over_days(shared=False, by_days=False) < 0.85
    assert held_over_days(shared=False, by_days=True) > 0.91


def test_days_that_both_share_cancel_and_do_not_widen_it():
    assert 0.92 <= held_over_days(shared=True, by_days=True) <= 0.98


def test_the_order_of_episodes_does_not_matter():
    generator = np.random.default_rng(10)
    days = np.repeat(np.arange(12), 6)
    first = generator.normal(0, 0.1, 72)
    second = generator.normal(0, 0.5, 12)[days] + generator.normal(0, 0.1, 72)
    found, turned = difference_interval(first, second, days), generator.permutation(72)
    assert found.inflation > 1
    assert difference_interval(first[turned], second[turned], days[turned]) == pytest.approx(found)
