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
_, BG, BR, G5, R5, G15, R15, MT, NO = "MIXED", *ALIGNMENTS[1:7], ALIGNMENTS[0], "UNKNOWN"
TABLE = {
    #               all_green  mixed_green mixed mixed_red all_red unknown
    "all_green": (BG, G5, G5, MT, MT, NO),
    "mixed_green": (G15, _, _, MT, MT, NO),
    "mixed": (G15, _, _, _, R15, NO),
    "mixed_red": (MT, MT, _, _, R15, NO),
    "all_red": (MT, MT, R5, R5, BR, NO),
    "unknown": (NO, NO, NO, NO, NO, NO),
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
    """Of an entry `minute` minutes after the first of the rows opened; three still candles come before them."""
    shown = candles([STILL] * 3 + list(rows), start=-15)
    return triggers_at(times([minute]), np.array([direction], dtype=object), shown)[0]


@pytest.mark.parametrize(
    ("minute", "expected"),
    # the wick's candle, 0-5, closes at 5: it triggers from then on until 10 minutes later, inclusive
    [(4.99, "UNKNOWN"), (5, "WICK_DOWN"), (7, "WICK_DOWN"), (15, "WICK_DOWN"), (15.01, "")],
)
def test_a_wick_triggers_for_ten_minutes(minute, expected):
    assert trigger("LONG", minute, [WICK_DOWN, STILL, STILL, STILL]) == expected


def test_only_a_wick_of_the_own_direction_triggers():
    assert trigger("LONG", 5, [WICK_UP]) == ""
    assert trigger("SHORT", 5, [WICK_DOWN]) == ""
    assert trigger("SHORT", 5, [WICK_UP]) == "WICK_UP"
    both = (100.0, 100.4, 99.6, 100.0)
    assert (trigger("LONG", 5, [both]), trigger("SHORT", 5, [both])) == ("WICK_DOWN", "WICK_UP")


# The last closed candle at 20 is 15-20; with the three before it, 0-5 to 10-15, it is all that a trigger needs.
FOUR = [STILL, STILL, STILL, STILL]


@pytest.mark.parametrize("missing", range(4))
@pytest.mark.parametrize("minute", [20, 22.5, 24.99])
def test_without_the_candles_it_needs_a_trigger_is_unknown(missing, minute):
    rows = [*FOUR[:missing], None, *FOUR[missing + 1 :]]
    assert trigger("LONG", minute, rows) == trigger("SHORT", minute, rows) == "UNKNOWN"
    assert trigger("LONG", minute, FOUR) == ""
    # A candle older than that is not asked for.
    assert trigger("LONG", minute + 5, [None, *FOUR]) == ""


def test_a_wick_that_is_there_is_known_whatever_else_is_missing():
    assert trigger("LONG", 20, [STILL, None, WICK_DOWN, STILL]) == "WICK_DOWN"
    assert trigger("SHORT", 20, [STILL, None, WICK_DOWN, STILL]) == "UNKNOWN"
    assert trigger("LONG", 20, [STILL, None, STILL, BREAK_UP]) == "UNKNOWN"


BREAK_UP = (100.0, 101.0, 100.0, 101.0)
BREAK_DOWN = (100.0, 100.0, 99.0, 99.0)


def test_a_breakout_triggers_in_its_direction_and_by_the_last_closed_candle():
    rows = [STILL, STILL, STILL, BREAK_UP, (101.0,) * 4]
    assert trigger("LONG", 20, rows) == "BREAKOUT"
    assert trigger("LONG", 24.9, rows) == "BREAKOUT"
    assert trigger("LONG", 25, rows) == ""  # the candle that closed last, 20-25, broke nothing
    assert trigger("LONG", 19.9, rows) == ""  # not closed yet
    assert trigger("LONG", 20, rows[:3]) == "UNKNOWN"  # nothing closed at 20
    assert trigger("SHORT", 20, rows) == ""
    assert trigger("SHORT", 20, [STILL, STILL, STILL, BREAK_DOWN]) == "BREAKOUT"
    assert trigger("LONG", 20, [STILL, STILL, STILL, BREAK_DOWN]) == ""


def test_a_wick_comes_before_a_breakout():
    assert trigger("LONG", 20, [STILL, STILL, WICK_DOWN, BREAK_UP]) == "WICK_DOWN"
    assert trigger("LONG", 20, [STILL, STILL, WICK_UP, (100.0, 101.0, 100.0, 101.0)]) == "BREAKOUT"


def test_without_candles_no_trigger_is_known():
    none = triggers_at(times([20]), np.array(["LONG"], dtype=object), candles([]))
    assert none.tolist() == ["UNKNOWN"]
    assert trigger("LONG", 500, [STILL, STILL, STILL, BREAK_UP]) == "UNKNOWN"
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
        fifteen=[(148, 100, "all_red"), (149.1, 100, "mixed_green"), (150.1, 100, "all_red")],
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
    found = described(
        entries([("LONG", 20, 1.0)]), five=[(20, 1, "all_green", quality)], fifteen=[(20, 1, "all_green")]
    )
    assert (found["state_5min"], found["state_15min"]) == ("unknown", "all_green")
    assert (found["alignment"], found["signature"]) == ("UNKNOWN", "UNKNOWN")


@pytest.mark.parametrize(
    ("sampled", "entry", "state"),
    [
        # every half minute: 30 s + 60 s after the last one, at 22, it is still known
        (np.arange(10, 22.1, 0.5), 23.5, "all_green"),
        (np.arange(10, 22.1, 0.5), 23.51, "unknown"),
        # every five minutes
        ((0, 5, 10, 15, 20), 26, "all_green"),
        ((0, 5, 10, 15, 20), 26.01, "unknown"),
        # after an outage the step is what it was, and one sample tells of none
        ((*np.arange(0, 5.1, 0.5), 30), 31.5, "all_green"),
        ((*np.arange(0, 5.1, 0.5), 30), 31.51, "unknown"),
        ((20,), 21, "all_green"),
        ((20,), 21.01, "unknown"),
        ((30,), 29, "unknown"),
    ],
)
def test_a_state_is_known_within_one_step_of_the_samples_and_a_minute(sampled, entry, state):
    shown = [(minute, 1, "all_green") for minute in sampled]
    for five, fifteen in ((shown, [(entry, 1, "all_green")]), ([(entry, 1, "all_green")], shown)):
        found = described(entries([("LONG", entry, 1.0)]), five=five, fifteen=fifteen)
        assert sorted({found["state_5min"], found["state_15min"]}) == sorted({"all_green", state})
        assert found["signature"] == ("UNKNOWN" if state == "unknown" else "LONG_BOTH_GREEN")


def test_without_ribbons_or_without_candles_every_signature_is_unknown():
    asked = entries([("LONG", 30, 1.0), ("SHORT", 60, 1.0)])
    known = samples([(30, 1, "mixed"), (60, 1, "mixed")])
    for shown, five, fifteen in (
        (flat(30), samples([]), known),
        (flat(30), known, samples([])),
        (candles([]), known, known),
    ):
        assert describe_entries(asked, shown, five, fifteen)["signature"].tolist() == ["UNKNOWN"] * 2
    whole = describe_entries(asked, flat(30), known, known)
    assert whole["signature"].tolist() == ["LONG_MIXED", "SHORT_MIXED"]


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
    assert (found["state_5min"], found["signature"]) == ("unknown", "UNKNOWN")


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
    assert set(found["signature"]) <= {*SIGNATURES, "UNKNOWN"}
    assert set(found["regime"]) <= set(REGIMES)
    assert found["signature"].value_counts().sum() == len(asked)
    unknown = (found["alignment"] == "UNKNOWN") | (found["trigger"] == "UNKNOWN")
    assert (unknown == (found["signature"] == "UNKNOWN")).all()
    known = found[~unknown]
    assert all(name.startswith(way) for name, way in zip(known["signature"], known["direction"], strict=True))


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
