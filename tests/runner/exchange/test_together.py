"""Book and venue brought together, by hand: how long is waited, what is no disagreement, and that nothing is sent meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.errors import ExchangeError, ReconcileError, VenueRefused, VenueUnknown
from runner.exchange.broker import ExchangeBroker
from runner.exchange.models import SELL, Execution, VenuePosition, order_id
from runner.exchange.reconcile import patiently, reconcile
from runner.exchange.wire import RequestNotSent
from tests.runner.exchange.hand import FILL, FLAT, HELD, LEAVE, ORDER, HandDesk, ended
from tests.runner.trade.made import at_us

HOLDS = [ORDER, FILL]
STOP = replace(ended("", is_over=False), of_position=True)
OURS = Execution(order_id("a", "e"), "Buy", 5.0, 100.0, 0.1, at_us(10) // 1_000, "")


class Waiting:
    """A wait that sets the desk's clock forward, and counts."""

    def __init__(self, desk: HandDesk) -> None:
        self.desk, self.times = desk, 0

    def __call__(self, seconds: float) -> None:
        self.times += 1
        self.desk.clock.at_us += round(seconds * 1e6)


def brought_together(desk: HandDesk) -> int:
    """How often was waited."""
    wait = Waiting(desk)
    reconcile(ExchangeBroker(desk), wait)
    return wait.times


def test_a_disagreement_ends_the_start_when_what_is_under_way_has_had_its_time():
    desk = HandDesk([], 20, HELD)
    wait = Waiting(desk)
    with pytest.raises(ReconcileError, match="the exchange holds LONG 5 ETHUSDT, and the book knows nothing"):
        reconcile(ExchangeBroker(desk), wait)
    assert wait.times == 21  # pauses of half a second, for more than 10 s


def test_a_disagreement_that_ends_meanwhile_is_none():
    assert brought_together(HandDesk([], 20, HELD, HELD, FLAT)) == 2


@pytest.mark.parametrize(
    "held", [FLAT, replace(HELD, size=4.99), replace(HELD, size=5.01), VenuePosition("SHORT", 5.0, 0.0, 0.0)]
)
def test_another_position_than_the_books_ends_the_start_and_both_are_named(held):
    there = f"{held.direction or 'nothing'} {held.size:g} ETHUSDT, the book LONG 5"
    with pytest.raises(ReconcileError, match=f"the exchange holds {there}"):
        brought_together(HandDesk(HOLDS, 20, held))


def test_what_was_closed_of_it_already_counts():
    desk = HandDesk(HOLDS, 20, replace(HELD, size=3.0))
    desk.venue.found = [OURS, Execution("", SELL, 2.0, 100.0, 0.1, at_us(12) // 1_000, "")]
    assert brought_together(desk) == 0


@pytest.mark.parametrize(
    ("events", "position", "rests", "fault"),
    [
        (HOLDS, HELD, STOP, False),
        (HOLDS, HELD, replace(STOP, of_position=False), True),
        (HOLDS, HELD, replace(STOP, of_position=False, ended=True), False),
        ([], FLAT, STOP, True),
    ],
)
def test_what_rests_is_the_positions_or_a_disagreement(events, position, rests, fault):
    desk = HandDesk(events, 20, position)
    desk.venue.orders = {"": rests}
    if fault:
        with pytest.raises(ReconcileError, match=r"rests at the exchange .* \(client id none\)"):
            brought_together(desk)
    else:
        assert brought_together(desk) == 0


def test_a_start_sends_nothing_also_where_the_position_was_gone_for_a_moment():
    desk = HandDesk([*HOLDS, LEAVE], 20, FLAT, HELD)
    with pytest.raises(ReconcileError):
        desk.venue.positions.append(FLAT)
        brought_together(desk)
    assert {request[0] for request in desk.venue.asked} <= {"position", "executions", "open_orders"}


def test_an_order_of_which_nobody_knows_is_waited_for_until_it_cannot_arrive():
    desk = HandDesk([ORDER], 2)
    assert brought_together(desk) == 21
    assert [event.reason for event in desk.happened] == ["not_accepted"]


@pytest.mark.parametrize(
    ("fault", "raised", "waits"),
    [
        (VenueUnknown("silent"), ExchangeError, 121),  # more than 60 s
        (RequestNotSent("not asked"), ExchangeError, 121),
        (VenueRefused("no"), VenueRefused, 0),
    ],
)
def test_a_start_waits_for_an_answer_but_not_after_a_no(fault, raised, waits):
    desk = HandDesk([], 20)
    wait = Waiting(desk)

    def ask() -> None:
        raise fault

    with pytest.raises(raised, match=str(fault)) as found:
        patiently(ask, desk.venue, desk.settings, desk.clock, wait)
    assert wait.times == waits
    assert ("start again when it answers" in str(found.value)) == (waits > 0)
