"""Where a rule of the loop begins and ends: rows that come at once, requests about nothing, columns in another order."""

from __future__ import annotations

import pytest

from lib.contract.schema import SAMPLE_FILES
from lib.market.costs import Costs
from runner.errors import EventLogError
from runner.trade.book import Book
from runner.trade.clock import SetClock
from runner.trade.events import EVENTS_FILE, Event, EventLog, read_events
from runner.trade.feed import LiveFeed
from runner.trade.guards import guard
from runner.trade.live import Watchman
from runner.trade.paper import PaperBroker, Watch
from runner.trade.resume import REQUEST_FILE, take_request
from runner.trade.settings import PaperSettings, TradeSettings
from tests.builders import candles, samples
from tests.runner.trade.made import Script, at_us, enter, hand_loop, log_rows, settings
from tests.runner.trade.test_feed import HEADER, Folder, row
from tests.runner.trade.test_known import known_of


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((row(10, "-5"), row(20)), ""),
        ((row(10), row(20, "-5")), "schema"),
        ((row(10, "-5"), row(20), row(30, "-5")), "schema"),
        ((row(10, "-5"), row(15), row(20), row(30)), ""),
        ((row(10), "rubbish\n"), "schema"),
    ],
)
def test_of_rows_that_come_at_once_the_last_one_decides(tmp_path, rows, code):
    folder = Folder(tmp_path)
    folder.add(row(0))
    feed = LiveFeed(tmp_path, SetClock(at_us(1)))
    folder.add(*rows)
    feed.clock.at_us = at_us(30)
    assert feed.poll()
    assert guard(feed, TradeSettings(), "") == code


def test_a_request_to_lift_what_is_not_halted_is_dropped(tmp_path):
    with hand_loop(tmp_path, Script()) as (loop, _):
        assert not take_request(tmp_path, loop.book, at_us(0))
        (tmp_path / REQUEST_FILE).write_text(f'{{"halt_at": {at_us(100)}}}')
        assert not take_request(tmp_path, loop.book, at_us(400))
        assert not (tmp_path / REQUEST_FILE).exists()


def test_a_person_is_told_that_a_halt_is_over(tmp_path):
    told = []
    with hand_loop(tmp_path, Script(), notify=lambda kind, text: told.append((kind, text))) as (loop, _):
        loop.book.record(Event("halt", at_us(100), reason="drawdown"))
        (tmp_path / REQUEST_FILE).write_text(f'{{"halt_at": {at_us(100)}}}')
        Watchman(tmp_path, loop).step()
    assert told == [("halt", "lifted by a person")]


def test_silence_is_a_tick_that_says_stale(tmp_path):
    with hand_loop(tmp_path, Script()) as (loop, feed):
        feed.clock.at_us = at_us(60)
        assert Watchman(tmp_path, loop).step().outcome == "stale"
    (tick,) = log_rows(tmp_path, "ticks.csv")
    assert (tick["outcome"], tick["reason_code"]) == ("stale", "silence")


def test_nothing_is_left_where_nothing_is_held():
    book = Book()
    broker = PaperBroker(book, PaperSettings(), Costs(), Watch(), SetClock(at_us(0)))
    broker.leave(at_us(1), "CLAUDE_EXIT")
    assert book.leaving is None


def test_what_is_being_left_keeps_its_first_reason(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
        for reason in ("CLAUDE_EXIT", "OTHER"):
            loop.broker.leave(at_us(50), reason)
        feed.give(60, 100.0)
        assert [event.reason for event in loop.step().events] == ["CLAUDE_EXIT"]
    assert [event.kind for event in read_events(tmp_path)] == ["open", "order", "fill", "leave", "exit"]


def test_an_event_log_is_read_by_the_names_of_its_columns(tmp_path):
    events = [Event("open", at_us(0), price=1_000.0), Event("halt", at_us(1), reason="drawdown")]
    with EventLog(tmp_path) as log:
        for event in events:
            log.append(event)
    path = tmp_path / EVENTS_FILE
    path.write_text("".join(",".join(line.split(",")[::-1]) + "\n" for line in path.read_text().splitlines()))
    assert read_events(tmp_path) == events


def test_what_contradicts_the_book_is_not_written():
    written = []
    book = Book(written.append)
    with pytest.raises(EventLogError, match="not opened"):
        book.record(Event("halt", at_us(0), reason="drawdown"))
    assert written == []


@pytest.mark.parametrize(("rows", "growth"), [(7, 0.0), (8, 50.0)])
def test_a_step_is_measured_from_eight_samples_on(rows, growth):
    known = known_of(samples([(minute, 1.0, "mixed") for minute in range(rows)]), candles([]))
    known.know(at_us(60 * rows))
    assert known.growth_s == growth


def test_the_feed_keeps_six_hours_though_it_parses_only_what_is_new(tmp_path):
    folder = Folder(tmp_path)
    folder.add(row(0))
    feed = LiveFeed(tmp_path, SetClock(at_us(1)))
    for second in (3_600, 6 * 3_600 - 1, 6 * 3_600):
        folder.add(row(second))
        feed.clock.at_us = at_us(second)
        assert feed.poll()
    for table in feed.known.samples.values():
        assert [int(at) for at in table.at] == [at_us(second) for second in (3_600, 6 * 3_600 - 1, 6 * 3_600)]


def test_a_file_that_became_shorter_is_read_again(tmp_path):
    folder = Folder(tmp_path)
    folder.add(row(0), row(10), row(20))
    feed = LiveFeed(tmp_path, SetClock(at_us(21)))
    for name in SAMPLE_FILES.values():
        (tmp_path / name).write_text(HEADER + row(30))
    feed.clock.at_us = at_us(31)
    assert feed.poll()
    assert [int(at) for at in feed.known.main.at] == [at_us(30)]


@pytest.mark.parametrize("why", ["CLAUDE_EXIT", "DATA_LOSS"])
def test_no_market_order_leaves_while_the_kill_file_is_there(tmp_path, why):
    """Neither what was advised before it came nor what a gap in the prices makes due; both when it is gone."""
    chosen = settings(gate={"every_minutes": 1_000, "least_seconds": 0})
    with hand_loop(tmp_path, Script(enter()), chosen) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
        (tmp_path / "KILL").touch()
        if why == "CLAUDE_EXIT":
            loop.broker.leave(at_us(50), why)
        first = 60 if why == "CLAUDE_EXIT" else 130
        for second in (first, first + 10):
            feed.give(second, 100.0)
            assert loop.step().events == ()
        (tmp_path / "KILL").unlink()
        feed.give(first + 20, 100.0)
        assert [event.reason for event in loop.step().events] == [why]
