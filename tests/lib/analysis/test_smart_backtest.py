from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.smart_backtest import (
    STOPS_PCT,
    TARGETS_PCT,
    backtest_rule,
    examples,
    grid,
    run_rule,
    window_signals,
)
from lib.analysis.trades import complete_trades
from lib.analysis.vectorbt_book import booked_returns
from lib.contract.smart_backtest import GridCell
from lib.market.costs import price_trades, signs
from lib.market.exits import GAP, STANDARD, ExitRule, PricePath
from lib.stats.groups import round_percent, round_rate
from tests.builders import at, candles, entries, known_until, random_market, round_trips, samples, window
from tests.one_by_one import chosen_alone, exits_alone

slow = pytest.mark.slow  # vectorbt


def path_of(market):
    return PricePath.of(market.candles_1min, market.candles_5min, market.samples_5min)


def test_signals_are_those_of_the_window():
    market = random_market(1)
    everything = window_signals(known_until(market, 360, start=0))
    inside = window_signals(known_until(market, 360, start=100))
    assert len(everything) > len(inside) > 0
    assert (inside["entry_time"] > at(100)).all()
    assert (
        inside["entry_time"].tolist() == everything["entry_time"][everything["entry_time"] > at(100)].tolist()
    )


def test_a_signal_at_the_windows_start_belongs_to_the_window_before():
    market = random_market(1)
    first = window_signals(market)["entry_time"].iloc[0]
    minutes = (first - at(0)).total_seconds() / 60
    assert window_signals(known_until(market, 360, start=minutes - 1))["entry_time"].iloc[0] == first
    assert window_signals(known_until(market, 360, start=minutes))["entry_time"].iloc[0] > first


# Entries at 5 and 40: the first reaches 100.3 in 10-15, the second falls to 99.85 in 45-50; that at 15 is too soon.
STILL = (100.0, 100.1, 99.9, 100.0)
ROWS = [STILL, STILL, (100, 100.3, 100, 100), *[STILL] * 6, (100, 100, 99.85, 100), *[STILL] * 3]


def test_a_run_by_hand():
    signals = entries([("LONG", 5, 100), ("LONG", 15, 100), ("LONG", 40, 100), ("LONG", 60, 100)])
    found = run_rule(signals, PricePath.of(candles([], 1), candles(ROWS)), STANDARD)
    assert found["entry_time"].tolist() == [at(5), at(40), at(60)]
    assert found["exit_reason"].tolist() == ["TP_HIT", "SL_HIT", ""]
    # 0.3 - 0.11 and -0.15 - 0.11; the last is open
    assert found["net_pct"].tolist()[:2] == pytest.approx([0.19, -0.26])
    assert found["exit_time"].isna().tolist() == [False, False, True]
    assert not found["win"].iloc[2]


def test_no_signals_no_trades():
    assert run_rule(entries([]), PricePath.of(candles([], 1), candles(ROWS)), STANDARD).empty


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    gaps=st.integers(0, 3),
    target=st.sampled_from(TARGETS_PCT),
    stop=st.sampled_from(STOPS_PCT),
)
def test_trades_never_overlap_and_start_twenty_minutes_apart(seed, gaps, target, stop):
    market = random_market(seed, gaps=gaps)
    found = run_rule(window_signals(market), path_of(market), ExitRule(target, stop))
    assert (found["entry_time"].diff().dropna() >= pd.Timedelta(minutes=20)).all()
    assert (found["entry_time"].iloc[1:].to_numpy() >= found["exit_time"].iloc[:-1].to_numpy()).all()
    assert found["exit_time"].iloc[:-1].notna().all()
    closed = found[found["exit_time"].notna()]
    assert (closed["exit_time"] > closed["entry_time"]).all()
    fixed = closed[closed["exit_reason"] == "TP_HIT"]["net_pct"]
    assert fixed.to_numpy() == pytest.approx([target - 0.11] * len(fixed))


def test_examples_are_the_best_trades_first():
    trips = [
        ("LONG", 10 * k, 100.0, 10 * k + 5, 100.0 + gain) for k, gain in enumerate([1, 3, 2, 3, -1, 0.5, 0.7])
    ]
    closed = complete_trades(price_trades(round_trips(trips), 0.11), window())
    found = examples(closed)
    assert [example.pnl_dollars for example in found] == [2.89, 2.89, 1.89, 0.89, 0.59]
    assert [example.entry_time for example in found[:2]] == ["2026-01-05T00:10:00Z", "2026-01-05T00:30:00Z"]
    assert (found[0].hold_minutes, found[0].entry_ribbon_5min, found[0].signature) == (
        5.0,
        "unknown",
        "UNKNOWN",
    )


