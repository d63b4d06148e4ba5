"""The limits that no answer passes, and halts that only a person lifts (docs/guarantees.md, L6)."""

from __future__ import annotations

import os

import pytest

from runner.trade.book import Book
from runner.trade.events import Event, read_events
from runner.trade.rails import Rails, account
from runner.trade.settings import RailSettings
from tests.runner.trade.made import BEAT, Script, at_us, enter, hand_loop, log_rows, settings

MINUTE = 60
LIMITS = RailSettings()


def book_of(*trades: tuple[float, float], equity: float = 1_000.0) -> Book:
    """A book of `equity` with trades of (minute of the exit, net in dollars), each held for a minute, without fees."""
    book = Book()
    book.apply(Event("open", at_us(0), price=equity))
    for number, (minute, net) in enumerate(trades):
        name = str(number)
        begun = at_us((minute - 1) * MINUTE)
        book.apply(Event("order", begun, name, "LONG", notional=1_000.0, valid_until=begun + 1))
        book.apply(
            Event(
                "fill",
                begun,
                name,
                "LONG",
                size=10.0,
                price=100.0,
                stop_pct=0.15,
                target_pct=0.3,
                hold_minutes=45,
            )
        )
        book.apply(Event("exit", at_us(minute * MINUTE), name, "LONG", size=10.0, price=100.0 + net / 10))
    return book


@pytest.fixture
def rails(tmp_path):
    return Rails(LIMITS, tmp_path)


def test_an_entry_waits_for_the_cooldown(rails):
    book = book_of((10, 1.0))
    assert rails.before(book, at_us(15 * MINUTE - 1)) == "cooldown"
    assert rails.before(book, at_us(15 * MINUTE)) == ""


def test_four_entries_an_hour_and_then_the_next_hour(rails):
    book = book_of((5, 1), (15, 1), (25, 1), (35, 1))
    assert rails.before(book, at_us(59.9 * MINUTE)) == "hour"
    assert rails.before(book, at_us(60 * MINUTE)) == ""
    assert rails.before(book_of((5, 1), (15, 1), (25, 1)), at_us(45 * MINUTE)) == ""


def test_twenty_entries_a_day_and_then_the_next_day(rails):
    book = book_of(*((20 + 60 * hour, 0.1) for hour in range(20)))
    assert rails.before(book, at_us(23.9 * 3_600)) == "day"
    assert rails.before(book, at_us(24 * 3_600)) == ""


@pytest.mark.parametrize(("net", "halt"), [(-19.99, ""), (-20.0, "daily_loss"), (-300.0, "daily_loss")])
def test_a_daily_loss_halts(rails, net, halt):
    assert rails.trip(book_of((10, net)), at_us(20 * MINUTE)) == halt


def test_a_daily_loss_counts_from_the_equity_of_the_day_and_ends_with_it(rails):
    book = book_of((10, 500.0), (20, -29.0))
    assert rails.trip(book, at_us(30 * MINUTE)) == ""  # the day began with 1,000
    book = book_of((10, -19.0), (26 * 60, -19.0))
    assert rails.trip(book, at_us(26 * 3_600)) == ""
    book = book_of((10, -19.0), (26 * 60, -19.7))
    assert rails.trip(book, at_us(26.1 * 3_600)) == "daily_loss"  # 2 % of 981


def test_a_drawdown_halts_over_days(rails):
    losses = [(10 + 24 * 60 * day, -18.0) for day in range(6)]
    assert rails.trip(book_of(*losses[:5]), at_us(6 * 86_400)) == ""
    assert rails.trip(book_of(*losses), at_us(6 * 86_400)) == "drawdown"


def test_after_a_resume_both_are_measured_anew(rails):
    book = book_of((10, -150.0))
    assert rails.trip(book, at_us(11 * MINUTE)) == "daily_loss"
    book.apply(Event("halt", at_us(11 * MINUTE), reason="daily_loss"))
    assert rails.before(book, at_us(20 * MINUTE)) == "halt_daily_loss"
    assert rails.trip(book, at_us(20 * MINUTE)) == ""
    book.apply(Event("resume", at_us(21 * MINUTE), reason="person"))
    assert rails.trip(book, at_us(22 * MINUTE)) == ""
    assert book.drawdown_pct() == 0.0
    assert rails.before(book, at_us(22 * MINUTE)) == ""


def test_a_halt_that_could_not_be_written_stops_entries_all_the_same(rails):
    assert rails.before(book_of((10, -50.0)), at_us(30 * MINUTE)) == "halt_daily_loss"


