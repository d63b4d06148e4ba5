"""A reader that is kept tells what a fresh one tells, whatever happened to the folder in between."""

from __future__ import annotations

import pytest

from runner.status.status import StatusReader, status
from runner.status.unchanged import Unchanged
from runner.trade.models import Answer
from runner.trade.settings import TradeSettings
from tests.runner.trade.made import Script, at_us, enter, hand_loop, settings


def test_a_kept_reader_tells_what_a_fresh_one_does(tmp_path):
    kept = StatusReader(tmp_path, TradeSettings())
    script = Script(enter(), Answer("HOLD", False, 0.0, model="script"), enter(confidence=0.5), enter())

    def same(second: float) -> dict:
        found = kept.read(at_us(second))
        assert found == status(tmp_path, TradeSettings(), at_us(second))
        return found

    same(0)
    with hand_loop(tmp_path, script, settings()) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (60, 101.0), (80, 101.0), (90, 101.0)):
            feed.give(second, price)
            loop.step()
            same(second)
    assert same(100)["account"]["closed_today"] == 1
    assert same(86_500)["account"]["closed_today"] == 0  # another day, the same files
    events = tmp_path / "trade_events.csv"
    whole = events.read_bytes()
    events.write_bytes(whole + b"x,y\n")
    assert same(100)["account"] is None and same(101)["faults"]
    events.write_bytes(whole)
    assert same(100)["faults"] == []


def test_what_could_not_be_read_is_told_again_without_reading(tmp_path):
    memory, path = Unchanged(), tmp_path / "x"

    def read() -> str:
        return path.read_text()

    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            memory.of("x", [path], read)
    assert memory.readings == 1
    path.write_text("there")
    assert [memory.of("x", [path], read) for _ in range(3)] == ["there"] * 3
    assert memory.readings == 2
    assert memory.of("x", [path], read, also=1) == "there" and memory.readings == 3
