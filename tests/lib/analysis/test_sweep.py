"""Every combination of a sweep against the rule run alone. vectorbt takes seconds to import, so what books is slow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.smart_backtest import run_rule, window_signals
from lib.analysis.sweep import cells_at, judge_best, run_sweep
from lib.analysis.sweep_candidates import SweepSpace, prepare_signals, prepare_sweep, wick_shown
from lib.market.costs import DEFAULT_COSTS, price_trades
from lib.market.exits import GAP, ExitRule, PricePath
from lib.market.readings import instants
from tests.builders import at, candles, entries, known_until, random_market, window
from tests.one_by_one import chosen_alone, exits_alone

slow = pytest.mark.slow
SPACE = SweepSpace((0.1, 0.3), (0.1, 0.2, 0.4), (10.0, 45.0), (0.0, 20.0, 60.0), ((), (0.02, 0.06)))


def path_of(market):
    return PricePath.of(market.candles_1min, market.candles_5min, market.samples_5min)


def alone(signals, market, row, space=SPACE, start=None, end=None, known=None):
    """Trades of one combination by the scalar rules: signals with a wick, in the stretch, exits as known."""
    bands = {"none": (), "0.02–0.06": (0.02, 0.06)}
    asked = signals[wick_shown(signals, market.candles_5min, bands[row.wick])]
    if start is not None:
        asked = asked[(asked["entry_time"] > start) & (asked["entry_time"] <= end)]
    rule = ExitRule(row.target_pct, row.stop_pct, row.hold_minutes)
    trades = asked.join(exits_alone(asked, path_of(market), rule, max(space.holds_minutes)))
    trades = trades[trades["exit_reason"] != GAP]
    if known is not None:
        trades["exit_time"] = trades["exit_time"].where(trades["exit_time"] <= known)
    chosen = chosen_alone(trades, row.spacing_minutes)
    return price_trades(chosen[chosen["exit_time"].notna()], DEFAULT_COSTS.round_trip_pct), chosen


def same_figures(row, closed, chosen):
    assert (row.trades, row.open) == (len(closed), len(chosen) - len(closed))
    assert row.ambiguous == closed["ambiguous"].sum()
    assert row.total_pct == pytest.approx(closed["net_pct"].sum(), abs=1e-8)
    if len(closed):
        assert row.win_rate == pytest.approx(closed["win"].mean() * 100)
        assert row.net_mean_pct == pytest.approx(closed["net_pct"].mean(), abs=1e-8)
    else:
        assert np.isnan(row.win_rate) and np.isnan(row.net_mean_pct)


@slow
@pytest.mark.parametrize(("seed", "chunk"), [(0, 2**27), (1, 1), (2, 200_000)])
def test_every_combination_equals_the_rule_run_alone(seed, chunk):
    market = random_market(seed, count=144, gaps=2)
    signals = window_signals(market)
    found = run_sweep(prepare_sweep(market, SPACE, chunk_bytes=chunk), chunk_bytes=chunk)
    assert len(found.table) == 2 * 3 * 2 * 3 * 2 and found.signals + found.gap == len(signals)
    assert found.gap > 0
    for row in found.table.itertuples():
        same_figures(row, *alone(signals, market, row))
    # At the spacing of the original rule and the longest hold it is run_rule itself.
    usual = found.table[(found.table["spacing_minutes"] == 20) & (found.table["wick"] == "none")]
    usual = usual[usual["hold_minutes"] == max(SPACE.holds_minutes)]
    for row in usual.itertuples():
        rule = ExitRule(row.target_pct, row.stop_pct, row.hold_minutes)
        taken = run_rule(signals, path_of(market), rule)
        same_figures(row, taken[taken["exit_time"].notna()], taken)
    assert (found.table["trades"] > 5).any()


@slow
def test_a_stretch_that_ends_before_a_hole_knows_nothing_of_it():
    market = random_market(0, count=144, gaps=2)
    prepared = prepare_sweep(market, SPACE)
    void = prepared.touches.gap_known_at
    first = int(void.min())
    assert run_sweep(prepared, known_until=first - 1).gap == 0
    assert run_sweep(prepared, known_until=first).gap == int((void == first).sum()) > 0


@slow
def test_a_stretch_starts_flat_and_knows_no_later_exit():
    market = random_market(4, count=144)
    signals = window_signals(market)
    start, end = at(200), at(500)
    bounds = [int(moment) for moment in instants(pd.DatetimeIndex([start, end]))]
    found = run_sweep(prepare_sweep(market, SPACE), *bounds, known_until=bounds[1])
    for row in found.table.itertuples():
        same_figures(row, *alone(signals, market, row, start=start, end=end, known=end))
    # What is known at an instant is what a market that ends there shows.
    cut = run_sweep(prepare_sweep(known_until(market, 500, start=200), SPACE))
    pd.testing.assert_frame_equal(found.table, cut.table)


@slow
def test_the_sharpe_ratio_by_hand():
    # Entries at minutes 5, 65 and 185; hours 0, 1 and 3, the hour between is empty. Target .3, stop .15, no costs counted out:
    # net .19, -.26, 0 and .19.
    up, down, still = (100, 100.3, 100, 100), (100, 100, 99.85, 100), (100, 100.1, 99.9, 100)
    rows = [still] * 60
    rows[2], rows[14], rows[39] = up, down, up
    signals = entries([("LONG", 5, 100.0), ("LONG", 65, 100.0), ("LONG", 185, 100.0)])
    frame = candles(rows)
    path = PricePath.of(candles([], 1), frame)
    space = SweepSpace((0.3,), (0.15,), (45.0,))
    found = run_sweep(prepare_signals(signals, frame, path, space), period_hours=1.0)
    (row,) = found.table.itertuples()
    returns = np.array([0.19, -0.26, 0.0, 0.19])
    assert (found.periods, row.trades) == (4, 3)
    assert row.sharpe == pytest.approx(
        0.03 / 0.213073, abs=1e-4
    )  # mean .03, sd sqrt((.0256+.0841+.0009+.0256)/3)
    z = (returns - 0.03) / returns.std()
    assert (row.skew, row.kurtosis) == (pytest.approx((z**3).mean()), pytest.approx((z**4).mean()))


@slow
def test_the_mean_correlation_is_that_of_all_pairs():
    market = random_market(6, count=288)
    prepared = prepare_sweep(market, SPACE)
    found = run_sweep(prepared, period_hours=1.0, chunk_bytes=300_000)
    columns = []
    for row in found.table.itertuples():
        closed, _ = alone(window_signals(market), market, row)
        columns.append(closed.groupby(closed["entry_time"].dt.floor("h"))["net_pct"].sum())
    hours = pd.date_range(
        window_signals(market)["entry_time"].iloc[0].floor("h"),
        window_signals(market)["entry_time"].iloc[-1].floor("h"),
        freq="h",
    )
    table = pd.concat([column.reindex(hours, fill_value=0.0) for column in columns], axis=1)
    assert found.periods == len(hours)
    ratio = table.mean() / table.std(ddof=1)
    assert found.table["sharpe"].to_numpy() == pytest.approx(ratio.to_numpy(), nan_ok=True)
    varied = table.loc[:, table.std() > 0].to_numpy()
    pairs = np.corrcoef(varied.T)[np.triu_indices(varied.shape[1], 1)]
    assert found.mean_correlation == pytest.approx(pairs.mean())


@slow
def test_the_best_is_deflated_by_all_that_were_tried():
    found = run_sweep(prepare_sweep(random_market(6, count=288), SPACE), period_hours=1.0)
    few, many = judge_best(found, min_trades=1), judge_best(found, min_trades=15)
    tried = found.table["sharpe"].notna().sum()
    assert few.by_all.trials == many.by_all.trials == tried
    assert 1 <= few.by_implied.trials <= tried
    assert few.by_implied.probability >= few.by_all.probability
    assert many.best["trades"] >= 15 and few.best["sharpe"] >= many.best["sharpe"]
    assert few.best["sharpe"] == found.table["sharpe"].max()
    assert judge_best(found, min_trades=10_000) is None


@slow
def test_progress_counts_combinations_and_chunks_change_nothing():
    prepared = prepare_sweep(random_market(7, count=144), SPACE)
    told: list[str] = []
    small = run_sweep(prepared, chunk_bytes=100_000, progress=told.append)
    assert len(told) > 3 and told[-1] == "72 of 72 combinations"
    large = run_sweep(prepared)
    pd.testing.assert_frame_equal(small.table, large.table)
    assert small.mean_correlation == pytest.approx(large.mean_correlation)


@slow
def test_an_empty_window_has_an_empty_sweep():
    found = run_sweep(prepare_sweep(window(), SPACE))
    assert (found.periods, found.signals, found.mean_correlation) == (0, 0, 0.0)
    assert (found.table["trades"] == 0).all() and found.table["sharpe"].isna().all()
    assert judge_best(found, 1) is None
    assert {cell.total_trades for cell in cells_at(found.table, 10.0, 0.0, "none", DEFAULT_COSTS)} == {0}


def test_a_wick_counts_in_its_direction_for_ten_minutes():
    # 5-10 has a lower wick of .4 %; entries at 10, 15, 20 and 25.
    frame = candles([(100, 100, 100, 100), (100, 100, 99.6, 100), *[(100, 100, 100, 100)] * 4])
    signals = entries([("LONG", minute, 100) for minute in (5, 10, 15, 20, 25)] + [("SHORT", 10, 100)])
    assert wick_shown(signals, frame, (0.3, 0.8)).tolist() == [False, True, True, True, False, False]
    assert not wick_shown(signals, frame, (0.5, 0.8)).any()
    assert wick_shown(signals, frame, ()).all()


def test_combinations_are_named_and_in_order():
    table = SPACE.combinations()
    assert table.iloc[:4][["spacing_minutes", "wick"]].to_numpy().tolist() == [
        [0.0, "none"],
        [0.0, "0.02–0.06"],
        [20.0, "none"],
        [20.0, "0.02–0.06"],
    ]
    assert not table.duplicated().any()


@slow
def test_cells_are_those_at_the_chosen_hold_spacing_and_wick():
    found = run_sweep(prepare_sweep(random_market(6, count=288), SPACE)).table
    cells = cells_at(found, 45.0, 20.0, "none", DEFAULT_COSTS)
    assert [(cell.target_pct, cell.stop_pct) for cell in cells] == [
        (t, s) for t in SPACE.targets_pct for s in SPACE.stops_pct
    ]
    row = found[
        (found["target_pct"] == 0.3)
        & (found["stop_pct"] == 0.2)
        & (found["hold_minutes"] == 45)
        & (found["spacing_minutes"] == 20)
        & (found["wick"] == "none")
    ].iloc[0]
    assert (cells[4].total_trades, cells[4].net_mean_pct) == (
        row["trades"],
        pytest.approx(row["net_mean_pct"], abs=5.1e-5),
    )
