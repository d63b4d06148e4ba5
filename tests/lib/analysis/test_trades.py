"""The window of these tests is (60, 300] minutes; trades are LONG from 100 to 100.5 unless said otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from lib.analysis.trades import actual_trades, complete_trades, executed_trades
from lib.contract import schema
from lib.market.costs import Costs, price_trades
from tests.builders import at, decisions, flat, round_trips, samples, window

TRADE = {
    "timestamp": 70,
    "direction": "LONG",
    "entry_recommended": "YES",
    "confidence": 0.8,
    "entry_time": 70.5,
    "entry_price": 100.0,
    "exit_time": 80.5,
    "exit_price": 100.5,
    "exit_reason": "TP_HIT",
    "pnl_pct": 0.5,
}
OLD = {"entry_time": None, "exit_time": None}


def found(*changes, **more):
    return actual_trades(
        window(decided=decisions([TRADE | change for change in changes]), start=60, end=300, **more)
    )


def test_a_closed_trade_is_priced_from_its_fills():
    closed = found({}).closed
    row = closed.iloc[0]
    assert closed.columns.tolist() == list(schema.TRADE_COLUMNS)
    # gross 0.5 %, fees only (0.09) come off: slippage is inside fills
    assert (row["gross_pct"], row["net_pct"]) == (pytest.approx(0.5), pytest.approx(0.41))
    assert (row["net_usd"], row["win"], row["hold_minutes"]) == (pytest.approx(0.41), True, 10.0)
    assert (row["confidence"], row["ambiguous"], row["exit_reason"]) == (0.8, False, "TP_HIT")


def test_the_accounts_money_is_price_difference_times_size_less_fees():
    closed = found(
        {"size": 4.0, "fees": 0.5}, {"timestamp": 90, "entry_time": 90.5, "exit_time": 95, "size": 2.0}
    ).closed
    # 0.5 × 4 − 0.5; and 0.5 × 2 less 0.09 % of 200.
    assert closed["gross_account"].tolist() == pytest.approx([2.0, 1.0])
    assert closed["net_account"].tolist() == pytest.approx([1.5, 0.82])
    assert closed["net_pct"].tolist() == pytest.approx([0.375, 0.41])


@pytest.mark.parametrize("size", [None, 0.0, -1.0])
def test_without_a_size_there_is_no_money_of_the_account(size):
    assert found({"size": size, "fees": 0.5}).closed["net_account"].isna().all()


def test_a_logged_short_that_rose_is_a_loss_whatever_the_log_says():
    result = found({"direction": "SHORT"})
    assert result.closed["net_pct"].tolist() == pytest.approx([-0.59])
    assert result.deviations == 1


@pytest.mark.parametrize(
    ("logged", "deviations"), [(0.5, 0), (0.509, 0), (0.491, 0), (0.511, 1), (0.489, 1), (-0.5, 1), (None, 0)]
)
def test_a_logged_result_off_by_more_than_a_hundredth_is_counted(logged, deviations):
    assert found({"pnl_pct": logged}).deviations == deviations


@pytest.mark.parametrize(("logged", "deviations"), [(0.41, 0), (0.419, 0), (0.43, 1), (0.5, 1), (None, 0)])
def test_a_logged_net_result_is_compared_too(logged, deviations):
    # Gross 0.5 %, fees 0.09: net 0.41.
    assert found({"net_pnl_pct": logged}).deviations == deviations


def test_only_executed_longs_and_shorts_are_trades():
    result = found({"executed": False}, {"direction": "HOLD"}, {})
    assert (len(result.closed), result.open_trades, result.incomplete) == (1, 0, 0)


def test_a_trade_without_exit_is_open():
    result = found({"exit_price": None, "exit_time": None, "exit_reason": "", "pnl_pct": None}, {})
    assert (len(result.closed), result.open_trades, result.incomplete) == (1, 1, 0)


@pytest.mark.parametrize(
    "change", [{"entry_price": None}, {"exit_time": 70.4}, {"entry_price": None, "exit_price": None}]
)
def test_a_trade_that_lacks_a_price_or_ends_before_it_begins_is_incomplete(change):
    result = found(change, {})
    assert (len(result.closed), result.open_trades, result.incomplete) == (1, 0, 1)


def test_an_old_row_is_held_45_minutes_and_says_nothing_about_hold_times():
    row = found(OLD).closed.iloc[0]
    assert (row["entry_time"], row["exit_time"]) == (at(70), at(115))
    assert np.isnan(row["hold_minutes"])
    assert row["net_pct"] == pytest.approx(0.41)


def test_other_exit_reasons_are_counted_as_other():
    reasons = ["TP_HIT", "CLAUDE_EXIT", "felt right", "", "tp_hit"]
    closed = found(*({"exit_reason": reason} for reason in reasons)).closed
    assert sorted(closed["exit_reason"]) == ["CLAUDE_EXIT", "OTHER", "OTHER", "OTHER", "TP_HIT"]


@pytest.mark.parametrize(
    ("timestamp", "entry", "exit", "inside"),
    [
        (59, 60, 90, False),  # the window begins after minute 60
        (59, 60.1, 90, True),  # by its entry, though decided before
        (290, 300, 305, True),
        (10, 30, 200, False),  # closed in the window, entered before it
    ],
)
def test_a_trade_belongs_to_the_window_of_its_entry(timestamp, entry, exit, inside):
    result = found({"timestamp": timestamp, "entry_time": entry, "exit_time": exit})
    assert len(result.closed) == inside


def test_an_old_row_belongs_to_the_window_of_its_decision():
    assert len(found(OLD | {"timestamp": 60}).closed) == 0
    assert len(found(OLD | {"timestamp": 60.1}).closed) == 1


def test_trades_are_ordered_by_entry_and_get_setup_regime_and_episode():
    changes = [
        {"entry_time": 200, "exit_time": 210},
        {"entry_time": 100, "exit_time": 120, "direction": "SHORT"},
        {"entry_time": 110, "exit_time": 130},
    ]
    ribbon = samples([(minute, 100, "all_red") for minute in range(60, 300)])
    closed = found(*changes, candles_5min=flat(60), samples_5min=ribbon, samples_15min=ribbon).closed
    assert closed["entry_time"].tolist() == [at(100), at(110), at(200)]
    assert closed["signature"].tolist() == ["SHORT_BOTH_RED", "LONG_BOTH_RED", "LONG_BOTH_RED"]
    # 100-120 and 110-130 overlap; 200 stands alone. 24 candles have closed by minute 120 only.
    assert closed["episode"].tolist() == [0, 0, 1]
    assert closed["regime"].tolist() == ["UNKNOWN", "UNKNOWN", "RANGING_QUIET"]


def test_no_decisions_no_trades():
    result = actual_trades(window())
    assert (len(result.closed), result.open_trades, result.incomplete, result.deviations) == (0, 0, 0, 0)
    assert result.closed.columns.tolist() == list(schema.TRADE_COLUMNS)
    assert str(result.closed["entry_time"].dtype) == "datetime64[us, UTC]"


def test_completing_trades_of_other_origins():
    priced = price_trades(round_trips([("LONG", 20, 100, 30, 101), ("SHORT", 5, 100, 30, 101)]), 0.11)
    done = complete_trades(priced, window(flat(10)))
    assert done["direction"].tolist() == ["SHORT", "LONG"]
    assert done["confidence"].isna().all()
    assert done["ambiguous"].tolist() == [False, False]


def test_executed_trades_keep_what_the_log_says_of_them():
    rows = [
        {"stop_price": 99.0, "decision_id": "a"},
        {"exit_price": None, "exit_time": None, "exit_reason": ""},
    ]
    executed = executed_trades(window(decided=decisions([TRADE | row for row in rows]), start=60, end=300))
    assert executed.closed[["decision_id", "stop_price"]].values.tolist() == [["a", 99.0]]
    assert executed.closed["net_pct"].tolist() == pytest.approx([0.41])
    assert executed.still_open["entry_time"].tolist() == [at(70.5)]


@pytest.mark.parametrize(
    ("logged", "fees_pct"),
    [
        ({"fees": 0.3, "size": 5.0}, 0.06),  # 0.3 of 5 x 100
        ({"fees": 0.0, "size": 5.0}, 0.0),
        ({"fees": -0.1, "size": 5.0}, -0.02),  # a rebate
        ({"fees": 0.3}, 0.04),
        ({"size": 5.0}, 0.04),
        ({"fees": 0.3, "size": 0.0}, 0.04),
        ({}, 0.04),
    ],
)
def test_logged_fees_are_the_trades_own_and_else_the_configured_rate_holds(logged, fees_pct):
    decided = window(decided=decisions([TRADE | logged]), start=60, end=300)
    closed = executed_trades(decided, Costs(fee_pct=0.02)).closed
    assert closed["fees_pct"].item() == pytest.approx(fees_pct)
    assert closed["net_pct"].item() == pytest.approx(0.5 - fees_pct)


def test_fees_as_they_are_written_change_no_figure():
    """The rule decider and the paper broker log what the configured rate makes, with eight decimals."""
    logged = {"entry_price": 3412.37, "exit_price": 3420.0, "fees": round(3412.37 * 0.0009, 8), "size": 1.0}
    plain = executed_trades(window(decided=decisions([TRADE | logged | {"fees": None}]), start=60, end=300))
    own = executed_trades(window(decided=decisions([TRADE | logged]), start=60, end=300))
    assert own.closed["net_pct"].item() == plain.closed["net_pct"].item()
