"""When the decider is asked: flip, wick, position event, and otherwise every few minutes."""

from __future__ import annotations

from lib.data.loaders import empty_candles
from runner.trade.clock import SetClock
from runner.trade.gate import EventGate
from runner.trade.known import CandleTable, MarketTables, SampleTable
from runner.trade.settings import GateSettings
from tests.builders import samples
from tests.runner.trade.made import START_US, HandFeed

SETTINGS = GateSettings(every_minutes=10, least_seconds=60)


def reasons(rows, settings=SETTINGS, asks=True):
    """(second, price, state) rows → (second, reason) of the ticks that open the gate."""
    feed, gate, found = HandFeed(SetClock(START_US)), EventGate(settings), []
    for second, price, state in rows:
        feed.give(second, price, state)
        if reason := gate.reason(feed.known, False):
            found.append((second, reason))
            if asks:
                gate.note_request(feed.known.at)
    return found


def beats(first, last, state="mixed", price=100.0):
    return [(second, price, state) for second in range(first, last, 10)]


def test_without_events_it_opens_at_intervals():
    assert reasons(beats(0, 1_300)) == [(0, "interval"), (600, "interval"), (1_200, "interval")]


def test_a_flip_opens_it_once():
    rows = beats(0, 100) + beats(100, 400, "all_green")
    assert reasons(rows) == [(0, "interval"), (100, "flip")]


def test_a_flip_too_soon_after_a_call_waits_and_is_dropped_if_it_is_over():
    assert reasons(beats(0, 30) + beats(30, 200, "all_red")) == [(0, "interval"), (60, "flip")]
    assert reasons(beats(0, 30) + beats(30, 50, "all_red") + beats(50, 200)) == [(0, "interval")]


def test_a_flip_that_nobody_was_asked_about_stays_a_reason():
    rows = beats(0, 100) + beats(100, 150, "all_green")
    assert reasons(rows, asks=False)[-1] == (140, "flip")


def test_after_an_unknown_state_there_is_no_flip():
    rows = [*beats(0, 100, "unknown"), *beats(100, 300, "all_green")]
    assert reasons(rows) == [(0, "interval")]


def test_a_chart_of_which_no_row_is_known_yet_flips_at_none():
    later = samples([(1, 100.0, "all_red"), (2, 100.0, "all_green")], MMA5=[1.0, 2.0])
    main = samples([(minute, 100.0, "mixed") for minute in range(3)], MMA5=[1.0, 2.0, 3.0])
    tables = {"5min": SampleTable("5min", main), "15min": SampleTable("15min", later)}
    known = MarketTables(tables, {name: CandleTable(empty_candles()) for name in ("1min", "5min", "15min")})
    gate, found = EventGate(GateSettings(every_minutes=10, least_seconds=0.001), START_US), []
    for minute in range(3):
        known.know(START_US + minute * 60_000_000)
        found.append(gate.reason(known, False))
    assert found == ["", "", "flip"]


def test_a_wick_opens_it():
    dip = [(second, 99.5 if second == 430 else 100.0, "mixed") for second in range(310, 700, 10)]
    assert reasons(beats(0, 310) + dip) == [(0, "interval"), (600, "wick")]


def test_a_position_event_opens_it():
    feed, gate = HandFeed(SetClock(START_US)), EventGate(SETTINGS)
    for second in range(0, 200, 10):
        feed.give(second, 100.0)
        if second == 150:
            gate.note("fill")
        reason = gate.reason(feed.known, False)
        assert reason == {0: "interval", 150: "position"}.get(second, "")
        if reason:
            gate.note_request(feed.known.at)


def test_a_restart_remembers_when_it_asked_last():
    feed = HandFeed(SetClock(START_US), [600])
    assert EventGate(SETTINGS, START_US + 100 * 1_000_000).reason(feed.known, False) == ""
    assert EventGate(SETTINGS, START_US).reason(feed.known, False) == "interval"
