from __future__ import annotations

import threading
import time

import pandas as pd
import pytest

from lib.contract.times import iso
from lib.errors import QuestionError
from lib.published.pair import PublishedPrompt
from lib.questions.answering import ask, compiled
from lib.questions.frames import question_frames
from runner.question import voices as module
from runner.question.voices import QuestionVoices
from tests.builders import START
from tests.runner.ask.made import LIMITS
from tests.runner.question.made import (
    BEFORE,
    HOUR,
    QUIET,
    SINCE,
    folder_of,
    kept,
    question_of,
)

#: A lesson to act on, as the prompt tells it.
TOLD = "FAVOUR: Entries in the direction that QUESTION falls says gain after costs: n=40\n"
CANDLE = pd.Timedelta(minutes=5)


@pytest.fixture(autouse=True)
def no_wait(monkeypatch, in_this_process):
    monkeypatch.setattr(module, "WAIT_S", 0.0)


@pytest.fixture
def asked(monkeypatch):
    """The questions that a process was started for; `hold` makes those wait, `fail` fail."""

    class Asked(list):
        hold, fail = threading.Event(), False

    found = Asked()
    found.hold.set()

    def in_process(question, candles_5min, limits):
        found.append(question.name)
        found.hold.wait(20)
        if found.fail:
            raise QuestionError("it failed", path=question.path)
        return ask(question, compiled(question), question_frames(candles_5min))

    monkeypatch.setattr(module, "ask_in_process", in_process)
    yield found
    found.hold.set()


@pytest.fixture
def folder(tmp_path, monkeypatch, folder):
    kept(question_of(tmp_path), folder)
    tell(monkeypatch, folder, TOLD)
    return folder


def tell(monkeypatch, folder, text: str) -> None:
    """Publish these lessons."""
    monkeypatch.setattr(
        module, "read_prompt", lambda folder: PublishedPrompt(text, "", iso(SINCE + HOUR), "")
    )
    (folder / "training_insights.json").write_text(text, encoding="utf-8")


def voices_of(folder) -> QuestionVoices:
    return QuestionVoices(folder, LIMITS, 0.02, lambda: SINCE + 24 * HOUR)


def until(condition, seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def close_of(rows: int) -> pd.Timestamp:
    """When the last of the market's first rows closed."""
    return START + rows * CANDLE


def test_an_answer_is_of_exactly_the_candle_that_closed(folder, asked):
    #: Of every twelve rows the third falls, and the question says LONG of it.
    rows = BEFORE + 2
    with voices_of(folder) as voices:
        for more, word in ((0, "none"), (1, "LONG"), (2, "none")):
            folder_of(folder, rows + more)
            close = close_of(rows + more)
            until(lambda close=close: voices.heard(["falls"], close) != {"falls": "unknown"})
            assert voices.heard(["falls"], close) == {"falls": word}
            assert voices.heard(["falls"], close - CANDLE) == {"falls": "unknown"}
            assert voices.heard(["falls"], close + CANDLE) == {"falls": "unknown"}


def test_one_that_is_told_between_two_candles_is_asked_of_the_last(tmp_path, folder, asked, monkeypatch):
    kept(question_of(tmp_path, QUIET, "quiet"), folder)
    both, rows = TOLD + TOLD.replace("falls", "quiet"), BEFORE + 2

    def said(name: str, rows: int) -> None:
        until(lambda: voices.heard([name], close_of(rows)) != {name: "unknown"})

    with voices_of(folder) as voices:
        said("falls", BEFORE)
        tell(monkeypatch, folder, both)
        said("quiet", BEFORE)
        assert asked == ["falls", "quiet"]
        # Told no longer while a candle closes, and then once more.
        tell(monkeypatch, folder, TOLD)
        until(lambda: voices._wanted == {"falls"})
        folder_of(folder, rows)
        said("falls", rows)
        tell(monkeypatch, folder, both)
        said("quiet", rows)
        before = list(asked)
        time.sleep(0.2)  # who has answered is not asked again
    assert asked == before and asked.count("quiet") == 2


def test_nobody_is_asked_where_no_question_is_told(folder, asked, monkeypatch):
    tell(monkeypatch, folder, TOLD.replace("FAVOUR: ", "Pinned by the trader: "))
    with voices_of(folder):
        folder_of(folder, BEFORE + 1)
        time.sleep(0.5)
    assert asked == []


def test_a_slow_one_holds_up_no_tick_beyond_its_wait(folder, asked, monkeypatch):
    asked.hold.clear()
    monkeypatch.setattr(module, "WAIT_S", 0.3)
    with voices_of(folder) as voices:
        until(lambda: asked)
        began = time.monotonic()
        assert voices.heard(["falls"], close_of(BEFORE)) == {"falls": "unknown"}
        assert 0.25 < time.monotonic() - began < 5
        asked.hold.set()
        monkeypatch.setattr(module, "WAIT_S", 20)
        assert voices.heard(["falls"], close_of(BEFORE)) == {"falls": "none"}


def test_one_that_fails_or_is_not_followed_is_unknown_at_once(folder, asked, monkeypatch):
    asked.fail = True
    monkeypatch.setattr(module, "WAIT_S", 20)
    with voices_of(folder) as voices:
        began = time.monotonic()
        assert voices.heard(["falls"], close_of(BEFORE)) == {"falls": "unknown"}
        assert time.monotonic() - began < 15
