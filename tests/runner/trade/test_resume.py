"""Only a person lifts a halt: at once where no loop runs, through the loop where one does (docs/guarantees.md, L6)."""

from __future__ import annotations

import threading

import pytest
from typer.testing import CliRunner

from lib.errors import MissingDataError, ParameterError
from runner.cli import app
from runner.errors import RunnerError
from runner.trade.book import Book
from runner.trade.events import Event, EventLog, read_events
from runner.trade.live import Watchman
from runner.trade.resume import REQUEST_FILE, resume, take_request
from tests.runner.trade.made import Script, at_us, hand_loop


def halted(folder, second=100.0):
    with EventLog(folder) as log:
        book = Book.from_events(log.events, log.append)
        if not book.opened:
            book.record(Event("open", at_us(0), price=1_000.0))
        book.record(Event("halt", at_us(second), reason="drawdown"))


def test_where_nothing_was_traded_or_halted_there_is_nothing_to_lift(tmp_path):
    with pytest.raises(MissingDataError):
        resume(tmp_path, at_us(0))
    with hand_loop(tmp_path, Script()):
        pass
    with pytest.raises(ParameterError, match="nothing is halted"):
        resume(tmp_path, at_us(0))


def test_without_a_loop_it_is_lifted_at_once(tmp_path):
    halted(tmp_path)
    told = CliRunner().invoke(app, ["resume", "--trading-data", str(tmp_path)])
    assert told.exit_code == 0
    assert "drawdown" in told.stdout
    assert Book.from_events(read_events(tmp_path)).halted == ""
    assert (read_events(tmp_path)[-1].kind, read_events(tmp_path)[-1].reason) == ("resume", "person")


def test_a_running_loop_takes_the_request_up(tmp_path):
    halted(tmp_path)
    with hand_loop(tmp_path, Script()) as (loop, _):
        watchman, over = Watchman(tmp_path, loop), threading.Event()
        told = []

        def ask():
            told.append(resume(tmp_path, at_us(200), wait_s=10))
            over.set()

        thread = threading.Thread(target=ask)
        thread.start()
        while not over.wait(0.01):
            watchman.step()
        thread.join()
        assert "drawdown" in told[0]
        assert loop.book.halted == ""
    assert not (tmp_path / REQUEST_FILE).exists()


def test_a_loop_that_does_not_answer_is_told_of(tmp_path):
    halted(tmp_path)
    with hand_loop(tmp_path, Script()), pytest.raises(RunnerError, match="did not lift"):
        resume(tmp_path, at_us(200), wait_s=0.2)


def test_a_request_that_was_left_over_lifts_no_later_halt(tmp_path):
    (tmp_path / REQUEST_FILE).write_text(f'{{"halt_at": {at_us(100)}}}')
    halted(tmp_path, 300.0)
    with hand_loop(tmp_path, Script()) as (loop, _):
        assert not take_request(tmp_path, loop.book, at_us(400))
        assert loop.book.halted == "drawdown"
        (tmp_path / REQUEST_FILE).write_text("rubbish")
        assert not take_request(tmp_path, loop.book, at_us(400))
        assert loop.book.halted == "drawdown"


def test_what_a_request_lifts_is_lifted_by_a_person_though_the_request_is_gone_by_then(tmp_path):
    path, written = tmp_path / REQUEST_FILE, []
    path.write_text(f'{{"halt_at": {at_us(100)}}}')

    def write(event):
        written.append(event)
        path.unlink(missing_ok=True)

    book = Book.from_events(
        [Event("open", at_us(0), price=1.0), Event("halt", at_us(100), reason="x")], write
    )
    assert take_request(tmp_path, book, at_us(200))
    assert (written, book.halted) == ([Event("resume", at_us(200), reason="person")], "")
