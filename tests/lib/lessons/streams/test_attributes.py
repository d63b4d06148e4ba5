from __future__ import annotations

import pytest

from lib.lessons.hypotheses import QUESTIONS, THRESHOLDS
from lib.lessons.streams.attributes import group_words
from lib.lessons.streams.models import FAMILIES, Candidate
from lib.market.setups import SetupReadings
from tests.builders import candles, flat, samples, window
from tests.lib.lessons.streams.made import us


def described(trades, seen):
    return group_words(trades, SetupReadings.of(seen.candles_5min, seen.samples_5min, seen.samples_15min))


def words(fast="all_green", slow="all_green", shown=None, minute=130.0, direction="LONG", **said):
    ribbons = [samples([(place, 100.0, state) for place in range(200)]) for state in (fast, slow)]
    seen = window(flat(40) if shown is None else shown, *ribbons, end=200)
    (found,) = described([Candidate(us(minute), None, direction, "t", words=said)], seen)
    return found


def test_every_family_of_every_stream_gets_its_word():
    assert words(confidence=0.9, kind="WICK_DOWN_LONG", hold="30") == {
        "all": "trades",
        "direction": "LONG",
        "band": "high",
        "pattern": "all_green",
        "wick": "absent",
        "timeframes": "agree",
        "regime": "RANGING_QUIET_LONG",
        "setup": "LONG_BOTH_GREEN",
        "kind": "WICK_DOWN_LONG",
        "hold": "30",
        **dict.fromkeys(THRESHOLDS, "up"),
    }
    found = {name for stream, names in FAMILIES.items() if stream != QUESTIONS for name in names}
    assert set(words()) == found  # which question was asked no row of the data can say


@pytest.mark.parametrize(
    ("confidence", "band"),
    [(0.85, "high"), (0.8499, "medium"), (0.75, "medium"), (0.7499, "low"), (0.6 + 0.1 + 0.15, "high")],
)
def test_the_bands(confidence, band):
    assert words(confidence=confidence)["band"] == band


def test_without_a_confidence_there_is_no_band():
    assert words()["band"] == words(confidence=float("nan"))["band"] == ""


@pytest.mark.parametrize(
    ("fast", "slow", "group"),
    [
        ("all_green", "mixed_green", "agree"),
        ("mixed_red", "all_red", "agree"),
        ("all_green", "all_red", "apart"),
        ("mixed", "all_red", "apart"),
        ("mixed", "mixed", "apart"),
        ("unknown", "all_red", ""),
        ("all_red", "unknown", ""),
    ],
)
def test_whether_the_timeframes_agree(fast, slow, group):
    assert words(fast, slow)["timeframes"] == group


def test_an_unknown_state_is_no_pattern_and_an_unknown_regime_none():
    assert words("unknown")["pattern"] == ""
    assert words(minute=60.0)["regime"] == ""  # 24 candles have closed by minute 120 only


def test_a_wick_before_the_entry_is_present_whatever_its_kind_is_called():
    down = candles([(100.0,) * 4] * 25 + [(100.0, 100.0, 99.6, 100.0)] + [(100.0,) * 4] * 10)
    assert words(shown=down)["wick"] == "present"
    assert words(shown=down)["setup"] == "LONG_WICK_DOWN_BOTH_GREEN"
    assert words(shown=down, direction="SHORT")["wick"] == "absent"


def test_a_logged_state_stands_in_only_where_there_is_no_sample():
    (found,) = described(
        [Candidate(us(130), None, "LONG", "t", words={"state_5min": "All_Red", "state_15min": "<b>"})],
        window(flat(40), end=200),
    )
    assert (found["pattern"], found["timeframes"]) == ("all_red", "")
    assert words("mixed", state_5min="all_red")["pattern"] == "mixed"


def test_a_log_without_ribbons_and_candles_is_in_no_group_that_they_tell():
    trades = [
        Candidate(us(minute), None, direction, "t", words={"confidence": 0.8})
        for minute in (20, 130)
        for direction in ("LONG", "SHORT")
    ]
    for found in described(trades, window(end=200)):
        assert (found["wick"], found["setup"], found["pattern"], found["timeframes"]) == ("",) * 4
        assert (found["regime"], found["all"], found["band"]) == ("", "trades", "medium")
    # Candles alone tell of wicks, and of no setup.
    for found in described(trades, window(flat(40), end=200)):
        assert (found["wick"], found["setup"]) == ("absent", "")


def test_where_candles_are_missing_a_wick_is_neither_present_nor_absent():
    rows = [(100.0,) * 4] * 40
    missing = candles([None if place == 23 else row for place, row in enumerate(rows)])  # 115-120
    assert (words(shown=missing)["wick"], words(shown=missing)["setup"]) == ("", "")
    assert words(shown=missing, minute=140.0)["wick"] == "absent"


def test_a_ribbon_that_was_not_sampled_at_the_entry_is_in_no_setup():
    # Samples are a minute apart and end at 199: two minutes later a state is known, then not.
    assert words(shown=flat(50), minute=201.0)["setup"] == "LONG_BOTH_GREEN"
    late = words(shown=flat(50), minute=201.1)
    assert (late["setup"], late["pattern"], late["timeframes"], late["wick"]) == ("", "", "", "absent")


def test_no_trades_no_words():
    assert described([], window()) == []
