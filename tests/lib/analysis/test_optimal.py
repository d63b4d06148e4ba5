from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.optimal import (
    best_exits,
    ceiling,
    eligible_rows,
    segments,
    setup_directions,
    setup_optimum,
    shifted_setup_totals,
    shifted_totals,
)
from tests.builders import at, candles, closes, random_market, samples

COST = 0.11


# ---- ceiling


def every_total(close, hold, row=0):
    """The total of every sequence of trades there is, losing ones included."""
    if row >= len(close):
        yield 0.0
        return
    yield from every_total(close, hold, row + 1)
    for end in range(row + 1, min(row + hold, len(close) - 1) + 1):
        move = (close[end] / close[row] - 1) * 100
        for rest in every_total(close, hold, end):
            yield move - COST + rest
            yield -move - COST + rest


@settings(max_examples=40)
@given(
    steps=st.lists(
        st.sampled_from([-0.4, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.4]), min_size=1, max_size=7
    ),
    hold=st.integers(1, 4),
)
def test_the_ceiling_is_the_best_of_all_sequences(steps, hold):
    close = np.round(100 + np.cumsum([0.0, *steps]), 4)
    found = ceiling(closes(close.tolist()), hold=hold)
    assert found.net_pct.sum() == pytest.approx(max(every_total(close, hold)), abs=1e-9)
    assert ((found.exits - found.entries >= 1) & (found.exits - found.entries <= hold)).all()
    assert (found.entries[1:] >= found.exits[:-1]).all()
    assert (found.net_pct > 0).all()


def test_a_ceiling_by_hand():
    # 100 -> 102 long: 2 - 0.11 = 1.89 % ($1.89); 102 -> 101 short: 0.980392 - 0.11 (of 102: $0.8878); the last
    # move, 101 -> 101.05, is 0.0495 % and pays no costs.
    found = ceiling(closes([100, 101, 102, 101, 101.05]))
    assert (found.entries.tolist(), found.exits.tolist()) == ([0, 2], [2, 3])
    assert found.net_pct.tolist() == pytest.approx([1.89, 0.870392], abs=1e-6)
    assert found.net_usd.tolist() == pytest.approx([1.89, 0.8878], abs=1e-6)


def test_the_ceiling_holds_nine_candles_at_most():
    # A steady rise over ten candles cannot be one trade: the two together pay costs twice.
    found = ceiling(closes([100 + step for step in range(11)]))
    assert len(found.entries) == 2
    assert (found.exits - found.entries).max() <= 9
    assert len(ceiling(closes([100 + step for step in range(10)])).entries) == 1


def test_the_ceiling_crosses_no_gap():
    assert len(ceiling(closes([100, None, 110])).entries) == 0
    # Over the gap it would be one trade 100 -> 130; in each half it is one.
    found = ceiling(closes([100, 110, None, 120, 130]))
    assert (found.entries.tolist(), found.exits.tolist()) == ([0, 2], [1, 3])


@pytest.mark.parametrize("values", [[], [100], [100, 100], [100, 100.1]])
def test_a_market_without_a_paying_move_has_no_ceiling(values):
    found = ceiling(closes(values) if values else candles([]))
    assert (len(found.entries), found.net_pct.sum()) == (0, 0.0)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), gaps=st.integers(0, 3))
def test_no_setup_optimum_beats_the_ceiling(seed, gaps):
    market = random_market(seed, gaps=gaps)
    direction = setup_directions(market.candles_5min, market.samples_5min)
    optimum = setup_optimum(market.candles_5min, direction)
    assert optimum["net_pct"].sum() <= ceiling(market.candles_5min).net_pct.sum() + 1e-9
    assert (optimum["entry_time"].iloc[1:].to_numpy() >= optimum["exit_time"].iloc[:-1].to_numpy()).all()
    assert (optimum["hold_minutes"] <= 45).all()


# ---- setups


def test_segments_and_eligible_rows():
    shown = closes([1, 1, 1, None, 1, 1, 1, 1])
    assert segments(shown).tolist() == [0, 0, 0, 1, 1, 1, 1]
    # the next two closes are known and follow without a gap
    assert eligible_rows(shown, hold=2).tolist() == [0, 3, 4]
    assert eligible_rows(shown, hold=9).tolist() == []
    assert segments(candles([])).tolist() == eligible_rows(candles([])).tolist() == []


