from __future__ import annotations

import numpy as np
import pytest

from lib.stats.betting import BOUND_STEP_PCT, DIFFERENCE, MEAN
from lib.stats.levels import log_needed


def returns(seed: int, count: int):
    """Returns with target, stop and what lies between, a loss beyond the declared one among them; worst losses; tempering."""
    numbers = np.random.default_rng(seed)
    x = numbers.choice([0.19, -0.26, 0.05, -0.1], count, p=[0.5, 0.3, 0.1, 0.1])
    x[:1] = -0.4
    return x, np.where(numbers.random(count) < 0.5, 0.36, 0.3), 1 + numbers.random(count)


@pytest.mark.parametrize("mixture", [MEAN, DIFFERENCE])
@pytest.mark.parametrize(("seed", "count"), [(1, 40), (2, 300), (3, 3000)])
def test_the_bound_is_where_rejection_ends(mixture, seed, count):
    x, worst, tempering = returns(seed, count)
    needed = log_needed(70)

    def rejected(mean: float) -> bool:
        return mixture.log_e_of(x - mean, worst + mean, tempering) >= needed

    bound = mixture.lower_bound(x, worst, tempering, needed)
    assert bound is not None and -0.36 < bound < x.mean()
    assert rejected(bound) and not rejected(bound + 2 * BOUND_STEP_PCT)
    low, high = -0.36, x.max()
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if rejected(middle) else (low, middle)
    assert low - 2 * BOUND_STEP_PCT <= bound <= low


def test_no_bound_where_too_little_was_seen():
    one = np.array([0.19])
    assert MEAN.lower_bound(one, np.array([0.36]), np.ones(1), log_needed(1)) is None
    assert MEAN.lower_bound(one[:0], one[:0], one[:0], log_needed(1)) is None
    # All far below what was declared: not even the declared worst loss is rejected.
    assert MEAN.lower_bound(np.full(50, -0.5), np.full(50, 0.36), np.ones(50), log_needed(1)) is None
