from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.actual_trades import HELD_MINUTES, HOLDS, analyze_actual, hold_bands, longer_holds
from lib.analysis.trades import actual_trades
from lib.market.costs import price_trades
from tests.builders import candles, decisions, flat, random_market, round_trips, samples, window


def analyzed(rows, **more):
    seen = window(decided=decisions(rows), **more)
    return analyze_actual(seen, actual_trades(seen))


def trade(entry, exit, to, **more):
    """A LONG from 100, so that dollars and percent are the same number."""
    return {
        "timestamp": entry,
        "direction": "LONG",
        "entry_time": entry,
        "entry_price": 100.0,
        "exit_time": exit,
        "exit_price": to,
        "exit_reason": "MANUAL",
        "confidence": 0.8,
    } | more


def test_the_figures_of_four_trades():
    # net = gross - 0.09, in order of exit: +0.41, -0.59, +0.91, -0.09 (in order of entry the last two change places)
    rows = [
        trade(10, 20, 100.5),
        trade(30, 40, 99.5),
        trade(65, 110, 100.0, direction="SHORT"),
        trade(70, 80, 101.0),
    ]
    result = analyzed(rows)
    assert (result.total_trades, result.win_rate) == (4, 50.0)
    assert (result.total_pnl, result.total_pnl_pct) == (0.64, 0.64)
    assert (result.gross_pnl, result.gross_pnl_pct) == (1.0, 1.0)
    # wins 1.32, losses 0.68
    assert result.profit_factor == pytest.approx(1.32 / 0.68, abs=1e-4)
    # running sum 0.41, -0.18, 0.73, 0.64: the deepest fall is 0.59
    assert (result.max_drawdown, result.max_drawdown_pct) == (0.59, 0.59)
    # mean loss 0.34, mean win 0.66
    assert result.breakeven_win_rate == 34.0
    # holds 10, 10, 45, 10
    assert (result.avg_hold_minutes, result.median_hold_minutes) == (18.8, 10.0)
    assert (result.long_stats.total, result.long_stats.wins, result.long_stats.total_pnl) == (3, 2, 0.73)
    assert (result.short_stats.total, result.short_stats.wins, result.short_stats.total_pnl) == (1, 0, -0.09)
    assert [(group.name, group.total) for group in result.by_hour] == [("00:00", 2), ("01:00", 2)]
    assert {group.name: group.total for group in result.by_hold} == dict(
        zip(HOLDS, [0, 3, 0, 0, 1, 0], strict=True)
    )
    assert [(group.name, group.total) for group in result.by_exit_reason] == [("MANUAL", 4)]
    assert result.decisions == {"LONG": 3, "SHORT": 1, "HOLD": 0}
    assert result.overall.episodes == 3  # 65-110 and 70-80 overlap
    assert result.scalper_score.total is None  # below five trades


def test_the_accounts_money_stands_beside_that_of_one_unit_and_says_of_how_many():
    rows = [
        trade(10, 20, 102.0, size=3.0, fees=1.0),
        trade(30, 40, 99.0, size=0.5, fees=0.1),
        trade(50, 60, 101.0),
    ]
    result = analyzed(rows)
    # 2 × 3 − 1, and −1 × 0.5 − 0.1; the third logs no size.
    assert (result.total_trades, result.account_trades) == (3, 2)
    assert (result.account_gross_pnl, result.account_fees, result.account_pnl) == (5.5, 1.1, 4.4)
    assert result.account_max_drawdown == 0.6
    assert (result.overall.account_pnl, result.overall.account_trades) == (4.4, 2)
    assert (result.short_stats.account_pnl, result.short_stats.account_trades) == (None, 0)
    without = analyzed([trade(10, 20, 102.0)])
    assert (without.account_pnl, without.account_fees, without.account_trades) == (None, None, 0)


def test_drawdown_follows_the_exits_not_the_entries():
    # In order of exit: -0.59, then +0.91: falls 0.59 below 0. In order of entry it would never fall below 0.
    assert analyzed([trade(10, 60, 101.0), trade(20, 30, 99.5)]).max_drawdown == 0.59


