from __future__ import annotations

import pytest

from lib.lessons.streams.own_trades import OwnLog, trade_candidates
from lib.market.costs import DEFAULT_COSTS
from lib.market.terms import DEFAULT_TERMS
from tests.builders import decisions
from tests.lib.lessons.streams.made import us

TRADE = {
    "timestamp": 70,
    "direction": "LONG",
    "confidence": 0.8,
    "entry_time": 70.5,
    "entry_price": 200.0,
    "exit_time": 80.5,
    "exit_price": 201.0,
    "exit_reason": "TP_HIT",
    "decision_id": "d7",
}
OPEN = {"exit_time": None, "exit_price": None, "exit_reason": ""}


def found(*changes, until=300.0):
    log = decisions([TRADE | change for change in changes])
    return OwnLog.of(log, DEFAULT_TERMS).trades(us(-60), us(0), us(until))


def candidates(*changes, settled=0.0, previous=0.0):
    return trade_candidates(found(*changes), us(settled), us(previous), DEFAULT_COSTS)


def test_a_closed_trade_by_hand():
    (trade,) = candidates({})
    assert (trade.entry_at, trade.end_at, trade.direction, trade.trade) == (us(70.5), us(80.5), "LONG", "d7")
    assert trade.net_pct == pytest.approx(0.5 - 0.09)
    assert trade.words["confidence"] == 0.8


@pytest.mark.parametrize(
    ("change", "worst", "best"),
    [
        ({}, 0.36, 0.29),  # nothing logged: 0.15 and 0.3
        ({"stop_price": 199.0, "target_price": 204.0}, 0.5 + 0.21, 2.0 - 0.01),
        ({"direction": "SHORT", "stop_price": 201.0, "target_price": 196.0}, 0.5 + 0.21, 2.0 - 0.01),
        ({"stop_price": 201.0, "target_price": 199.0}, 0.36, 0.29),  # both on the wrong side
        ({"target_price": 200.1}, 0.36, 0.1),  # a target below the costs
    ],
)
def test_the_declared_bounds_come_from_the_log(change, worst, best):
    (trade,) = candidates(change)
    assert (trade.worst_pct, trade.best_pct) == pytest.approx((worst, best))


def test_an_open_trade_has_no_end():
    (trade,) = candidates(OPEN)
    assert (trade.end_at, trade.left_out) == (None, "")


def test_a_trade_is_known_from_its_fill_on_and_closed_from_its_exit_on():
    # The second one's exit has no price, so that it stays open.
    second = {"exit_price": None, "decision_id": "d8", "entry_time": 71.0}
    states = {
        minute: [(trade.trade, trade.exit_at) for trade in found({}, second, until=minute)]
        for minute in (70.4, 70.5, 80.4, 80.5)
    }
    assert states == {
        70.4: [],
        70.5: [("d7", None)],
        80.4: [("d7", None), ("d8", None)],
        80.5: [("d7", us(80.5)), ("d8", None)],
    }


def test_a_trade_without_an_id_is_named_by_its_entry():
    (trade,) = candidates({"decision_id": ""})
    assert trade.trade == "2026-01-05T01:10:30Z-LONG"


def test_trades_come_in_order_of_entry_whether_closed_or_open():
    rows = [{"entry_time": 90} | OPEN, {"entry_time": 71}, {"entry_time": 95, "exit_time": 99}]
    assert [trade.entry_at for trade in candidates(*rows)] == [us(71), us(90), us(95)]


def test_what_is_settled_is_over():
    assert candidates({}, settled=70.5, previous=70) == []
    assert len(candidates({}, settled=70.4, previous=70)) == 1


def test_a_trade_that_becomes_known_behind_what_is_settled_is_late():
    (trade,) = candidates({"timestamp": 110}, settled=100, previous=100)
    assert (trade.trade, trade.left_out) == ("d7", "late")


def test_a_row_that_is_no_trade_is_none():
    assert found({"entry_price": None}, {"executed": False}, {"direction": "HOLD"}) == []
