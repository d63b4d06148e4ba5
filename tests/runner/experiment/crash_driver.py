"""Run by test_crash: kills a loop with an experiment in it, at random moments or at each durable write in turn, and checks what is left.

Children are forked from this process, as in tests.runner.trade.crash_driver, whose time and whose check of the money this one uses.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.contract.times import parse_instant
from runner.experiment.store import read_experiments
from tests.runner.experiment.made import begun, chosen, experiment_loop
from tests.runner.trade.crash_driver import LIMITS, SPEED, VALID_S, check, one_run, seconds
from tests.runner.trade.made import Script, enter, settings


class Named(Script):
    """Wants in and out now and then, and says which arm it is."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        self.letter = letter

    def decide(self, view, deadline_s):
        wants = random.choice(["LONG", "SHORT", "HOLD"])
        return enter(wants, entry_recommended=wants != "HOLD", exit_advice="exit", reasoning=self.letter)


def trade(folder: Path, ticks: int = 10**9, paired: bool = True) -> None:
    """What a child does until it is killed: ticks as fast as it can."""
    random.seed(os.getpid())
    scripts = {name: Named(name[-1]) for name in ("a", "b", "shadow_a", "shadow_b")}
    limits = settings(rails=LIMITS, valid_for_s=VALID_S)
    with experiment_loop(
        folder,
        Named("base"),
        chosen(paired=paired),
        chosen=limits,
        since=seconds() - 40,
        waits=False,
        **scripts,
    ) as made:
        while ticks:
            now = seconds()
            if now > made.feed.rows[-1][0] * 60 + 5:
                made.feed.rows = made.feed.rows[-20:]
                made.feed.give(now, round(100 + random.gauss(0, 0.15), 3))
            ticks -= made.loop.step() is not None


def agrees(folder: Path) -> dict[str, int]:
    """What must hold after any kill: rows are whole, a block has one arm, and whoever was asked in it was that one."""
    counts = check(folder) if (folder / "trade_events.csv").exists() else {}
    rows = read_experiments(folder).newest  # strict: a row that is none, or a draw that is another, ends this
    assert rows is not None
    begins = [draw.at for draw in rows.draws]
    decided = whole_rows(folder / "claude_decisions.csv")
    for row in decided:
        at = int(parse_instant(row["timestamp"]).value // 1_000)
        block = next((draw for draw in reversed(rows.draws) if draw.at <= at), None)
        assert row["reasoning"] in ("a", "b") or row["reason_code"] == "error", row
        assert block is not None, "asked before anything was drawn"
        assert row["reasoning"] == block.arm, (row, block)
    ids = [row["decision_id"] for row in decided]
    assert len(ids) == len(set(ids)), "a decision was written twice"
    assert all(first < second for first, second in pairwise(begins))
    told = [answer.decision_id for tick in rows.answers.values() for answer in tick if answer.executed]
    assert len(told) == len(set(told)), "an answer was written twice"
    assert set(told) <= set(ids), "an answer stands in the log that no decision has"
    shadows = sum(not answer.executed for tick in rows.answers.values() for answer in tick)
    return counts | {"blocks": len(rows.ends), "shadows": shadows}


def whole_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV whose newline was written; a kill may have left a piece of one behind them, or an empty file."""
    text = path.read_text() if path.exists() else ""
    return list(csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1])))


def killed_at(write: int) -> None:
    """Let this process be killed right behind its durable write number `write`; counted over all files."""
    sync, left = os.fsync, [write]

    def counted(fd: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        sync(fd)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = counted


def each_step(folder: Path, steps: int) -> dict[str, int]:
    """A child killed at its first durable write, the next at its second, and so on, all over one folder."""
    found: dict[str, int] = {}
    for step in range(steps):
        child = os.fork()
        if child == 0:
            try:
                killed_at(step % 12 + 1)
                trade(folder)
            finally:
                os._exit(1)
        _, state = os.waitpid(child, 0)
        if not os.WIFSIGNALED(state):
            raise SystemExit(f"the child ended by itself: {state}")
        found = agrees(folder)
    return found


def main() -> None:
    """Arguments: folder, runs, seed. Half of the kills come at random, half at each durable write in turn."""
    folder, runs = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(int(sys.argv[3]))
    with TemporaryDirectory() as other:  # first calls are slow: their price is paid before the forks
        begun(Path(other), chosen(paired=True))
        trade(Path(other), ticks=5)
    begun(folder, chosen(paired=True))
    counts = each_step(folder, runs // 2)
    wanted = ("orders", "fills", "exits", "blocks", "shadows")
    for run in range(4 * runs):
        if run >= runs // 2 and all(counts.get(name) for name in wanted):
            break
        longest = 0.25 if run < runs else 1.5  # on a busy machine a child gets further in longer
        one_run(lambda: trade(folder), chance.uniform(0.002, longest))
        counts = agrees(folder)
        time.sleep(run % 2 * 1.2 * VALID_S / SPEED)
    print(json.dumps({name: counts.get(name, 0) for name in wanted}))


if __name__ == "__main__":
    main()
