"""A part of `ribbon up` for real: what it is told, what it waits for, and how it ends."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from runner.processes.become import command_of
from runner.up import part
from tests.runner.waiting import is_running, wait_until

QUICK = "import runner.up.part as part; part._WAITS_S = (0.1,); part.main()"
SAMPLES = "timestamp,price\n2026-11-29T10:00:00Z,100.0\n"


@pytest.fixture
def start(tmp_path) -> Iterator:
    """Starts a part that runs a line of Python; gives its process and the file of all that is said."""
    started: list[subprocess.Popen] = []
    said = tmp_path / "said"

    def run(name: str, code: str, **variables: str) -> tuple[subprocess.Popen, Path]:
        whole = [sys.executable, "-c", QUICK, name, str(tmp_path), sys.executable, "-c", code]
        command = command_of(name, whole)  # as supervisord starts it
        with said.open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | variables)
        started.append(process)
        return process, said

    yield run
    for process in started:
        for left in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
            left.kill()
        process.kill()
        process.wait()


def test_a_part_gets_what_is_its_own(start):
    variables = {"RIBBON_NOTIFY__URLS": "canary-1", "HTTPS_PROXY": "canary-2", "DATABASE_URL": "canary-3"}
    code = "import os, psutil; print(os.environ, psutil.Process().parent().environ())"  # its own, and of what looks after it
    process, said = start("collect", code, **variables)
    assert process.wait(30) == 0
    assert [said.read_text().count(word) for word in variables.values()] == [0, 2, 0]


def test_what_refuses_is_tried_again_and_its_reason_said_once(start, tmp_path):
    code = f"""import sys
with open({str(tmp_path / "tries")!r}, "a") as tries: tries.write("x")
print("collecting", flush=True)
print("ribbon: there is no screen", file=sys.stderr)
sys.exit(20)"""
    process, said = start("collect", code)
    wait_until(lambda: (tmp_path / "tries").exists() and len((tmp_path / "tries").read_text()) > 2)
    assert process.poll() is None
    assert said.read_text() == "collect waits: there is no screen (it is tried again by itself)\n"


def test_what_goes_on_is_heard_after_half_a_minute_and_at_once_from_then_on(monkeypatch, tmp_path):
    stop, clock, heard = threading.Event(), [0.0], io.BytesIO()
    time_now = SimpleNamespace(monotonic=lambda: clock[0], sleep=time.sleep)
    monkeypatch.setattr(part, "time", time_now)
    monkeypatch.setattr(part, "sys", SimpleNamespace(stdout=SimpleNamespace(buffer=heard)))
    (tmp_path / "more").touch()
    code = f"""import pathlib, time
print("first", flush=True)
pathlib.Path({str(tmp_path / "said")!r}).touch()
while pathlib.Path({str(tmp_path / "more")!r}).exists(): time.sleep(0.05)
print("second", flush=True)
time.sleep(600)"""
    runs = threading.Thread(target=part.Part("cycle", [sys.executable, "-c", code], stop).run)
    runs.start()
    try:
        wait_until((tmp_path / "said").exists)
        clock[0] = 29.9
        time.sleep(0.5)  # several looks
        assert heard.getvalue() == b""
        clock[0] = 30.1
        wait_until(lambda: heard.getvalue() == b"first\n")
        (tmp_path / "more").unlink()
        wait_until(lambda: heard.getvalue() == b"first\nsecond\n")
    finally:
        stop.set()
        runs.join(30)
    assert not runs.is_alive()


def test_the_loop_waits_for_a_first_sample(start, tmp_path):
    process, said = start("trade", "print('ticks')")
    wait_until(lambda: said.read_text())
    assert process.poll() is None
    (tmp_path / "ema_data_5min.csv").write_text(SAMPLES)
    assert process.wait(30) == 0
    waited, ticks = said.read_text().splitlines()
    assert waited.startswith("trade waits: there is no sample in ") and ticks == "ticks"


@pytest.mark.parametrize(
    ("code", "ended"),
    [("1 / 0", 1), ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137), ("print('done')", 0)],
)
def test_any_other_end_is_its_own(start, code, ended):
    process, said = start("cycle", code)
    assert process.wait(30) == ended
    assert "waits" not in said.read_text()
    assert ("ZeroDivisionError" in said.read_text()) == (ended == 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_leaves_nothing(start, tmp_path, number):
    if number == signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent is gone")
    pid = tmp_path / "pid"
    code = (
        f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(600)"
    )
    process, _ = start("cycle", code)
    wait_until(lambda: pid.exists() and pid.read_text())
    process.send_signal(number)
    assert process.wait(30) == (-number if number == signal.SIGKILL else 0)
    wait_until(lambda: not is_running(int(pid.read_text())))
