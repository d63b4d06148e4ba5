from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.smart_backtest import window_signals
from lib.analysis.sweep_exits import OPEN, choose_each, first_touches
from lib.market.exits import GAP, NO_GAP, ExitRule, PricePath
from lib.market.readings import instants
from tests.builders import candles, entries, random_market, round_trips
from tests.one_by_one import chosen_alone, exits_alone

TARGETS, STOPS, HOLDS = (0.05, 0.15, 0.3, 5.0), (0.05, 0.1, 0.2, 5.0), (5.0, 20.0, 45.0)
RULES = [(t, s, h) for t in range(4) for s in range(4) for h in range(3)]


def resolved(signals, path, chunk_bytes=2**20):
    touches = first_touches(signals, path, TARGETS, STOPS, HOLDS, chunk_bytes)
    return touches.exits(*np.array(RULES).T, np.arange(len(signals)))


def same_as_one_by_one(signals, path, chunk_bytes=2**20):
    found = resolved(signals, path, chunk_bytes)
    gap = first_touches(signals, path, TARGETS, STOPS, HOLDS, chunk_bytes).gap_known_at != NO_GAP
    for column, (target, stop, hold) in enumerate(RULES):
        rule = ExitRule(TARGETS[target], STOPS[stop], HOLDS[hold])
        alone = exits_alone(signals, path, rule, longest_hold=max(HOLDS))
        # Every rule is judged on the same signals.
        assert (alone["exit_reason"] == GAP).tolist() == gap.tolist()
        ended = alone["exit_time"].notna().to_numpy()
        assert ((found.at[:, column] != OPEN) & ~gap).tolist() == ended.tolist()
        assert found.at[ended, column].tolist() == instants(alone["exit_time"][ended]).tolist()
        # The very same numbers: no tolerance.
        assert found.price[ended, column].tolist() == alone["exit_price"][ended].tolist()
        assert (found.ambiguous[:, column] & ended).tolist() == alone["ambiguous"].tolist()
    return found


def paths_of(market):
    """Every fineness of data: minutes and samples, minutes alone, 5-minute candles with samples, and alone."""
    none = candles([], 1)
    return [
        PricePath.of(ones, market.candles_5min, samples)
        for ones in (market.candles_1min, none)
        for samples in (market.samples_5min, None)
    ]


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), gaps=st.integers(0, 4), chunk=st.sampled_from([1, 5000, 2**20]))
def test_every_exit_equals_the_one_found_alone(seed, gaps, chunk):
    market = random_market(seed, gaps=gaps)
    for path in paths_of(market):
        same_as_one_by_one(window_signals(market), path, chunk)


def test_the_random_markets_show_every_kind_of_exit():
    kinds = set()
    for seed in range(3):
        market = random_market(seed, gaps=2)
        signals = window_signals(market)
        for path in paths_of(market):
            found = resolved(signals, path)
            touches = first_touches(signals, path, TARGETS, STOPS, HOLDS, 2**20)
            kinds |= {("ambiguous", bool(found.ambiguous.any())), ("open", bool((found.at == OPEN).any()))}
            kinds |= {("target first", bool(touches.target_first.any()))}
    assert {("ambiguous", True), ("open", True), ("target first", True), ("target first", False)} <= kinds


def test_exits_of_entries_inside_a_candle_are_those_that_samples_show():
    market = random_market(5)
    signals = window_signals(market).iloc[:12].copy()
    signals["entry_time"] += pd.Timedelta(seconds=75)
    path = PricePath.of(candles([], 1), market.candles_5min, market.samples_5min)
    touches = first_touches(signals, path, TARGETS, STOPS, HOLDS, 2**20)
    assert touches.inside.all()
    same_as_one_by_one(signals, path)


# Entry at 5, price 100: 5-10 shows both 100.3 and 99.85, 10-15 neither.
BOTH = [(100, 100, 100, 100), (100, 100.3, 99.85, 100), (100, 100.1, 99.9, 100.05)]


def test_by_hand_a_candle_with_both_levels_counts_as_the_stop():
    signals = entries([("LONG", 5, 100.0)])
    touches = first_touches(signals, PricePath.of(candles([], 1), candles(BOTH)), (0.3,), (0.15,), (10,), 100)
    found = touches.exits(*np.zeros((3, 1), dtype=int), np.array([0]))
    assert (found.price.item(), found.ambiguous.item()) == (pytest.approx(99.85), True)
    assert pd.Timestamp(found.at.item(), unit="us", tz="UTC") == pd.Timestamp("2026-01-05T00:10:00Z")