# ---- the whole backtest


def base_market(missing=()):
    """Fresh LONG flips at minutes 10 and 45, closes 100; the first reaches its target, the second its stop."""
    still = (100.0, 100.1, 99.95, 100.0)
    rows = [still] * 3 + [(100, 100.35, 100, 100)] + [still] * 6 + [(100, 100, 99.8, 100)] + [still] * 3
    rows = [None if place in missing else row for place, row in enumerate(rows)]
    flips = [
        (5, 100, "mixed"),
        (10, 100, "all_green"),
        (15, 100, "mixed"),
        (40, 100, "mixed"),
        (45, 100, "all_green"),
    ]
    slow_ribbon = [(place, 100, "all_green") for place in range(0, 71, 5)]
    return window(candles(rows), samples(flips, MMA5=99.0), samples(slow_ribbon), start=0, end=70)


@slow
def test_a_backtest_by_hand():
    found = backtest_rule(base_market())
    result = found.result
    assert (result.signals, result.total_trades, result.open_trades) == (2, 2, 0)
    # target 0.3 - 0.11 = 0.19, stop -0.15 - 0.11 = -0.26, of 100
    assert found.trades["net_usd"].tolist() == pytest.approx([0.19, -0.26])
    assert (result.total_pnl, result.total_pnl_dollars, result.total_pnl_pct) == (-0.07, -0.07, -0.07)
    assert (result.gross_pnl, result.gross_pnl_pct) == (0.15, 0.15)
    assert (result.profitable_trades, result.win_rate, result.breakeven_win_rate) == (1, 50.0, 57.8)
    assert result.avg_profit_per_trade == pytest.approx(-0.035, abs=0.0051)
    assert result.profit_factor == pytest.approx(0.19 / 0.26, abs=1e-4)
    # 10 -> 20 and 45 -> 55
    assert result.avg_hold_time == 10.0
    counts = {reason: (count.count, count.profitable) for reason, count in result.exit_reasons.items()}
    assert counts == {"TP_HIT": (1, 1), "SL_HIT": (1, 0), "TIME_EXIT": (0, 0)}
    assert result.top_trades[0].exit_reason == "TP_HIT"
    assert (result.top_trades[0].entry_ribbon_5min, result.top_trades[0].entry_ribbon_15min) == (
        "all_green",
    ) * 2
    # At minute 10 two candles have closed: whether it was a breakout is not known.
    assert [(group.signature, group.total) for group in result.top_patterns] == [
        ("LONG_BOTH_GREEN", 1),
        ("UNKNOWN", 1),
    ]
    assert (result.ambiguous_trades, result.ambiguous_share) == (0, 0.0)
    # From +0.19 down to -0.07
    assert result.max_drawdown == 0.26
    assert found.equity.iloc[-1] == pytest.approx(-0.07, abs=1e-9)


@slow
@pytest.mark.parametrize(
    ("missing", "gap", "left"),
    # The trade from 10 is over at 20, that from 45 at 55: within 45 minutes 55 and 90.
    [((11,), 1, ["TP_HIT"]), ((7,), 1, ["SL_HIT"]), ((10,), 2, []), ((12,), 1, ["TP_HIT"])],
)
def test_a_trade_whose_longest_hold_meets_a_gap_is_null_however_it_ended(missing, gap, left):
    result = backtest_rule(base_market(missing)).result
    assert (result.signals, result.gap, result.open_trades) == (2, gap, 0)
    assert [name for name, ended in result.exit_reasons.items() if ended.count] == left
    assert max(cell.total_trades for cell in result.grid) == len(left)


@slow
def test_the_marked_drawdown_is_that_of_trades_still_held():
    # The candle that ends the second trade closes at 100, far above its stop: marked at closes it never lost more than
    # half its costs, 0.055, below the 0.19 before it, and ends 0.26 below.
    assert backtest_rule(base_market()).result.max_drawdown_marked == 0.26
    falls = base_market()
    falls.candles_5min.loc[falls.candles_5min.index[10], "close"] = 95.0
    falls.candles_5min.loc[falls.candles_5min.index[10], "low"] = 95.0
    assert backtest_rule(falls).result.max_drawdown_marked == 0.26


@slow
@pytest.mark.parametrize("seed", range(3))
def test_figures_of_a_backtest_hang_together(seed):
    market = random_market(seed, count=288, gaps=2)
    found = backtest_rule(market)
    result = found.result
    assert result.total_trades == len(found.trades) > 5
    assert found.equity.iloc[-1] == pytest.approx(found.trades["net_usd"].sum(), abs=1e-9)
    assert sum(reason.count for reason in result.exit_reasons.values()) == result.total_trades
    assert sum(reason.profitable for reason in result.exit_reasons.values()) == result.profitable_trades
    assert sum(group.total for group in result.top_patterns) == result.total_trades
    assert result.max_drawdown >= max(0.0, -result.total_pnl) - 0.01


