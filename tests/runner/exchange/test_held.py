"""What is held, one look at a time: what differs is made good, what nobody can explain is left alone, and tries do not pile up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runner.errors import VenueRefused, VenueUnknown, WriteFailedError
from runner.exchange.holding import Holding
from runner.exchange.models import BUY, SELL, Execution, VenuePosition, order_id
from runner.trade.events import Event
from runner.trade.paper import Watch
from tests.runner.exchange.hand import FILL, FLAT, HELD, LEAVE, ORDER, UNSTOPPED, HandDesk, ended
from tests.runner.trade.made import at_us

HOLDS, LEAVES = [ORDER, FILL], [ORDER, FILL, LEAVE]
#: The hold ends at a close, seconds after START.
OVER = 50 * 60
NO, SILENT = VenueRefused("no"), VenueUnknown("silent")


def execution(part: str, side: str, size: float, at: float = 12.0) -> Execution:
    return Execution(order_id("a", part), side, size, 100.0, 0.1, at_us(at) // 1_000, "")


def look(desk: HandDesk, holding: Holding, at: float | None = None, killed: bool = False) -> None:
    if at is not None:
        desk.clock.at_us = at_us(at)
    holding.look(None, killed)


@pytest.mark.parametrize(
    ("held", "halted"),
    [
        (HELD, ""),
        (replace(HELD, size=5.004), ""),  # less than half a step more
        (replace(HELD, size=3.0), ""),
        (replace(HELD, size=5.01), "venue"),
        (VenuePosition("SHORT", 5.0, 100.15, 99.7), "venue"),
    ],
)
def test_what_the_book_cannot_explain_halts_and_is_not_touched(held, halted):
    desk = HandDesk(HOLDS, 20, held)
    look(desk, Holding(desk))
    assert desk.book.halted == halted
    # A part less is looked for among the executions, once; nothing else is asked, and nothing is sent.
    assert [name for name, *_ in desk.venue.asked] == [
        "position",
        *(["executions"] if held.size == 3.0 else []),
    ]
    assert ("the exchange holds" in desk.words("halt")) == bool(halted)


def test_what_is_left_already_keeps_its_reason_past_the_time_exit():
    desk = HandDesk(LEAVES, OVER, HELD)
    look(desk, Holding(desk), killed=True)
    assert desk.book.leaving == LEAVE
    assert desk.kinds() == ["open", "order", "fill", "leave"]


@pytest.mark.parametrize(("early_us", "leaves"), [(1, False), (0, True)])
def test_the_time_exit_comes_when_the_hold_has_passed_and_not_before(early_us, leaves):
    desk = HandDesk(HOLDS, OVER, HELD)
    desk.clock.at_us -= early_us
    look(desk, Holding(desk))
    assert bool(desk.venue.named("leave")) == leaves
    assert not desk.venue.named("order")  # nothing was tried before that could be asked for
    assert desk.book.leaving is None or desk.book.leaving.reason == "TIME_EXIT"


def test_a_stop_that_rests_is_moved_three_times_at_most_and_one_that_vanishes_is_missed_all_the_same():
    desk = HandDesk(HOLDS, 20, replace(HELD, stop=99.0))
    desk.venue.faults["set_exits"] = [NO] * 9
    holding = Holding(desk)
    for _ in range(4):
        look(desk, holding)
    assert len(desk.venue.named("set_exits")) == 3
    assert desk.words("error").count("stop and target could not be moved: no") == 3
    assert (desk.book.halted, desk.book.leaving) == ("", None)
    desk.venue.positions = [UNSTOPPED]
    look(desk, holding)
    assert len(desk.venue.named("set_exits")) == 4
    assert desk.book.halted == "no_stop"
    assert desk.venue.named("leave") == [(order_id("a", "x1"), SELL, 5.0)]


@pytest.mark.parametrize(
    ("first", "after", "closed"),
    [
        (replace(HELD, stop=99.0), SILENT, False),  # one rests, wherever
        (UNSTOPPED, SILENT, True),  # not being told counts as none
        (UNSTOPPED, UNSTOPPED, True),
        (UNSTOPPED, HELD, False),
        (UNSTOPPED, replace(HELD, stop=0.5), False),
        (UNSTOPPED, FLAT, False),  # over meanwhile
    ],
)
def test_only_a_position_that_is_not_known_to_have_a_stop_is_closed(first, after, closed):
    desk = HandDesk(HOLDS, 20, first)
    desk.venue.faults["set_exits"] = [NO]
    if after is SILENT:
        desk.venue.faults["position"] = [None, SILENT]
    else:
        desk.venue.positions += [after]
    look(desk, Holding(desk))
    assert bool(desk.venue.named("leave")) == closed
    assert desk.book.halted == ("no_stop" if closed else "")


def test_a_position_without_a_stop_halts_before_it_is_closed_and_is_to_be_left_once():
    desk = HandDesk(HOLDS, 20, UNSTOPPED)
    desk.venue.faults |= {"set_exits": [NO] * 2, "leave": [NO] * 2}
    holding = Holding(desk)
    look(desk, holding)
    assert "halted: no_stop" in desk.words("halt")
    look(desk, holding)
    assert desk.kinds() == ["open", "order", "fill", "halt", "leave"]
    assert desk.book.leaving.reason == "OTHER"
    assert len(desk.venue.named("leave")) == 2


def test_one_that_is_left_already_keeps_its_reason_when_its_stop_is_gone():
    desk = HandDesk(LEAVES, 20, UNSTOPPED)
    desk.venue.faults["set_exits"] = [NO]
    look(desk, Holding(desk), killed=True)
    assert desk.book.leaving == LEAVE
    assert desk.kinds()[-1] == "halt"


def test_a_disk_that_takes_nothing_is_told_and_the_position_is_closed():
    desk = HandDesk(HOLDS, 20, UNSTOPPED)
    desk.venue.faults["set_exits"] = [NO]

    def full(event: Event) -> None:
        raise WriteFailedError("no space left")

    desk.book.write = full
    look(desk, Holding(desk))
    assert "no stop can be placed, and that cannot be written down: no space left" in desk.words("error")
    assert len(desk.venue.named("leave")) == 1


def test_a_stop_that_came_after_all_ends_the_closing():
    desk = HandDesk(HOLDS, 20, UNSTOPPED, UNSTOPPED, UNSTOPPED, HELD)
    desk.venue.faults |= {"set_exits": [NO], "leave": [NO]}
    desk.book.write = lambda event: (_ for _ in ()).throw(WriteFailedError("full"))
    holding = Holding(desk)
    look(desk, holding)
    look(desk, holding)
    assert len(desk.venue.named("leave")) == 1


def test_an_order_to_leave_that_nobody_knows_of_is_told_and_sent_again_only_when_it_cannot_arrive():
    desk = HandDesk(LEAVES, 11, HELD)
    holding = Holding(desk)
    desk.venue.faults["leave"] = [SILENT]
    look(desk, holding, 21.000001)  # the start counts as a sending
    assert "nobody knows yet whether the order to leave was accepted: silent" in desk.words("error")
    desk.clock.at_us = at_us(31.000001)
    look(desk, holding)
    assert len(desk.venue.named("leave")) == 1
    look(desk, holding, 31.000002)
    assert desk.venue.named("leave")[1:] == [(order_id("a", "x2"), SELL, 5.0)]


@pytest.mark.parametrize("tries", [1, 2])
@pytest.mark.parametrize("is_over", [False, True])
def test_after_a_start_the_tries_before_are_looked_up_once_and_the_newest_is_waited_for(tries, is_over):
    desk = HandDesk(LEAVES, 20, HELD)
    names = [order_id("a", f"x{number}") for number in range(1, tries + 2)]
    for name in names[:-1]:
        desk.venue.orders[name] = ended(name)
    desk.venue.orders[names[-2]] = ended(names[-2], is_over=is_over)
    holding = Holding(desk)
    look(desk, holding)
    assert [sent for sent, *_ in desk.venue.named("leave")] == ([names[-1]] if is_over else [])
    desk.venue.asked.clear()
    look(desk, holding)
    assert desk.venue.named("order") == [(names[-1] if is_over else names[-2],)]


@pytest.mark.parametrize("size", [5.0, 0.004])
def test_one_that_is_gone_unexplained_halts_after_a_minute_and_gets_no_exit(size):
    desk = HandDesk(
        [ORDER, replace(FILL, size=size)], 20
    )  # the second is below half a step of the market now
    holding = Holding(desk)
    look(desk, holding)
    look(desk, holding, 80)
    assert desk.book.halted == ""
    look(desk, holding, 80.000001)
    assert desk.book.halted == "venue"
    assert desk.book.held is not None


def test_an_exit_needs_executions_of_all_that_was_held():
    desk = HandDesk(HOLDS, 20)
    desk.venue.found = [execution("e", BUY, 5.0), execution("x1", SELL, 3.0)]
    holding = Holding(desk)
    look(desk, holding)
    assert desk.book.held is not None
    desk.venue.found.append(execution("x1", SELL, 2.0))
    look(desk, holding)
    assert desk.book.held is None
    assert desk.happened[-1].size == 5.0


def test_an_exit_lies_after_its_fill_whatever_the_venues_stamp_says():
    desk = HandDesk(HOLDS, 20)
    desk.venue.found = [execution("e", BUY, 5.0, at=10), execution("x1", SELL, 5.0, at=10)]
    look(desk, Holding(desk))
    assert desk.happened[-1].at == FILL.at + 1


def test_executions_are_asked_for_on_the_venues_clock():
    desk = HandDesk(HOLDS, 20, offset_us=7_200_000_000)
    look(desk, Holding(desk))
    there = [at // 1_000 - 7_200_000 for at in (FILL.at - 60_000_000, at_us(20))]
    assert desk.venue.named("executions") == [tuple(there)]
    assert desk.at(desk.venue_ms(FILL.at)) == FILL.at


def test_while_a_request_is_out_no_other_order_to_leave_is_sent_however_long_it_hangs():
    desk = HandDesk(LEAVES, 11, HELD)
    holding = Holding(desk)
    desk.venue.faults["leave"] = [SILENT]
    look(desk, holding, 21.000001)
    desk.venue.wire.busy = True
    look(desk, holding, 40)
    desk.venue.wire.busy = False
    look(desk, holding, 50)
    assert len(desk.venue.named("leave")) == 1
    look(desk, holding, 50.000001)
    assert len(desk.venue.named("leave")) == 2


class Seen:
    """Samples that are known: when they became so, and the ribbon's states."""

    def __init__(self, at: int, state: str) -> None:
        self.sample_at, self.states = np.array([at]), np.array([state])

    def watched_since(self, at: int) -> tuple[Seen, np.ndarray]:
        return self, self.states


