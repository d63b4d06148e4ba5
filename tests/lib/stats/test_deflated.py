from __future__ import annotations

import numpy as np
import pytest

from lib.stats.deflated import deflated_sharpe, expected_maximum, implied_trials


def test_the_example_of_the_paper():
    # Bailey and López de Prado 2014: a daily strategy of five years, annualised ratio 2.5, skew -3, kurtosis 10, the best of
    # 100 trials whose annualised ratios vary by 1/2: SR0 = 0.1132, DSR = 0.9004. Of 46 trials it would have been 0.9505.
    found = deflated_sharpe(2.5 / np.sqrt(250), 1250, -3, 10, 100, 0.5 / 250)
    assert found.expected_maximum == pytest.approx(0.1132, abs=5e-5)
    assert found.probability == pytest.approx(0.9004, abs=5e-5)
    fewer = deflated_sharpe(2.5 / np.sqrt(250), 1250, -3, 10, 46, 0.5 / 250)
    assert fewer.probability == pytest.approx(0.9505, abs=5e-5)


def test_the_expected_maximum_by_hand():
    # N = 10: Phi^-1(.9) = 1.28155, Phi^-1(1 - 1/(10 e)) = Phi^-1(.963212) = 1.78937;
    # .422784 * 1.28155 + .577216 * 1.78937 = 1.57467; variance .04 makes a fifth of it.
    assert expected_maximum(10, 0.04) == pytest.approx(0.31493, abs=2e-4)


def test_the_expected_maximum_is_that_of_simulated_trials():
    random = np.random.default_rng(0)
    for trials in (10, 100, 1000):
        largest = random.normal(size=(4000, trials)).max(axis=1).mean()
        assert expected_maximum(trials, 1.0) == pytest.approx(largest, rel=0.03)


def test_one_trial_needs_no_deflation():
    # Phi(.1 * sqrt(100) / sqrt(1 + .5 * .01)) = Phi(.99751) = .84075
    found = deflated_sharpe(0.1, 101, 0, 3, 1, 0.3)
    assert found.expected_maximum == 0.0
    assert found.probability == pytest.approx(0.84075, abs=1e-4)
    # A little more than one trial never helps.
    assert expected_maximum(1.0001, 1.0) == expected_maximum(1.2, 1.0) == 0.0


def test_more_trials_and_wider_trials_deflate_more():
    few, many = (deflated_sharpe(0.2, 200, 0, 3, trials, 0.01).probability for trials in (10, 1000))
    wide = deflated_sharpe(0.2, 200, 0, 3, 10, 0.04).probability
    assert many < few and wide < few


@pytest.mark.parametrize(
    "case", [(0.1, 1, 0, 3), (np.nan, 50, 0, 3), (0.1, 50, np.nan, 3), (1.0, 50, 3.0, 1.0)]
)
def test_where_it_is_not_defined_it_says_nothing(case):
    assert deflated_sharpe(*case, 10, 0.01) is None


def test_the_luckiest_of_worthless_trials_is_seldom_believed():
    random = np.random.default_rng(1)
    believed = 0
    for _ in range(300):
        returns = random.normal(size=(60, 200))
        sharpe = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
        best = int(sharpe.argmax())
        z = (returns[:, best] - returns[:, best].mean()) / returns[:, best].std()
        found = deflated_sharpe(sharpe[best], 60, (z**3).mean(), (z**4).mean(), 200, sharpe.var(ddof=1))
        believed += found.probability > 0.95
    assert believed <= 15


def test_correlated_trials_are_worth_fewer():
    assert implied_trials(100, 0.0) == 100
    assert implied_trials(100, 1.0) == 1
    assert implied_trials(100, 0.25) == pytest.approx(0.25 + 75)
    assert implied_trials(100, -0.1) == 100
