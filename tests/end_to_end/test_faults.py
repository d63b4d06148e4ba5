"""`ribbon up` with faults: bad answers, the loop killed between decision and execution, browser and driver killed (docs/guarantees.md,
L1–L4, L8).

The beat is three seconds, so that many ticks fit; no wait of the live loop gets shorter by that.
"""

from __future__ import annotations

import signal
import time

import psutil
import pytest

from lib.contract import schema
from runner.trade.tick_log import TICKS_FILE
from tests.end_to_end.accounting import (
    check_money,
    check_nothing_left,
    check_samples,
    check_secret,
    check_ticks,
)
from tests.end_to_end.rig import Rig, table
from tests.messages_server import MessagesServer, reply_text

pytestmark = [pytest.mark.slow, pytest.mark.browser]

#: docs/guarantees.md, L8, and what a busy machine may take to see it.
RECOVERED_S, LOOK_S = 30.0, 5.0
LONG = {"direction": "LONG", "confidence": 0.9, "target_pct": 5.0, "stop_pct": 1.0}


def process_of(rig: Rig, *words: str) -> psutil.Process:
    """The one process of this run whose command has these words; browsers' own helpers do not count."""

    def found() -> list[psutil.Process]:
        lines = {process: process.cmdline() for process in rig.living()}
        return [
            process
            for process, line in lines.items()
            if all(any(word in part for part in line) for word in words)
            and not any(part.startswith("--type=") for part in line)
            and "runner.up.part" not in line  # what starts a part names its command too
        ]

    return rig.until(found, f"a process {' '.join(words)}")[0]


def bad_answers(rig: Rig, server: MessagesServer) -> None:
    """Every one of them would be an entry, if it were taken."""
    long = reply_text(**LONG)
    rows = len(rig.decisions())
    server.says(long[:-20])
    server.says(long, stop_reason="max_tokens")
    server.says("")
    server.says(reply_text(**LONG | {"confidence": 1.5}))
    server.says(reply_text(**LONG | {"valid_for_s": "20"}))
    server.fails(529, "overloaded_error", {"retry-after": "6"})  # too long for a second try in this tick
    server.drops(after_bytes=60)
    server.says(long, stop_reason="refusal")
    expected = {"not_json", "max_tokens", "hollow", "range", "shape", "overloaded", "refusal"}
    rig.until(lambda: expected <= codes(rig, rows), "a decision for each bad answer")
    found = rig.decisions().iloc[rows:]
    bad = found[found["reason_code"] != "hold"]
    assert set(bad["direction"]) == {"HOLD"} and set(found["executed"]) == {"False"}
    assert rig.events("order") == []
    ticks = table(rig.data / TICKS_FILE)
    assert {"blocked"} == set(ticks[ticks["reason_code"] == "rate_limited"]["outcome"]), "the API was pressed"


def codes(rig: Rig, first: int = 0) -> set[str]:
    rows = rig.decisions().iloc[first:]
    return set(rows["reason_code"]) if len(rows) else set()


def ordered(rig: Rig, server: MessagesServer, valid_for_s: float) -> str:
    """The id of an order that was just given."""
    before = len(rig.events("order"))
    server.answers(**LONG | {"valid_for_s": valid_for_s})
    rig.until(lambda: len(rig.events("order")) > before, "an order")
    return rig.events("order")[-1].decision_id


def ended(rig: Rig, name: str) -> list[str]:
    return [event.kind for event in rig.events("fill", "void") if event.decision_id == name]


def killed_in_between(rig: Rig, server: MessagesServer) -> tuple[str, str]:
    """The loop dies with an order out, twice: once it is back at once, once only when the order has expired. Both ids."""
    loop = process_of(rig, "runner.main", "trade")
    late = ordered(rig, server, valid_for_s=4)
    loop.send_signal(signal.SIGSTOP)
    assert ended(rig, late) == []
    until = rig.events("order")[-1].valid_until
    rig.until(lambda: time.time() * 1e6 > until + 1e6, "the order has expired")
    loop.kill()
    rig.until(lambda: ended(rig, late), "the loop is back and drops the order")

    loop = process_of(rig, "runner.main", "trade")
    soon = ordered(rig, server, valid_for_s=20)
    loop.kill()
    assert ended(rig, soon) == []
    rig.until(lambda: ended(rig, soon), "the loop is back and knows the order")
    return late, soon


def replaced(rig: Rig, name: str) -> None:
    """A browser or driver is killed; both charts are read by another within half a minute, and nothing of the old one is left."""
    restarts = rig.state("collector.json")["restarts"]
    old = process_of(rig, name, *(["--headless"] if name == "chromium" else []))
    family = [old, *old.children(recursive=True)]
    begin = time.monotonic()
    old.kill()
    rig.until(lambda: rig.state("collector.json")["restarts"] > restarts, f"another {name}", RECOVERED_S)
    before = {timeframe: rig.samples(timeframe) for timeframe in schema.RIBBON_TIMEFRAMES}
    rig.until(
        lambda: all(rig.samples(timeframe) > count for timeframe, count in before.items()),
        "samples of both charts",
        begin + RECOVERED_S + LOOK_S - time.monotonic(),
    )
    assert not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_faults(rig_with, server):
    with rig_with(days=0.5, seed=6, beat_s=3.0) as rig:
        rig.start("up", "--without", "warm", "--without", "cycle")
        rig.until(lambda: len(rig.decisions()), "Claude is asked")
        bad_answers(rig, server)
        late, soon = killed_in_between(rig, server)
        replaced(rig, "chromium")
        replaced(rig, "chromedriver")
        before = len(rig.decisions())
        rig.until(lambda: len(rig.decisions()) > before, "all goes on")
        check_secret(rig)
        rig.stop("up", signal.SIGINT)

        rows = rig.decisions().set_index("decision_id")
        assert ended(rig, late) == ["void"] and rows.loc[late, "reason_code"] == "expired"
        assert len(ended(rig, soon)) == 1 and list(rows.index).count(soon) == 1
        assert (rows.loc[soon, "executed"] == "True") == (ended(rig, soon) == ["fill"])
        check_money(rig)
        check_ticks(rig)
        check_samples(rig, restarts=2)
        check_nothing_left(rig)