@pytest.mark.parametrize(
    ("reverses", "later_us", "state", "leaves"),
    [
        (True, 1, "all_red", True),
        (True, 0, "all_red", False),  # what was known at the entry
        (True, 1, "all_green", False),
        (False, 1, "all_red", False),
    ],
)
def test_the_opposite_colour_after_the_entry_ends_it_where_the_decider_says_so(
    reverses, later_us, state, leaves
):
    desk = HandDesk(HOLDS, 20, HELD, watch=Watch(reverses=reverses))
    Holding(desk).look(Seen(FILL.at + later_us, state), False)
    assert bool(desk.venue.named("leave")) == leaves
    assert (desk.book.leaving is not None and desk.book.leaving.reason == "RIBBON_REVERSAL") == leaves


def test_where_no_sample_is_known_no_colour_ends_a_position():
    desk = HandDesk(HOLDS, 20, HELD, watch=Watch(reverses=True))
    Holding(desk).look(None, False)
    assert not desk.venue.named("leave")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, ""),
        ({"cause": "StopLoss", "order_id": ""}, ""),
        ({"order_id": ""}, "at the exchange, and not by this loop"),
        ({"order_id": "", "cause": "AdlTrade"}, "(auto-deleveraging), and not by this loop"),
    ],
)
def test_a_part_that_was_closed_is_told_where_it_was_not_this_loop_with_who_did(change, told):
    desk = HandDesk(HOLDS, 20, replace(HELD, size=3.0))
    desk.venue.found = [execution("e", BUY, 5.0), replace(execution("x1", SELL, 2.0), **change)]
    look(desk, Holding(desk))
    error = desk.words("error")
    assert error.startswith("2 of 5 ETHUSDT were closed at the exchange" if told else "")
    assert told in error and bool(error) == bool(told)


