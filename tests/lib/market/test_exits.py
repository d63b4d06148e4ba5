"""Entries are LONG at 100 unless said otherwise: target 100 * 1.003 = 100.3, stop 100 * 0.9985 = 99.85."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.market.costs import SIGN
from lib.market.exits import (
    GAP,
    NO_GAP,
    ExitRule,
    PricePath,
    find_exit,
    finest_path,
    gaps_known_at,
    hypothetical_exit,
)
from lib.market.readings import instant
from tests.builders import at, candles, entries, flat, known_until, random_market, samples
from tests.one_by_one import exits_alone

STILL = (100.0, 100.1, 99.9, 100.0)
UP = (100.0, 100.3, 100.0, 100.2)
DOWN = (100.0, 100.0, 99.85, 99.9)
BOTH = (100.0, 100.4, 99.6, 100.1)  # for either direction


def exit_of(
    rows=(),
    entry=5.0,
    direction="LONG",
    price=100.0,
    ones=(),
    ones_from=0.0,
    sampled=(),
    rule=ExitRule(),
):
    path = PricePath.of(
        candles(ones, 1, ones_from), candles(rows), samples([(*row, "mixed") for row in sampled])
    )
    return find_exit(path, SIGN[direction], instant(at(entry)), price, rule)


def told(found):
    """(minute, price, reason, ambiguous) of an exit."""
    minute = (found.at - instant(at(0))) / 60_000_000
    return minute, pytest.approx(found.price, abs=1e-12), found.reason, found.ambiguous


def test_target_fills_at_exactly_its_price_at_the_close_of_the_candle():
    assert told(exit_of([STILL, STILL, UP])) == (15, 100.3, "TP_HIT", False)


def test_stop_fills_at_exactly_its_price_though_the_price_went_further():
    assert told(exit_of([STILL, STILL, (100, 100, 99.0, 99.2)])) == (15, 99.85, "SL_HIT", False)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # SHORT at 100: target 99.7, stop 100.15
        ((100, 100.1, 99.7, 99.8), (10, 99.7, "TP_HIT", False)),
        ((100, 100.15, 99.8, 100), (10, 100.15, "SL_HIT", False)),
    ],
)
def test_a_short_is_mirrored(row, expected):
    assert told(exit_of([STILL, row], direction="SHORT")) == expected


@pytest.mark.parametrize("row", [(100, 100.2999, 100, 100), (100, 100, 99.8501, 100)])
def test_almost_is_not_reached(row):
    assert exit_of([STILL, row]) is None


def test_levels_of_decimal_prices_are_reached_exactly():
    # 3875.3 * 1.003 = 3886.9259: a high of just that counts, whatever the multiplication's last bit.
    found = exit_of([STILL, (3875.3, 3886.9259, 3875.0, 3880.0)], price=3875.3)
    assert told(found) == (10, 3886.9259, "TP_HIT", False)


def test_other_levels():
    # target 0.5 %: 100.5, stop 0.4 %: 99.6
    rule = ExitRule(0.5, 0.4)
    rows = [STILL, (100, 100.4, 99.7, 100), (100, 100.5, 100, 100)]
    assert told(exit_of(rows, rule=rule)) == (15, 100.5, "TP_HIT", False)


@pytest.mark.parametrize(
    ("entry", "expected"),
    # the first 5-minute close at or after entry + 45: 5 + 45 = 50 is one; 51, 50.17 and 54.99 wait for 55
    [(5.0, 50), (6.0, 55), (5 + 1 / 6, 55), (9.99, 55), (10.0, 55)],
)
def test_time_exit_at_the_first_five_minute_close_45_minutes_on(entry, expected):
    rows = [(100.0, 100.1, 99.9, 100.0 + place / 1000) for place in range(14)]
    close = 100.0 + (expected / 5 - 1) / 1000
    assert told(exit_of(rows, entry=entry)) == (expected, close, "TIME_EXIT", False)


def test_a_touch_in_the_last_candle_comes_before_the_time_exit_and_a_later_one_after_it():
    # entry 5: the last candle is 45-50
    assert told(exit_of([STILL] * 9 + [UP])) == (50, 100.3, "TP_HIT", False)
    assert told(exit_of([STILL] * 10 + [UP])) == (50, 100.0, "TIME_EXIT", False)


def test_a_trade_is_open_until_something_ends_it():
    assert exit_of([STILL] * 9) is None
    assert exit_of([]) is None
    assert exit_of([STILL], ones=[STILL] * 60) is None  # 1-minute closes are no 5-minute closes


def test_the_time_exit_can_be_shorter():
    assert told(exit_of([STILL] * 9, rule=ExitRule(hold_minutes=20))) == (25, 100.0, "TIME_EXIT", False)


def test_candles_before_the_entry_do_not_count():
    assert exit_of([BOTH, BOTH, STILL], entry=10) is None


# ---- both levels in one candle


def test_both_in_one_candle_is_the_stop_and_ambiguous():
    assert told(exit_of([STILL, BOTH])) == (10, 99.85, "SL_HIT", True)
    # SHORT: stop 100.15
    assert told(exit_of([STILL, BOTH], direction="SHORT")) == (10, 100.15, "SL_HIT", True)


@pytest.mark.parametrize(
    ("ones", "expected"),
    [
        ([STILL, UP, STILL, DOWN, STILL], (7, 100.3, "TP_HIT", False)),
        ([STILL, DOWN, STILL, UP, STILL], (7, 99.85, "SL_HIT", False)),
        ([STILL, STILL, BOTH, STILL, STILL], (8, 99.85, "SL_HIT", True)),
    ],
)
def test_one_minute_candles_show_the_order(ones, expected):
    assert told(exit_of([STILL, BOTH], ones=ones, ones_from=5)) == expected


HIGH, LOW, MID = 100.35, 99.8, 100.0


def fine(prices, step=1.0, start=5.0):
    return [(start + (place + 1) * step, price) for place, price in enumerate(prices)]


@pytest.mark.parametrize(
    ("sampled", "expected"),
    [
        (fine([MID, HIGH, MID, LOW, MID]), (10, 100.3, "TP_HIT", False)),
        (fine([MID, LOW, MID, HIGH, MID]), (10, 99.85, "SL_HIT", False)),
        (fine([MID] * 20 + [HIGH, LOW] + [MID] * 8, 1 / 6), (10, 100.3, "TP_HIT", False)),
    ],
)
def test_samples_of_a_minute_or_less_show_the_order(sampled, expected):
    assert told(exit_of([STILL, BOTH], sampled=sampled)) == expected


@pytest.mark.parametrize(
    "sampled",
    [
        pytest.param(fine([MID, HIGH, MID, MID, MID]), id="only the target is shown"),
        pytest.param(fine([MID, LOW, MID, MID, MID]), id="only the stop is shown"),
        pytest.param(fine([MID] * 5), id="neither is shown"),
        pytest.param(fine([HIGH, MID, LOW, MID], 1.02), id="a step over a minute"),
        pytest.param(fine([HIGH, LOW], 2.5), id="two samples, minutes apart"),
        pytest.param([(9, HIGH), (9.5, LOW), (10, MID)], id="nothing about the candle's first four minutes"),
        pytest.param([(5.5, HIGH), (6, LOW)], id="nothing about its last four minutes"),
        pytest.param([(4, HIGH), (5, HIGH), *fine([LOW, LOW, LOW, LOW, LOW])], id="the target only before"),
        pytest.param([*fine([LOW] * 5), (10.5, HIGH)], id="the target only after"),
    ],
)
def test_samples_that_do_not_show_both_leave_the_stop(sampled):
    assert told(exit_of([STILL, BOTH], sampled=sampled)) == (10, 99.85, "SL_HIT", True)


# ---- entries inside a candle


def test_what_the_entrys_own_candle_showed_before_it_does_not_count():
    # The candle 5-10 holds both levels; the entry at 7.5 sees neither in samples after it.
    own = [STILL, BOTH, STILL]
    assert exit_of(own, entry=7.5) is None
    assert exit_of(own, entry=7.5, sampled=[(6, HIGH), (7.5, LOW), (8, MID), (10, MID)]) is None


@pytest.mark.parametrize(("price", "level", "reason"), [(100.5, 100.3, "TP_HIT"), (99.0, 99.85, "SL_HIT")])
def test_later_samples_of_the_own_candle_end_a_trade_when_they_were_taken(price, level, reason):
    sampled = [(7.5, 100), (8, 100), (8.25, price), (9, 200 - price)]
    assert told(exit_of([STILL, BOTH, STILL], entry=7.5, sampled=sampled)) == (8.25, level, reason, False)


def test_a_sample_at_the_close_of_the_own_candle_belongs_to_it():
    assert told(exit_of([STILL, BOTH, DOWN], entry=7.5, sampled=[(10, HIGH)])) == (10, 100.3, "TP_HIT", False)


def test_samples_after_the_own_candle_give_way_to_candles():
    sampled = [(8, MID), (10.5, HIGH), (11, LOW)]
    assert exit_of([STILL, BOTH, STILL], entry=7.5, sampled=sampled) is None


def test_the_own_candle_is_the_finest_there_is():
    # Entry 7.5: its own candle is minute 7-8 (which holds both), the next whole one 8-9 goes down.
    ones = [STILL, STILL, BOTH, DOWN, STILL]
    assert told(exit_of([STILL, BOTH], entry=7.5, ones=ones, ones_from=5)) == (9, 99.85, "SL_HIT", False)


def test_own_samples_count_before_the_own_candle_has_closed():
    # Known at minute 8: no candle after 5 has closed, but the sample at 7.9 shows the target.
    found = exit_of([STILL], entry=7.5, sampled=[(7.7, MID), (7.9, HIGH)])
    assert told(found) == (7.9, 100.3, "TP_HIT", False)


def test_an_entry_at_a_close_owns_no_candle():
    # Samples say nothing about whole candles: the candle 5-10 stayed between the levels.
    assert exit_of([STILL, STILL], entry=5, sampled=[(6, HIGH), (7, LOW)]) is None


# ---- gaps and mixed candles


def test_an_open_trade_goes_on_over_a_gap():
    assert told(exit_of([STILL, STILL, None, None, UP])) == (25, 100.3, "TP_HIT", False)
    # 50 has no close: the time exit is at the next there is
    assert told(exit_of([STILL] * 9 + [None, None, STILL])) == (60, 100.0, "TIME_EXIT", False)
    assert told(exit_of([STILL] * 9 + [None, UP])) == (55, 100.3, "TP_HIT", False)


def test_finest_path_takes_minutes_where_they_fill_a_slot():
    fives = flat(4)  # 0-20
    ones = candles(
        [STILL] * 5 + [None] * 5 + [STILL, STILL, None, STILL, STILL] + [None] * 5 + [STILL] * 2, 1
    )
    path = finest_path(ones, fives)
    # 0-5 whole; 5-10 none; 10-15 lacks a minute; 15-20 none; 20-25 has no 5-minute candle yet
    opened = [(moment - at(0)).total_seconds() / 60 for moment in path.index]
    assert opened == [0, 1, 2, 3, 4, 5, 10, 15, 20, 21]
    lasts = (path["closed_at"] - path.index).dt.total_seconds() / 60
    assert lasts.tolist() == [1, 1, 1, 1, 1, 5, 5, 5, 1, 1]


def test_finest_path_without_minutes_is_the_five_minute_candles():
    pd.testing.assert_frame_equal(finest_path(candles([], 1), flat(3)), flat(3))


def test_a_slot_that_lacks_a_minute_is_judged_by_its_five_minute_candle():
    # The missing minute 7-8 held the target.
    ones = [STILL, STILL, None, STILL, STILL]
    assert told(exit_of([STILL, UP], ones=ones, ones_from=5)) == (10, 100.3, "TP_HIT", False)


# ---- properties


def slow_exit(minutes, entry, sign, rule):
    """The standard exit by walking through 1-minute candles (open minute, high, low, close): an independent reading."""
    for opened, high, low, close in minutes:
        if opened < entry:
            continue
        gain = (high - 100) if sign > 0 else (100 - low)
        loss = (100 - low) if sign > 0 else (high - 100)
        if loss >= rule.stop_pct:  # in percent of 100; where both are reached the stop counts
            return opened + 1, 100 - sign * rule.stop_pct, "SL_HIT", gain >= rule.target_pct
        if gain >= rule.target_pct:
            return opened + 1, 100 + sign * rule.target_pct, "TP_HIT", False
        if (opened + 1) % 5 == 0 and opened + 1 >= entry + rule.hold_minutes:
            return opened + 1, close, "TIME_EXIT", False
    return None


@given(
    steps=st.lists(st.integers(-3, 3), min_size=60, max_size=60),
    wicks=st.lists(st.integers(0, 5), min_size=120, max_size=120),
    entry=st.integers(0, 40),
    direction=st.sampled_from(["LONG", "SHORT"]),
)
def test_exits_equal_a_walk_through_the_minutes(steps, wicks, entry, direction):
    close = 100 + np.cumsum(steps) / 32  # binary fractions, so that both readings compare the same numbers
    opened = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opened, close) + np.array(wicks[:60]) / 64
    low = np.minimum(opened, close) - np.array(wicks[60:]) / 64
    ones = candles(list(zip(opened, high, low, close, strict=True)), 1)
    fives = candles(
        [
            (opened[at_], high[at_ : at_ + 5].max(), low[at_ : at_ + 5].min(), close[at_ + 4])
            for at_ in range(0, 60, 5)
        ]
    )
    rule = ExitRule(target_pct=0.25, stop_pct=0.125, hold_minutes=17)
    found = find_exit(PricePath.of(ones, fives), SIGN[direction], instant(at(entry)), 100.0, rule)
    expected = slow_exit(list(zip(range(60), high, low, close, strict=True)), entry, SIGN[direction], rule)
    assert (None if found is None else told(found)) == expected


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), gaps=st.integers(0, 4), until=st.integers(20, 700))
def test_an_exit_known_at_an_instant_rests_on_nothing_later(seed, gaps, until):
    market = random_market(seed, gaps=gaps)
    minutes = until / 2
    early = known_until(market, minutes)
    asked = entries([("LONG", start, 100.0) for start in np.arange(0.5, minutes, 4.5)])
    asked["entry_price"] = 100.0

    def exits(seen):
        path = PricePath.of(seen.candles_1min, seen.candles_5min, seen.samples_5min)
        alone = [find_exit(path, 1.0, instant(moment), 100.0) for moment in asked["entry_time"]]
        return alone, exits_alone(asked, path)

    (before, standard), (after, later) = exits(early), exits(market)
    known = [found is not None and found.at <= instant(at(minutes)) for found in after]
    assert [found is not None for found in before] == known
    assert [found for found in before if found] == [
        found for found, one in zip(after, known, strict=True) if one
    ]
    # A hole that comes later voids what was found before it; nothing else changes, and a gap stays one.
    whole = later["exit_reason"] != GAP
    known = (standard["exit_reason"] != "") & whole
    pd.testing.assert_frame_equal(standard[known], later[known])
    assert not (whole & (standard["exit_reason"] == GAP)).any()


# ---- holes in the longest hold of hypothetical trades

NO_MINUTES = candles([], 1)


def gap_of(path, entry, hold=45.0):
    """When the gap of an entry is known, in minutes; None without one."""
    known = int(gaps_known_at(path, np.array([instant(at(entry))]), hold)[0])
    return None if known == NO_GAP else (known - instant(at(0))) / 60_000_000


# 5-minute candles 0-60 and 65-120: 60-65 is missing, which is known at 70.
HOLE = PricePath.of(NO_MINUTES, candles([STILL] * 12 + [None] + [STILL] * 11))


@pytest.mark.parametrize(
    ("entry", "hold", "expected"),
    [
        (15, 45, None),  # held until 60 at the longest
        (20, 45, 70),
        (16, 45, 70),  # 61 waits for the close of 65
        (60, 45, 70),
        (62, 45, 70),  # inside the missing candle
        (65, 45, None),
        (20, 40, None),
        (20, 41, 70),
        (100, 45, None),  # what is not there yet is no hole
        (120, 45, None),
        (130, 45, None),
        (-5, 4, 5),  # before the first candle there was none
    ],
)
def test_a_hole_counts_within_the_longest_hold(entry, hold, expected):
    assert gap_of(HOLE, entry, hold) == expected


def test_a_gap_voids_the_quick_end_as_well_as_the_slow_one():
    # 20-25 reaches the target of a trade from 20, forty minutes before the hole.
    path = PricePath.of(NO_MINUTES, candles([STILL] * 4 + [UP] + [STILL] * 7 + [None] + [STILL] * 11))
    found = hypothetical_exit(path, 1.0, instant(at(20)), 100.0)
    assert (found.is_gap, found.reason, found.at) == (True, GAP, instant(at(70)))
    assert np.isnan(found.price)
    assert told(find_exit(path, 1.0, instant(at(20)), 100.0)) == (25, 100.3, "TP_HIT", False)
    # Judged beside rules that hold for longer, a short hold is void with them; from 15 on nothing is.
    short = ExitRule(hold_minutes=5)
    assert told(hypothetical_exit(path, 1.0, instant(at(20)), 100.0, short)) == (25, 100.3, "TP_HIT", False)
    assert hypothetical_exit(path, 1.0, instant(at(20)), 100.0, short, longest_hold=45.0).is_gap
    assert told(hypothetical_exit(path, 1.0, instant(at(15)), 100.0)) == (25, 100.3, "TP_HIT", False)


def test_before_the_hole_is_known_the_trade_is_as_found():
    rows = [STILL] * 4 + [UP] + [STILL] * 7
    path = PricePath.of(NO_MINUTES, candles(rows))
    assert told(hypothetical_exit(path, 1.0, instant(at(20)), 100.0)) == (25, 100.3, "TP_HIT", False)
    assert hypothetical_exit(path, 1.0, instant(at(25)), 100.0) is None


def test_a_missing_minute_is_a_hole_unless_the_five_minute_candle_is_there():
    ones = candles([STILL] * 22 + [None] + [STILL] * 37, 1)  # 22-23 is missing
    fives = [STILL] * 12
    assert gap_of(PricePath.of(ones, candles(fives)), 5) is None
    without = [*fives[:4], None, *fives[5:]]
    assert gap_of(PricePath.of(ones, candles(without)), 5) == 24
    # Entered at 22.5, inside the missing minute; at 23 it is over.
    assert gap_of(PricePath.of(ones, candles(without)), 22.5) == 24
    assert gap_of(PricePath.of(ones, candles(without)), 23) is None


def test_hours_with_five_minute_candles_alone_have_no_hole():
    # Minutes 0-20, then only 5-minute candles until 60.
    assert gap_of(PricePath.of(flat(20, minutes=1), flat(12)), 5) is None


def test_where_the_close_of_the_time_exit_is_missing_the_hold_lasts_until_the_next():
    # Minutes are whole until 60, the 5-minute candle 45-50 is not there: the time exit of 5 is at 55.
    fives = [*[STILL] * 9, None, STILL, STILL]
    assert (
        told(
            hypothetical_exit(PricePath.of(flat(60, minutes=1), candles(fives)), 1.0, instant(at(5)), 100.0)
        )[0]
        == 55
    )
    # A minute between 50 and 55 is missing, and so is that 5-minute candle: the next close is that of 60.
    ones = candles([STILL] * 52 + [None] + [STILL] * 7, 1)
    assert gap_of(PricePath.of(ones, candles([*[STILL] * 9, None, None, STILL])), 5) == 54


# ---- an own stop that was passed in a hole


@pytest.mark.parametrize(
    ("row", "direction", "expected"),
    [
        ((99.5, 99.6, 99.4, 99.5), "LONG", (25, 99.5, "SL_HIT", False)),  # opened beyond 99.85
        ((99.5, 100.4, 99.4, 99.5), "LONG", (25, 99.5, "SL_HIT", False)),  # the target came after
        ((99.9, 99.9, 99.4, 99.5), "LONG", (25, 99.85, "SL_HIT", False)),  # passed after the hole
        ((100.5, 100.6, 100.4, 100.5), "LONG", (25, 100.3, "TP_HIT", False)),  # a target gains nothing
        ((100.5, 100.6, 100.4, 100.5), "SHORT", (25, 100.5, "SL_HIT", False)),
    ],
)
def test_a_stop_passed_in_a_hole_fills_at_the_first_price_after_it(row, direction, expected):
    assert told(exit_of([STILL, STILL, None, None, row], direction=direction)) == expected


def test_a_stop_passed_between_candles_that_follow_one_another_fills_at_its_price():
    assert told(exit_of([STILL, STILL, (99.5, 99.6, 99.4, 99.5)])) == (15, 99.85, "SL_HIT", False)
    # The hole before the entry is none of the trade's.
    assert told(exit_of([STILL, None, (99.5, 99.6, 99.4, 99.5)], entry=10)) == (15, 99.85, "SL_HIT", False)
