"""The mixture against a reference in plain numpy: the products written out, no logs, no shared code."""

from __future__ import annotations

from itertools import pairwise
from math import inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.stats.betting import DIFFERENCE, MEAN, Mixture
from lib.stats.levels import log_needed

MIXTURES = pytest.mark.parametrize("mixture", [MEAN, DIFFERENCE], ids=["mean", "difference"])


def product_e(mixture: Mixture, x, worst, tempering) -> float:
    """E = Σ w Π max(0, 1 + min(λ, 0.9/B) x)^(1/V), from the formula of the method."""
    total = 0.0
    for rate, weight in zip(mixture.rates, mixture.weights, strict=True):
        capital = 1.0
        for value, loss, inflation in zip(x, worst, tempering, strict=True):
            capital *= max(0.0, 1.0 + min(rate, 0.9 / loss) * value) ** (1.0 / inflation)
        total += weight * capital
    return total


def folded(mixture: Mixture, x, worst, tempering) -> float:
    sums = mixture.start()
    for value, loss, inflation in zip(x, worst, tempering, strict=True):
        mixture.bet(sums, value, loss, inflation)
    return mixture.log_e(sums)


def drawn(seed: int, count: int, mean: float = 0.0):
    """Returns between the declared bounds, of trades with different stops, tempered by different amounts."""
    rng = np.random.default_rng(seed)
    worst = rng.uniform(0.2, 0.9, count)
    x = np.clip(rng.normal(mean, 0.16, count), -worst, 0.5)
    return x, worst, rng.uniform(1.0, 2.5, count)


@MIXTURES
@pytest.mark.parametrize("seed", range(5))
def test_capital_is_that_of_the_products(mixture, seed):
    x, worst, tempering = drawn(seed, 80, mean=0.03)
    expected = log(product_e(mixture, x, worst, tempering))
    assert folded(mixture, x, worst, tempering) == pytest.approx(expected, abs=1e-10)
    assert mixture.log_e_of(x, worst, tempering) == pytest.approx(expected, abs=1e-10)


def test_two_returns_by_hand():
    # Worst loss 0.45 allows 0.9/0.45 = 2 a percent: both bets whole. Returns .2 and -.1:
    # (1 + .2)(1 - .1) = 1.08 and (1 + .36)(1 - .18) = 1.1152, half of each 1.0976.
    assert folded(MEAN, [0.2, -0.1], [0.45] * 2, [1.0] * 2) == pytest.approx(log(1.0976))
    # Worst loss 0.6 allows 1.5 only: 1.08 and (1.3)(.85) = 1.105, half of each 1.0925.
    assert folded(MEAN, [0.2, -0.1], [0.6] * 2, [1.0] * 2) == pytest.approx(log(1.0925))


@MIXTURES
def test_capital_starts_at_one_and_is_all_used(mixture):
    assert mixture.log_e(mixture.start()) == pytest.approx(0.0, abs=1e-12)
    assert sum(mixture.weights) == pytest.approx(1.0)
    assert len(mixture.rates) == len(mixture.weights) and min(mixture.rates) > 0


@MIXTURES
@given(worst=st.floats(0.05, 5.0))
def test_the_declared_worst_loss_leaves_a_tenth_at_least(mixture, worst):
    sums = mixture.start()
    mixture.bet(sums, -worst, worst)
    assert min(sums) >= log(0.1) - 1e-9


def test_a_loss_beyond_the_declared_one_empties_a_bet_for_good():
    sums = MEAN.start()
    MEAN.bet(sums, -0.6, 0.3)  # 1.8 · 0.6 = 1.08 is more than there was; 1.0 · 0.6 is not
    assert sums[1] == -inf and sums[0] == pytest.approx(log(0.4))
    MEAN.bet(sums, 0.3, 0.3)
    assert sums[1] == -inf
    assert MEAN.log_e(sums) == pytest.approx(log(0.5 * 0.4 * 1.3))
    MEAN.bet(sums, -1.0, 0.3)  # exactly all of the other bet's capital
    assert MEAN.log_e(sums) == -inf
    assert MEAN.log_e_of(np.array([-0.6, 0.3, -1.0]), np.full(3, 0.3), np.ones(3)) == -inf


