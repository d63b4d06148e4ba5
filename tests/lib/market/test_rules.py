"""The base market: two candles, 0-5 still and 5-10 from 100 to 100.2; the 5-minute ribbon is all_green over both, the
15-minute one mixed_green, the shortest line 100.1. That is one LONG at minute 10.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contract import schema
from lib.market.rules import decide, entry_signals, gives_signal
from tests.builders import at, candles, decisions_until, known_until, random_market, samples

STILL = (100.0, 100.0, 100.0, 100.0)
GREEN_CANDLE = (100.0, 100.2, 100.0, 100.2)
RED_CANDLE = (100.4, 100.4, 100.2, 100.2)


def signals_of(
    last=GREEN_CANDLE, before="all_green", now="all_green", slow="mixed_green", line=100.1, rows=None, **more
):
    five = samples([(5, 100.0, before), (10, 100.2, now)], MMA10=50.0, MMA5=line)
    fifteen = samples([(10, 100.2, slow)])
    shown = candles([STILL, last] if rows is None else rows), five, fifteen
    found = entry_signals(*shown)
    assert gives_signal(*shown) == (len(found) > 0)
    return found


def directions(**change):
    return signals_of(**change)["direction"].tolist()


def test_the_base_market_is_one_long():
    found = signals_of()
    assert found["direction"].tolist() == ["LONG"]
    assert found["entry_time"].tolist() == [at(10)]
    assert found["entry_price"].tolist() == [100.2]
    assert (found["state_5min"][0], found["state_15min"][0]) == ("all_green", "mixed_green")
    assert not found["fresh"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"now": "mixed_green"},
        {"now": "unknown"},
        {"slow": "mixed_red"},
        {"slow": "all_red"},
        {"slow": "unknown"},
        {"line": 100.2},  # close > line, not >=
        {"line": 100.3},
        {"line": np.nan},
        {"last": RED_CANDLE},  # not fresh, and close < open
        {"last": (100.2, 100.3, 100.0, 100.2)},  # nor is close = open above it
    ],
)
def test_each_condition_of_a_long_is_needed(change):
    assert directions(**change) == []


@pytest.mark.parametrize("slow", ["all_green", "mixed_green", "mixed"])
def test_friendly_15_minute_states_of_a_long(slow):
    assert directions(slow=slow) == ["LONG"]


@pytest.mark.parametrize("before", ["mixed_green", "mixed", "mixed_red", "all_red"])
def test_a_fresh_flip_needs_no_green_candle(before):
    found = signals_of(last=RED_CANDLE, before=before)
    assert found["direction"].tolist() == ["LONG"]
    assert found["fresh"].tolist() == [True]


def test_an_unknown_state_before_is_no_flip():
    assert directions(last=RED_CANDLE, before="unknown") == []
    found = signals_of(before="unknown")
    assert (found["direction"].tolist(), found["fresh"].tolist()) == (["LONG"], [False])


RED = {"before": "all_red", "now": "all_red", "slow": "mixed_red", "last": RED_CANDLE, "line": 100.3}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ["SHORT"]),
        ({"slow": "all_red"}, ["SHORT"]),
        ({"slow": "mixed"}, ["SHORT"]),
        ({"last": GREEN_CANDLE, "before": "mixed"}, ["SHORT"]),
        ({"now": "mixed_red"}, []),
        ({"slow": "mixed_green"}, []),
        ({"slow": "all_green"}, []),
        ({"line": 100.2}, []),
        ({"line": 100.1}, []),
        ({"last": GREEN_CANDLE}, []),
    ],
)
def test_a_short_is_mirrored(change, expected):
    assert directions(**(RED | change)) == expected


def test_the_line_is_the_shortest():
    # The close, 100.2, is above MMA5 = 100.1 and below MMA10; the longer one comes first in the file.
    five = samples([(5, 100.0, "all_green"), (10, 100.2, "all_green")], MMA10=150.0, MMA5=100.1)
    assert len(entry_signals(candles([STILL, GREEN_CANDLE]), five, samples([(10, 1, "mixed")]))) == 1


def test_stale_or_unusable_ribbons_give_no_signal():
    shown = candles([STILL, GREEN_CANDLE])
    slow = samples([(10, 1, "mixed")])
    stale = samples([(4.9, 100, "all_green")], MMA5=100.1)
    frozen = samples([(5, 100, "all_green"), (10, 100, "all_green", "frozen")], MMA5=100.1)
    good = samples([(5, 100, "all_green"), (10, 100, "all_green")], MMA5=100.1)
    assert entry_signals(shown, stale, slow).empty
    assert entry_signals(shown, frozen, slow).empty
    assert entry_signals(shown, good, samples([(-5.1, 1, "mixed")])).empty
    assert len(entry_signals(shown, good, slow)) == 1
    assert entry_signals(shown, good.drop(columns="MMA5"), slow).empty


def test_a_sample_after_the_close_is_not_seen():
    five = samples([(5, 100.0, "all_green"), (10, 100.2, "all_green"), (10.1, 100, "mixed")], MMA5=100.1)
    assert len(
        entry_signals(candles([STILL, GREEN_CANDLE]), five, samples([(10, 1, "mixed"), (10.1, 1, "all_red")]))
    )


def test_no_history_no_signal_and_no_decision():
    assert entry_signals(candles([]), samples([]), samples([])).empty
    found = decide(samples([]), samples([]), candles([]))
    assert found.empty
    assert found.columns.tolist() == list(schema.DECISION_COLUMNS)
    assert decide(samples([(0, 1, "mixed")], MMA5=1.0), samples([]), candles([STILL])).empty


def test_candles_whose_samples_are_all_missing_give_no_signal():
    none = samples([(0, 1, "mixed")], MMA5=1.0).iloc[:0]
    assert entry_signals(candles([STILL, GREEN_CANDLE]), none, none).empty


# ---- the decider

TEN_SECONDS = 1 / 6
ENTRY = 10 + TEN_SECONDS
FILL = 100.3 * 1.0001  # next sample's price, a buyer pays 0.01 % more: 100.31003
TARGET, STOP = FILL * 1.003, FILL * 0.9985  # 100.610960, 100.159565


def decided(after=(), rows=(), slow="mixed_green", before="all_green", second=STILL, ones=None):
    """Decisions of the base market, the sample at 10:10 at 100.3, and what comes after."""
    first = [(5, 100.0, before), (10, 100.2, "all_green"), (ENTRY, 100.3, "mixed_green")]
    five = samples([*first, *after], MMA5=100.1)
    shown = candles([second, GREEN_CANDLE, *rows])
    return decide(five, samples([(10, 100.2, slow)]), shown, ones)


def test_an_entry_is_filled_at_the_next_sample_with_slippage():
    row = decided().iloc[0]
    assert (row["timestamp"], row["entry_time"]) == (at(10), at(ENTRY))
    assert row["entry_price"] == pytest.approx(100.31003)
    assert row["target_price"] == pytest.approx(100.61096, abs=1e-5)
    assert row["stop_price"] == pytest.approx(100.159565, abs=1e-5)
    assert row["fees"] == pytest.approx(100.31003 * 0.0009)
    assert (row["direction"], row["executed"], row["size"]) == ("LONG", True, 1.0)
    assert (row["state_5min"], row["state_15min"], row["wick"]) == ("all_green", "mixed_green", "")
    assert (row["model"], row["regime"]) == ("rules", "UNKNOWN")


def test_an_open_trade_has_blank_exit_fields():
    row = decided().iloc[0]
    assert row["exit_reason"] == ""
    assert row[["exit_time", "exit_price", "pnl_pct", "net_pnl_pct"]].isna().all()


def test_a_target_fills_at_exactly_its_price_measured_from_the_fill():
    # 100.6 is 0.3 % above the sample, but not above the fill; 100.7 is.
    still = (100.3, 100.35, 100.25, 100.3)
    row = decided(rows=[still, (100.3, 100.6, 100.3, 100.3), (100.3, 100.7, 100.3, 100.4)]).iloc[0]
    assert (row["exit_reason"], row["exit_time"]) == ("TP_HIT", at(25))
    assert row["exit_price"] == pytest.approx(TARGET, abs=1e-9)
    assert row["pnl_pct"] == pytest.approx(0.3)
    assert row["net_pnl_pct"] == pytest.approx(0.21)  # fees 0.09


def test_a_stop_fills_at_exactly_its_price():
    row = decided(rows=[(100.3,) * 4, (100.3, 100.3, 99.0, 99.1)]).iloc[0]
    assert (row["exit_reason"], row["exit_time"]) == ("SL_HIT", at(20))
    assert row["exit_price"] == pytest.approx(STOP, abs=1e-9)
    assert row["net_pnl_pct"] == pytest.approx(-0.24)


def test_a_time_exit_pays_slippage():
    # entry 10:10 + 45 min: the close at minute 60; 100.4 sold at 100.4 * 0.9999 = 100.38996
    row = decided(rows=[(100.3, 100.4, 100.3, 100.4)] * 10).iloc[0]
    assert (row["exit_reason"], row["exit_time"]) == ("TIME_EXIT", at(60))
    assert row["exit_price"] == pytest.approx(100.38996)
    assert row["pnl_pct"] == pytest.approx((100.38996 / 100.31003 - 1) * 100)


def test_a_reversal_of_the_ribbon_ends_a_trade_at_its_sample():
    # the first all_red that is ok; 100.2 sold at 100.2 * 0.9999 = 100.18998
    after = [
        (11, 100.3, "all_red", "frozen"),
        (12, 100.2, "mixed_red"),
        (13, 100.2, "all_red"),
        (14, 1, "all_red"),
    ]
    row = decided(after=after, rows=[(100.3, 100.4, 100.2, 100.4)] * 10).iloc[0]
    assert (row["exit_reason"], row["exit_time"]) == ("RIBBON_REVERSAL", at(13))
    assert row["exit_price"] == pytest.approx(100.18998)


def test_a_reversal_after_the_exit_changes_nothing():
    rows = [(100.3,) * 4, (100.3, 100.7, 100.3, 100.4), (100.4,) * 4]
    row = decided(after=[(22, 100.2, "all_red")], rows=rows).iloc[0]
    assert (row["exit_reason"], row["exit_time"]) == ("TP_HIT", at(20))
    # at one instant the standing order was first
    assert decided(after=[(20, 100.2, "all_red")], rows=rows)["exit_reason"].tolist() == ["TP_HIT"]


def test_a_stop_that_a_sample_has_shown_is_before_a_later_reversal():
    # The stop lies at 100.159565; the sample at 16 is below it, inside the candle that closes at 20.
    rows = [(100.3,) * 4, (100.3, 100.3, 99.0, 100.3), *[(100.3,) * 4] * 9]
    shown = decided(after=[(16, 99.0, "mixed"), (17, 100.29, "all_red")], rows=rows).iloc[0]
    assert (shown["exit_reason"], shown["exit_time"]) == ("SL_HIT", at(20))
    # The same reversal with the stop touched after it: the reversal comes first.
    later = decided(after=[(17, 100.29, "all_red"), (18, 99.0, "mixed")], rows=rows).iloc[0]
    assert (later["exit_reason"], later["exit_time"]) == ("RIBBON_REVERSAL", at(17))


def test_a_price_of_another_venue_is_no_fill_and_no_reversal():
    assert decided()["entry_price"].tolist() == pytest.approx([100.31003])
    five = samples(
        [
            (5, 100, "all_green"),
            (10, 100.2, "all_green"),
            (11, 50.0, "all_red", "venue_mismatch"),
            (12, 100.2, "all_green"),
        ],
        MMA5=100.1,
    )
    row = decide(five, samples([(10, 100, "mixed")]), candles([STILL, GREEN_CANDLE])).iloc[0]
    assert (row["entry_time"], row["exit_reason"]) == (at(12), "")
    assert row["entry_price"] == pytest.approx(100.2 * 1.0001)


def test_a_short_sells_below_and_buys_above():
    five = samples(
        [(5, 100, "all_red"), (10, 100.2, "all_red"), (11, 100.0, "all_red"), (12, 99.9, "all_green")],
        MMA5=101,
    )
    row = decide(five, samples([(10, 100, "mixed_red")]), candles([STILL, RED_CANDLE])).iloc[0]
    # entry 100 * 0.9999, exit 99.9 * 1.0001
    assert row["entry_price"] == pytest.approx(99.99)
    assert (row["target_price"], row["stop_price"]) == (pytest.approx(99.69003), pytest.approx(100.139985))
    assert (row["exit_reason"], row["exit_price"]) == ("RIBBON_REVERSAL", pytest.approx(99.90999))
    assert row["pnl_pct"] == pytest.approx((99.99 - 99.90999) / 99.99 * 100)


WICK = (100.0, 100.0, 99.6, 100.0)


@pytest.mark.parametrize("slow", [0, 1])
@pytest.mark.parametrize("fresh", [0, 1])
@pytest.mark.parametrize("wick", [0, 1])
def test_confidence_is_060_and_010_for_each_sign(slow, fresh, wick):
    row = decided(
        slow="all_green" if slow else "mixed",
        before="mixed" if fresh else "all_green",
        second=WICK if wick else STILL,
    ).iloc[0]
    assert row["confidence"] == [0.6, 0.7, 0.8, 0.9][slow + fresh + wick]
    assert row["wick"] == ("WICK_DOWN" if wick else "")


def test_a_wick_against_the_direction_or_a_breakout_adds_nothing():
    assert decided(second=(100.0, 100.4, 100.0, 100.0))["confidence"].tolist() == [0.6]
    # candles 0-20 at 100, then a close at 100.2 >= 100.15: a breakout, and the LONG at minute 25
    five = samples([(20, 100, "all_green"), (25, 100.2, "all_green"), (26, 100.2, "mixed")], MMA5=100.1)
    found = decide(five, samples([(25, 1, "mixed")]), candles([STILL] * 4 + [GREEN_CANDLE]))
    assert found[["confidence", "wick"]].to_numpy().tolist() == [[0.6, ""]]


def test_the_first_sample_after_the_signal_is_the_one():
    # The sample at minute 10 itself was known with the signal; the entry takes the one after.
    assert decided()["entry_time"].tolist() == [at(ENTRY)]
    five = samples([(5, 100.0, "all_green"), (10, 100.2, "all_green")], MMA5=100.1)
    assert decide(five, samples([(10, 1, "mixed")]), candles([STILL, GREEN_CANDLE])).empty


@pytest.mark.parametrize(("minute", "entered"), [(15, 1), (15.01, 0)])
def test_a_signal_does_not_wait_over_a_gap(minute, entered):
    five = samples([(5, 100.0, "all_green"), (10, 100.2, "all_green"), (minute, 100.2, "mixed")], MMA5=100.1)
    assert len(decide(five, samples([(10, 1, "mixed")]), candles([STILL, GREEN_CANDLE]))) == entered


def busy(closes_of_trades):
    """A market with a LONG signal at every close from minute 10 on; ribbon reversals at the minutes given."""
    beat = [
        (5.0 * place + offset, 100.2, "all_green") for place in range(1, 13) for offset in (0, TEN_SECONDS)
    ]
    reversals = [(minute, 100.2, "all_red") for minute in closes_of_trades]
    five = samples(sorted([*beat, *reversals]), MMA5=100.1)
    slow = samples([(5.0 * place, 100.2, "all_green") for place in range(1, 13)])
    found = decide(five, slow, candles([STILL, *[(100.19, 100.2, 100.19, 100.2)] * 11]))
    return [(moment - at(0)).total_seconds() / 60 for moment in found["timestamp"]]


def test_entries_are_twenty_minutes_apart_and_blocked_signals_leave_no_row():
    # Closed at once each time: the entries at 10:10, 30:10 and 50:10 are just 20 minutes apart.
    assert busy([11, 31, 51]) == [10, 30, 50]


def test_one_position_at_a_time():
    # The first trade runs until 37: signals at 30 and 35 are blocked, that at 40 is taken and stays open.
    assert busy([37]) == [10, 40]
    assert busy([]) == [10, 60]  # time exit at 60, and the next signal there


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), gaps=st.integers(0, 3), until=st.integers(60, 710))
def test_what_was_decided_by_an_instant_rests_on_nothing_later(seed, gaps, until):
    market, minutes = random_market(seed, gaps=gaps), until / 2
    early = known_until(market, minutes)
    rewritten = random_market(seed + 1)

    def log(five, fifteen, fives, ones):
        found = decisions_until(decide(five, fifteen, fives, ones), minutes)
        return found[found["entry_time"] <= at(minutes)].reset_index(drop=True)

    def then(now, later):
        return pd.concat([now, later.loc[later.index >= at(minutes + 0.01), now.columns]])

    known = log(early.samples_5min, early.samples_15min, early.candles_5min, early.candles_1min)
    whole = log(market.samples_5min, market.samples_15min, market.candles_5min, market.candles_1min)
    other = log(
        then(early.samples_5min, rewritten.samples_5min),
        then(early.samples_15min, rewritten.samples_15min),
        then(early.candles_5min, rewritten.candles_5min),
        then(early.candles_1min, rewritten.candles_1min),
    )
    pd.testing.assert_frame_equal(known, whole)
    pd.testing.assert_frame_equal(known, other)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), gaps=st.integers(0, 3))
def test_trades_of_the_decider_keep_its_rules(seed, gaps):
    market = random_market(seed, gaps=gaps)
    log = decide(market.samples_5min, market.samples_15min, market.candles_5min, market.candles_1min)
    assert log["executed"].all()
    assert log["decision_id"].is_unique
    assert (log["entry_time"].diff().dropna() >= pd.Timedelta(minutes=20)).all()
    free = log["exit_time"].shift().iloc[1:]
    assert (log["timestamp"].iloc[1:] >= free).all()
    assert (log["entry_time"] > log["timestamp"]).all()
    assert (log["exit_time"].dropna() > log["entry_time"][log["exit_time"].notna()]).all()
    assert set(log["confidence"]) <= {0.6, 0.7, 0.8, 0.9}
    assert set(log["exit_reason"]) <= {"TP_HIT", "SL_HIT", "TIME_EXIT", "RIBBON_REVERSAL", ""}
    assert (log["exit_reason"] == "").iloc[:-1].sum() == 0  # only the last may be open


def test_random_markets_make_decisions_of_every_kind():
    logs = [
        decide(m.samples_5min, m.samples_15min, m.candles_5min, m.candles_1min)
        for m in map(random_market, range(12))
    ]
    log = pd.concat(logs)
    assert set(log["exit_reason"]) >= {"TP_HIT", "SL_HIT", "RIBBON_REVERSAL"}
    assert set(log["direction"]) == {"LONG", "SHORT"}
