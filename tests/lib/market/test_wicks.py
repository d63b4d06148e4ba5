from __future__ import annotations

import pandas as pd
import pytest

from lib.market.wicks import newest_wick, ribbon_dips, wick_entries, wicks
from tests.builders import at, candles, samples


def flags_of(*row):
    shown = wicks(candles([row])).iloc[0]
    return bool(shown["wick_down"]), bool(shown["wick_up"])


@pytest.mark.parametrize(
    ("low", "is_wick"),
    # body 100.2 -> 100, close 100: 0.3 % is a low of 99.7, 0.8 % one of 99.2, both inclusive
    [(99.71, False), (99.7, True), (99.5, True), (99.2, True), (99.19, False)],
)
def test_wick_down_within_its_limits(low, is_wick):
    assert flags_of(100.2, 100.3, low, 100.0) == (is_wick, False)


@pytest.mark.parametrize(
    ("high", "is_wick"), [(100.29, False), (100.3, True), (100.5, True), (100.8, True), (100.81, False)]
)
def test_wick_up_within_its_limits(high, is_wick):
    assert flags_of(99.8, high, 99.7, 100.0) == (False, is_wick)


def test_sizes_are_measured_from_the_body_in_percent_of_the_close():
    # body 100 -> 110: down (100 - 99.68) / 110 = 0.2909 % (0.32 % of the open); up (110.33 - 110) / 110 = 0.3 %
    shown = wicks(candles([(100, 110.33, 99.68, 110)])).iloc[0]
    assert shown["down_pct"] == pytest.approx(0.290909, abs=1e-6)
    assert shown["up_pct"] == pytest.approx(0.3)
    assert (bool(shown["wick_down"]), bool(shown["wick_up"])) == (False, True)
    # body 110 -> 100: down (100 - 99.68) / 100 = 0.32 %
    assert flags_of(110, 110.1, 99.68, 100) == (True, False)


def test_wicks_both_ways():
    assert flags_of(100, 100.4, 99.6, 100) == (True, True)


def test_other_limits():
    assert wicks(candles([(100, 100, 99.8, 100)]), band=(0.2, 0.25))["wick_down"].tolist() == [True]


# Two candles 0-5 and 5-10; the ribbon 100-101 as it stood at minute 5.
BEFORE = (100.5, 100.5, 100.5, 100.5)
LINES = {"MMA5": [101.0, 90.0], "MMA10": [100.0, 80.0]}
STOOD = [(5, 100.5, "all_green"), (10, 100.2, "all_green")]


def dips_of(*row, rows=(BEFORE,), sampled=STOOD, lines=LINES):
    shown = ribbon_dips(candles([*rows, row]), samples(sampled, **lines)).iloc[-1]
    return bool(shown["dip_down"]), bool(shown["dip_up"])


@pytest.mark.parametrize(
    ("low", "close", "is_dip"),
    # close 100: 0.3 % below the lowest line, 100, is 99.7; 0.8 % is 99.2
    [
        (99.71, 100.0, False),
        (99.7, 100.0, True),
        (99.2, 100.0, True),
        (99.19, 100.0, False),
        (99.5, 99.99, False),  # not back inside
        (99.5, 102.0, True),
    ],
)
def test_ribbon_dip_down(low, close, is_dip):
    assert dips_of(100.5, 102, low, close)[0] is is_dip


@pytest.mark.parametrize(
    ("high", "close", "is_dip"),
    # close 101: 0.3 % above the highest line, 101, is 101.303; 0.8 % is 101.808
    [
        (101.302, 101, False),
        (101.303, 101, True),
        (101.808, 101, True),
        (101.809, 101, False),
        (101.5, 101.01, False),
    ],
)
def test_ribbon_dip_up(high, close, is_dip):
    assert dips_of(100.5, high, 100.4, close) == (False, is_dip)


