"""Workers of a replay end with it, however it ends."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil

from tests.runner.waiting import is_running, wait_until

BUSY = """
import sys, time
from runner.replay.analyses import Analyses
if __name__ == "__main__":
    with Analyses(None, [], 2) as analyses:
        analyses._starting.result().result()
        print("ready", flush=True)
        time.sleep(600)
"""


def test_killed_it_leaves_no_process_behind(tmp_path):
    """The out-of-memory killer takes the largest process, which is the replay."""
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as replay:
        try:
            assert replay.stdout and replay.stdout.readline() == "ready\n"
            started = [child.pid for child in psutil.Process(replay.pid).children(recursive=True)]
            assert len(started) >= 2
        finally:
            replay.send_signal(signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, started)))
