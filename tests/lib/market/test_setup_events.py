from __future__ import annotations

import pytest

from lib.market.setup_events import setup_directions, setup_events
from lib.market.setups import SetupReadings
from tests.builders import at, candles, closes, known_until, random_market, samples

STILL = (100.0, 100.0, 100.0, 100.0)
WICK_DOWN, WICK_UP, WICKS = (100, 100, 99.6, 100), (100, 100.4, 100, 100), (100, 100.4, 99.6, 100)
BREAK_UP, BREAK_DOWN = (100, 101, 100, 101), (100, 100, 99, 99)


@pytest.mark.parametrize(
    ("last", "state", "expected"),
    [
        (STILL, "all_green", 1),  # a fresh flip: mixed a candle earlier
        (STILL, "all_red", -1),
        (STILL, "mixed_green", 0),
        (STILL, "unknown", 0),
        (WICK_DOWN, "all_red", 1),
        (WICK_UP, "all_green", -1),
        (WICKS, "all_green", 0),  # wicks both ways: none, whatever the ribbon says
        (BREAK_UP, "all_red", 1),
        (BREAK_DOWN, "all_green", -1),
        (
            (100, 101.5, 100, 101),
            "all_green",
            -1,
        ),  # closes at a breakout, but its wick up (0.495 %) comes first
        ((100, 100.4, 99.55, 99.8), "all_green", 1),  # body 100-99.8: down 0.25 %, up 0.4 % -> see below
    ],
)
def test_direction_of_a_setup(last, state, expected):
    if last == (100, 100.4, 99.55, 99.8):
        # up (100.4 - 100) / 99.8 = 0.4 % is a wick, down 0.25 % none; but 99.8 <= 99.85 is a breakout down
        expected = -1
    shown = candles([STILL, STILL, STILL, last])
    ribbon = samples([(15, 100, "mixed"), (20, 100, state)])
    assert setup_directions(shown, ribbon)[-1] == expected


def test_a_setup_sees_no_later_sample():
    assert setup_directions(candles([STILL]), samples([(4, 1, "mixed"), (5.1, 1, "all_green")])).tolist() == [
        0
    ]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("all_green", "all_green", 0),  # it only stays
        ("all_red", "all_green", 1),
        ("mixed", "all_red", -1),
        ("unknown", "all_green", 0),  # nobody knows what it was
        ("all_green", "mixed", 0),
    ],
)
def test_only_a_fresh_flip_is_an_event(before, now, expected):
    ribbon = samples([(15, 100, before), (20, 100, now)])
    assert setup_directions(candles([STILL] * 4), ribbon)[-1] == expected


def test_after_a_gap_there_is_no_flip():
    ribbon = samples([(9, 100, "mixed"), (20, 100, "all_green")])
    assert setup_directions(candles([STILL, STILL, None, STILL]), ribbon).tolist() == [0, 0, 0]


def events_of(shown, ribbon, slow):
    return setup_events(shown, ribbon, SetupReadings.of(shown, ribbon, slow))


def test_events_in_order_with_their_signatures():
    minutes = range(5, 40, 5)
    ribbon = samples([(minute, 100, "all_green" if minute in (25, 30) else "mixed") for minute in minutes])
    slow = samples([(minute, 100, "all_green") for minute in minutes])
    found = events_of(closes([100] * 6 + [99]), ribbon, slow)
    assert found[["row", "direction", "entry_price", "signature"]].to_numpy().tolist() == [
        [4, "LONG", 100.0, "LONG_BOTH_GREEN"],
        [6, "SHORT", 99.0, "SHORT_BREAKOUT_ALL_GREEN_15MIN"],
    ]
    assert found["entry_time"].tolist() == [at(25), at(35)]
    assert events_of(candles([]), samples([]), samples([])).empty


@pytest.mark.parametrize("seed", range(3))
def test_an_event_is_what_was_known_at_its_close(seed):
    market = random_market(seed)
    whole = setup_directions(market.candles_5min, market.samples_5min)
    early = known_until(market, 200)
    assert setup_directions(early.candles_5min, early.samples_5min).tolist() == whole[:40].tolist()