STILL = (100.0, 100.0, 100.0, 100.0)
WICK_DOWN, WICK_UP, WICKS = (100, 100, 99.6, 100), (100, 100.4, 100, 100), (100, 100.4, 99.6, 100)
BREAK_UP, BREAK_DOWN = (100, 101, 100, 101), (100, 100, 99, 99)


@pytest.mark.parametrize(
    ("last", "state", "expected"),
    [
        (STILL, "all_green", 1),
        (STILL, "all_red", -1),
        (STILL, "mixed_green", 0),
        (STILL, "unknown", 0),
        (WICK_DOWN, "all_red", 1),
        (WICK_UP, "all_green", -1),
        (WICKS, "all_green", 0),  # wicks both ways: none, whatever the ribbon says
        (BREAK_UP, "all_red", 1),
        (BREAK_DOWN, "all_green", -1),
        (
            (100, 101.5, 100, 101),
            "all_green",
            -1,
        ),  # closes at a breakout, but its wick up (0.495 %) comes first
        ((100, 100.4, 99.55, 99.8), "all_green", 1),  # body 100-99.8: down 0.25 %, up 0.4 % -> see below
    ],
)
def test_direction_of_a_setup(last, state, expected):
    if last == (100, 100.4, 99.55, 99.8):
        # up (100.4 - 100) / 99.8 = 0.4 % is a wick, down 0.25 % none; but 99.8 <= 99.85 is a breakout down
        expected = -1
    shown = candles([STILL, STILL, STILL, last])
    ribbon = samples([(20, 100, state)])
    assert setup_directions(shown, ribbon)[-1] == expected


def test_a_setup_sees_no_later_sample():
    assert setup_directions(candles([STILL]), samples([(4, 1, "mixed"), (5.1, 1, "all_green")])).tolist() == [
        0
    ]


PRICES = [100, 101, 103, 103, 102, 101, 100, 99, 98, 97, 99, 97, *[97.5] * 10]


def exit_rows(found):
    """Rows of the exits: the candle of row k closes at minute 5 k + 5."""
    return [round((moment - at(5)).total_seconds() / 300) for moment in found["exit_time"]]


def optimum_of(prices, **directions):
    way = np.zeros(len(prices))
    for row, sign in directions.items():
        way[int(row[1:])] = sign
    return setup_optimum(closes(prices), way)


def test_a_setup_optimum_by_hand():
    # Row 0 LONG: the best of closes 1-9 is 103, first at row 2. Row 1 lies in that trade. Row 2 SHORT may begin at that
    # very close: the best of closes 3-11 is 97, first at row 9.
    found = optimum_of(PRICES, r0=1, r1=1, r2=-1, r8=1)
    assert found["direction"].tolist() == ["LONG", "SHORT"]
    assert (found["entry_row"].tolist(), exit_rows(found)) == ([0, 2], [2, 9])
    assert found["entry_time"].tolist() == [at(5), at(15)]
    assert found["exit_time"].tolist() == [at(15), at(50)]
    assert found["exit_price"].tolist() == [103, 97]
    # 3 % - 0.11, and 6 / 103 = 5.825243 % - 0.11
    assert found["net_pct"].tolist() == pytest.approx([2.89, 5.715243], abs=1e-6)
    assert found["net_usd"].tolist() == pytest.approx([2.89, 6 - 0.1133], abs=1e-6)


def test_losers_stay_in():
    # A LONG into a fall leaves at the least bad close, the next one: -1 % - 0.11.
    falling = [100 - step for step in range(12)]
    found = optimum_of(falling, r0=1)
    assert exit_rows(found) == [1]
    assert found["net_pct"].tolist() == pytest.approx([-1.11])
    assert not found["win"][0]


def test_only_nine_closes_are_looked_at():
    rising = [100 + step for step in range(15)]
    assert exit_rows(optimum_of(rising, r0=1)) == [9]
    assert optimum_of(rising, r0=1, r4=1, r9=1)["entry_row"].tolist() == [
        0
    ]  # row 9 has only five closes left


