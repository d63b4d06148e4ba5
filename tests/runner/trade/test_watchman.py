"""What a person is told of a loop, and when silence is a tick; the clock is set by hand."""

from __future__ import annotations

import errno
import logging
import os
import threading

import pytest

from runner.files import journal as journal_module
from runner.trade.live import Watchman
from runner.trade.loop import TickOutcome
from runner.trade.models import Answer
from tests.runner.trade.made import Looker, Script, at_us, enter, hand_loop, log_rows, settings


@pytest.mark.parametrize(("step_s", "longest"), [(10.0, 25), (60.0, 75)])
def test_silence_begins_after_the_age_that_grows_with_the_datas_step(tmp_path, step_s, longest):
    with hand_loop(tmp_path, Script()) as (loop, feed):
        loop.feed.known.step_s = step_s
        watchman = Watchman(tmp_path, loop)
        feed.clock.at_us = at_us(30 + longest)  # the newest sample is of second 30
        assert watchman.step() is None
        feed.clock.at_us += 1
        assert watchman.step() == TickOutcome(feed.clock.at_us, "stale", "silence")
    assert [row["reason_code"] for row in log_rows(tmp_path, "ticks.csv")] == ["silence"]


def test_a_controlled_test_is_told_of_silence_too(tmp_path):
    looker = Looker()
    with hand_loop(tmp_path, Script(), experimenter=looker) as (loop, feed):
        feed.clock.at_us = at_us(100)
        Watchman(tmp_path, loop).step()
    assert looker.looks == [(at_us(100), at_us(100))]


@pytest.mark.parametrize(("step_s", "longest"), [(10.0, 60), (60.0, 110)])
def test_a_position_is_blind_after_the_gap_that_grows_with_the_datas_step(tmp_path, step_s, longest):
    told: list[tuple[str, str]] = []
    with hand_loop(tmp_path, Script(enter()), notify=lambda *words: told.append(words)) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
        assert loop.book.held is not None
        loop.feed.known.step_s = step_s
        watchman = Watchman(tmp_path, loop)
        feed.clock.at_us = at_us(50 + longest)
        watchman.step()
        blind = [text for kind, text in told if kind == "error"]
        assert blind == []
        loop.settings = settings(beat_s=0.000001)
        feed.clock.at_us += 2
        watchman.step()
    blind = [text for kind, text in told if kind == "error"]
    assert blind == [
        f"a position is open and had no price for {longest} s; it is closed at the next one, unless the prices of that time still come"
    ]


def test_samples_of_another_market_are_told_once_and_when_they_are_over(tmp_path):
    told: list[tuple[str, str]] = []
    with hand_loop(tmp_path, Script(), notify=lambda *words: told.append(words)) as (loop, feed):
        loop.symbol = "ETH/USDT"
        watchman = Watchman(tmp_path, loop)
        for second in (40, 50, 60):
            feed.give(second, 100.0)
            watchman.step()
        (wrong,) = told
        assert "the loop trades ETH/USDT: no entry is made. Set [trade] symbol" in wrong[1]
        loop.symbol = ""
        feed.give(70, 100.0)
        watchman.step()
        assert len(told) == 2 and told[1][1].startswith("over: ")


def test_a_request_to_resume_that_cannot_be_taken_away_stops_nobody(tmp_path):
    (tmp_path / "resume.request").mkdir()
    with hand_loop(tmp_path, Script()) as (loop, feed):
        feed.give(40, 100.0)
        assert Watchman(tmp_path, loop).step().outcome != "stale"


def test_without_a_position_nobody_is_told_of_prices(tmp_path):
    told: list[str] = []
    with hand_loop(tmp_path, Script(), notify=lambda kind, text: told.append(kind)) as (loop, feed):
        feed.clock.at_us = at_us(600)
        Watchman(tmp_path, loop).step()
    assert told == ["stale"]


def test_a_full_disk_is_told_once_and_its_end(tmp_path, monkeypatch):
    told: list[tuple[str, str]] = []

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with hand_loop(tmp_path, Script(), notify=lambda *words: told.append(words)) as (loop, feed):
        watchman = Watchman(tmp_path, loop)
        outcomes = []
        for second in (40, 50, 60, 70):
            with monkeypatch.context() as patched:
                if second < 70:
                    patched.setattr(journal_module, "_write_all", refuse)
                feed.give(second, 100.0)
                outcomes.append(watchman.step().outcome)
        assert outcomes == ["asked", "disk", "disk", "asked"]
    text = "nothing more can be written (a full disk, or a file that was exchanged): no entry is made"
    assert told == [("error", text), ("error", f"over: {text}")]


