"""Run by test_crash: kills a loop that trades at a misbehaving venue, again and again, and checks that a start brings both together.

The venue is another process, so that it goes on while loops die. Children are forked from this process, which has everything imported.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

from runner.exchange.settings import ExchangeSettings
from runner.exchange.start import broker_of
from runner.trade.clock import SetClock
from runner.trade.events import read_events
from tests.runner.exchange.made import ACCOUNT, keys
from tests.runner.trade.crash_driver import LIMITS, one_run
from tests.runner.trade.made import START_US, HandFeed, Script, enter, hand_loop, settings

#: What must have happened for a campaign to say something.
KINDS = ("order", "fill", "void", "exit", "leave")


class WallClock(SetClock):
    """The machine's clock in place of one that is set: the venue checks stamps."""

    @property
    def at_us(self) -> int:
        return time.time_ns() // 1_000

    @at_us.setter
    def at_us(self, value: int) -> None:
        """Time is not set here."""

    def monotonic(self) -> float:
        return time.monotonic()


class Eager(Script):
    """Wants in and out all the time."""

    def decide(self, view, deadline_s):
        return enter(random.choice(["LONG", "SHORT"]), exit_advice=random.choice(["keep", "exit"]))


def told(address: str, **request: object) -> dict:
    """Set price or chaos at the venue; its position."""
    body = json.dumps(request).encode()
    with urllib.request.urlopen(f"{address}/test", data=body, timeout=10) as answer:
        return json.load(answer)


def loop_over(folder: Path, address: str):
    """A loop with short waits, so that a start takes a fraction of a second."""
    chosen = ExchangeSettings(
        symbol="ETHUSDT", address=address, call_s=0.25, tick_s=1.0, receive_window_ms=300, settle_s=0.1
    )
    clock = WallClock()
    broker = broker_of(chosen, ACCOUNT, keys(), folder, lambda kind, text: None, lambda s: time.sleep(s / 10))
    feed = HandFeed(clock, [seconds() - 10])
    return hand_loop(
        folder, Eager(), settings(rails=LIMITS), feed=feed, clock=clock, broker_for=broker, warm=0
    )


def seconds() -> float:
    """Seconds since START, now."""
    return (time.time_ns() // 1_000 - START_US) / 1e6


def trade(folder: Path, address: str, ticks: int = 10**9) -> None:
    """What a child does until it is killed."""
    random.seed(os.getpid())
    with loop_over(folder, address) as (loop, feed):
        for _ in range(ticks):
            price = round(100 + random.gauss(0, 0.12), 2)
            told(address, price=price)
            feed.rows = feed.rows[-20:]
            feed.give(seconds(), price)
            loop.step()


def check(folder: Path, address: str) -> None:
    """A start after a kill: what the book holds is what the venue holds, and nothing was sent twice."""
    told(address, chaos=0.0)
    with loop_over(folder, address) as (loop, _):
        there = told(address)
        held = there["size"] if there["side"] == "Buy" else -there["size"]
        assert abs(loop.book.units - held) < 1e-9, (loop.book.units, there)
        assert loop.book.order is None
        assert not loop.book.halted, loop.book.halted
        assert not held or there["stop"], "nothing rests at the venue"
    events = read_events(folder)
    counts = Counter(event.kind for event in events)
    assert there["opened"] <= counts["order"], "an order was accepted twice"
    filled = [event.decision_id for event in events if event.kind == "fill"]
    assert there["opened"] == len(filled) == len(set(filled)), "an accepted order is not in the book"


def main() -> None:
    """Arguments: folder, address, runs, seed. A line of JSON at the end: how many events of each kind there were."""
    folder, address, runs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    chance = random.Random(int(sys.argv[4]))
    trade(folder, address, ticks=5)  # first calls are slow: their price is paid before the forks
    done, counts = 0, Counter[str]()
    # A slow machine sees less in a life.
    while done < runs or (done < 2 * runs and not set(KINDS) <= set(counts)):
        told(address, chaos=0.1)
        one_run(lambda: trade(folder, address), chance.uniform(0.05, 1.2))
        check(folder, address)
        done, counts = done + 1, Counter(event.kind for event in read_events(folder))
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
