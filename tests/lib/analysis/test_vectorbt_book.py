"""vectorbt books what the hand sum says. Importing it takes seconds, so all tests of this module are slow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.smart_backtest import run_rule, window_signals
from lib.analysis.vectorbt_book import book, booked_returns
from lib.market.costs import Costs, price_trades, signs
from lib.market.exits import STANDARD, PricePath
from tests.builders import closes, random_market, round_trips

pytestmark = pytest.mark.slow
COST = 0.11

# LONG 100 -> 101 and, at that very instant, SHORT 101 -> 102, then LONG 99 -> 99.5
TRIPS = [("LONG", 5, 100.0, 20, 101.0), ("SHORT", 20, 101.0, 30, 102.0), ("LONG", 41, 99.0, 47, 99.5)]
SHOWN = closes([100, 100.5, 100.2, 101, 101.5, 102, 100, 99, 99.2, 99.5])


def test_the_book_by_hand():
    # net: 1 - 0.11 = 0.89; -1 - 0.1111 = -1.1111; 0.5 - 0.1089 = 0.3911
    trades = price_trades(round_trips(TRIPS), COST)
    booked = book(trades, SHOWN)
    pnl = booked.trades.records.sort_values("entry_idx")["pnl"]
    assert pnl.to_numpy() == pytest.approx([0.89, -1.1111, 0.3911], abs=1e-9)
    assert pnl.to_numpy() == pytest.approx(trades["net_usd"].to_numpy(), abs=1e-9)
    assert booked.trades.records["return"].to_numpy() * 100 == pytest.approx(
        trades["net_pct"].to_numpy(), abs=1e-9
    )
    assert booked.total_profit() == pytest.approx(0.89 - 1.1111 + 0.3911, abs=1e-9)


def test_the_equity_marks_open_trades_at_each_close():
    equity = book(price_trades(round_trips(TRIPS), COST), SHOWN)
    gained = (equity.value() - equity.init_cash).tz_localize("UTC")
    # Minute 10, in the first trade: 100.5 - 100, less half its costs, 0.055.
    at_ten = gained[gained.index == SHOWN["closed_at"].iloc[1]]
    assert at_ten.tolist() == pytest.approx([0.445], abs=1e-9)
    # Minute 20: the exit, the mark without a trade, the entry of the short with half of 0.1111.
    at_twenty = gained[gained.index == SHOWN["closed_at"].iloc[3]]
    assert at_twenty.tolist() == pytest.approx([0.89, 0.89, 0.83445], abs=1e-9)
    assert gained.iloc[-1] == pytest.approx(0.1700, abs=1e-9)
    assert gained.index.is_monotonic_increasing


def test_a_trade_that_a_candle_ended_is_not_marked_at_its_close():
    # LONG 100 stopped at 99.85 in the candle 5-10, which closes at 99: it lost 0.15 + 0.11 = 0.26 and never 1.055.
    booked = book(price_trades(round_trips([("LONG", 5, 100.0, 10, 99.85)]), COST), closes([100, 99, 98]))
    equity = booked.value() - booked.init_cash
    assert equity.tolist() == pytest.approx([0, -0.055, -0.26, -0.26, -0.26], abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_booked_trades_equal_priced_trades(seed):
    market = random_market(seed, count=288, gaps=2)
    path = PricePath.of(market.candles_1min, market.candles_5min, market.samples_5min)
    taken = run_rule(window_signals(market), path, STANDARD)
    closed = taken[taken["exit_time"].notna()]
    assert len(closed) > 5
    booked = book(closed, market.candles_5min)
    by_entry = booked.trades.records.sort_values("entry_idx")
    assert by_entry["pnl"].to_numpy() == pytest.approx(closed["net_usd"].to_numpy(), abs=1e-9)
    assert by_entry["return"].to_numpy() * 100 == pytest.approx(closed["net_pct"].to_numpy(), abs=1e-9)
    hand = sum(
        (1 if trade.direction == "LONG" else -1) * (trade.exit_price - trade.entry_price)
        - 0.0011 * trade.entry_price
        for trade in closed.itertuples()
    )
    assert booked.value().iloc[-1] - booked.init_cash == pytest.approx(hand, abs=1e-9)


def returns_of(*columns):
    """What `booked_returns` says of columns of trades."""
    trades = pd.concat(columns)
    column = np.repeat(np.arange(len(columns)), [len(part) for part in columns])
    prices = (trades[name].to_numpy(float) for name in ("entry_price", "exit_price"))
    return booked_returns(column, len(columns), signs(trades["direction"]), *prices)


def test_columns_equal_single_books():
    trades = price_trades(round_trips(TRIPS), COST)
    found = returns_of(trades, trades.iloc[:0], trades.iloc[2:])
    assert found == pytest.approx([*trades["net_pct"], trades["net_pct"].iloc[2]], abs=1e-9)
    assert found.tolist() == [*returns_of(trades), *returns_of(trades.iloc[2:])]


def test_nothing_to_book():
    none = price_trades(round_trips([]), COST)
    assert book(none, SHOWN).total_profit() == 0.0
    assert len(returns_of(none, none)) == 0


def test_costs_are_those_given():
    dear = Costs(fee_pct=0.5, slippage_pct=0.0)
    trades = price_trades(round_trips(TRIPS), dear.round_trip_pct)
    # 1 % of 100, 101 and 99 off the moves 1, -1, 0.5
    assert book(trades, SHOWN, dear).total_profit() == pytest.approx(0.5 - 3.0, abs=1e-9)
