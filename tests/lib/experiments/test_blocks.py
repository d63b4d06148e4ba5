"""Blocks: begin, end and outcome (docs/definitions.md, Blocks)."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd
import pytest

from lib.contract.typed import typed_decisions
from lib.experiments.blocks import block_end, blocks_of, entered_trades
from lib.experiments.rows import BlockEnded, Stop
from lib.market.terms import DEFAULT_TERMS
from tests.lib.experiments.made import add_block, begin, begun, definition, minute, trade


@pytest.fixture
def open_block():
    """A log with a block that has begun at minute 1."""
    log = begun()
    log.accept(log.next_draw(minute(1)))
    return log


def end(log, trades=(), ordered=False, now=0.0):
    return block_end(log.experiments[0], trades, ordered, minute(now))


def test_without_an_entry_it_lasts_for_the_standard_hold(open_block):
    assert end(open_block, now=45.99) is None
    late = end(open_block, now=300)
    assert late is not None
    assert (late.at, late.why, late.trades, late.net_pct) == (minute(46), "hold", 0, 0.0)


def test_an_order_that_is_out_keeps_it_open(open_block):
    assert end(open_block, ordered=True, now=50) is None
    found = end(open_block, [trade(minute(45.5), minute(80), -0.26)], now=80)
    assert found is not None and (found.at, found.why, found.net_pct) == (minute(80), "closed", -0.26)


def test_it_lasts_as_long_as_its_position_and_ends_with_it(open_block):
    held = [trade(minute(1), None, nan)]
    assert end(open_block, held, now=500) is None
    found = end(open_block, [trade(minute(1), minute(4), 0.19, stop_pct=0.4)], now=4)
    assert found is not None
    assert (found.at, found.trades, found.net_pct, found.stop_pct) == (minute(4), 1, 0.19, 0.4)


def test_trades_of_before_are_not_its_own(open_block):
    assert end(open_block, [trade(minute(-30), None, nan)], now=10) is None
    found = end(open_block, [trade(minute(-30), minute(-1), 0.19)], now=46)
    assert found is not None and found.trades == 0


def test_a_stop_ends_it_at_once_unless_a_position_is_open(open_block):
    open_block.accept(Stop(at=minute(5), experiment="e1", why="person"))
    stopped = end(open_block, now=5)
    assert stopped is not None and (stopped.at, stopped.why, stopped.net_pct) == (minute(5), "stopped", 0.0)
    assert end(open_block, [trade(minute(1), None, nan)], now=5) is None
    closed = end(open_block, [trade(minute(1), minute(9), -0.26)], now=9)
    assert closed is not None and (closed.why, closed.net_pct) == ("closed", -0.26)


def test_one_of_a_clock_that_was_ahead_can_be_stopped_and_never_ends_before_it_began():
    """A year ahead for some ticks: no later block could begin, and no other experiment, until that year has come."""
    log, ahead = begun(), minute(365 * 1440)
    log.accept(log.next_draw(ahead))
    log.accept(BlockEnded(at=ahead, experiment="e1", block=1, why="hold", trades=0, net_pct=0.0))
    with pytest.raises(ValueError, match="if a clock was wrong then, stop the experiment and begin another"):
        log.next_draw(minute(5))
    log = begun()
    log.accept(log.next_draw(ahead))
    log.accept(Stop(at=minute(10), experiment="e1", why="person"))
    assert block_end(log.newest, [], False, minute(9)) is None
    found = block_end(log.newest, [], False, minute(11))
    assert found is not None and (found.at, found.why) == (ahead, "stopped")
    closed = block_end(log.newest, [trade(ahead + 1, minute(12), 0.19)], False, minute(12))
    assert closed is not None and (closed.at, closed.why) == (ahead, "closed")
    log.accept(closed)
    log.accept(begin(definition(id="e2", started=minute(20)), minute(20)))


def test_a_halt_leaves_arm_and_outcome_as_they_are(open_block):
    """After the draw nobody could enter (halted, killed, expired): it is a block of its arm with the outcome 0."""
    open_block.accept(end(open_block, now=46))
    [block] = blocks_of(open_block.experiments[0])
    assert (block.arm, block.outcome_pct, block.trades) == (open_block.experiments[0].draws[0].arm, 0.0, 0)


def test_without_an_open_block_there_is_no_end():
    assert end(begun(), now=100) is None


def test_blocks_come_in_order_with_their_outcomes():
    log = begun()
    for number, net in enumerate((0.19, None, -0.26)):
        add_block(log, minute(60 * number + 1), net)
    found = blocks_of(log.experiments[0])
    assert [(block.number, block.outcome_pct) for block in found] == [(1, 0.19), (2, 0.0), (3, -0.26)]
    assert [block.arm for block in found] == [draw.arm for draw in log.experiments[0].draws]


def test_trades_are_priced_from_their_fills():
    stamp = pd.Timestamp("2026-01-05T00:01:00Z")
    row = {"timestamp": stamp, "direction": "LONG", "entry_recommended": "YES", "executed": True, "decision_id": "d1",
           "entry_time": stamp + pd.Timedelta(seconds=10), "entry_price": 100.0}  # fmt: skip
    left = {
        "exit_time": stamp + pd.Timedelta(minutes=9),
        "exit_price": 100.3,
        "exit_reason": "TP_HIT",
        "stop_pct": 0.4,
    }
    held = row | {"decision_id": "d2", "timestamp": stamp + pd.Timedelta(minutes=30)}
    held["entry_time"] = held["timestamp"] + pd.Timedelta(seconds=10)
    refused = row | {"executed": False, "decision_id": "d3"}
    first, second = entered_trades(typed_decisions([held, row | left, refused]), DEFAULT_TERMS)
    assert (first.decision_id, first.asked_at, first.exit_at) == ("d1", minute(1), minute(10))
    assert first.net_pct == pytest.approx(0.3 - 0.09) and first.stop_pct == 0.4 and first.target_pct == 0.3
    assert (second.decision_id, second.exit_at) == ("d2", None) and isnan(second.net_pct)
