from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.stats.episodes import assign_episodes, episode_means


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
    assert episode_means(np.array([0, 0, 1]), np.array([0.1, 0.3, -0.2])).tolist() == pytest.approx(
        [0.2, -0.2]
    )


def test_a_trade_without_a_value_is_no_observation():
    # Of episode 0 one trade is left, of episode 1 none; an episode is there once whatever the order of rows.
    means = episode_means(np.array([2, 0, 1, 0]), np.array([0.4, np.nan, np.nan, 0.1]))
    assert means.tolist() == [0.1, 0.4]
    assert episode_means(np.empty(0, dtype=int), np.empty(0)).tolist() == []


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.one_of(st.just(float("nan")), st.floats(-1e3, 1e3))), max_size=40
    )
)
def test_episode_means_are_the_very_means_of_pandas(rows):
    frame = pd.DataFrame(rows, columns=["episode", "value"]).astype({"episode": np.int64, "value": float})
    expected = frame.dropna().groupby("episode")["value"].mean()
    assert episode_means(frame["episode"].to_numpy(), frame["value"].to_numpy()).tolist() == expected.tolist()


def test_an_exit_before_its_entry_ends_at_the_entry():
    # The second is entered after the first, wrongly said to have ended before it began: two episodes, in order.
    assert assign_episodes(at(10, 11), at(5, 12)).tolist() == [0, 1]


def test_entries_and_exits_must_belong_together():
    with pytest.raises(ValueError, match="2 entries but 1 exits"):
        assign_episodes(at(0, 1), at(2))


def test_chains_reach_as_far_as_their_longest_trade():
    # The first is open till 60; those of 10 and 40 do not meet each other, but both meet it.
    assert assign_episodes(at(0, 10, 40, 60), at(60, 12, 45, 61)).tolist() == [0, 0, 0, 1]


def test_times_in_any_form_and_unit():
    entries = ["2025-10-19T00:00:00Z", "2025-10-19T02:05:00+02:00"]
    assert assign_episodes(entries, ["2025-10-19T00:06:00Z", "2025-10-19T00:07:00Z"]).tolist() == [0, 0]
    assert assign_episodes(at(0, 5).as_unit("s"), at(5, 6).as_unit("ns")).tolist() == [0, 1]
