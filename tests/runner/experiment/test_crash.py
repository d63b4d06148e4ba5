"""Killed at every step of a decision, an experiment is drawn once, executed once, and every row is whole (docs/guarantees.md, E1)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from lib.paths import repository_root


@pytest.mark.faults
@pytest.mark.slow
def test_kills_at_every_step_leave_one_draw_and_one_execution_a_block(tmp_path, fault_runs):
    root = repository_root()
    driver = [
        sys.executable,
        "-m",
        "tests.runner.experiment.crash_driver",
        str(tmp_path),
        str(fault_runs),
        "7",
    ]
    done = subprocess.run(
        driver,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120 + 6 * fault_runs,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    # Each kind of thing must have been there to be broken.
    assert min(counts.values()) > 0, counts
