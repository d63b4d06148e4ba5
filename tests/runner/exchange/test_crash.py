"""Killed at random points while the venue misbehaves, a loop starts again with book and venue in agreement (docs/guarantees.md, L4)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from lib.paths import repository_root
from tests.runner.exchange.crash_driver import KINDS
from tests.runner.trade.test_crash import agree_with_events


@pytest.mark.faults
@pytest.mark.slow
def test_book_and_venue_agree_after_every_kill(tmp_path, fault_runs):
    root = repository_root()
    ours = {"cwd": root, "env": os.environ | {"PYTHONPATH": str(root)}, "text": True}
    venue = subprocess.Popen(
        [sys.executable, "-m", "tests.fake_exchange"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **ours,
    )
    with venue:
        try:
            address = venue.stdout.readline().strip()
            driver = [sys.executable, "-m", "tests.runner.exchange.crash_driver"]
            done = subprocess.run(
                [*driver, str(tmp_path), address, str(fault_runs), "11"],
                capture_output=True,
                timeout=120 + 8 * fault_runs,
                **ours,
            )
        finally:
            venue.kill()
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert min(counts.get(kind, 0) for kind in KINDS) > 0, counts
    agree_with_events(tmp_path)
