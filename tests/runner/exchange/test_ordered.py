"""What is ordered, one look at a time: when it leaves, when it is void, and what a person is told (docs/guarantees.md, L4)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from lib.market.exits import ExitRule
from runner.errors import VenueRefused, VenueUnknown, WriteFailedError
from runner.exchange.broker import ExchangeBroker
from runner.exchange.entry import Entry
from runner.exchange.models import order_id
from runner.exchange.settings import ExchangeSettings
from runner.exchange.wire import RequestNotSent
from runner.trade.broker import Order
from runner.trade.events import Event
from runner.trade.paper import Watch
from tests.runner.exchange.hand import EXIT, FILL, FLAT, HELD, ORDER, HandDesk, ended
from tests.runner.trade.made import at_us

NAME = order_id("a", "e")


def order(decision_id: str = "a", valid_until: float = 120.0) -> Order:
    return Order(decision_id, "LONG", 500.0, ExitRule(0.3, 0.15, 45.0), at_us(1), at_us(valid_until))


def submitted(desk: HandDesk, given: Order, chart_price: float = 100.0) -> str:
    """Why it is void; "" where it was sent."""
    desk.book.record(given.event())
    Entry(desk).make(given, chart_price)
    voids = [event.reason for event in desk.happened if event.kind == "void"]
    assert bool(voids) != bool(desk.venue.named("enter"))
    return voids[0] if voids else ""


def test_what_is_sent_is_the_order_with_its_stop_and_target():
    desk = HandDesk([], 1)
    assert submitted(desk, order()) == ""
    exits = Decimal("99.85"), Decimal("100.30")
    assert desk.venue.named("enter") == [(NAME, "LONG", Decimal("5.00"), *exits)]


@pytest.mark.parametrize(("short_us", "void"), [(0, ""), (1, "expired")])
def test_nothing_leaves_that_could_be_taken_after_its_time(short_us, void):
    given = replace(order(), valid_until=at_us(6) - short_us)  # the window is 5 s
    assert submitted(HandDesk([], 1), given) == void


@pytest.mark.parametrize(
    ("chart_price", "limit", "void"),
    [
        (100.0, 50.0, ""),  # half of it, to the last bit
        (100.0, 49.99, "price_gap"),
        (149.5515, 0.3, ""),  # 0.2998
        (0.0, 50.0, "price_gap"),
    ],
)
def test_an_entry_leaves_only_where_chart_and_venue_are_no_further_apart(chart_price, limit, void):
    desk = HandDesk([], 1, settings=ExchangeSettings(symbol="ETHUSDT", max_price_gap_pct=limit))
    desk.venue.price = 150.0
    assert submitted(desk, order(), chart_price) == void


@pytest.mark.parametrize(("seconds", "void"), [(70.999999, "spacing"), (71.0, "")])
def test_two_entries_keep_their_distance_from_the_newest_fill(seconds, void):
    trade = (ORDER, FILL, EXIT)
    earlier = [
        replace(event, decision_id=f"{ago}", at=event.at - ago)
        for ago in (900_000_000, 300_000_000)
        for event in trade
    ]
    desk = HandDesk([*earlier, *trade], seconds, watch=Watch(spacing_us=60_000_000))
    assert submitted(desk, order("b")) == void


@pytest.mark.parametrize("stranger", ["position", "order"])
def test_what_the_book_does_not_know_makes_an_entry_void(stranger):
    desk = HandDesk([], 1, HELD if stranger == "position" else FLAT)
    if stranger == "order":
        desk.venue.orders["x"] = ended("x", is_over=False)
    assert submitted(desk, order()) == "venue"
    assert desk.book.halted == "venue"


def test_an_entry_that_could_not_be_prepared_is_told():
    desk = HandDesk([], 1)
    desk.venue.faults["last_price"] = [VenueUnknown("silent")]
    assert submitted(desk, order()) == "unanswered"
    assert desk.words("error") == "no order was sent: silent"


def test_a_sending_that_hangs_may_still_arrive_and_one_that_cannot_any_more_is_void():
    desk = HandDesk([ORDER], 1)
    entry = Entry(desk)
    desk.venue.wire.busy = True
    desk.clock.at_us = at_us(30)
    entry.settle()
    desk.venue.wire.busy = False
    desk.clock.at_us = at_us(40)  # the window and its margin are 10 s
    entry.settle()
    assert desk.book.order is not None
    desk.clock.at_us += 1
    entry.settle()
    assert desk.happened[-1].reason == "not_accepted"


def test_a_sending_that_ends_in_no_way_that_is_known_may_have_left_too():
    desk = HandDesk([ORDER], 1)
    entry = Entry(desk)
    desk.clock.at_us = at_us(30)
    desk.venue.faults["enter"] = [RuntimeError("nobody thought of it")]
    with pytest.raises(RuntimeError):
        entry._send(order(), Decimal("5.00"), 100.0)
    desk.clock.at_us = at_us(40)
    entry.settle()
    assert desk.book.order is not None
    desk.clock.at_us += 1
    entry.settle()
    assert desk.happened[-1].reason == "not_accepted"


def test_a_refused_entry_that_cannot_be_written_down_is_void_when_it_can():
    desk = HandDesk([], 1)
    desk.venue.faults["enter"] = [VenueRefused("no")]
    broker, write = ExchangeBroker(desk), desk.book.write
    desk.clock.at_us = at_us(31)
    broker.advance(SimpleNamespace(usable=True, price=100.0), desk.clock.at_us, lambda: False)

    def full(event: Event) -> None:
        if event.kind == "void":
            raise WriteFailedError("no space left")

    desk.book.write = full
    broker.submit(order())
    assert desk.book.order is not None
    assert "not written down yet: no space left" in desk.words("error")
    desk.book.write = write
    desk.clock.at_us += 10_000_001
    happened = broker.advance(None, desk.clock.at_us, lambda: False)
    assert [(event.kind, event.reason) for event in happened] == [("void", "not_accepted")]


@pytest.mark.parametrize(("late_us", "cancels"), [(0, 0), (1, 1)])
def test_an_order_that_rests_is_cancelled_after_its_time(late_us, cancels):
    desk = HandDesk([ORDER], 21)
    desk.clock.at_us += late_us
    desk.venue.orders[NAME] = ended(NAME, is_over=False)
    Entry(desk).settle()
    assert len(desk.venue.named("cancel")) == cancels


@pytest.mark.parametrize(("stamp", "at"), [(0.0, ORDER.at + 1), (3.0, at_us(3))])
def test_a_fill_lies_after_its_order_whatever_the_venues_stamp_says(stamp, at):
    desk = HandDesk([ORDER], 4)
    desk.venue.orders[NAME] = ended(NAME, 5.0, at=stamp)
    Entry(desk).settle()
    assert (desk.happened[-1].kind, desk.happened[-1].at) == ("fill", at)


@pytest.mark.parametrize(
    "known", [None, SimpleNamespace(usable=False, price=1.0), SimpleNamespace(usable=True, price=1.0)]
)
def test_without_a_price_on_the_chart_nothing_is_sent(known):
    desk = HandDesk([], 1)
    desk.venue.price = 1.0
    broker = ExchangeBroker(desk)
    broker.advance(known, at_us(1), lambda: False)
    broker.submit(order())
    sent = bool(known and known.usable)
    assert bool(desk.venue.named("enter")) == sent
    assert [event.reason for event in desk.happened if event.kind == "void"] == (
        [] if sent else ["price_gap"]
    )


def test_where_nothing_is_held_there_is_nothing_to_leave():
    desk = HandDesk([], 1)
    ExchangeBroker(desk).leave(at_us(1), "OTHER")
    assert (desk.kinds(), desk.venue.asked) == (["open"], [])


@pytest.mark.parametrize(
    ("fault", "told_at_us"),
    [
        (VenueUnknown("silent"), at_us(80) + 1),
        (RequestNotSent("not asked"), at_us(80) + 1),  # nothing but waiting is to be done
        (VenueRefused("no"), at_us(20)),
    ],
)
@pytest.mark.parametrize("events", [[ORDER], [ORDER, FILL]])
def test_silence_is_told_after_a_minute_a_refusal_at_once_and_what_rests_with_it(fault, told_at_us, events):
    desk = HandDesk(events, 20)
    broker, name = ExchangeBroker(desk), "position" if FILL in events else "order"
    desk.venue.faults[name] = [fault] * 9
    for at in (at_us(20), at_us(50), at_us(80), at_us(80) + 1, at_us(90)):
        desk.clock.at_us = at
        broker.advance(None, at, lambda: False)
        assert len(desk.told) == (at >= told_at_us)
    assert ("a position is open" in desk.words("error")) == (FILL in events)