def test_tempering_divides_each_log():
    plain, tempered = MEAN.start(), MEAN.start()
    MEAN.bet(plain, 0.25, 0.3)
    MEAN.bet(tempered, 0.25, 0.3, 1.6)
    assert tempered == pytest.approx([value / 1.6 for value in plain])


def test_long_logs_neither_overflow_nor_vanish():
    assert folded(MEAN, [0.3] * 5000, [0.3] * 5000, [1.0] * 5000) == pytest.approx(
        5000 * log(1.54) + log(0.5), rel=1e-9
    )
    assert -inf < folded(MEAN, [-0.3] * 5000, [0.3] * 5000, [1.0] * 5000) < -1000


def test_lower_bound_by_hand():
    # One bet of rate 1, x = .2 ten times, worst loss .3: E(m) = (1.2 - m)^10 while 0.9 / (.3 + m) >= 1, so for m <= .6.
    # E(m) = 2 at m = 1.2 - 2^(1/10) = 0.12823.
    one = Mixture((1.0,), (1.0,))
    x, worst, tempering = np.full(10, 0.2), np.full(10, 0.3), np.ones(10)
    assert one.lower_bound(x, worst, tempering, log(2)) == pytest.approx(0.12823, abs=1e-5)
    # With V = 2 it is (1.2 - m)^5: 1.2 - 2^(1/5) = 0.05130.
    assert one.lower_bound(x, worst, 2 * tempering, log(2)) == pytest.approx(0.05130, abs=1e-5)


def test_a_mean_below_the_bound_is_bet_against_with_a_loss_less_that_mean():
    # Rate 5, worst .3, x = .1 twice, level 1.5: at m = -.1 the cap is .9 / .2 = 4.5 and E = (1 + 4.5 · .2)² = 3.61;
    # E(m) = (1 + .9 (.1 - m) / (.3 + m))² = 1.5 at (.1 - m) / (.3 + m) = (1.5^.5 - 1) / .9 = .249717: m = .020073.
    steep = Mixture((5.0,), (1.0,))
    found = steep.lower_bound(np.full(2, 0.1), np.full(2, 0.3), np.ones(2), log(1.5))
    assert found == pytest.approx(0.020073, abs=1e-5)


def test_no_bound_without_returns_or_evidence():
    none = np.array([])
    assert MEAN.lower_bound(none, none, none, 1.0) is None
    assert MEAN.lower_bound(np.array([0.1]), np.array([0.3]), np.ones(1), log_needed(1)) is None


@MIXTURES
def test_the_bound_is_the_largest_mean_that_is_rejected(mixture):
    for seed in range(12):
        x, worst, tempering = drawn(seed, 250, mean=0.06)
        bound = mixture.lower_bound(x, worst, tempering, log_needed(70))
        if bound is None:
            continue

        def evidence(mean, x=x, worst=worst, tempering=tempering):
            return product_e(mixture, x - mean, worst + mean, tempering)

        needed = np.exp(log_needed(70))
        assert evidence(bound - 1e-5) >= needed > evidence(bound + 1e-5)
        means = np.linspace(-worst.min() + 0.01, x.max(), 40)
        found = [evidence(mean) for mean in means]
        assert all(after <= before * (1 + 1e-9) for before, after in pairwise(found))
        # Stricter levels have lower bounds.
        assert mixture.lower_bound(x, worst, tempering, log_needed(700)) < bound < x.mean()


@MIXTURES
def test_a_bound_above_zero_is_the_same_as_being_supported(mixture):
    seen = set()
    for seed in range(60):
        x, worst, tempering = drawn(seed, 150, mean=0.09)
        bound = mixture.lower_bound(x, worst, tempering, log_needed(1))
        supported = folded(mixture, x, worst, tempering) >= log_needed(1)
        assert supported == (bound is not None and bound > -1e-6)
        seen.add(supported)
    assert seen == {True, False}


