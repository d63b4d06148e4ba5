"""Run by test_crash: kills a trading process at random moments, again and again, over one folder, and checks what is left each time.

A child is forked from this process, which has everything imported, so that a run takes milliseconds. Simulated time runs two hundred
times faster than the clock, and every other start comes a validity later than it could, so that what waited then has expired on a
fast machine too.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from runner.trade.book import Book
from runner.trade.clock import SetClock
from runner.trade.events import read_events
from tests.runner.trade.made import START_US, HandFeed, Script, enter, hand_loop, settings

SPEED = 200
VALID_S = 11
BEGAN = time.monotonic()
LIMITS = {
    "cooldown_minutes": 0,
    "max_trades_per_hour": 10**6,
    "max_trades_per_day": 10**6,
    "max_daily_loss_pct": 1e6,
    "max_drawdown_pct": 1e6,
}


def seconds() -> float:
    """Simulated seconds since START, on beats."""
    return (time.monotonic() - BEGAN) * SPEED // 10 * 10 + 1_000


class Eager(Script):
    """Wants in and out all the time."""

    def decide(self, view, deadline_s):
        return enter(random.choice(["LONG", "SHORT"]), exit_advice="exit")


def trade(folder: Path, ticks: int = 10**9) -> None:
    """What a child does until it is killed: ticks as fast as it can."""
    random.seed(os.getpid())
    clock = SetClock(START_US)
    feed = HandFeed(clock, [seconds() - 10])
    with hand_loop(folder, Eager(), settings(rails=LIMITS, valid_for_s=VALID_S), feed=feed, clock=clock) as (
        loop,
        _,
    ):
        while ticks:
            now = seconds()
            if now > feed.rows[-1][0] * 60 + 5:
                feed.rows = feed.rows[-20:]
                feed.give(now, round(100 + random.gauss(0, 0.15), 3))
            ticks -= loop.step() is not None


def one_run(act: Callable[[], None], wait_s: float) -> None:
    """Fork, let the child act, kill it after a while."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(1)
    time.sleep(wait_s)
    os.kill(child, signal.SIGKILL)
    _, state = os.waitpid(child, 0)
    if not os.WIFSIGNALED(state):
        raise SystemExit(f"the child ended by itself: {state}")


def check(folder: Path) -> dict[str, int]:
    """What must hold after any crash: money is the replay of fills, nothing executed twice or late."""
    events = read_events(folder)
    cash, units, orders, filled, left = 1_000.0, 0.0, {}, set(), set()
    for event in events:
        sign = 1 if event.direction == "LONG" else -1
        if event.kind == "order":
            assert event.decision_id not in orders, "ordered twice"
            orders[event.decision_id] = event
        elif event.kind == "fill":
            assert event.decision_id not in filled, "executed twice"
            assert event.at <= orders[event.decision_id].valid_until, "executed late"
            assert event.at > orders[event.decision_id].at, "executed before it was decided"
            filled.add(event.decision_id)
            cash, units = cash - sign * event.size * event.price - event.fee, units + sign * event.size
        elif event.kind == "exit":
            assert event.decision_id not in left, "left twice"
            left.add(event.decision_id)
            cash, units = cash + units * event.price - event.fee, 0.0
    book = Book.from_events(events)
    assert abs(book.cash - cash) < 1e-6
    assert abs(book.units - units) < 1e-12
    assert len(filled - left) == (1 if units else 0)
    voided = {event.decision_id for event in events if event.kind == "void"}
    return {"orders": len(orders), "fills": len(filled), "exits": len(left), "voids": len(voided)}


def main() -> None:
    """Arguments: folder, runs (more, up to four times as many, until each kind of event has been seen), seed."""
    folder, runs = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(int(sys.argv[3]))
    with TemporaryDirectory() as other:  # first calls are slow: their price is paid before the forks
        for _ in range(3):
            trade(Path(other), ticks=5)
    counts = {"orders": 0, "fills": 0, "exits": 0, "voids": 0}
    for run in range(4 * runs):
        if run >= runs and min(counts.values()) > 0:
            break
        one_run(lambda: trade(folder), chance.uniform(0.002, 0.25))
        # A kill between making the file and its first row leaves one without an account.
        counts = check(folder) if read_events(folder) else counts
        time.sleep(run % 2 * 1.2 * VALID_S / SPEED)
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
