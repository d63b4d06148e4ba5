from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.stats.calibration import THRESHOLD_LEVELS, calibrated_threshold
from lib.stats.intervals import one_sided_lower
from tests.lib.contract.made import trades


def confident(levels: dict[float, tuple[int, list[float]]]) -> pd.DataFrame:
    """Trades: for each confidence, so many, with these net returns in turn."""
    net, confidence = [], []
    for level, (count, returns) in levels.items():
        net += [returns[i % len(returns)] for i in range(count)]
        confidence += [level] * count
    return trades(net, confidence=np.array(confidence))


def test_threshold_is_the_smallest_level_that_pays():
    # At .80 and above 40 gains of .05 or .15: mean .1, sd .0506, lower bound about .087. Below it 200 losses of −.3 spoil .70 and .75.
    frame = confident(
        {0.77: (200, [-0.3, -0.2]), 0.6 + 0.1 + 0.1: (20, [0.05, 0.15]), 0.9: (20, [0.05, 0.15])}
    )
    assert calibrated_threshold(frame) == 0.80


def test_threshold_needs_thirty_episodes():
    frame = confident({0.9: (29, [0.05, 0.15])})
    assert calibrated_threshold(frame) is None
    assert calibrated_threshold(confident({0.9: (30, [0.05, 0.15])})) == 0.70
    # Thirty trades in fifteen episodes are fifteen observations.
    assert (
        calibrated_threshold(confident({0.9: (30, [0.05, 0.15])}).assign(episode=np.arange(30) // 2)) is None
    )


def test_threshold_of_losers_and_of_nothing():
    assert calibrated_threshold(confident({0.9: (60, [0.1, -0.1])})) is None
    assert calibrated_threshold(trades([])) is None
    assert calibrated_threshold(confident({np.nan: (60, [0.05, 0.15])})) is None


def test_a_mean_above_zero_is_not_enough_for_a_threshold():
    # 30 episodes: 16 of +0.2 and 14 of -0.2 have the mean +0.0133 and a one-sided bound of about -0.049.
    returns = [0.2] * 16 + [-0.2] * 14
    frame = pd.DataFrame({"confidence": 0.95, "net_pct": returns, "episode": range(30)})
    assert frame["net_pct"].mean() > 0 and one_sided_lower(returns) < 0
    assert calibrated_threshold(frame) is None


@pytest.mark.parametrize("level", THRESHOLD_LEVELS)
def test_every_level_can_be_the_threshold(level):
    # Those at the level pay, those just below it lose much more.
    frame = confident({level - 0.01: (300, [-0.3, -0.2]), level: (40, [0.05, 0.15])})
    assert calibrated_threshold(frame) == level


def test_a_level_with_too_few_is_passed_over_but_not_the_next_below():
    # All of .70 and above lose; from .90 on there are too few to say.
    assert calibrated_threshold(confident({0.72: (100, [-0.3, -0.2]), 0.92: (29, [0.05, 0.15])})) is None


def test_the_bound_is_one_sided_at_95_percent():
    # 30 episodes of mean .0333 and sd .1: standard error .01826, t(.95, 29) = 1.699, t(.975, 29) = 2.045:
    # one-sided bound +.0023, two-sided -.0040.
    spread = np.tile([-1.0, 1.0], 15) * 0.1 * np.sqrt(29 / 30)
    frame = pd.DataFrame({"confidence": 0.95, "net_pct": 0.0333 + spread, "episode": range(30)})
    assert calibrated_threshold(frame) == 0.70
    assert calibrated_threshold(frame.assign(net_pct=frame["net_pct"] - 0.004)) is None


def test_gains_without_any_spread_are_no_certainty():
    assert calibrated_threshold(confident({0.9: (60, [0.1])})) is None
