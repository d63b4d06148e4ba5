from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.optimal import ceiling, perfect_trades, segments, whole_ahead
from lib.market.setup_events import setup_directions
from tests.builders import candles, closes, random_market

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


# ---- perfect setup trades


def every_setup_total(close, way, hold, row=0):
    """The total of every sequence of trades entered where there is a direction, losing ones included."""
    if row >= len(close):
        yield 0.0
        return
    yield from every_setup_total(close, way, hold, row + 1)
    if way[row]:
        for end in range(row + 1, min(row + hold, len(close) - 1) + 1):
            made = way[row] * (close[end] / close[row] - 1) * 100 - COST
            for rest in every_setup_total(close, way, hold, end):
                yield made + rest


@settings(max_examples=60)
@given(
    steps=st.lists(
        st.sampled_from([-0.4, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.4]), min_size=1, max_size=8
    ),
    way=st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=9, max_size=9),
    hold=st.integers(1, 4),
)
def test_perfect_trades_are_the_best_of_all_sequences(steps, way, hold):
    close = np.round(100 + np.cumsum([0.0, *steps]), 4)
    directions = np.array(way[: len(close)])
    shown = closes(close.tolist())
    found, totals = perfect_trades(shown, directions[None], hold=hold)
    assert found.net_pct.sum() == pytest.approx(max(every_setup_total(close, directions, hold)), abs=1e-9)
    assert totals == pytest.approx([found.net_pct.sum()])
    assert (directions[found.entries] != 0).all() and (found.net_pct > 0).all()
    assert (found.entries[1:] >= found.exits[:-1]).all()
    assert found.net_pct.sum() <= ceiling(shown, hold=hold).net_pct.sum() + 1e-9


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), gaps=st.integers(0, 3))
def test_no_setups_beat_the_ceiling_and_none_crosses_a_gap(seed, gaps):
    market = random_market(seed, gaps=gaps)
    shown = market.candles_5min
    found, _ = perfect_trades(shown, setup_directions(shown, market.samples_5min)[None])
    assert 0 <= found.net_pct.sum() <= ceiling(shown).net_pct.sum() + 1e-9
    assert (segments(shown)[found.entries] == segments(shown)[found.exits]).all()
    assert (found.exits - found.entries <= 9).all()


def test_many_series_at_once_give_what_each_gives_alone():
    shown = random_market(5, gaps=2).candles_5min
    series = np.random.default_rng(1).choice([-1.0, 0.0, 0.0, 1.0], size=(20, len(shown)))
    first, totals = perfect_trades(shown, series)
    alone = [perfect_trades(shown, each[None]) for each in series]
    assert totals.tolist() == [total for _, (total,) in alone]
    assert totals == pytest.approx([found.net_pct.sum() for found, _ in alone], abs=1e-9)
    assert (first.entries.tolist(), first.exits.tolist()) == (
        alone[0][0].entries.tolist(),
        alone[0][0].exits.tolist(),
    )
    assert perfect_trades(candles([]), np.empty((3, 0)))[1].tolist() == [0, 0, 0]


PRICES = [100, 101, 103, 103, 102, 101, 100, 99, 98, 97, 99, 97, *[97.5] * 10]


def perfect_of(prices, **directions):
    shown = closes(prices)
    way = np.zeros(len(shown))
    for row, sign in directions.items():
        way[int(row[1:])] = sign
    return perfect_trades(shown, way[None])[0]


def test_perfect_trades_by_hand():
    # LONG at 0 to the 103 of row 2, the first of two; there SHORT to the 97 of row 9, the first within nine closes; the
    # LONG of row 1 lies in the first trade, and the SHORT of row 8 in the second.
    found = perfect_of(PRICES, r0=1, r1=1, r2=-1, r8=-1)
    assert (found.entries.tolist(), found.exits.tolist()) == ([0, 2], [2, 9])
    # 3 % - 0.11, and 6 / 103 = 5.825243 % - 0.11
    assert found.net_pct.tolist() == pytest.approx([2.89, 5.715243], abs=1e-6)
    assert found.net_usd.tolist() == pytest.approx([2.89, 6 - 0.1133], abs=1e-6)


def test_a_loser_is_left_out():
    # A LONG into a fall would lose at each close; nothing is entered, so nothing is lost.
    assert len(perfect_of([100 - step for step in range(12)], r0=1).entries) == 0
    # Nor does one that gains less than its costs stand in the way of a better one.
    found = perfect_of([100, 100.1, 100.05, 101], r0=1, r2=1)
    assert (found.entries.tolist(), found.exits.tolist()) == ([0], [3])


def test_only_nine_closes_are_looked_at():
    assert perfect_of([100 + step for step in range(15)], r0=1).exits.tolist() == [9]


def test_an_entry_whose_next_nine_closes_hold_a_gap_is_none():
    segment = segments(closes([1, 1, 1, None, 1, 1, 1, 1]))
    assert segment.tolist() == [0, 0, 0, 1, 1, 1, 1]
    # of the next two closes; what is not there yet at the end is no gap
    assert whole_ahead(segment, hold=2).tolist() == [True, False, False, True, True, True, True]
    assert whole_ahead(segment).tolist() == [False] * 3 + [True] * 4
    assert segments(candles([])).tolist() == whole_ahead(segments(candles([]))).tolist() == []
