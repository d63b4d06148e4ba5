"""5-minute candles at 100 unless said otherwise; standard exits 100.3 and 99.85, costs 0.11: a target makes 0.19 %, a stop −0.26 %."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.selection import Outcomes, best_choice, one_at_a_time, standard_outcomes
from lib.market.exits import PricePath
from tests.builders import candles, flat

STILL, UP, DOWN = (100.0,) * 4, (100.0, 100.3, 100.0, 100.0), (100.0, 100.0, 99.85, 100.0)


def outcomes(rows):
    shown = candles(rows)
    return standard_outcomes(shown, PricePath.of(candles([], 1), shown))


def test_outcomes_of_every_close_in_either_direction():
    found = outcomes([STILL, UP, DOWN, STILL])
    # LONG at 0 reaches its target in candle 1, at 1 its stop in candle 2. SHORT at 0 is stopped at 100.15 in candle 1; at 1 it
    # gains nothing from 99.85, its target is 99.7.
    assert found.net_pct[0].tolist() == pytest.approx([0.19, -0.26, np.nan, np.nan], nan_ok=True)
    assert found.net_pct[1].tolist() == pytest.approx([-0.26, np.nan, np.nan, np.nan], nan_ok=True)
    assert found.free.tolist() == [[1, 2, 4, 4], [1, 4, 4, 4]]
    assert found.still_open.tolist() == [[False, False, True, True], [False, True, True, True]]


def test_a_time_exit_is_free_at_its_close():
    shown = flat(12)
    found = standard_outcomes(shown, PricePath.of(candles([], 1), shown))
    assert found.net_pct[0][:3].tolist() == pytest.approx([-0.11] * 3)
    assert found.free[0].tolist()[:4] == [9, 10, 11, 12]


def test_a_choice_by_hand():
    # LONGs at 0 (0.19, over at 3), at 1 (0.19, over at 2), at 2 (-0.26) and at 3 (0.19): the best leaves 0 out.
    made = Outcomes(
        np.array([[0.19, 0.19, -0.26, 0.19, np.nan], [np.nan] * 5]), np.array([[3, 2, 3, 4, 5], [5] * 5])
    )
    totals, taken = best_choice(made, np.ones((1, 5)))
    assert totals.tolist() == pytest.approx([0.38])
    assert np.flatnonzero(taken[0]).tolist() in ([1, 3], [0, 3])
    # One at a time as they come: 0, then 3; the open one at 4 is entered and counts nothing.
    totals, taken = one_at_a_time(made, np.ones((1, 5)))
    assert (totals.tolist(), np.flatnonzero(taken[0]).tolist()) == (pytest.approx([0.38]), [0, 3])


def test_an_open_trade_blocks_and_one_in_a_gap_does_not():
    nothing = [np.nan] * 3
    still = Outcomes(np.array([[np.nan, 0.19, 0.19], nothing]), np.array([[3, 2, 3], [3] * 3]))
    assert one_at_a_time(still, np.ones((1, 3)))[0].tolist() == [0.0]
    gap = Outcomes(still.net_pct, np.array([[0, 2, 3], [3] * 3]))
    assert one_at_a_time(gap, np.ones((1, 3)))[0].tolist() == pytest.approx([0.38])
    for made in (still, gap):
        assert best_choice(made, np.ones((1, 3)))[0].tolist() == pytest.approx([0.38])


def every_choice(made, way, row=0):
    """The totals of every choice of trades that do not overlap."""
    if row == len(way):
        yield 0.0
        return
    yield from every_choice(made, way, row + 1)
    side = 0 if way[row] > 0 else 1
    if way[row] and np.isfinite(made.net_pct[side, row]):
        for rest in every_choice(made, way, int(made.free[side, row])):
            yield made.net_pct[side, row] + rest


@st.composite
def markets(draw):
    count = draw(st.integers(1, 8))
    nets, ends = st.sampled_from([0.19, -0.26, -0.11, 0.05, float("nan")]), st.integers(1, 4)
    net = np.array(draw(st.lists(nets, min_size=2 * count, max_size=2 * count))).reshape(2, count)
    held = np.array(draw(st.lists(ends, min_size=2 * count, max_size=2 * count))).reshape(2, count)
    free = np.where(np.isnan(net), count, np.minimum(np.arange(count) + held, count))
    way = draw(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=count, max_size=count))
    return Outcomes(net, free), np.array(way)


@settings(max_examples=80)
@given(markets())
def test_the_choice_is_the_best_there_is(market):
    made, way = market
    (total,), (taken,) = best_choice(made, way[None])
    assert total == pytest.approx(max(every_choice(made, way)), abs=1e-9)
    (first,), (entered,) = one_at_a_time(made, way[None])
    assert first <= total + 1e-9
    for rows, sum_ in ((np.flatnonzero(taken), total), (np.flatnonzero(entered), first)):
        side = np.where(way[rows] > 0, 0, 1)
        assert (way[rows] != 0).all() and made.net_pct[side, rows].sum() == pytest.approx(sum_, abs=1e-9)
        assert (made.free[side, rows][:-1] <= rows[1:]).all()


def test_many_series_at_once_give_what_each_gives_alone():
    random = np.random.default_rng(3)
    made = outcomes([(100, 100 + up, 100 - down, 100) for up, down in random.uniform(0, 0.4, (60, 2))])
    series = random.choice([-1.0, 0.0, 1.0], size=(30, 60))
    for way in (best_choice, one_at_a_time):
        alone = [way(made, each[None])[0][0] for each in series]
        assert way(made, series)[0] == pytest.approx(alone, abs=1e-9)