def ever_supported(mixture: Mixture, x: np.ndarray, worst: float, log_level: float) -> float:
    """Share of the rows of `x` whose capital passes the level at any look."""
    rates = np.minimum(np.asarray(mixture.rates), 0.9 / worst)[:, None, None]
    capital = np.cumprod(1.0 + rates * x[None, :, :], axis=2)
    mixed = np.tensordot(np.asarray(mixture.weights), capital, axes=1)
    for row in (0, 7):
        assert mixture.log_e_of(x[row], np.full(x.shape[1], worst), np.ones(x.shape[1])) == pytest.approx(
            log(mixed[row, -1]), abs=1e-6
        )
    return float((mixed.max(axis=1) >= np.exp(log_level)).mean())


@pytest.mark.parametrize("gain", [0.08, 0.19, 0.6], ids=["negative skew", "usual", "positive skew"])
def test_looking_at_every_episode_stays_within_the_level(gain):
    # 2,000 logs of 400 fair bets at level 5 %: the bound is 5 %, three standard errors above it 6.5 %. One look at every
    # episode by a z test would be wrong in more than 25 %.
    rng = np.random.default_rng(20251019)
    worst = 0.32
    wins = rng.random((2000, 400)) < worst / (gain + worst)
    x = np.where(wins, gain, -worst)
    share = ever_supported(MEAN, x, worst, log(20))
    assert 0.002 < share <= 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5
    deviations = x.cumsum(axis=1)[:, 30:] / (x.std() * np.sqrt(np.arange(31, 401)))
    assert (deviations.max(axis=1) > 1.645).mean() > 0.2


def test_an_edge_of_a_twentieth_percent_is_found():
    # The theory number for sd .16 at 5 %/20 is 137 episodes; at 1.5 times as many four of five logs are to have found it.
    rng = np.random.default_rng(7)
    x = np.clip(rng.normal(0.05, 0.16, (2000, 205)), -0.36, 0.6)
    assert ever_supported(MEAN, x, 0.36, log(20 / 0.05)) >= 0.8


def test_the_bound_is_sought_wherever_it_can_lie():
    # Deep losses under a wide stop: the bound is below the least declared loss of all, .2.
    x = np.tile([-0.42, -0.38], 300)
    worst = np.tile([0.9, 0.9, 0.9, 0.45], 150)
    worst[0], x[0] = 0.2, -0.1
    bound = MEAN.lower_bound(x, worst, np.ones(600), log_needed(1))
    assert -0.45 < bound < -0.4 + 1e-3
    assert product_e(MEAN, x - bound, np.maximum(worst + bound, 1e-9), np.ones(600)) == pytest.approx(
        60 / 0.0175, rel=0.01
    )
    # Losses that count a tenth, because their days hang together: the bound is above the plain mean, 0.
    x, tempering = np.repeat([0.3, -0.3], 40), np.repeat([1.0, 10.0], 40)
    bound = MEAN.lower_bound(x, np.full(80, 0.36), tempering, log_needed(1))
    assert bound > 0.05
    assert product_e(MEAN, x - bound, np.full(80, 0.36) + bound, tempering) == pytest.approx(
        60 / 0.0175, rel=0.01
    )


def test_a_loss_beyond_the_declared_one_leaves_one_bound():
    x = np.r_[np.full(60, 0.1), -1.2, np.full(60, 0.1)]
    worst, tempering = np.full(121, 0.36), np.ones(121)
    bound = MEAN.lower_bound(x, worst, tempering, 5.0)
    widened = np.maximum(worst, -x)
    assert bound == pytest.approx(MEAN.lower_bound(x, widened, tempering, 5.0))
    assert 0.0 < bound < x.mean()


def test_sums_of_another_number_of_bets_are_refused():
    for sums in ([0.1], [0.1, 0.2, 0.3]):
        with pytest.raises(ValueError, match="zip"):
            MEAN.log_e(sums)