def test_a_payment_is_no_close_and_what_opens_more_is_none_either():
    desk = HandDesk(HOLDS, 20)
    desk.venue.found = [
        execution("e", BUY, 5.0),
        replace(execution("", BUY, 1.0), order_id=""),
        execution("x1", SELL, 5.0, at=13),
        replace(execution("", SELL, 0.0, at=14), order_id="", price=1.0, fee=0.7),
    ]
    assert Holding(desk).closed_since(FILL) == 5.0
    look(desk, Holding(desk))
    gone = desk.happened[-1]
    assert (gone.at, gone.size, gone.price, gone.fee) == (at_us(13), 5.0, 100.0, pytest.approx(0.8))


def test_a_new_position_begins_with_all_its_tries():
    moved = replace(HELD, stop=99.0)
    desk = HandDesk(HOLDS, 20, moved)
    holding = Holding(desk)
    for _ in range(4):
        look(desk, holding)
    assert len(desk.venue.named("set_exits")) == 3
    desk.venue.positions = [FLAT]
    desk.venue.found = [execution("e", BUY, 5.0), execution("x1", SELL, 5.0)]
    look(desk, holding)
    for event in (ORDER, FILL):
        desk.book.record(replace(event, at=event.at + 20_000_000, decision_id="b"))
    desk.venue.positions = [moved]
    look(desk, holding)
    assert len(desk.venue.named("set_exits")) == 4


def test_a_halt_that_a_person_lifted_is_made_and_told_again():
    desk = HandDesk([], 20)
    desk.halt("venue", "one")
    desk.halt("venue", "one")
    desk.halt("venue", "two")
    assert (desk.kinds().count("halt"), len(desk.told)) == (1, 2)
    desk.book.record(Event("resume", at_us(21), reason="person"))
    desk.halt("venue", "one")
    desk.halt("venue", "two")
    assert desk.book.halted == "venue"
    assert (desk.kinds().count("halt"), len(desk.told)) == (2, 4)
