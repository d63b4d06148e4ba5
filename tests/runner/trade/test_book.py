"""The account is the replay of its events; events that contradict each other end the program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runner.errors import EventLogError
from runner.trade.book import Book, not_after
from runner.trade.events import EVENTS_FILE, Event, EventLog, read_events
from runner.trade.known import stamp
from runner.trade.models import Position
from tests.runner.trade.made import at_us

OPEN = Event("open", at_us(0), price=1_000.0)
ORDER = Event(
    "order",
    at_us(1),
    "a",
    "SHORT",
    notional=500.0,
    stop_pct=0.15,
    target_pct=0.3,
    hold_minutes=45.0,
    valid_until=at_us(21),
)
FILL = Event(
    "fill",
    at_us(11),
    "a",
    "SHORT",
    size=5.0,
    price=100.0,
    fee=0.225,
    stop_pct=0.15,
    target_pct=0.3,
    hold_minutes=45.0,
)
EXIT = Event("exit", at_us(21), "a", "SHORT", size=5.0, price=99.7, fee=0.225, reason="TP_HIT")


def test_cash_and_units_of_a_short():
    book = Book.from_events([OPEN, ORDER, FILL])
    assert (book.cash, book.units) == (pytest.approx(1_000 + 500 - 0.225), -5.0)
    book.apply(EXIT)
    assert (book.cash, book.units, book.held) == (pytest.approx(1_000 + 5 * 0.3 - 0.45), 0.0, None)
    assert book.equity == book.cash
    assert book.closed[0].net == pytest.approx(1.05)


@pytest.mark.parametrize(
    "events",
    [
        [ORDER],
        [OPEN, OPEN],
        [OPEN, FILL],
        [OPEN, ORDER, ORDER],
        [OPEN, ORDER, FILL, FILL],
        [OPEN, ORDER, FILL, EXIT, EXIT],
        [OPEN, ORDER, FILL, EXIT, ORDER],
        [OPEN, ORDER, Event("fill", at_us(11), "b", "LONG", size=1.0, price=1.0)],
        [OPEN, ORDER, Event("void", at_us(11), "a", reason="expired"), FILL],
    ],
)
def test_events_that_contradict_each_other_are_refused(events):
    with pytest.raises(EventLogError):
        Book.from_events(events)


def test_what_cannot_be_written_does_not_count():
    def full(event):
        raise OSError("full")

    book = Book(full)
    with pytest.raises(OSError, match="full"):
        book.record(OPEN)
    assert not book.opened


def test_events_come_back_exactly(tmp_path):
    odd = Event(
        "order",
        at_us(1.234567),
        "a",
        "LONG",
        notional=1_000 / 3,
        stop_pct=0.1 + 0.2,
        target_pct=0.3,
        hold_minutes=45.0,
        valid_until=at_us(30),
        row='x,"y, z",',
    )
    with EventLog(tmp_path) as log:
        for event in (OPEN, odd):
            log.append(event)
    assert read_events(tmp_path) == [OPEN, odd]
    with EventLog(tmp_path) as log:
        assert log.events == [OPEN, odd]
        log.append(Event("void", at_us(40), "a", reason="expired"))
    assert len(read_events(tmp_path)) == 3


def test_a_torn_last_row_is_kept_aside_and_a_broken_middle_refused(tmp_path):
    with EventLog(tmp_path) as log:
        for event in (OPEN, ORDER, FILL):
            log.append(event)
    path = tmp_path / EVENTS_FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert read_events(tmp_path) == [OPEN, ORDER]
    with EventLog(tmp_path) as log:
        assert log.events == [OPEN, ORDER]
    lines = whole.decode().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1], lines[3]]))
    with pytest.raises(EventLogError, match="line 3"), EventLog(tmp_path):
        pass
    path.write_text("".join([*lines[:2], lines[2].replace("500.0", "many"), lines[3]]))
    with pytest.raises(EventLogError, match="line 3"):
        read_events(tmp_path)


def test_the_position_tells_its_levels_and_how_far_it_went():
    position = Book.from_events([OPEN, ORDER, FILL]).position(np.array([99.8, 100.1]))
    assert (position.stop_price, position.target_price) == (pytest.approx(100.15), pytest.approx(99.7))
    assert (position.peak_pct, position.worst_pct) == (pytest.approx(0.2), pytest.approx(-0.1))
    assert position.fees == pytest.approx(0.45)


YEARS = 4 * 10**15  #: microseconds: 2096


def test_an_exit_of_a_wrong_clock_is_taken_as_it_can_have_happened():
    """As older versions wrote it: the sample was stamped in 2096, and so were the exit and its cooldown."""
    exited = replace(EXIT, at=YEARS, reason="DATA_LOSS")
    book = Book.from_events([OPEN, ORDER, FILL, exited])
    hold = int(FILL.hold_minutes * 60e6)
    soon = FILL.at + hold // 2
    book.settle(soon)
    assert (book.closed[-1].at, book.filled_since(soon + 1)) == (soon, 0)
    book = Book.from_events([OPEN, ORDER, FILL, exited])
    book.settle(FILL.at + 3 * hold)
    assert book.closed[-1].at == FILL.at + hold
    assert book.equity == Book.from_events([OPEN, ORDER, FILL, exited]).equity
    assert book.events[-1].at == YEARS  # the log keeps what was written
    book.settle(FILL.at + 4 * hold)
    assert book.closed[-1].at == FILL.at + hold  # at every later look, and after every restart, the same


def test_what_followed_an_event_of_a_wrong_clock_bounds_it():
    order = replace(ORDER, decision_id="b", at=FILL.at + 7)
    exited = replace(EXIT, at=YEARS, reason="DATA_LOSS")
    book = Book.from_events([OPEN, ORDER, FILL, exited, order])
    book.settle(FILL.at + 10**10)
    assert book.closed[-1].at == order.at


def test_an_order_and_a_position_of_a_wrong_clock_do_not_wait_for_it():
    ahead = replace(ORDER, at=YEARS, valid_until=YEARS + 20)
    book = Book.from_events([OPEN, ahead])
    book.settle(100)
    assert (book.order.at, book.order.valid_until) == (100, 100)
    book = Book.from_events([OPEN, ahead, replace(FILL, at=YEARS + 1)])
    book.settle(100)
    assert book.held.at == 100
    book.settle(200)
    assert book.held.at == 100  # its age grows


def test_a_clock_that_is_set_right_again_brings_the_true_times_back():
    exited = replace(EXIT, at=FILL.at + 9)
    halt = Event("halt", FILL.at + 10, reason="drawdown")
    book = Book.from_events([OPEN, ORDER, FILL, exited, halt])
    book.settle(5)
    assert (book.fills[-1].at, book.closed[-1].at, book.halt.at) == (5, 5, halt.at)
    book.settle(FILL.at + 20)
    assert (book.fills[-1].at, book.closed[-1].at) == (FILL.at, exited.at)
    assert book.halted == "drawdown"


def test_what_happened_by_now_stays_as_it_is_and_the_rest_is_taken_at_its_latest_instant():
    halt = Event("halt", YEARS, reason="drawdown")
    assert not_after([OPEN, ORDER, halt], ORDER.at) == [OPEN, ORDER, halt]
    hold = int(FILL.hold_minutes * 60e6)
    later, now = replace(ORDER, decision_id="b", at=YEARS, valid_until=YEARS + 1), FILL.at + 2 * hold
    # A hold bounds its own exit, not the next order; the exit is bounded by now where its fill is not older.
    assert not_after([OPEN, ORDER, FILL, EXIT, later], now)[-1] == replace(later, at=now, valid_until=now)
    filled, exited = replace(FILL, at=now + 1), replace(EXIT, at=now + 2)
    assert [event.at for event in not_after([OPEN, ORDER, filled, exited], now)[2:]] == [now, now]
    assert not_after([OPEN, replace(EXIT, at=YEARS)], now)[-1].at == now


HELD = [OPEN, ORDER, FILL]


@pytest.mark.parametrize(
    ("before", "event", "why"),
    [
        ([], ORDER, "order of a: the account was not opened"),
        ([], Event("halt", at_us(1), reason="x"), "halt of the account: the account was not opened"),
        ([OPEN], OPEN, "open of the account: the account is open already"),
        ([OPEN], FILL, "it is not what is ordered"),
        ([OPEN], EXIT, "it is not what is held"),
        ([OPEN, ORDER], replace(ORDER, decision_id="b"), "something is held or ordered"),
        (HELD, replace(ORDER, decision_id="b"), "something is held or ordered"),
        ([*HELD, EXIT], ORDER, "it was ordered before"),
        ([OPEN, ORDER], replace(FILL, direction="LONG"), "it is not what is ordered"),
        ([OPEN, ORDER], Event("void", at_us(2), "b", reason="x"), "it is not what is ordered"),
        (HELD, Event("leave", at_us(20), "b", reason="x"), "it is not what is held"),
        (HELD, replace(EXIT, size=4.0), "it is not what is held"),
        (HELD, replace(EXIT, direction="LONG"), "it is not what is held"),
        (HELD, Event("leave", at_us(20), "a", reason="x"), ""),
        (HELD, EXIT, ""),
        ([OPEN, replace(ORDER, size=5.0)], replace(FILL, size=4.0), "it is not what is ordered"),
        ([OPEN, replace(ORDER, size=5.0)], FILL, ""),
        ([OPEN, replace(ORDER, size=5.0)], Event("void", at_us(2), "a", reason="x"), ""),
    ],
)
def test_what_cannot_follow_is_neither_written_nor_counted(before, event, why):
    written: list[Event] = []
    book = Book.from_events(before, written.append)
    if not why:
        assert book.record(event) is event
        assert (written, book.events) == ([event], [*before, event])
        return
    with pytest.raises(EventLogError, match=f"{why}$"):
        book.record(event)
    assert (written, book) == ([], Book.from_events(before, book.write))
    with pytest.raises(EventLogError, match=f"line {len(before) + 2}: the event log contradicts itself"):
        Book.from_events([*before, event])


def test_what_happened_at_an_instant_counts_from_it_on():
    book = Book.from_events([*HELD, EXIT])
    assert (book.filled_since(FILL.at), book.filled_since(FILL.at + 1)) == (1, 0)
    assert book.net_since(EXIT.at) == (pytest.approx(1.05), pytest.approx(1_000.0))
    assert book.net_since(EXIT.at + 1) == (0, pytest.approx(1_001.05))
    assert book.net_since(EXIT.at, 1) == (0, pytest.approx(1_001.05))
    assert (book.fill_of("a"), book.fill_of("b"), book.watched()) == (FILL, None, None)
    assert book.drawdown_pct() == 0.0


def test_a_drawdown_is_percent_of_the_highest_equity():
    lost = replace(EXIT, price=100.0 + 99.91)  # of a short: 5 · 99.91 and twice the fee are 500
    book = Book.from_events([OPEN, ORDER, FILL, lost])
    assert (book.equity, book.drawdown_pct()) == (pytest.approx(500.0), pytest.approx(50.0))
    small = Book.from_events([replace(OPEN, price=0.5)])
    assert small.drawdown_pct() == 0.0
    assert Book.from_events([Event("open", at_us(0), reason="somebody")]).drawdown_pct() == 100.0


def test_a_position_is_what_was_filled():
    assert Book.from_events([OPEN, ORDER]).position(np.empty(0)) is None
    assert Book.from_events(HELD).position(np.empty(0)) == Position(
        decision_id="a",
        direction="SHORT",
        size=5.0,
        entry_price=100.0,
        entry_time=stamp(FILL.at),
        stop_price=pytest.approx(100.15),
        target_price=pytest.approx(99.7),
        time_exit_at=stamp(at_us(50 * 60)),
        fees=pytest.approx(0.45),
        peak_pct=0.0,
        worst_pct=0.0,
    )
