"""The account is the replay of its events; events that contradict each other end the program."""

from __future__ import annotations

import pytest

from runner.errors import EventLogError
from runner.trade.book import Book
from runner.trade.events import EVENTS_FILE, Event, EventLog, read_events
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
    import numpy as np

    position = Book.from_events([OPEN, ORDER, FILL]).position(np.array([99.8, 100.1]))
    assert (position.stop_price, position.target_price) == (pytest.approx(100.15), pytest.approx(99.7))
    assert (position.peak_pct, position.worst_pct) == (pytest.approx(0.2), pytest.approx(-0.1))
    assert position.fees == pytest.approx(0.45)
