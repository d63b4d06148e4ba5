"""The loop on the machine's clock: a real folder that grows, silence, what a person is told, and the command itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from lib.contract import schema
from lib.market.terms import DEFAULT_TERMS
from lib.paths import repository_root
from runner.trade.events import read_events
from runner.trade.known import stamp
from runner.trade.live import Watchman, open_loop, run_live
from tests.runner.trade.made import Script, at_us, enter, hand_loop, log_rows, settings

COMMAND = "from runner.main import main; main()"
HEADER = "timestamp,price,state,MMA5,MMA5_color,quality,classifier,symbol,seq\n"


class Writer:
    """Stands in for a collector: appends a sample to both files, stamped by the machine's clock, as often as `beat_s` says."""

    def __init__(self, folder, prices, beat_s: float) -> None:
        self.folder, self.prices, self.beat_s = folder, prices, beat_s
        for name in schema.SAMPLE_FILES.values():
            (folder / name).write_text(HEADER)
        self.write(prices[0])
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        for price in self.prices[1:]:
            time.sleep(self.beat_s)
            self.write(price)

    def write(self, price: float) -> None:
        now = time.time_ns() // 1_000
        at = stamp(now).isoformat().replace("+00:00", "Z")
        for place, name in enumerate(schema.SAMPLE_FILES.values()):
            with (self.folder / name).open("a") as file:
                file.write(f"{at},{price},all_green,{now % 10**9 / 1e4 + place},green,ok,x,ETHUSDT,1\n")


@pytest.mark.serial
def test_a_growing_folder_is_traded_and_left_at_the_stop(tmp_path):
    writer = Writer(tmp_path, [100.0] * 8 + [99.0] * 8, 0.15)
    with open_loop(tmp_path, settings(), Script(enter()), terms=DEFAULT_TERMS) as loop:
        writer.thread.start()
        end = time.monotonic() + 30
        counts = run_live(
            loop, tmp_path, lambda: bool(loop.book.closed) or time.monotonic() > end, poll_s=0.01
        )
        assert loop.symbol == "ETHUSDT"
        writer.thread.join()
    events = read_events(tmp_path)
    assert [event.kind for event in events] == ["open", "order", "fill", "exit"]
    assert events[-1].reason == "SL_HIT"
    assert events[2].at > events[1].at
    rows = log_rows(tmp_path, "claude_decisions.csv")
    assert rows[0]["exit_reason"] == "SL_HIT"
    assert len(rows) == counts["asked"]


def test_silence_is_told_once_and_is_a_tick_every_beat(tmp_path):
    told = []
    with hand_loop(tmp_path, Script(enter()), notify=lambda kind, text: told.append(kind)) as (loop, feed):
        watchman = Watchman(tmp_path, loop)
        for second in (40, 50):
            feed.give(second, 100.0)
            watchman.step()
        assert told == ["entry"]
        for second in range(51, 120):
            feed.clock.at_us = at_us(second)
            watchman.step()
        assert told == ["entry", "stale", "error"]  # the second one: a position without a price for a minute
        feed.give(120, 100.0)
        watchman.step()
        assert told == ["entry", "stale", "error", "exit", "stale", "error"]
    silent = [row for row in log_rows(tmp_path, "ticks.csv") if row["reason_code"] == "silence"]
    assert len(silent) == 5  # from 25 s of silence on, every ten seconds
    assert log_rows(tmp_path, "claude_decisions.csv")[0]["exit_reason"] == "DATA_LOSS"


def test_an_order_expires_in_silence(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
        feed.clock.at_us = at_us(75)
        Watchman(tmp_path, loop).step()
        assert loop.book.order is None
    assert log_rows(tmp_path, "claude_decisions.csv")[0]["reason_code"] == "expired"


def start(folder):
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            COMMAND,
            "trade",
            "--decider",
            "rules",
            "--json",
            "--trading-data",
            str(folder),
        ],
        cwd=repository_root(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(repository_root())},
    )


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.serial
def test_the_command_ticks_refuses_a_second_one_and_ends_when_told(tmp_path):
    writer = Writer(tmp_path, [100.0] * 400, 0.2)
    writer.thread.daemon = True
    writer.thread.start()
    first = start(tmp_path)
    try:
        wait_for(lambda: len(log_rows(tmp_path, "ticks.csv")) > 3)
        second = start(tmp_path)
        _, error = second.communicate(timeout=60)
        assert (second.returncode, "is being written by" in error) == (6, True)
        first.send_signal(signal.SIGTERM)
        output, error = first.communicate(timeout=60)
    finally:
        first.kill()
    assert first.returncode == 0, error
    outcomes = json.loads(output)["outcomes"]
    # Without candles there is nothing to decide upon, and the rule says so by asking nobody.
    assert outcomes == {"gate": len(log_rows(tmp_path, "ticks.csv"))}
    assert "Traceback" not in error


def test_the_command_without_data_says_what_to_do(tmp_path):
    process = start(tmp_path)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 3
    assert error.count("ribbon collect") == 1  # a refusal is said once
    assert "Traceback" not in error


@pytest.mark.slow
def test_a_signal_while_the_loop_is_being_opened_ends_it_at_once(tmp_path):
    slow = (
        "import contextlib, time, runner.choose\n"
        "def opened(*_, **__):\n"
        "    print('opening', flush=True)\n"
        "    time.sleep(60)\n"
        "runner.choose.open_loop = contextlib.contextmanager(opened)\n"
    )
    words = ["trade", "--decider", "rules", "--trading-data", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-c", slow + COMMAND, *words],
        cwd=repository_root(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "opening\n"
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=20)
    assert (process.returncode, error) == (130, "ribbon: interrupted\n")