@pytest.mark.parametrize(
    ("confidence", "band"),
    [(0.95, 0), (0.85, 0), (0.8499, 1), (0.75, 1), (0.7499, 2), (0.1, 2), (0.6 + 0.1 + 0.15, 0)],
)
def test_confidence_bands_and_their_limits(confidence, band):
    bands = analyzed([trade(10, 20, 100.5, confidence=confidence)]).confidence_bands
    assert [group.total for group in bands] == [int(place == band) for place in range(3)]


def test_a_trade_without_confidence_is_in_no_band():
    result = analyzed([trade(10, 20, 100.5, confidence=None)])
    assert [group.total for group in result.confidence_bands] == [0, 0, 0]
    assert result.total_trades == 1


@pytest.mark.parametrize(
    ("minutes", "band"),
    [
        (0.0, "< 5 min"),
        (4.99, "< 5 min"),
        (5.0, "5–15 min"),
        (15.0, "15–25 min"),
        (25.0, "25–45 min"),
        (44.99, "25–45 min"),
        (45.0, "≥ 45 min"),
        (500.0, "≥ 45 min"),
        (np.nan, "unknown"),
    ],
)
def test_hold_bands(minutes, band):
    assert hold_bands(pd.Series([minutes])).tolist() == [band]


def test_wick_and_conflicting_timeframes_are_reported_apart():
    shown = candles([(100.0,) * 4] * 3 + [(100, 100, 99.6, 100)] + [(100.0,) * 4] * 10)
    rows = [trade(21, 22, 101), trade(50, 51, 101), trade(22, 23, 99, direction="SHORT")]
    fast = samples([(minute, 1, "all_green") for minute in range(70)])
    slow = samples([(minute, 1, "mixed_red" if minute < 40 else "mixed") for minute in range(70)])
    result = analyzed(rows, candles_5min=shown, samples_5min=fast, samples_15min=slow)
    assert (result.with_wick.total, result.without_wick.total) == (1, 2)
    assert result.mixed_timeframes.total == 2
    names = {pattern.signature: pattern.total for pattern in result.ema_patterns}
    assert names == {
        "LONG_WICK_DOWN_MIXED_TIMEFRAMES": 1,
        "LONG_ALL_GREEN_5MIN": 1,
        "SHORT_MIXED_TIMEFRAMES": 1,
    }


def test_decisions_before_the_window_are_not_counted():
    rows = [
        trade(60, 70, 100.5),
        {"timestamp": 61, "direction": "HOLD", "executed": False},
        trade(62, 70, 100.5),
    ]
    result = analyzed(rows, start=60, end=300)
    assert result.decisions == {"LONG": 1, "SHORT": 0, "HOLD": 1}
    assert result.total_trades == 1


def test_an_empty_window_has_an_empty_result():
    result = analyzed([])
    assert (result.total_trades, result.win_rate, result.total_pnl) == (0, None, 0.0)
    assert (result.profit_factor, result.avg_hold_minutes, result.breakeven_win_rate) == (None, None, None)
    assert result.ema_patterns == []
    assert all(row.total == 0 and row.mean_net_pct is None for row in result.held_longer)


# ---- exits too early

PATH = [
    (100.0, 100.0, 100.0, 100.0),  # 0-5
    (100.0, 100.2, 99.7, 100.1),  # 5-10
    (100.1, 100.6, 100.0, 100.5),  # 10-15
]


def priced_trips(rows, stop_pct=5.0, **columns):
    """Trades with a stop so far off that it is never reached, each an episode."""
    columns = {"stop_pct": stop_pct, "episode": range(len(rows))} | columns
    return price_trades(round_trips(rows), 0.09).assign(**columns)


def held(rows, shown=PATH, ones=(), **more):
    priced = priced_trips(rows, **more)
    seen = window(candles(shown), candles_1min=candles(ones, 1))
    return {row.minutes: row for row in longer_holds(priced, seen)}


