from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.market.costs import (
    Costs,
    fixed_breakeven_win_rate,
    max_drawdown,
    model_cost_bp,
    price_trades,
    profit_factor,
    realised_breakeven_win_rate,
)
from tests.builders import round_trips

ROUND_TRIP = 0.11


def priced(*row: object, cost_pct: float = ROUND_TRIP) -> pd.Series:
    return price_trades(round_trips([row]), cost_pct).iloc[0]


def test_a_round_trip_costs_011_percent_and_its_fees_009():
    # Twice (0.045 fee + 0.01 slippage); with fills the slippage is inside the prices.
    assert Costs().round_trip_pct == pytest.approx(0.11)
    assert Costs().fees_pct == pytest.approx(0.09)


def test_fixed_breakeven_win_rate_is_578():
    # (0.15 + 0.11) / (0.3 + 0.15) = 0.26 / 0.45
    assert fixed_breakeven_win_rate(0.3, 0.15, 0.11) == pytest.approx(57.7778, abs=1e-4)
    assert fixed_breakeven_win_rate(0.3, 0.15, 0.0) == pytest.approx(100 / 3)


def test_realised_breakeven_win_rate():
    # mean win (0.2 + 0.4) / 2 = 0.3, mean loss (0.1 + 0.2) / 2 = 0.15: 0.15 / 0.45
    assert realised_breakeven_win_rate(pd.Series([0.2, -0.1, 0.4, -0.2])) == pytest.approx(100 / 3)
    # A net of 0 is no win: losses 0 and 0.2, mean 0.1: 0.1 / (0.3 + 0.1)
    assert realised_breakeven_win_rate(pd.Series([0.3, 0.0, -0.2])) == pytest.approx(25.0)


@pytest.mark.parametrize("net", [[], [0.1, 0.2], [-0.1, -0.2]])
def test_realised_breakeven_needs_wins_and_losses(net):
    assert realised_breakeven_win_rate(pd.Series(net, dtype=float)) is None


def test_a_long_at_unslipped_prices():
    # 200 -> 201: gross 1 / 200 = 0.5 %, net 0.5 - 0.11 = 0.39 %, 0.39 % of 200 = $0.78
    trade = priced("LONG", 0, 200.0, 12.5, 201.0)
    assert trade["gross_usd"] == 1.0
    assert trade["gross_pct"] == 0.5
    assert trade["net_pct"] == pytest.approx(0.39)
    assert trade["net_usd"] == pytest.approx(0.78)
    assert trade["hold_minutes"] == 12.5
    assert trade["win"]


def test_a_short_that_rises_loses():
    # 100 -> 101 short: gross -1 %, net -1.11 %
    trade = priced("SHORT", 0, 100.0, 5, 101.0)
    assert trade["gross_pct"] == pytest.approx(-1.0)
    assert trade["net_pct"] == pytest.approx(-1.11)
    assert trade["net_usd"] == pytest.approx(-1.11)
    assert not trade["win"]


def test_a_short_that_falls_wins():
    # 200 -> 199: gross +0.5 %, net 0.39 %
    trade = priced("SHORT", 0, 200.0, 5, 199.0)
    assert (trade["net_pct"], trade["win"]) == (pytest.approx(0.39), True)


def test_a_gain_that_costs_eat_up_is_no_win():
    # gross 0.1 % is below 0.11 %; and a net of exactly 0 is no win either
    assert not priced("LONG", 0, 100.0, 5, 100.1)["win"]
    assert not priced("LONG", 0, 100.0, 5, 100.0, cost_pct=0.0)["win"]


def test_fills_carry_the_slippage_in_their_prices():
    costs = Costs()
    # A buyer pays 200 * 1.0001 = 200.02, a seller gets 201 * 0.9999 = 200.9799.
    entry, exit = costs.fill(200.0, 1.0), costs.fill(201.0, -1.0)
    assert (entry, exit) == (pytest.approx(200.02), pytest.approx(200.9799))
    # gross from fills 0.9599 / 200.02 = 0.479902 %, less fees of 0.09 only: 0.389902
    trade = priced("LONG", 0, entry, 5, exit, cost_pct=costs.fees_pct)
    assert trade["net_pct"] == pytest.approx(0.389902, abs=1e-6)
    # The other convention, on unslipped prices, says 0.39: the two agree to a thousandth.
    assert priced("LONG", 0, 200.0, 5, 201.0)["net_pct"] == pytest.approx(trade["net_pct"], abs=1e-3)


def test_pricing_leaves_its_input_alone():
    trades = round_trips([("LONG", 0, 100.0, 5, 101.0)])
    before = trades.copy()
    price_trades(trades, ROUND_TRIP)
    pd.testing.assert_frame_equal(trades, before)


def test_no_trades_can_be_priced():
    assert price_trades(round_trips([]), ROUND_TRIP).empty


@given(st.floats(1, 10_000), st.floats(-5, 5))
def test_opposite_trades_lose_both_costs_together(entry, move_pct):
    exit = entry * (1 + move_pct / 100)
    both = price_trades(round_trips([("LONG", 0, entry, 5, exit), ("SHORT", 0, entry, 5, exit)]), ROUND_TRIP)
    assert both["net_pct"].sum() == pytest.approx(-2 * ROUND_TRIP)
    assert both["gross_usd"].sum() == pytest.approx(0.0)


def test_profit_factor():
    # wins 3 + 1, losses 1 + 1
    assert profit_factor(pd.Series([3.0, -1.0, 1.0, -1.0])) == pytest.approx(2.0)
    assert profit_factor(pd.Series([-1.0])) == 0.0
    assert profit_factor(pd.Series([1.0, 0.0])) is None
    assert profit_factor(pd.Series([], dtype=float)) is None


def test_max_drawdown():
    # running sum 1, -1, -0.5, -1.5, 1.5: from 1 down to -1.5
    assert max_drawdown(pd.Series([1.0, -2.0, 0.5, -1.0, 3.0])) == pytest.approx(2.5)
    # A loss at the very start falls from 0: -1, -2
    assert max_drawdown(pd.Series([-1.0, -1.0, 5.0])) == pytest.approx(2.0)
    assert max_drawdown(pd.Series([1.0, 2.0])) == 0.0
    assert max_drawdown(pd.Series([], dtype=float)) == 0.0


def test_what_trades_must_earn_to_pay_for_the_model():
    assert model_cost_bp(2.0, 1_000.0, 10) == pytest.approx(2.0)  # 20 cents a trade of 1,000 dollars
    assert model_cost_bp(2.0, 1_000.0, 0) is None
    assert model_cost_bp(2.0, 0.0, 3) is None
