from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contract.schema import ALIGNMENTS, REGIMES, SIGNATURES, STATES
from lib.market.setups import alignment, breakouts, describe_entries, triggers_at
from tests.builders import at, candles, closes, entries, flat, known_until, random_market, samples, times

STILL = (100.0, 100.0, 100.0, 100.0)
WICK_DOWN = (100.0, 100.0, 99.6, 100.0)
WICK_UP = (100.0, 100.4, 100.0, 100.0)

# Rows: the 5-minute state; columns: the 15-minute state. Short for the eight alignments.
_, BG, BR, G5, R5, G15, R15, MT = "MIXED", *ALIGNMENTS[1:7], ALIGNMENTS[0]
TABLE = {
    #               all_green  mixed_green mixed mixed_red all_red unknown
    "all_green": (BG, G5, G5, MT, MT, G5),
    "mixed_green": (G15, _, _, MT, MT, _),
    "mixed": (G15, _, _, _, R15, _),
    "mixed_red": (MT, MT, _, _, R15, _),
    "all_red": (MT, MT, R5, R5, BR, R5),
    "unknown": (G15, _, _, _, R15, _),
}


@pytest.mark.parametrize("state_5min", STATES)
def test_alignment_of_every_pair_of_states(state_5min):
    assert tuple(alignment(state_5min, state_15min) for state_15min in STATES) == TABLE[state_5min]


def test_alignments_are_named_as_defined():
    assert ALIGNMENTS == (
        "MIXED_TIMEFRAMES",
        "BOTH_GREEN",
        "BOTH_RED",
        "ALL_GREEN_5MIN",
        "ALL_RED_5MIN",
        "ALL_GREEN_15MIN",
        "ALL_RED_15MIN",
        "MIXED",
    )


def test_signatures_are_all_there_and_each_once():
    # 2 directions x 3 triggers (own wick, breakout, none) x 8 alignments
    assert len(SIGNATURES) == len(set(SIGNATURES)) == 48
    assert "LONG_WICK_DOWN_BOTH_GREEN" in SIGNATURES
    assert "SHORT_MIXED" in SIGNATURES
    assert "LONG_WICK_UP_BOTH_GREEN" not in SIGNATURES


# ---- breakouts


def test_breakout_needs_00015_beyond_the_extreme_of_three():
    # 100 * 1.0015 = 100.15, and 100 * 0.9985 = 99.85
    up = [breakouts(closes([100, 100, 100, last]))["breakout_up"].iloc[-1] for last in (100.149, 100.15, 101)]
    assert up == [False, True, True]
    down = [
        breakouts(closes([100, 100, 100, last]))["breakout_down"].iloc[-1] for last in (99.851, 99.85, 99)
    ]
    assert down == [False, True, True]


def test_breakout_beats_highs_not_closes_and_only_the_last_three():
    high = (100.0, 103.0, 100.0, 100.0)
    last = (100.0, 103.1, 100.0, 103.0)  # above 100.15, below 103 * 1.0015 = 103.1545
    assert not breakouts(candles([STILL, high, STILL, STILL, last][1:]))["breakout_up"].iloc[-1]
    assert breakouts(candles([high, STILL, STILL, STILL, last]))["breakout_up"].iloc[-1]
    # its own high is not one of the three
    assert breakouts(candles([STILL, STILL, STILL, (100, 150, 100, 101)]))["breakout_up"].iloc[-1]


def test_no_breakout_before_three_candles_or_across_a_gap():
    assert breakouts(closes([100, 100, 102]))["breakout_up"].tolist() == [False] * 3
    assert breakouts(closes([100, 100, 100, None, 102]))["breakout_up"].tolist() == [False] * 4
    assert breakouts(closes([100, None, 100, 100, 102]))["breakout_up"].tolist() == [False] * 4


# ---- triggers


def trigger(direction, minute, rows):
    return triggers_at(times([minute]), np.array([direction], dtype=object), candles(rows))[0]