def test_what_a_long_would_have_made():
    rows = held([("LONG", 5, 100.0, 8, 100.2)])
    # At minute 10: 100.1, +0.1 % less fees 0.09 and the slippage of one market order 0.01; the low was 99.7.
    assert (rows[5].total, rows[5].mean_net_pct, rows[5].worst_adverse_pct) == (1, 0.0, -0.3)
    # At minute 15: 100.5
    assert (rows[10].mean_net_pct, rows[10].mean_adverse_pct) == (0.4, -0.3)
    assert rows[10].mean_actual_net_pct == 0.11  # 100.2: 0.2 - 0.09
    # Nothing is known of minute 20.
    assert (rows[15].total, rows[15].mean_net_pct, rows[15].worst_adverse_pct) == (0, None, None)
    assert tuple(rows) == HELD_MINUTES == (5, 10, 15, 20, 25, 30, 35, 40, 45)


def test_what_a_short_inside_a_candle_would_have_made():
    # Entry 7: of its own candle nothing is read. Minute 12 is read at 15: -0.5 % - 0.1; the high was 100.6.
    rows = held([("SHORT", 7, 100.0, 8, 100.0)])
    assert (rows[5].total, rows[5].mean_net_pct, rows[5].worst_adverse_pct) == (1, -0.6, -0.6)


def test_the_adverse_path_leaves_out_the_entrys_own_candle():
    # Entry 7 in the candle 5-10, whose low of 99.7 may have come before it; 10-15 never fell below 100.
    assert held([("LONG", 7, 100.0, 8, 100.0)])[5].worst_adverse_pct == 0.0


def test_a_path_that_never_went_against_the_entry_has_no_adverse_part():
    rows = held([("LONG", 10, 99.0, 11, 99.0)])
    assert rows[5].worst_adverse_pct == 0.0


def test_only_trades_closed_earlier_count():
    rows = held([("LONG", 5, 100.0, 10, 100.1), ("LONG", 5, 100.0, 9.9, 100.1)])
    assert (rows[5].total, rows[10].total) == (1, 2)
    priced = priced_trips([("LONG", 5, 100.0, 8, 100.1)], hold_minutes=np.nan)
    assert all(row.total == 0 for row in longer_holds(priced, window(candles(PATH))))


def test_nothing_is_read_across_a_gap():
    rows = held([("LONG", 5, 100.0, 8, 100.2)], [*PATH[:2], None, *PATH])
    assert (rows[5].total, rows[10].total, rows[15].total) == (1, 0, 0)
    # nor where the entry itself lies in one
    assert held([("LONG", 12, 100.0, 13, 100.2)], [*PATH[:2], None, *PATH])[5].total == 0


def test_the_finest_candles_are_read():
    # Entry 5.0: with minutes, minute 10 is the close of 9-10.
    ones = [(100.0,) * 4] * 5 + [(100.0, 100.0, 99.9, 100.0)] * 4 + [(100.0, 100.1, 99.8, 100.05)]
    rows = held([("LONG", 5, 100.0, 8, 100.0)], PATH[:2], ones)
    assert (rows[5].mean_net_pct, rows[5].worst_adverse_pct) == (-0.05, -0.2)


def test_the_stop_stays_in_place():
    """Left at 8; 99.7 in the candle of the exit is beyond 0.15 %, which is standard for a trade without its own stop, not beyond .4."""
    trip = [("LONG", 5, 100.0, 8, 100.2)]
    for stop_pct in (0.15, np.nan):
        rows = held(trip, stop_pct=stop_pct)
        assert (rows[5].mean_net_pct, rows[10].mean_net_pct) == (-0.24, -0.24)
        assert (rows[5].difference_pct, rows[5].mean_actual_net_pct) == (-0.35, 0.11)
    assert held(trip, stop_pct=0.4)[10].mean_net_pct == 0.4


def test_a_trade_that_its_stop_ended_could_not_have_been_kept():
    assert held([("LONG", 5, 100.0, 8, 99.85)], exit_reason="SL_HIT")[5].total == 0
    assert held([("LONG", 5, 100.0, 8, 99.85)], exit_reason="TP_HIT")[5].total == 1


