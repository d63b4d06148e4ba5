from __future__ import annotations

import numpy as np
import pytest

from bench.evidence.payoffs import (
    BARRIERS,
    BEST_PCT,
    COST_PCT,
    WORST_PCT,
    heavy_tails,
    hold_quantiles,
    standard_exits,
    two_points,
)
from bench.evidence.tables import USUAL_VARIANCE, VARIANCES


@pytest.mark.parametrize("payoff", [standard_exits, two_points, heavy_tails])
@pytest.mark.parametrize("variance", [USUAL_VARIANCE, *VARIANCES])
@pytest.mark.parametrize("mean", [-0.05, -0.04, 0.0, 0.04, 0.05])
def test_the_mean_is_the_one_wanted_and_nothing_is_less_than_never(payoff, variance, mean):
    found = payoff(mean, variance)
    assert abs(found.mean - mean) < 1e-12
    assert found.probabilities.min() >= 0 and abs(found.probabilities.sum() - 1) < 1e-12
    assert (np.diff(found.values) >= 0).all()


def test_bounded_returns_stay_within_what_is_declared():
    for found in (standard_exits(0.0, 0.06), two_points(0.05)):
        assert found.values[0] >= -WORST_PCT and found.values[-1] <= BEST_PCT
    assert heavy_tails(0.0).values[0] < -WORST_PCT


def test_without_a_time_exit_targets_are_as_frequent_as_break_even_says():
    # (stop + c) / (target + stop) = 0.26 / 0.45, docs/definitions.md, Money.
    assert standard_exits(0.0, 50.0).probabilities[-1] == pytest.approx(0.26 / 0.45, abs=1e-6)
    assert two_points(0.0).probabilities.tolist() == pytest.approx([0.19 / 0.45, 0.26 / 0.45])
    assert two_points(0.0).sd == pytest.approx(0.45 * np.sqrt(0.19 * 0.26) / 0.45)


def test_time_exits_are_those_of_a_walk_between_the_barriers():
    found, variance = standard_exits(0.0, 0.06), 0.06
    drift = BARRIERS.drift_for(0.0, variance, COST_PCT, 0.0)
    rng, steps = np.random.default_rng(5), 2000
    move, ended = np.zeros(4000), np.zeros(4000)
    for _ in range(steps):
        held = ended == 0
        move[held] += drift * variance / steps + rng.standard_normal(held.sum()) * np.sqrt(variance / steps)
        ended[move >= 0.3], ended[move <= -0.15] = 1, -1
    # The probabilities of all targets and stops, and the mean of what is still held; a walk in steps is a little late at a barrier.
    assert (ended == 1).mean() == pytest.approx(found.probabilities[-1], abs=0.03)
    assert (ended == -1).mean() == pytest.approx(found.probabilities[0], abs=0.03)
    late = found.probabilities[1:-1]
    mean = found.values[1:-1] @ late / late.sum() + COST_PCT
    assert move[ended == 0].mean() == pytest.approx(mean, abs=0.015)


def test_returns_at_quantiles_have_the_distribution():
    found = standard_exits(0.05, 0.06)
    drawn = found.at((np.arange(100_000) + 0.5) / 100_000)
    assert drawn.mean() == pytest.approx(0.05, abs=1e-4) and drawn.std() == pytest.approx(found.sd, abs=1e-4)


def test_trades_are_held_shorter_when_volatility_is_high():
    calm, wild = hold_quantiles(VARIANCES[0]), hold_quantiles(VARIANCES[-1])
    assert (np.diff(calm) >= 0).all() and calm[-1] == wild[-1] == 45.0
    assert wild[50] < 0.6 * calm[50]