def test_by_hand_levels_out_of_reach_end_by_time_or_stay_open():
    signals = entries([("SHORT", 5, 100.0)])
    path = PricePath.of(candles([], 1), candles(BOTH))
    found = first_touches(signals, path, (1.0,), (1.0,), (10, 11), 100).exits(
        np.array([0, 0]), np.array([0, 0]), np.array([0, 1]), np.array([0])
    )
    assert found.at[0, 0] == instants(pd.Series([pd.Timestamp("2026-01-05T00:15:00Z")]))[0]
    assert found.price[0, 0] == 100.05
    assert found.at[0, 1] == OPEN


def test_nothing_to_resolve():
    empty = PricePath.of(candles([], 1), candles([]))
    assert resolved(entries([]), empty).at.shape == (0, len(RULES))
    alone = resolved(entries([("LONG", 5, 100.0)]), empty)
    assert (alone.at == OPEN).all()


@given(
    steps=st.lists(st.integers(0, 4), min_size=1, max_size=25),
    holds=st.data(),
    spacing=st.sampled_from([0.0, 7.5, 20.0]),
)
def test_the_chosen_are_those_chosen_one_by_one(steps, holds, spacing):
    minutes = np.cumsum(steps) * 5
    draw = holds.draw(st.lists(st.sampled_from([5, 10, 30, None]), min_size=len(steps), max_size=len(steps)))
    allowed = holds.draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps)))
    trades = entries([("LONG", minute, 100.0) for minute in minutes])
    length = [pd.NaT if hold is None else pd.Timedelta(minutes=hold) for hold in draw]
    trades["exit_time"] = trades["entry_time"] + pd.to_timedelta(length)
    exit_at = np.where(trades["exit_time"].isna(), OPEN, instants(trades["exit_time"]))
    both = np.stack([np.ones(len(steps), dtype=bool), np.array(allowed)], axis=1)
    found = choose_each(instants(trades["entry_time"]), exit_at[:, None], both, np.array([spacing, spacing]))
    assert np.flatnonzero(found[:, 0, 0]).tolist() == chosen_alone(trades, spacing).index.tolist()
    asked = trades[np.array(allowed)]
    assert np.flatnonzero(found[:, 0, 1]).tolist() == chosen_alone(asked, spacing).index.tolist()


@pytest.mark.parametrize("chunk", [1, 10_000])
def test_the_size_of_a_chunk_changes_nothing(chunk):
    market = random_market(8)
    path = paths_of(market)[0]
    once, again = (resolved(window_signals(market), path, size) for size in (chunk, 2**30))
    assert (once.at == again.at).all() and np.array_equal(once.price, again.price, equal_nan=True)


# ---- one position at a time


def chosen(*spans):
    frame = round_trips([("LONG", start, 1.0, 0.0 if end is None else end, 1.0) for start, end in spans])
    frame["exit_time"] = frame["exit_time"].where([end is not None for _, end in spans])
    exit_at = np.where(frame["exit_time"].isna(), OPEN, instants(frame["exit_time"]))
    every = np.ones((len(frame), 1), dtype=bool)
    found = choose_each(instants(frame["entry_time"]), exit_at[:, None], every, np.array([20.0]))
    return np.flatnonzero(found).tolist()


def test_an_entry_may_come_when_the_trade_before_ends_but_not_sooner():
    assert chosen((0, 30), (29.9, 60), (30, 60)) == [0, 2]


def test_entries_are_twenty_minutes_apart():
    assert chosen((0, 5), (19.99, 25), (20, 25), (30, 35), (40, 45)) == [0, 2, 4]


def test_blocked_entries_block_nobody():
    # 15 is too soon after 0; 30 is judged against 0, not against 15
    assert chosen((0, 5), (15, 500), (30, 35)) == [0, 2]


def test_an_open_trade_blocks_all_that_follow():
    assert chosen((0, 10), (20, None), (60, 70), (500, 510)) == [0, 1]
    assert chosen() == []