def test_trades_of_one_episode_count_once():
    """Two that overlap gain .3 and .1 by holding, a third of its own nothing: .2 and 0, not a mean of three."""
    trips = [("LONG", 5, 100.0, 8, 100.2), ("LONG", 5, 100.0, 9, 100.4), ("LONG", 5, 100.0, 9, 100.49)]
    row = held(trips, episode=[0, 0, 1])[10]  # 100.5 less slippage
    assert (row.total, row.episodes, row.difference_pct) == (3, 2, 0.095)
    assert row.difference_low_pct < 0 < row.difference_high_pct


# ---- answers


def test_answers_beside_the_trades_that_were_executed():
    """Two of four answers of one band were stopped by a rail; one overlaps, one has its own distances, one no price to enter at."""
    beats = [(minute / 2, 100.0, "mixed") for minute in range(121)]
    asked = [
        trade(10.1, 20, 100.5, entry_time=10.5, stop_pct=0.2, target_pct=0.3, holding="NO"),
        trade(12.1, None, None, entry_time=None, executed=False, holding="NO"),
        trade(13, None, None, entry_time=None, executed=False, holding="YES"),
        trade(70, None, None, entry_time=None, executed=False, holding="NO"),
        trade(14, None, None, entry_time=None, executed=False, holding="NO", confidence=0.9),
    ]
    rows = [row | {"entry_recommended": "YES"} for row in asked]
    found = analyzed(rows, candles_5min=flat(24), samples_5min=samples(beats), end=120)
    answers = found.answers
    assert (answers.total, answers.executed, answers.scored, answers.open) == (4, 1, 3, 0)
    assert (answers.overlapping, answers.standard_distances, answers.unscored) == (2, 3, {"no_sample": 1})
    # Flat prices: both ways' slippage and fees are lost at the time exit.
    assert (answers.overall.total, answers.overall.episodes, answers.overall.net_mean_pct) == (1, 1, -0.11)
    high, medium, low = answers.bands
    assert (high.total, high.scored, medium.total, medium.scored, low.scored) == (1, 1, 1, 2, 0)
    assert (medium.win_rate, medium.scored_win_rate, low.scored_win_rate) == (0.0, 0.0, None)
    assert [band.total for band in found.confidence_bands] == [0, 1, 0]


# ---- sums


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    rows=st.lists(
        st.tuples(
            st.floats(31, 300),
            st.floats(0, 90),
            st.floats(98, 102),
            st.sampled_from(["LONG", "SHORT"]),
            st.floats(0, 1),
        ),
        max_size=25,
    ),
)
def test_sums_of_groups_equal_the_whole(seed, rows):
    market = random_market(seed)
    log = [
        trade(entry, entry + held_for, to, direction=way, confidence=round(sure, 2))
        for entry, held_for, to, way, sure in rows
    ]
    result = analyzed(
        log,
        candles_5min=market.candles_5min,
        samples_5min=market.samples_5min,
        samples_15min=market.samples_15min,
        start=30,
        end=500,
    )
    assert result.total_trades == len(rows)
    for groups in (
        [result.long_stats, result.short_stats],
        result.confidence_bands,
        result.ema_patterns,
        [result.with_wick, result.without_wick],
        result.by_hour,
        result.by_hold,
        result.by_exit_reason,
    ):
        assert sum(group.total for group in groups) == result.total_trades
        assert sum(group.wins for group in groups) == result.overall.wins
        # each group is rounded to the cent on its own
        assert sum(group.total_pnl for group in groups) == pytest.approx(
            result.total_pnl, abs=0.005 * (len(groups) + 1) + 1e-9
        )


def test_more_flat_candles_change_no_figure_but_held_longer():
    rows = [trade(10, 20, 100.5)]
    short, long = (analyzed(rows, candles_5min=flat(count)) for count in (5, 40))
    assert short.model_dump(exclude={"held_longer"}) == long.model_dump(exclude={"held_longer"})
    assert (short.held_longer[0].total, short.held_longer[2].total, long.held_longer[2].total) == (0, 1, 1)
