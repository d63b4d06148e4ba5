"""The gate of the rule decider: a signal of the entry rule, once, at its candle's close; and the event gate at its bounds."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from runner.trade.clock import SetClock
from runner.trade.gate import EventGate, SignalGate
from runner.trade.known import CandleTable, MarketTables, SampleTable
from runner.trade.settings import GateSettings
from tests.builders import candles, samples
from tests.runner.trade.made import START_US, HandFeed, at_us

MINUTE = 60


def market(state="all_green", before="mixed", fifteen="all_green", close=100.0, line=99.0) -> MarketTables:
    """Two candles of five minutes; `state` is that at the second close, `before` that until then."""
    fives = candles([(99.9, 101, 99, 100), (99.9, 101, 99, close)])
    beats = [(minute / 2, 100.0, before) for minute in range(20)] + [(10.0, 100.0, state)]
    main = samples([*beats, (10.5, 100.0, state)], MMA5=line)
    other = samples([(row[0], 100.0, fifteen) for row in beats], MMA5=line)
    tables = {"5min": SampleTable("5min", main), "15min": SampleTable("15min", other)}
    return MarketTables(tables, {name: CandleTable(fives if name == "5min" else candles([])) for name in
                                 ("1min", "5min", "15min")})  # fmt: skip


def reasons(known: MarketTables, *ticks: float, blocked: bool = False) -> list[str]:
    """What the gate says at ticks, so many minutes after START."""
    gate, found = SignalGate(), []
    for minute in ticks:
        known.know(at_us(minute * MINUTE))
        found.append(gate.reason(known, blocked))
    return found


def test_a_signal_opens_it_once():
    assert reasons(market(), 5, 9.5, 10, 10.5) == ["", "", "signal", ""]
    assert reasons(market("all_red", fifteen="all_red", close=98.0), 5, 10) == ["", "signal"]


def test_the_first_candle_seen_one_while_blocked_and_an_old_one_open_nothing():
    assert reasons(market(), 10, 10.5) == ["", ""]
    assert reasons(market(), 5, 10, 10.5, blocked=True) == ["", "", ""]
    known = market()
    table = known.samples["5min"]
    for late, reason in ((15.0, "signal"), (15 + 1e-5, "")):
        table.load(samples([(late, 100.0, "all_green") if row == 10.5 else (row, 100.0, state) for row, state in
                            [(minute / 2, "mixed") for minute in range(20)] + [(10.0, "all_green"), (10.5, "")]],
                           MMA5=99.0))  # fmt: skip
        assert reasons(known, 5, late) == ["", reason]


def test_before_any_candle_there_is_no_first_one():
    known = market()
    known.candles["5min"].load(candles([(99.9, 101, 99, 100)], start=5))
    assert reasons(known, 5, 10) == ["", ""]  # that it closed now nobody can tell from one that did long ago


def test_the_first_sample_of_all_may_give_one():
    known = market()
    known.samples["5min"].load(samples([(10.0, 100.0, "all_green"), (10.5, 100.0, "all_green")], MMA5=99.0))
    gate = SignalGate()
    gate._candle = 0  # it has seen a candle before
    known.know(at_us(10 * MINUTE))
    assert gate.reason(known, False) == "signal"


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "mixed"},
        {"state": "all_red"},
        {"fifteen": "all_red"},
        {"line": 101.0},
        {"before": "all_green", "close": 99.5},
    ],
)
def test_without_a_signal_it_stays_closed(fields):
    assert reasons(market(**fields), 5, 10) == ["", ""]


def event_gate(**fields: float) -> tuple[EventGate, HandFeed]:
    return EventGate(GateSettings(**({"every_minutes": 10, "least_seconds": 60} | fields))), HandFeed(
        SetClock(START_US), [0]
    )


def test_a_flip_is_a_reason_after_exactly_the_least_time():
    gate, feed = event_gate()
    gate.note_request(at_us(0))
    gate.reason(feed.known, False)
    for second, reason in ((30, ""), (59.999999, ""), (60, "flip")):
        feed.give(second, 100.0, "all_red")
        assert gate.reason(feed.known, False) == reason
    gate.note_request(at_us(60))
    feed.give(659.999999, 100.0, "all_red")
    assert gate.reason(feed.known, False) == ""
    feed.give(660, 100.0, "all_red")
    assert gate.reason(feed.known, False) == "interval"


def test_a_wick_is_a_reason_for_ten_minutes_after_its_close():
    for second, reason in ((1_200, "wick"), (1_200.000001, "")):
        gate, feed = event_gate(every_minutes=1_000)
        gate.note_request(at_us(0))
        for beat in range(310, 610, 10):
            feed.give(beat, 99.5 if beat == 430 else 100.0)
        gate.reason(feed.known, False)
        feed.give(600, 100.0)
        assert gate.reason(feed.known, False) == "wick"
        known = SimpleNamespace(at=at_us(second), samples={}, candles=feed.known.candles)
        assert gate.reason(known, False) == reason
        gate.note_request(at_us(second))
        known.at += 10**9
        assert gate.reason(known, False) == ""


def test_a_request_of_a_clock_that_was_ahead_silences_nobody():
    gate, feed = event_gate()
    gate.note_request(at_us(10**6))
    for second, reason in ((10, ""), (600, ""), (610, "interval")):
        feed.give(second, 100.0)
        assert gate.reason(feed.known, False) == reason
