"""Candidates are named by their entry minute."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.lessons.streams.episodes import FURTHEST_BACK, group_episodes, settle
from lib.lessons.streams.models import HOUR, Track
from lib.stats.episodes import assign_episodes
from tests.lib.lessons.streams.made import candidate, us


def names(episodes):
    return [[trade.trade for trade in episode.trades] for episode in episodes]


def settled(rows, hour, track=None):
    found, after = settle(track or Track(), [candidate(*row) for row in rows], us(hour))
    return names(found), after


def test_overlapping_trades_share_an_episode():
    # 10-30 and 20-25 overlap, so does 28-40; 40 begins where that ends; 50 and 50 begin together.
    rows = [(10, 30), (20, 25), (28, 40), (40, 50), (50, 50), (50, 52)]
    assert settled(rows, 60)[0] == [["10", "20", "28"], ["40"], ["50", "50"]]


def test_an_episode_waits_for_its_open_trade_and_all_later_ones_wait_for_it():
    rows = [(10, 20), (30, 50), (40, None), (55, 56)]
    found, track = settled(rows, 60)
    assert found == [["10"]]
    assert track.settled_until == us(30) - 1
    assert track.handed_out == 1


def test_without_an_open_trade_the_whole_hour_is_settled():
    assert settled([(10, 20)], 60)[1].settled_until == us(60)
    assert settled([], 60) == ([], Track(settled_until=us(60)))


def test_a_trade_left_out_joins_nothing_and_is_counted_once_it_is_settled():
    rows = [(10, 30), (20, None, "gap"), (35, None), (40, None, "gap")]
    found, track = settled(rows, 60)
    assert found == [["10"]]
    assert track.left_out == {"gap": 1}
    found, track = settled([(35, 70), (40, None, "gap")], 120, track)
    assert found == [["35"]]
    assert (track.left_out, track.handed_out) == ({"gap": 2}, 2)


def test_a_chain_is_cut_after_six_hours_and_the_cut_counted():
    # One every 20 minutes, each 30 minutes long: the entry at minute 360 is the first six hours after the first.
    chain = [(minute, minute + 30) for minute in range(0, 720, 20)]
    found, track = settled(chain, 780)
    assert [(episode[0], episode[-1]) for episode in found] == [("0", "340"), ("360", "700")]
    assert track.cut_episodes == 1


def test_an_episode_that_ends_by_itself_after_six_hours_is_not_cut():
    assert settled([(0, 400), (359, 370), (400, 410)], 780)[1].cut_episodes == 0
    assert settled([(0, 400), (360, 370), (400, 410)], 780)[1].cut_episodes == 1


def test_a_cut_is_counted_once_when_the_part_behind_it_comes_an_hour_later():
    _, track = settled([(0, 365), (360, None)], 420)
    assert (track.cut_episodes, track.settled_until) == (1, us(360) - 1)
    found, track = settled([(360, 430)], 480, track)
    assert (found, track.cut_episodes) == ([["360"]], 1)


@pytest.mark.parametrize(("hour", "abandoned"), [(24 * 60, False), (25 * 60, True)])
def test_a_trade_open_for_a_day_holds_nothing_back(hour, abandoned):
    rows = [(1, None), (5, 20), (30, 40)]
    found, track = settled(rows, hour)
    assert found == ([["5"], ["30"]] if abandoned else [])
    assert track.left_out == ({"abandoned": 1} if abandoned else {})


def test_a_day_is_enough_to_the_instant():
    assert settled([(0, None)], 24 * 60)[1].left_out == {"abandoned": 1}


def test_nothing_unsettled_is_further_back_than_the_limit():
    # Entered 24 h ago less a minute, at the end of an episode that was six hours old by then.
    rows = [(0, 365), (359, None)]
    hour = 359 + 24 * 60 - 59  # the last whole hour before it is abandoned
    _, track = settled(rows, hour)
    assert us(hour) + HOUR - track.settled_until <= FURTHEST_BACK


TRADES = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 90)).map(lambda row: (row[0], row[0] + row[1])), max_size=30
).map(sorted)


@given(TRADES)
def test_closed_trades_are_grouped_as_everywhere_else(rows):
    trades = [candidate(*row) for row in rows]
    number = {
        id(trade): place for place, episode in enumerate(group_episodes(trades)) for trade in episode.trades
    }
    times = [pd.to_datetime([row[end] for row in rows], unit="m", utc=True) for end in (0, 1)]
    assert [number[id(trade)] for trade in trades] == assign_episodes(*times).tolist()


@given(TRADES)
def test_hours_one_by_one_hand_out_the_same_as_all_at_once(rows):
    track, handed = Track(settled_until=us(0) - 1), []
    for hour in range(60, 481, 60):
        known = [
            candidate(entry, end if end <= hour else None)
            for entry, end in rows
            if track.settled_until < us(entry) <= us(hour)
        ]
        found, track = settle(track, known, us(hour))
        handed += names(found)
    assert handed == settled(rows, 480)[0]
    assert track.handed_out == len(rows)