def test_the_kill_file_stops_and_a_check_that_fails_counts_as_present(rails, tmp_path, monkeypatch):
    assert not rails.killed()
    (tmp_path / "KILL").touch()
    assert rails.killed()
    assert rails.before(book_of(), at_us(0)) == "kill"
    (tmp_path / "KILL").unlink()
    (tmp_path / "KILL").symlink_to(tmp_path / "nowhere")
    assert rails.killed()
    assert Rails(LIMITS, tmp_path / "gone").killed()
    assert Rails(RailSettings(kill_file="KILL/inside"), tmp_path).killed()

    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "lstat", refused)
    monkeypatch.setattr("pathlib.Path.lstat", refused)
    assert rails.killed()


def test_a_position_is_as_large_as_the_smallest_limit(rails, tmp_path):
    book = book_of()
    assert rails.notional(book, 50.0) == 500.0
    assert rails.notional(book, 300.0) == 1_000.0
    assert Rails(RailSettings(max_leverage=2), tmp_path).notional(book, 300.0) == 2_000.0
    assert Rails(RailSettings(max_leverage=9, max_size_usd=1_500), tmp_path).notional(book, 300.0) == 1_500.0


def run(loop, feed, *rows):
    found = []
    for second, price in rows:
        feed.give(second, price)
        found.append(loop.step())
    return found


def test_with_the_kill_file_no_order_leaves_but_what_rests_still_fills(tmp_path):
    with hand_loop(tmp_path, Script(enter(), enter(), enter())) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
        (tmp_path / "KILL").touch()
        (event,) = run(loop, feed, (50, 100.0))[0].events
        assert (event.kind, event.reason) == ("void", "kill")
        assert run(loop, feed, (60, 100.0))[0].reason_code == "kill"
        (tmp_path / "KILL").unlink()
        run(loop, feed, (70, 100.0), (80, 100.0))
        assert loop.book.held is not None
        (tmp_path / "KILL").touch()
        run(loop, feed, *((90 + BEAT * place, 100.0) for place in range(290)))
        assert loop.book.held is not None  # the time exit would be a market order
        (event,) = run(loop, feed, (3_000, 99.0))[0].events
        assert (event.kind, event.reason) == ("exit", "SL_HIT")


def test_a_time_exit_that_the_kill_file_delayed_is_made_at_the_price_of_then(tmp_path):
    chosen = settings(gate={"every_minutes": 1_000, "least_seconds": 0})
    with hand_loop(tmp_path, Script(enter()), chosen) as (loop, feed):
        run(loop, feed, (40, 100.0), (50, 100.0))
        (tmp_path / "KILL").touch()
        run(loop, feed, *((100 + 50 * place, 100.0) for place in range(59)))
        assert loop.book.held is not None
        (tmp_path / "KILL").unlink()
        (event,) = run(loop, feed, (3_050, 100.2))[0].events
        assert (event.reason, event.at, event.price) == (
            "TIME_EXIT",
            at_us(3_050),
            pytest.approx(100.2 * 0.9999),
        )


def test_a_halt_persists_over_a_restart_and_stops_entries_not_exits(tmp_path):
    chosen = settings(rails={"max_daily_loss_pct": 0.2, "cooldown_minutes": 0})
    with hand_loop(tmp_path, Script(enter(), enter()), chosen) as (loop, feed):
        run(loop, feed, (40, 100.0), (50, 100.0), (60, 99.0))
        assert loop.book.halted == "daily_loss"
    with hand_loop(tmp_path, Script(enter()), chosen, feed=feed, clock=feed.clock) as (loop, _):
        assert run(loop, feed, (70, 99.0))[0].reason_code == "halt_daily_loss"
    assert [event.kind for event in read_events(tmp_path)] == ["open", "order", "fill", "exit", "halt"]
    assert log_rows(tmp_path, "ticks.csv")[-1] == {
        "timestamp": "2026-01-05T00:01:10Z",
        "outcome": "rail",
        "reason_code": "halt_daily_loss",
    }


def test_a_small_account_is_told_its_day_too():
    assert account(book_of((10, -0.2), equity=0.8), at_us(11 * MINUTE)).day_net_pct == pytest.approx(-25.0)


def test_the_kill_file_may_lie_in_ones_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    of_home = Rails(RailSettings(kill_file="~/STOP"), tmp_path / "data")
    assert not of_home.killed()
    (tmp_path / "STOP").touch()
    assert of_home.killed()
    assert Rails(RailSettings(kill_file="~nobody-here/STOP"), tmp_path).killed()
