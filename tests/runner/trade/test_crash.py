"""Killed at random points a process leaves cash + position = replay of fills, and rows that the next start completes (docs/guarantees.md,
L4)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from lib.paths import repository_root
from runner.trade.events import read_events
from tests.runner.trade.made import Script, hand_loop, log_rows


@pytest.mark.faults
@pytest.mark.slow
def test_crash_restarts_leave_the_replay_of_fills(tmp_path, fault_runs):
    root = repository_root()
    driver = [sys.executable, "-m", "tests.runner.trade.crash_driver", str(tmp_path), str(fault_runs), "7"]
    done = subprocess.run(
        driver,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60 + 4 * fault_runs,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    # Each kind of thing must have been there to be broken.
    assert min(counts.values()) > 0, counts
    with hand_loop(tmp_path, Script()):
        pass  # a start makes good what the last kill left
    agree_with_events(tmp_path)


def agree_with_events(folder):
    """Every event of a decision stands in its row, once, and no row says more."""
    rows = log_rows(folder, "claude_decisions.csv")
    by_id = {row["decision_id"]: row for row in rows}
    assert len(by_id) == len(rows)
    events = read_events(folder)
    found = {
        kind: {e.decision_id: e for e in events if e.kind == kind}
        for kind in ("order", "fill", "void", "exit")
    }
    assert found["order"].keys() <= by_id.keys()
    for name, row in by_id.items():
        fill, left, void = (found[kind].get(name) for kind in ("fill", "exit", "void"))
        assert (row["executed"] == "True") == (fill is not None)
        assert (row["exit_reason"] != "") == (left is not None)
        if fill:
            assert float(row["entry_price"]) == pytest.approx(fill.price, abs=1e-8)
        if left:
            assert float(row["exit_price"]) == pytest.approx(left.price, abs=1e-8)
            assert row["exit_reason"] == left.reason
        if void:
            assert row["reason_code"] == void.reason
