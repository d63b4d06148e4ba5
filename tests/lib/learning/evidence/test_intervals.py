from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lib.learning.evidence.calibration import calibrated_threshold
from lib.learning.evidence.episodes import assign_episodes, episode_means
from lib.learning.evidence.intervals import mean_interval, one_sided_lower, wilson_interval
from tests.lib.learning.made import trades


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
    assert one_sided_lower([1, 2, 3, 4]) == pytest.approx(0.9809, abs=1e-4)


def test_mean_without_bounds():
    assert mean_interval([]) is None and mean_interval([np.nan]) is None
    assert mean_interval([0.19]) == (0.19, None, None) and one_sided_lower([0.19]) is None


def test_exits_that_all_ended_alike_are_no_certainty():
    # Three stops of −0.26 %, off by the rounding of prices: spread below 1 % of their size
    stops = [-0.26, -0.2601, -0.2599]
    assert mean_interval(stops)[1:] == (None, None) and one_sided_lower(stops) is None
    assert mean_interval([0.0, 0.0])[1:] == (None, None)


def at(*minutes: float) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.Timestamp("2025-10-19", tz="UTC") + pd.Timedelta(minutes=m) for m in minutes])


def test_overlapping_trades_are_one_episode_and_touching_ones_two():
    # [0, 10) and [5, 30) overlap, [20, 25) lies inside the second, [30, 40) begins where it ends
    entries, exits = at(0, 5, 20, 30), at(10, 30, 25, 40)
    assert assign_episodes(entries, exits).tolist() == [0, 0, 0, 1]


def test_order_of_rows_does_not_matter():
    assert assign_episodes(at(30, 0, 5), at(40, 10, 30)).tolist() == [1, 0, 0]


def test_trades_of_no_length():
    # Two entered at one instant are one episode even if they close at once; one that comes when another ends is another.
    assert assign_episodes(at(0, 0, 5, 10), at(0, 0, 10, 10)).tolist() == [0, 0, 1, 2]


def test_a_missing_exit_counts_as_forty_five_minutes():
    exits = pd.DatetimeIndex([pd.NaT, *at(50, 60)])
    assert assign_episodes(at(0, 44, 50), exits).tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="without entry"):
        assign_episodes(pd.DatetimeIndex([pd.NaT], tz="UTC"), at(1))


def test_no_trades_no_episodes():
    assert assign_episodes(at(), at()).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15)), min_size=1, max_size=25))
def test_episodes_are_the_connected_components(spans):
    starts = [start for start, _ in spans]
    ends = [start + length for start, length in spans]
    found = assign_episodes(at(*starts), at(*ends))
    groups = {i: {i} for i in range(len(spans))}
    for i in range(len(spans)):
        for j in range(i):
            if starts[i] < ends[j] and starts[j] < ends[i]:
                union = groups[i] | groups[j]
                for k in union:
                    groups[k] = union
    for i in range(len(spans)):
        for j in range(i):
            assert (found[i] == found[j]) == (j in groups[i])


def test_episode_means_weigh_each_episode_once():
    frame = trades([0.1, 0.3, -0.2]).assign(episode=[0, 0, 1])
    assert episode_means(frame).to_dict() == pytest.approx({0: 0.2, 1: -0.2})


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