def test_the_lines_are_those_of_the_previous_close():
    # Below the lines of minute 10 (80) nothing dips; below those of minute 5 it does.
    assert dips_of(100.5, 100.5, 99.5, 100.2) == (True, False)
    assert dips_of(100.5, 100.5, 99.5, 100.2, sampled=[(4.9, 1, "mixed"), (5.1, 1, "mixed")]) == (True, False)
    assert dips_of(100.5, 100.5, 99.5, 100.2, sampled=[(5.1, 1, "mixed"), (10, 1, "mixed")]) == (False, False)


def test_a_dip_goes_through_all_lines():
    # The low 99.5 lies 0.5 % below MMA5 = 100, but MMA10 = 99.4 is still under it.
    lines = {"MMA5": 100.0, "MMA10": 99.4}
    assert dips_of(100.5, 100.5, 99.5, 100.2, lines=lines) == (False, False)


@pytest.mark.parametrize("quality", ["frozen", "partial", "venue_mismatch"])
def test_a_ribbon_that_is_not_ok_shows_no_dip(quality):
    sampled = [(4, 100.5, "mixed"), (5, 100.5, "mixed", quality)]
    assert dips_of(100.5, 100.5, 99.5, 100.2, sampled=sampled) == (False, False)


def test_no_dip_across_a_gap_or_without_a_candle_before():
    assert dips_of(100.5, 100.5, 99.5, 100.2, rows=()) == (False, False)
    late = [(10, 100.5, "mixed"), (15, 1, "mixed")]
    assert dips_of(100.5, 100.5, 99.5, 100.2, rows=(BEFORE, None), sampled=late) == (False, False)
    assert dips_of(100.5, 100.5, 99.5, 100.2, rows=(BEFORE, BEFORE), sampled=late) == (True, False)


def test_no_dip_by_an_old_ribbon():
    assert dips_of(
        100.5, 100.5, 99.5, 100.2, rows=(BEFORE, BEFORE), sampled=[(4, 1, "mixed"), (20, 1, "mixed")]
    ) == (
        False,
        False,
    )


def test_no_dip_without_samples_lines_or_candles():
    assert not ribbon_dips(candles([BEFORE, (100.5, 100.5, 99.5, 100.2)]), samples([])).any(axis=None)
    assert not ribbon_dips(candles([BEFORE, (100.5, 100.5, 99.5, 100.2)]), samples(STOOD)).any(axis=None)
    assert ribbon_dips(candles([]), samples(STOOD, **LINES)).empty


def test_wick_entries_trade_each_wick_at_its_close_in_time_order():
    shown = candles([(100, 100.4, 100, 100), (100, 100, 99.6, 100.1), BEFORE, (100, 100.4, 99.6, 100)])
    found = wick_entries(wicks(shown), shown, "wick_down", "wick_up")
    assert found["direction"].tolist() == ["SHORT", "LONG", "LONG", "SHORT"]
    assert found["entry_time"].tolist() == [at(5), at(10), at(20), at(20)]
    assert found["entry_price"].tolist() == [100, 100.1, 100, 100]
    assert found["kind"].tolist() == ["wick_up", "wick_down", "wick_down", "wick_up"]


def test_no_wicks_no_entries():
    shown = candles([BEFORE])
    found = wick_entries(wicks(shown), shown, "wick_down", "wick_up")
    assert found.empty
    assert isinstance(found["entry_time"].dtype, pd.DatetimeTZDtype)


def test_the_newest_wick_counts_while_it_is_fresh_and_the_longer_one_of_two():
    down, up, none = (100.0, 100.0, 99.6, 100.0), (100.0, 100.5, 100.0, 100.0), (100.0, 100.0, 100.0, 100.0)
    both = (100.0, 100.5, 99.6, 100.0)
    assert newest_wick(candles([down, up, none]), at(0)) == "WICK_UP"
    assert newest_wick(candles([down, up, none]), at(10)) == "WICK_UP"
    assert newest_wick(candles([down, up, none]), at(11)) == ""
    assert newest_wick(candles([up, down]), at(0)) == "WICK_DOWN"
    assert newest_wick(candles([both]), at(0)) == "WICK_UP"
    assert newest_wick(candles([]), at(0)) == ""