def test_ticks_that_asked_or_did_something_are_logged_louder(tmp_path, caplog):
    chosen = settings(gate={"every_minutes": 1_000, "least_seconds": 1_000})
    with hand_loop(tmp_path, Script(enter()), chosen) as (loop, feed), caplog.at_level(logging.DEBUG):
        watchman = Watchman(tmp_path, loop)
        caplog.clear()
        for second, price in ((40, 100.0), (50, 100.0), (60, 100.0), (70, 99.0)):
            feed.give(second, price)
            watchman.step()
    levels = [(line.levelname, line.message) for line in caplog.records if line.name == "ribbon.trade"]
    assert [level for level, _ in levels] == ["INFO", "INFO", "DEBUG", "INFO"]
    assert [text for _, text in levels] == ["asked -", "gate held", "gate held", "gate closed"]


def test_an_equity_that_is_set_once_the_account_has_begun_is_said_to_be_for_a_new_one(tmp_path, caplog):
    with hand_loop(tmp_path, Script(), settings(paper={"equity": 1_000})):
        pass
    with hand_loop(tmp_path, Script(), settings(paper={"equity": 1_000})):
        assert not caplog.records
    with hand_loop(tmp_path, Script(), settings(paper={"equity": 5_000})) as (loop, _):
        assert loop.book.equity == 1_000
    assert [
        "equity = 5000.00 is for a new account" in line.message and "began with 1000.00" in line.message
        for line in caplog.records
    ] == [True]


def _told_of_answers(folder, *answers: tuple[float, str]) -> list[tuple[float, str]]:
    """What is told, with its second, where the decider answers so at these seconds; "" is a valid answer."""
    told: list[tuple[float, str]] = []
    script = Script(*(Answer.hold(reason) if reason else Answer("HOLD", False, 0.5) for _, reason in answers))
    with hand_loop(folder, script, notify=lambda kind, text: told.append((second, text))) as (loop, feed):
        watchman = Watchman(folder, loop)
        for second, _ in answers:
            feed.give(second, 100.0 + second / 1_000)
            watchman.step()
    return told


def test_asks_in_a_row_without_an_answer_are_told_once_and_when_they_are_over(tmp_path):
    codes = ("rate_limited", "overloaded", "rate_limited", "timeout", "timeout", "", "overloaded", "")
    begun, over = _told_of_answers(tmp_path, *((40.0 + 10 * place, code) for place, code in enumerate(codes)))
    assert begun[0] == 60
    assert begun[1].startswith(
        "script was asked 3 times in a row without an answer, the newest: rate limited. No entry"
    )
    assert over == (90, f"over: {begun[1]}")


def test_the_second_ask_without_an_answer_is_told_where_the_first_lies_a_minute_back(tmp_path):
    assert [second for second, _ in _told_of_answers(tmp_path, (40, "overloaded"), (101, "connection"))] == [
        101
    ]


def test_a_refusal_that_was_announced_is_not_told_again_by_the_asks_that_it_costs(tmp_path):
    """The key is refused, nobody is asked for a while, and the next try is refused too."""
    codes = ["authentication", *["blocked"] * 4, "authentication", "blocked"]
    assert _told_of_answers(tmp_path, *((40.0 + 20 * place, code) for place, code in enumerate(codes))) == []


def test_a_decider_that_never_comes_back_is_told_after_a_minute(tmp_path):
    told: list[tuple[str, str]] = []
    free = threading.Event()

    class Hung(Script):
        def decide(self, view, deadline_s):
            free.wait(30)
            return enter()

    chosen = settings(deadline_s=0.05)
    with hand_loop(tmp_path, Hung(), chosen, notify=lambda *words: told.append(words)) as (loop, feed):
        watchman = Watchman(tmp_path, loop)
        for second in (40, 50, 90, 100):
            feed.give(second, 100.0 + second / 1_000)
            watchman.step()
            assert len(told) == (second >= 100)
        free.set()
    assert told[0][1].startswith("script was asked once without an answer, the newest: timeout. ")
