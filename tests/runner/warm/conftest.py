"""Small fork servers that a test may end, kill or hinder: they preload next to nothing, so they are there at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.processes.scratch import private_folder
from runner.warm.client import ForkedProcess
from tests.runner.waiting import wait_until

QUICK = "import runner.warm.preload as preload\npreload.MODULES = ()\npreload.preload.__defaults__ = ((),)\n"
SERVE = "import sys\nfrom runner.warm import server\nserver.main()\n"


@pytest.fixture
def serve() -> Iterator:
    """Starts a quick server, with `before` run in it first; gives (process, socket)."""
    started: list[subprocess.Popen] = []

    def start(
        before: str = "", kept: bool = False, place: Path | None = None
    ) -> tuple[subprocess.Popen, Path]:
        place = place or private_folder("rib-test") / "warm.sock"
        command = [sys.executable, "-c", QUICK + before + SERVE, str(place), *(["--kept"] if kept else [])]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        started.append(process)
        wait_until(lambda: place.exists() or process.poll() is not None)
        return process, place

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stderr):
            pipe.close()


@pytest.fixture
def nap() -> Iterator:
    """Forks a process that sleeps for long."""
    napping = []

    def fork(place: Path) -> ForkedProcess:
        napping.append(
            ForkedProcess(place, "timeit", ["-n1", "-r1", "import time; time.sleep(600)"], env=os.environ)
        )
        return napping[-1]

    yield fork
    for process in napping:
        process.kill()
        process.wait(20)
