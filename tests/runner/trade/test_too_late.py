"""What comes too late enters nothing: one timeframe that stands still, orders behind a restart, a kill during the answer (L3, L4, L6)."""

from __future__ import annotations

import pytest

from lib.contract import schema
from runner.trade.events import read_events
from runner.trade.feed import SETTLE_S, LiveFeed
from runner.trade.guards import guard
from runner.trade.settings import TradeSettings
from tests.runner.trade.made import Script, at_us, enter, hand_loop, log_rows
from tests.runner.trade.test_feed import HEADER, TwoClocks, row


def add(folder, timeframe: str, second: float) -> None:
    path = folder / schema.SAMPLE_FILES[timeframe]
    with path.open("a") as file:
        file.write(("" if file.tell() else HEADER) + row(second))


@pytest.mark.parametrize("silent", ["5min", "15min"])
def test_one_timeframe_that_stands_still_closes_the_way(tmp_path, silent):
    """The other one stays fresh all the time, and its last row was good."""
    for name in schema.SAMPLE_FILES:
        add(tmp_path, name, 0)
    clock = TwoClocks(at_us(0))
    feed = LiveFeed(tmp_path, clock)
    codes = []
    (lively,) = set(schema.SAMPLE_FILES) - {silent}
    for second in range(10, 50, 10):
        clock.wait(10)
        add(tmp_path, lively, second)
        feed.poll()
        codes.append(guard(feed, TradeSettings(), ""))
    assert feed.age_s(lively) == pytest.approx(0.0)
    assert codes == ["", "", "stale", "stale"]


def test_a_tick_whose_15_minute_file_stands_still_asks_nobody(tmp_path):
    for name in schema.SAMPLE_FILES:
        add(tmp_path, name, 0)
    clock, decider, outcomes = TwoClocks(at_us(0)), Script(enter(), enter(), enter()), []
    with hand_loop(tmp_path, decider, clock=clock, feed=LiveFeed(tmp_path, clock)) as (loop, _):
        for second in (10, 20, 30):
            clock.wait(10 - SETTLE_S)
            add(tmp_path, "5min", second)
            assert loop.step() is None  # its 15-minute sample is waited for
            clock.wait(SETTLE_S)
            outcomes.append(loop.step().outcome)
    assert outcomes == ["asked", "asked", "stale"]  # the 15-minute sample is 10, 20 and 30 s old
    assert len(decider.views) == 2


@pytest.mark.parametrize(
    ("stamped", "seen", "kind"), [(59, 60, "fill"), (59, 60.1, "void"), (None, 60, ""), (None, 60.1, "void")]
)
def test_an_order_expires_by_the_wall_clock_behind_a_restart(tmp_path, stamped, seen, kind):
    """Its monotonic moment went with the process: a sample in time that is seen too late fills nothing, and none is needed to expire."""
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        feed.give(40, 100.0)
        assert loop.step().outcome == "asked"
    with hand_loop(tmp_path, Script(), feed=feed, clock=feed.clock) as (loop, _):
        if stamped is not None:
            feed.give(stamped, 100.0)
        feed.clock.at_us = at_us(seen)
        outcome = loop.silence() if stamped is None else loop.step()
        assert [event.kind for event in outcome.events] == ([kind] if kind else [])
        assert (loop.book.order is None) == bool(kind)
    assert [event.reason for event in read_events(tmp_path) if event.kind == "void"] == (
        ["expired"] if kind == "void" else []
    )


def test_the_rails_are_asked_again_when_the_answer_is_there(tmp_path):
    """The kill file came while the decider thought: the order is never made, not made and taken back."""

    class Slow(Script):
        def decide(self, view, deadline_s):
            (tmp_path / "KILL").touch()
            return super().decide(view, deadline_s)

    with hand_loop(tmp_path, Slow(enter())) as (loop, feed):
        feed.give(40, 100.0)
        outcome = loop.step()
        assert (outcome.outcome, outcome.reason_code) == ("asked", "rail_kill")
        assert loop.book.order is None
    assert [event.kind for event in read_events(tmp_path)] == ["open"]
    assert log_rows(tmp_path, "claude_decisions.csv")[0]["reason_code"] == "rail_kill"


def test_an_answer_that_a_sleep_of_the_machine_lies_before_enters_nothing(tmp_path):
    clock = TwoClocks(at_us(30))

    class Asleep(Script):
        def decide(self, view, deadline_s):
            clock.wait(3_600)  # the thread that waits was asleep too: to it no time has passed
            return super().decide(view, deadline_s)

    with hand_loop(tmp_path, Asleep(enter()), clock=clock) as (loop, feed):
        feed.give(40, 100.0)
        outcome = loop.step()
        assert (outcome.outcome, outcome.reason_code) == ("asked", "timeout")
        assert loop.book.order is None
    assert [event.kind for event in read_events(tmp_path)] == ["open"]