@pytest.mark.parametrize(
    ("minute", "expected"),
    # the wick's candle, 0-5, closes at 5: it triggers from then on until 10 minutes later, inclusive
    [(4.99, ""), (5, "WICK_DOWN"), (7, "WICK_DOWN"), (15, "WICK_DOWN"), (15.01, "")],
)
def test_a_wick_triggers_for_ten_minutes(minute, expected):
    assert trigger("LONG", minute, [WICK_DOWN, STILL, STILL, STILL]) == expected


def test_only_a_wick_of_the_own_direction_triggers():
    assert trigger("LONG", 5, [WICK_UP]) == ""
    assert trigger("SHORT", 5, [WICK_DOWN]) == ""
    assert trigger("SHORT", 5, [WICK_UP]) == "WICK_UP"
    both = (100.0, 100.4, 99.6, 100.0)
    assert (trigger("LONG", 5, [both]), trigger("SHORT", 5, [both])) == ("WICK_DOWN", "WICK_UP")


BREAK_UP = (100.0, 101.0, 100.0, 101.0)
BREAK_DOWN = (100.0, 100.0, 99.0, 99.0)


def test_a_breakout_triggers_in_its_direction_and_by_the_last_closed_candle():
    rows = [STILL, STILL, STILL, BREAK_UP, (101.0,) * 4]
    assert trigger("LONG", 20, rows) == "BREAKOUT"
    assert trigger("LONG", 24.9, rows) == "BREAKOUT"
    assert trigger("LONG", 25, rows) == ""  # the candle that closed last, 20-25, broke nothing
    assert trigger("LONG", 19.9, rows) == ""  # not closed yet
    assert trigger("SHORT", 20, rows) == ""
    assert trigger("SHORT", 20, [STILL, STILL, STILL, BREAK_DOWN]) == "BREAKOUT"
    assert trigger("LONG", 20, [STILL, STILL, STILL, BREAK_DOWN]) == ""


def test_a_wick_comes_before_a_breakout():
    assert trigger("LONG", 20, [STILL, STILL, WICK_DOWN, BREAK_UP]) == "WICK_DOWN"
    assert trigger("LONG", 20, [STILL, STILL, WICK_UP, (100.0, 101.0, 100.0, 101.0)]) == "BREAKOUT"


def test_no_candles_no_trigger():
    assert trigger("LONG", 20, []) == ""
    assert trigger("LONG", 500, [STILL, STILL, STILL, BREAK_UP]) == ""
    assert len(triggers_at(times([]), np.array([], dtype=object), candles([STILL]))) == 0


# ---- entries


def described(asked, shown=None, five=(), fifteen=()):
    return describe_entries(
        asked, flat(30) if shown is None else shown, samples(five), samples(fifteen)
    ).iloc[0]


def test_an_entry_is_described_as_known_then():
    found = described(
        entries([("LONG", 150, 100.0)]),
        five=[(149, 100, "all_green"), (150.1, 100, "all_red")],
        fifteen=[(140, 100, "mixed_green"), (150.1, 100, "all_red")],
    )
    assert (found["state_5min"], found["state_15min"]) == ("all_green", "mixed_green")
    assert (found["trigger"], found["alignment"]) == ("", "ALL_GREEN_5MIN")
    assert found["signature"] == "LONG_ALL_GREEN_5MIN"
    assert found["regime"] == "RANGING_QUIET"  # 30 flat candles


def test_a_signature_names_direction_trigger_and_alignment():
    shown = candles([STILL] * 29 + [WICK_UP])
    found = described(entries([("SHORT", 151, 100.0)]), shown, [(150, 1, "all_red")], [(150, 1, "all_red")])
    assert found["signature"] == "SHORT_WICK_UP_BOTH_RED"


@pytest.mark.parametrize("quality", ["frozen", "partial", "venue_mismatch"])
def test_a_sample_that_is_not_ok_tells_no_state(quality):
    found = described(entries([("LONG", 10, 1.0)]), five=[(10, 1, "all_green", quality)])
    assert (found["state_5min"], found["signature"]) == ("unknown", "LONG_MIXED")