def test_an_exit_window_that_holds_a_gap_is_none():
    gap = [100.0] * 5 + [None] + [101.0] * 12
    way = np.ones(17)
    found = setup_optimum(closes(gap), way)
    # Rows 0-4 reach the gap within nine closes; row 5 is the first whose nine closes are whole (5 + 9 = 14).
    assert found["entry_row"].iloc[0] == 5


def test_no_setup_no_optimum():
    assert optimum_of(PRICES).empty
    assert setup_optimum(candles([]), np.array([])).empty


def test_best_exits_take_the_earliest_on_a_tie_for_shorts_too():
    close = np.array([100, 99, 98, 98, 99, 98], dtype=float)
    rows = np.array([0])
    assert best_exits(close, rows, np.array([-1.0]), hold=5).tolist() == [2]
    assert best_exits(close, rows, np.array([1.0]), hold=5).tolist() == [1]


# ---- the null


def walk(count=80):
    return closes(np.round(100 + np.cumsum(np.random.default_rng(3).normal(0, 0.2, count)), 3).tolist())


def test_the_null_is_the_same_for_the_same_seed():
    shown = walk()
    optimum = setup_optimum(shown, np.where(np.arange(80) % 20 == 0, 1.0, 0.0))
    first = shifted_totals(shown, optimum, 50, seed=1)
    pd.testing.assert_frame_equal(first, shifted_totals(shown, optimum, 50, seed=1))
    assert len(first) == 50
    assert not first.equals(shifted_totals(shown, optimum, 50, seed=2))


def test_the_null_shifts_an_entry_to_every_other_place_an_hour_off_or_more():
    shown = walk()
    close = shown["close"].to_numpy()
    rows = eligible_rows(shown)  # 0-70: the last nine have no nine closes ahead
    assert rows.tolist() == list(range(71))
    way = np.zeros(80)
    way[30] = 1.0
    optimum = setup_optimum(shown, way)

    def total(row):
        return (close[row + 1 : row + 10].max() / close[row] - 1) * 100 - COST

    # Circularly an hour, 12 candles, or more away from row 30: rows 0-18 and 42-70.
    far = {round(total(row), 9) for row in [*range(19), *range(42, 71)]}
    assert len(far) == 48
    shifted = shifted_totals(shown, optimum, 2000, seed=0)
    assert {round(value, 9) for value in shifted["net_pct"]} == far


def test_shifted_entries_keep_their_direction_and_order():
    shown = walk()
    way = np.zeros(80)
    way[[5, 40]] = 1.0, -1.0
    optimum = setup_optimum(shown, way)
    assert optimum["direction"].tolist() == ["LONG", "SHORT"]
    close = shown["close"].to_numpy()
    possible = set()
    for offset in range(12, 60):
        long, short = (5 + offset) % 71, (40 + offset) % 71
        up = (close[long + 1 : long + 10].max() / close[long] - 1) * 100
        down = (1 - close[short + 1 : short + 10].min() / close[short]) * 100
        possible.add(round(up + down - 2 * COST, 9))
    shifted = shifted_totals(shown, optimum, 500, seed=0)
    assert {round(value, 9) for value in shifted["net_pct"]} <= possible


def test_no_null_without_an_optimum_or_room():
    assert shifted_totals(walk(), setup_optimum(walk(), np.zeros(80))).empty
    few = walk(33)  # 24 eligible rows leave no place an hour away both ways
    assert shifted_totals(few, setup_optimum(few, np.ones(33))).empty


def test_shifted_setups_are_chosen_anew():
    # Two setups, at rows 20 and 22, of which the optimum takes one while they overlap; shifted to where the first pays
    # at once both are taken. Every offset of at least twelve rows is an optimum of its own.
    shown = walk()
    way = np.zeros(80)
    way[[20, 22, 30]] = 1.0, 1.0, -1.0
    possible = set()
    for offset in range(12, 60):
        moved = np.zeros(80)
        moved[[(row + offset) % 71 for row in (20, 22, 30)]] = 1.0, 1.0, -1.0
        possible.add(round(setup_optimum(shown, moved)["net_pct"].sum(), 9))
    shifted = shifted_setup_totals(shown, way, 2000, seed=0)
    assert {round(value, 9) for value in shifted["net_pct"]} == possible
    assert shifted.equals(shifted_setup_totals(shown, way, 2000, seed=0))
    assert shifted_setup_totals(shown, np.zeros(80)).empty