@slow
def test_the_grid_keeps_the_time_exit_of_the_rule():
    market = random_market(4, count=288)
    short = backtest_rule(market, ExitRule(0.3, 0.15, 10.0)).result
    usual = backtest_rule(market).result
    cells = {(cell.target_pct, cell.stop_pct): cell for cell in short.grid}
    assert short.total_trades != usual.total_trades or short.total_pnl != usual.total_pnl
    assert cells[0.3, 0.15].total_trades == short.total_trades
    assert cells[0.3, 0.15].total_pnl_pct == pytest.approx(short.total_pnl_pct, abs=5.1e-5)


def cell_alone(signals, path, target, stop):
    """A cell by the exits and choices found one after another, booked alone; and what its trades made by the prices."""
    rule = ExitRule(target, stop)
    trades = signals.join(exits_alone(signals, path, rule))
    chosen = chosen_alone(trades[trades["exit_reason"] != GAP])
    closed = price_trades(chosen[chosen["exit_time"].notna()], 0.11)
    prices = (closed[name].to_numpy(float) for name in ("entry_price", "exit_price"))
    one = np.zeros(len(closed), dtype=int)
    booked = pd.Series(booked_returns(one, 1, signs(closed["direction"]), *prices), dtype=float)
    assert booked.to_numpy() == pytest.approx(closed["net_pct"].to_numpy(), abs=1e-8)
    some = len(booked) > 0
    return GridCell(
        target_pct=target,
        stop_pct=stop,
        total_trades=len(booked),
        win_rate=round_rate((booked > 0).mean() * 100) if some else None,
        breakeven_win_rate=round_rate((stop + 0.11) / (target + stop) * 100),
        net_mean_pct=round_percent(booked.mean()) if some else None,
        total_pnl_pct=round_percent(booked.sum()),
    )


@slow
@pytest.mark.parametrize(
    ("seed", "gaps", "minutes"), [(4, 0, True), (1, 4, True), (2, 0, False), (3, 5, False)]
)
def test_each_cell_of_the_grid_is_that_of_its_rule_run_alone(seed, gaps, minutes):
    market = random_market(seed, count=144, gaps=gaps)
    ones = market.candles_1min if minutes else candles([], 1)
    # Without minutes a candle often holds both levels, and without samples nothing tells which came first.
    for seen in (market.samples_5min, None):
        path = PricePath.of(ones, market.candles_5min, seen)
        signals = window_signals(market)
        assert grid(signals, path) == [
            cell_alone(signals, path, target, stop) for target in TARGETS_PCT for stop in STOPS_PCT
        ]


@slow
def test_a_grid_of_nothing_and_one_whose_trades_are_all_open():
    path = PricePath.of(candles([], 1), candles(ROWS))
    for signals in (entries([]), entries([("LONG", 65, 100)])):
        cells = grid(signals, path)
        assert len(cells) == len(TARGETS_PCT) * len(STOPS_PCT)
        assert {(cell.total_trades, cell.win_rate, cell.total_pnl_pct) for cell in cells} == {(0, None, 0.0)}


@slow
def test_the_cell_of_the_standard_rule_is_the_backtest():
    result = backtest_rule(random_market(4, count=288)).result
    standard = next(cell for cell in result.grid if (cell.target_pct, cell.stop_pct) == (0.3, 0.15))
    assert standard.total_pnl_pct == result.total_pnl_pct


@slow
@pytest.mark.parametrize("minutes", [200, 333, 700])
def test_no_result_changes_when_later_rows_are_added(minutes):
    market = random_market(5, count=288, gaps=3)
    once = known_until(market, minutes)
    # The same instant again, after the market has gone on.
    again = known_until(known_until(market, minutes + 100), minutes)
    assert backtest_rule(once).result == backtest_rule(again).result
    # And what had closed by then is part of what is found later, unchanged.
    later = backtest_rule(market).trades
    early = backtest_rule(once).trades.drop(columns="episode")
    known = later[later["exit_time"] <= at(minutes)].drop(columns="episode")
    pd.testing.assert_frame_equal(early, known.reset_index(drop=True))


@slow
def test_an_empty_window_has_an_empty_backtest():
    result = backtest_rule(window()).result
    assert (result.total_trades, result.win_rate, result.avg_hold_time, result.signals) == (0, None, None, 0)
    assert result.max_drawdown == 0.0
    assert {cell.total_trades for cell in result.grid} == {0}
