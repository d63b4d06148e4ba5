"""A clock that cannot be right ends what goes by it, and nothing that only looks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from runner.cli import COMMANDS
from runner.errors import ClockError
from runner.processes import wall

BY_THE_CLOCK = ("trade", "cycle", "collect", "backfill", "import-trades", "experiment", "ask", "resume")

IN_1970 = """
import sys, time
time.time = lambda: 300.0
sys.argv = ["ribbon", *sys.argv[1:]]
from runner.main import main
main()
"""


def test_a_clock_before_this_program_is_wrong(monkeypatch):
    monkeypatch.setattr(wall.time, "time", lambda: 300.0)
    with pytest.raises(ClockError, match=r"says 1970-01-01T00:05:00Z.*Set it"):
        wall.require_wall("trade")
    wall.require_wall("status")
    monkeypatch.undo()
    wall.require_wall("trade")


def test_the_first_instant_that_can_be_right_is_that_of_the_year_of_this_program():
    since = 1_767_225_600.0  # 2026-01-01T00:00:00Z
    assert wall.wall_fault(since) == ""
    assert wall.wall_fault(since - 1) == (
        "this machine's clock says 2025-12-31T23:59:59Z, and this program is of 2026 or later"
    )


def test_these_commands_go_by_the_clock_and_are_commands():
    assert set(wall._BY_THE_CLOCK) == set(BY_THE_CLOCK) <= set(COMMANDS)


@pytest.mark.parametrize("command", BY_THE_CLOCK)
def test_what_goes_by_the_clock_ends_with_that(tmp_path, command):
    words = [command, "--trading-data", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", IN_1970, *words], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert (done.returncode, done.stdout) == (ClockError.exit_code, "")
    assert "this machine's clock says 1970-01-01T00:05:00Z" in done.stderr
    assert "Traceback" not in done.stderr and not list(tmp_path.iterdir())