def test_stale_samples_tell_no_state_each_by_its_own_candle():
    found = described(
        entries([("LONG", 20, 1.0)]), five=[(14.9, 1, "all_green")], fifteen=[(5, 1, "all_green")]
    )
    assert (found["state_5min"], found["state_15min"]) == ("unknown", "all_green")
    assert found["alignment"] == "ALL_GREEN_15MIN"


def test_the_regime_is_that_of_the_last_closed_candle_or_unknown():
    assert described(entries([("LONG", 114.9, 1.0)]))["regime"] == "UNKNOWN"  # 22 candles have closed
    assert described(entries([("LONG", 120, 1.0)]))["regime"] == "RANGING_QUIET"
    assert described(entries([("LONG", 400, 1.0)]))["regime"] == "UNKNOWN"
    assert described(entries([("LONG", 400, 1.0)]), candles([]))["regime"] == "UNKNOWN"


def test_a_logged_state_counts_where_no_sample_tells_one():
    asked = entries([("LONG", 10, 1.0), ("LONG", 40, 1.0)]).assign(
        state_5min=["all_red", "ALL_RED"], state_15min=["", "all_red"]
    )
    found = describe_entries(asked, flat(30), samples([(10, 1, "all_green")]), samples([]))
    assert found["state_5min"].tolist() == ["all_green", "all_red"]
    assert found["state_15min"].tolist() == ["unknown", "all_red"]


def test_a_logged_state_does_not_stand_in_for_a_frozen_sample():
    asked = entries([("LONG", 10, 1.0)]).assign(state_5min=["all_green"], state_15min=["all_green"])
    found = describe_entries(asked, flat(30), samples([(10, 1, "all_green", "frozen")]), samples([]))
    assert (found["state_5min"].item(), found["state_15min"].item()) == ("unknown", "all_green")


@pytest.mark.parametrize("logged", ["please_buy", "GREEN_ish", "mixed_blue"])
def test_a_logged_word_that_is_no_state_is_unknown(logged):
    asked = entries([("LONG", 10, 1.0)]).assign(state_5min=[logged], state_15min=["all_green"])
    found = described(asked)
    assert (found["state_5min"], found["signature"]) == ("unknown", "LONG_ALL_GREEN_15MIN")


def test_no_entries_can_be_described():
    found = describe_entries(entries([]), flat(30), samples([]), samples([]))
    assert found.empty
    assert {"trigger", "alignment", "signature", "regime"} <= set(found.columns)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    asked=st.lists(
        st.tuples(st.sampled_from(["LONG", "SHORT"]), st.integers(-20, 800)), min_size=1, max_size=30
    ),
)
def test_every_entry_has_one_signature_of_the_list(seed, asked):
    market = random_market(seed, gaps=2)
    frame = entries([(direction, half / 2, 100.0) for direction, half in asked])
    found = describe_entries(frame, market.candles_5min, market.samples_5min, market.samples_15min)
    assert set(found["signature"]) <= set(SIGNATURES)
    assert set(found["regime"]) <= set(REGIMES)
    assert found["signature"].value_counts().sum() == len(asked)
    starts = [name.startswith(way) for name, way in zip(found["signature"], found["direction"], strict=True)]
    assert all(starts)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), minutes=st.integers(30, 350))
def test_a_description_rests_on_nothing_later(seed, minutes):
    market = random_market(seed, gaps=2)
    early = known_until(market, minutes)
    frame = entries(
        [(way, minute, 100.0) for minute in range(1, minutes + 1, 7) for way in ("LONG", "SHORT")]
    )
    now, later = (
        describe_entries(frame, seen.candles_5min, seen.samples_5min, seen.samples_15min)
        for seen in (early, market)
    )
    pd.testing.assert_frame_equal(now, later)
    assert frame["entry_time"].max() <= at(minutes)
