"""Trades enter at minute 10 from 100 with a stop at 99.85; the price path is of 1-minute candles from minute 0 on."""

from __future__ import annotations

import numpy as np
import pytest

from lib.lessons.streams.held import longer_hold_candidates
from lib.market.costs import DEFAULT_COSTS
from lib.market.exits import ExitRule, PricePath
from tests.builders import candles, samples
from tests.lib.lessons.streams.made import own, us

FLAT = (100.0, 100.0, 100.0, 100.0)


def path(changes=None, drop=(), count=120, shown=None):
    """Flat 1-minute candles at 100; `changes` by minute of their open."""
    rows = [None if minute in drop else (changes or {}).get(minute, FLAT) for minute in range(count)]
    return PricePath.of(candles(rows, 1), candles([]), None if shown is None else samples(shown))


def held(trade, prices, minutes=15, hour=120, settled=0, previous=60):
    (found,) = longer_hold_candidates(
        [trade], prices, minutes, us(settled), us(previous), us(hour), DEFAULT_COSTS
    )
    return found


def at_close(price):
    return (100.0, max(100.0, price), min(100.0, price), price)


def test_target_hit_early_and_the_price_runs_on():
    # Closed at 100.3: net 0.21. At minute 25 the price is 101: 1.00 - 0.09 - 0.01 = 0.90. Difference 0.69.
    rising = {13: at_close(100.3)} | dict.fromkeys(range(14, 40), (100.9, 101.0, 100.9, 101.0))
    found = held(own(10, 14, 100.3, exit_reason="TP_HIT"), path(rising))
    assert found.net_pct == pytest.approx(0.69)
    assert (found.entry_at, found.end_at, found.words) == (us(10), us(25), {"hold": "15"})
    # worst: 0.36 + 0.29; best: 1 more
    assert (found.worst_pct, found.best_pct) == pytest.approx((0.65, 1.65))


def test_target_hit_early_and_the_price_falls_to_the_stop():
    # Stopped at 99.85 in minute 20: -0.15 - 0.09 = -0.24, less 0.21; what comes behind does not count.
    falling = {20: (100.0, 100.0, 99.8, 99.9)} | dict.fromkeys(range(21, 40), (102.0,) * 4)
    found = held(own(10, 14, 100.3), path(falling))
    assert found.net_pct == pytest.approx(-0.45)
    assert found.end_at == us(25)  # known at the same time as if it had not been stopped


def test_a_short_is_stopped_above():
    rising = {20: (100.0, 100.2, 100.0, 100.0)}
    assert held(own(10, 14, 99.7, direction="SHORT"), path(rising)).net_pct == pytest.approx(-0.45)
    falling = {20: (100.0, 100.0, 99.0, 100.0)}
    # flat at the end: -0.10, less 0.21
    assert held(own(10, 14, 99.7, direction="SHORT"), path(falling)).net_pct == pytest.approx(-0.31)


def test_a_logged_stop_counts_where_it_lies():
    falling = {20: (100.0, 100.0, 99.6, 100.0)}
    assert held(own(10, 14, 100.3, exits=ExitRule(stop_pct=0.5)), path(falling)).net_pct == pytest.approx(
        -0.31
    )
    # -0.40 - 0.09 - 0.21
    assert held(own(10, 14, 100.3, exits=ExitRule(stop_pct=0.4)), path(falling)).net_pct == pytest.approx(
        -0.70
    )


@pytest.mark.parametrize(
    ("minute", "stopped"),
    [
        (12, False),  # closed before the exit: the trade lived through it
        (13, True),  # the candle of the exit: before or after is unclear
        (24, True),
        (25, False),  # opens at minute 25, when it is over
    ],
)
def test_the_stop_is_judged_from_the_exit_to_the_end(minute, stopped):
    found = held(own(10, 14, 100.3), path({minute: (100.0, 100.0, 99.0, 100.0)}))
    assert found.net_pct == pytest.approx(-0.45 if stopped else -0.31)


def test_inside_the_candle_of_the_entry_only_samples_after_the_exit_count():
    # In at 10:30, out at 10:40, in the candle 10-11; its low may lie before the entry.
    low = {10: (100.0, 100.0, 99.0, 100.0)}
    trade = own(10.5, 10.7, 100.3)
    assert held(trade, path(low)).net_pct == pytest.approx(-0.31)
    assert held(trade, path(low, shown=[(10.6, 99.0, "mixed")])).net_pct == pytest.approx(-0.31)
    assert held(trade, path(low, shown=[(10.8, 99.0, "mixed")])).net_pct == pytest.approx(-0.45)


def test_an_entry_between_closes_is_held_to_the_first_close_behind():
    # 10:30 and 15 minutes: the candle that closes at minute 26.
    found = held(own(10.5, 14, 100.3), path({25: at_close(101.0), 26: at_close(105.0)}))
    assert found.net_pct == pytest.approx(0.69)
    assert found.end_at == us(26)


@pytest.mark.parametrize(
    ("missing", "left_out"), [(9, ""), (10, "gap"), (17, "gap"), (24, "gap"), (25, ""), (70, "")]
)
def test_a_gap_between_entry_and_end_leaves_the_trade_out(missing, left_out):
    found = held(own(10, 14, 100.3), path(drop={missing}))
    assert found.left_out == left_out
    assert (found.end_at is None) == (left_out == "gap")


def test_a_path_that_ends_early_is_a_gap():
    assert held(own(10, 14, 100.3), path(count=20)).left_out == "gap"
    assert held(own(10, 14, 100.3), path(count=0)).left_out == "gap"


@pytest.mark.parametrize(
    ("trade", "left_out"),
    [
        (own(10, 24.9, 100.3), ""),
        (own(10, 25, 100.3), "not_earlier"),
        (own(10, None), "not_earlier"),
        (own(10, 14, 100.3, hold_minutes=np.nan), "not_earlier"),
        (own(10, 14, 99.85, exit_reason="SL_HIT"), "forced_exit"),
        (own(10, 14, 100.1, exit_reason="DATA_LOSS"), "forced_exit"),
    ],
)
def test_only_what_was_closed_earlier_by_choice_is_held(trade, left_out):
    assert held(trade, path()).left_out == left_out


def test_before_its_minute_nothing_is_known_even_of_a_closed_trade():
    for trade in (own(50, 55, 100.3), own(50, 55, 99.85, exit_reason="SL_HIT"), own(50, None)):
        found = held(trade, path(), hour=60, previous=0)
        assert (found.end_at, found.left_out) == (None, "")
    assert held(own(50, 55, 100.3), path(), minutes=10, hour=60, previous=0).end_at == us(60)


def test_each_hold_time_is_judged_alone():
    prices = path({20: at_close(101.0), 24: at_close(100.5), 39: at_close(100.2), 54: at_close(100.1)})
    nets = [held(own(10, 14, 100.0), prices, minutes).net_pct for minutes in (15, 30, 45)]
    assert nets == pytest.approx([0.49, 0.19, 0.09])  # less 0.10, plus 0.09


def test_a_late_trade_is_left_out_and_a_settled_one_is_over():
    assert held(own(10, 14, decided_at=us(70)), path(), settled=60).left_out == "late"
    assert longer_hold_candidates([own(10, 14)], path(), 15, us(60), us(60), us(120), DEFAULT_COSTS) == []
