"""The paper broker by itself: when an order is filled or void, at what price and cost, and when a position ends."""

from __future__ import annotations

import pytest

from lib.market.costs import Costs
from lib.market.exits import ExitRule
from runner.trade.book import Book
from runner.trade.broker import Order
from runner.trade.clock import SetClock
from runner.trade.events import Event
from runner.trade.paper import PaperBroker, Watch
from runner.trade.settings import PaperSettings
from tests.runner.trade.made import START_US, HandFeed, at_us

RULE = ExitRule(2.0, 1.0, 45.0)
COSTS = Costs(fee_pct=0.1, slippage_pct=0.5)


class Desk:
    """A paper broker over a hand feed; orders are of 1,000 and live for twenty seconds."""

    def __init__(self, **watch: object) -> None:
        self.feed = HandFeed(SetClock(START_US), [0])
        self.book = Book()
        self.book.record(Event("open", START_US, price=1_000.0))
        self.broker = PaperBroker(
            self.book, PaperSettings(size_pct=50), COSTS, Watch(**watch), self.feed.clock
        )
        self.killed = False

    def order(self, second: float, name: str = "a", direction: str = "LONG") -> None:
        self.feed.clock.at_us = at_us(second)
        self.broker.submit(Order(name, direction, 1_000.0, RULE, at_us(second), at_us(second + 20)))

    def look(self, second: float | None = None) -> list[tuple[str, str]]:
        """What has happened by then: kinds and reasons."""
        if second is not None:
            self.feed.clock.at_us = at_us(second)
        found = self.broker.advance(self.feed.known, self.feed.clock.at_us, lambda: self.killed)
        return [(event.kind, event.reason) for event in found]

    def beat(self, second: float, price: float = 100.0, **fields: str) -> list[tuple[str, str]]:
        """A sample and a look."""
        self.feed.give(second, price, **fields)
        return self.look()

    def hold(self, direction: str = "LONG") -> None:
        """A position since second 10."""
        self.order(1, direction=direction)
        assert self.beat(10) == [("fill", "")]


FILLED, EXPIRED = [("fill", "")], [("void", "expired")]


def test_a_fill_has_its_slippage_its_fee_and_the_exits_of_its_order():
    desk = Desk()
    assert desk.broker.size_pct == 50.0
    assert desk.look() == []
    desk.order(1)
    assert desk.look(9) == []
    assert desk.beat(10) == FILLED
    assert desk.book.held == Event("fill", at_us(10), "a", "LONG", size=pytest.approx(1_000 / 100.5), price=pytest.approx(100.5),
                                   fee=pytest.approx(1.0), stop_pct=1.0, target_pct=2.0, hold_minutes=45.0)  # fmt: skip
    desk = Desk()
    desk.hold("SHORT")
    assert desk.book.held.price == pytest.approx(99.5)


@pytest.mark.parametrize(("second", "found"), [(1, []), (20, FILLED), (21, FILLED), (21.000001, EXPIRED)])
def test_an_order_meets_a_sample_after_it_and_not_after_its_life(second, found):
    desk = Desk()
    desk.order(1)
    assert desk.beat(second) == found


def test_an_order_that_met_no_sample_is_void_only_after_its_life():
    desk = Desk()
    desk.order(1)
    assert (desk.look(21), desk.look(21.1)) == ([], EXPIRED)
    desk.order(30, "b")
    assert desk.beat(40, quality="venue_mismatch") == []
    desk.feed.known.main.broken = "schema"
    assert desk.beat(45) == []
    desk.feed.known.main.broken = ""
    assert desk.beat(50) == FILLED


def test_a_sample_that_is_ahead_of_the_clock_and_behind_an_orders_life_fills_nothing():
    desk = Desk()
    desk.order(1)
    desk.feed.give(23, 100.0)
    assert desk.look(20) == EXPIRED


def test_either_clock_ends_the_life_of_an_order():
    for wall, mono, found in ((21.1, 20, EXPIRED), (20, 21.1, EXPIRED), (21, 21, FILLED)):
        desk = Desk()
        desk.order(1)
        desk.feed.give(15, 100.0)
        desk.feed.clock.at_us = at_us(wall)
        desk.feed.clock.monotonic = lambda mono=mono: at_us(mono) / 1e6
        assert desk.look() == found
    desk = Desk()  # an order of before a restart has the wall clock alone
    desk.book.record(
        Order("a", "LONG", 1.0, RULE, at_us(1), at_us(21)).event(),
    )
    assert desk.beat(20) == FILLED


def test_of_several_samples_an_order_meets_the_newest():
    desk = Desk()
    desk.order(1)
    for second, price in ((5, 100.0), (10, 101.0), (15, 102.0)):
        desk.feed.give(second, price)
    assert desk.look() == FILLED
    assert (desk.book.held.at, desk.book.held.price) == (at_us(15), pytest.approx(102 * 1.005))


def test_the_kill_file_voids_an_order_and_two_entries_lie_their_spacing_apart():
    desk = Desk(spacing_us=60_000_000)
    desk.order(1)
    desk.killed = True
    assert desk.beat(10) == [("void", "kill")]
    desk.killed = False
    void = [("void", "spacing")]
    for name, second, found in (("b", 20, FILLED), ("c", 79, void), ("d", 80, FILLED), ("e", 139, void)):
        desk.order(second - 1, name)
        assert desk.beat(second) == found
        if desk.book.held:
            size = desk.book.held.size
            desk.book.record(Event("exit", at_us(second), name, "LONG", size=size, price=100.0))


def test_a_target_fills_at_its_price_and_a_market_order_with_slippage():
    desk = Desk()
    desk.hold()
    assert desk.beat(20, 100.4) == []
    assert desk.beat(30, 103.0) == [("exit", "TP_HIT")]
    held, found = desk.book.fills[-1], desk.book.events[-1]
    assert found == Event(
        "exit", at_us(30), "a", "LONG", held.size, pytest.approx(100.5 * 1.02), held.fee, reason="TP_HIT"
    )
    desk = Desk(reverses=True)
    desk.hold()
    assert desk.beat(20, state="all_red") == [("exit", "RIBBON_REVERSAL")]
    assert desk.book.events[-1].price == pytest.approx(99.5)


def test_what_was_due_while_nobody_looked_is_left_at_the_newest_price():
    desk = Desk(reverses=True)
    desk.hold()
    desk.feed.give(20, 100.0, "all_red")
    desk.feed.give(30, 100.2)
    assert desk.look() == [("exit", "RIBBON_REVERSAL")]
    assert (desk.book.closed[-1].at, desk.book.events[-1].price) == (at_us(30), pytest.approx(100.2 * 0.995))


def test_advice_to_leave_is_followed_at_the_next_sound_sample_and_not_before():
    desk = Desk()
    desk.broker.leave(at_us(5), "CLAUDE_EXIT")
    assert desk.book.leaving is None
    desk.hold()
    desk.feed.give(20, 100.0)
    desk.broker.leave(at_us(20), "CLAUDE_EXIT")
    desk.broker.leave(at_us(21), "OTHER")
    assert desk.look() == []
    desk.feed.known.main.broken = "schema"
    assert desk.beat(30) == []
    desk.feed.known.main.broken = ""
    desk.killed = True
    assert desk.beat(35) == []
    desk.killed = False
    assert desk.beat(40) == [("exit", "CLAUDE_EXIT")]
    assert desk.book.closed[-1].at == at_us(40)


def test_a_stop_goes_before_advice_to_leave():
    desk = Desk()
    desk.hold()
    desk.broker.leave(at_us(15), "CLAUDE_EXIT")
    assert desk.beat(20, 98.0) == [("exit", "SL_HIT")]


@pytest.mark.parametrize(("gap", "found"), [(60, []), (60.000001, [("exit", "DATA_LOSS")])])
@pytest.mark.parametrize("step_s", [10.0, 60.0])
def test_a_gap_in_the_prices_ends_a_position_at_the_first_one_after(gap, found, step_s):
    desk = Desk()
    desk.hold()
    desk.feed.known.step_s = step_s
    assert desk.beat(20, 100.1) == []
    assert desk.beat(20 + gap + step_s - 10, 100.2) == found
    if found:
        assert desk.book.events[-1].price == pytest.approx(100.2 * 0.995)


def test_a_stop_before_a_gap_stays_a_stop_and_a_level_behind_it_is_none():
    for price, reason in ((98.0, "SL_HIT"), (100.1, "DATA_LOSS")):
        desk = Desk()
        desk.hold()
        desk.feed.give(20, price)
        desk.feed.give(90, 104.0)  # behind the target
        assert desk.look() == [("exit", reason)]
    without = Desk(data_loss_s=None)
    without.hold()
    assert without.beat(300, 100.1) == []


def test_with_the_kill_file_what_rests_fills_and_nothing_else():
    desk = Desk(reverses=True)
    desk.hold()
    desk.killed = True
    for second in range(20, 3_120, 50):  # the time exit is due at 3,000
        assert desk.beat(second, 100 + second / 1e4, state="all_red") == []
    assert desk.beat(3_120, 98.0) == [("exit", "SL_HIT")]


def test_an_exit_is_not_later_than_the_clock():
    desk = Desk()
    desk.hold()
    desk.feed.give(20, 98.0)
    assert desk.look(18) == [("exit", "SL_HIT")]
    assert desk.book.closed[-1].at == at_us(18)


def test_nothing_is_left_before_a_sample_after_the_entry():
    desk = Desk()
    desk.hold()
    desk.broker.leave(at_us(10), "CLAUDE_EXIT")
    assert desk.look() == []
    assert desk.beat(20) == [("exit", "CLAUDE_EXIT")]


def test_on_candles_an_exit_is_known_at_their_close_and_made_at_its_time_and_price():
    desk = Desk(on_candles=True, data_loss_s=None)
    desk.hold()
    for second in range(50, 600, 50):
        assert desk.beat(second, 103.0 if second == 400 else 100.0) == []
    assert desk.beat(610, 100.0) == [("exit", "TP_HIT")]
    desk = Desk(on_candles=True, data_loss_s=None)
    desk.hold()
    for second in range(50, 3_000, 50):
        assert desk.beat(second, 100.0) == []
    assert desk.beat(3_050, 101.0) == [("exit", "TIME_EXIT")]
    assert (desk.book.closed[-1].at, desk.book.events[-1].price) == (at_us(3_000), pytest.approx(99.5))
