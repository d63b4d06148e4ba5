"""What is forked is what `python -P -m module` would have been: compared with a real one where the two can be compared."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runner.warm.client import ForkedProcess
from tests.runner.waiting import is_running, wait_until

SAYS = """import json, os, random, sys
import numpy
print(json.dumps({
    "argv": sys.argv[1:], "name": __name__, "cwd": os.getcwd(), "environment": dict(os.environ), "path": sys.path[:3],
    "ignored": sys.stdin.read(), "parents": os.getppid(), "session": os.getsid(0) == os.getpid(),
    "draws": [random.random(), float(numpy.random.random())], "ours": [m for m in sys.modules if m.startswith(("lib.", "runner."))],
}))
print("aside", file=sys.stderr)
"""


@pytest.fixture
def module(tmp_path):
    """Writes a module that can be run; returns its name."""

    def write(code: str, name: str = "what_is_run") -> str:
        (tmp_path / f"{name}.py").write_text(code)
        return name

    return write


@pytest.fixture
def fork(warm_socket, tmp_path):
    """Runs a module in a fork; returns its process, with what it printed when it has ended as `out` and `err`."""

    def run(name: str, *argv: str, wait_s: float = 20.0, said: bytes = b"", **env: str) -> ForkedProcess:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), **env}
        (tmp_path / "in").write_bytes(said)
        with (
            (tmp_path / "in").open("rb") as stdin,
            (tmp_path / "out").open("wb") as out,
            (tmp_path / "err").open("wb") as err,
        ):
            streams = (stdin.fileno(), out.fileno(), err.fileno())
            process = ForkedProcess(
                warm_socket, name, argv, env=environment, cwd=str(tmp_path), streams=streams
            )
        if wait_s:
            process.wait(wait_s)
        return process

    return run


def texts(folder: Path) -> tuple[str, str]:
    return (folder / "out").read_text(), (folder / "err").read_text()


def test_it_sees_what_a_started_process_would_see(fork, module, tmp_path):
    name = module(SAYS)
    process = fork(name, "a b", "--c", said=b"words", ODD="ä\nb")
    told = json.loads(texts(tmp_path)[0])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "ODD": "ä\nb"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", name, "a b", "--c"],
        env=environment,
        cwd=tmp_path,
        input="words",
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    plain = json.loads(done.stdout)
    for key in ("argv", "name", "cwd", "path", "ignored", "session"):
        assert told[key] == plain[key], key
    plain["environment"].pop("LC_CTYPE", None)  # set by the interpreter itself where no locale is
    added = {key: value for key, value in told["environment"].items() if key not in plain["environment"]}
    assert plain["environment"].items() <= told["environment"].items()
    assert list(added) == ["RIBBON_WARM_SOCKET"]
    assert process.returncode == 0 and texts(tmp_path)[1] == "aside\n"


def test_two_forks_draw_different_numbers_and_hold_none_of_our_modules(fork, module, tmp_path):
    name = module(SAYS)
    seen = []
    for _ in range(2):
        fork(name)
        told = json.loads(texts(tmp_path)[0])
        assert told["ours"] == []
        seen += told["draws"]
    assert len(set(seen)) == 4


def test_the_code_of_lib_is_always_the_one_on_the_disk(fork, module, tmp_path):
    name = module("import lib; print(lib.__file__, lib.VERSION)")
    (tmp_path / "lib").mkdir()
    for version in ("1", "22"):  # of another length: Python keeps bytecode by time and size
        (tmp_path / "lib" / "__init__.py").write_text(f"VERSION = {version}\n")
        fork(name)
        assert texts(tmp_path)[0].split() == [str(tmp_path / "lib" / "__init__.py"), version]


@pytest.mark.parametrize(
    ("code", "expected", "words"),
    [
        ("", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("import sys; sys.exit('why')", 1, "why\n"),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("import os; os._exit(7)", 7, ""),
        ("import os; os.kill(os.getpid(), 9)", -9, ""),
        ("import os; os.abort()", -signal.SIGABRT, ""),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
        ("import atexit, sys; atexit.register(print, 'bye', file=sys.stderr)", 0, "bye\n"),
    ],
)
def test_exit_codes_and_last_words(fork, module, tmp_path, code, expected, words):
    assert fork(module(code)).returncode == expected
    assert words in texts(tmp_path)[1]


def test_executors_and_threads_are_waited_for_and_no_longer(fork, module, tmp_path):
    code = """import threading, time
from concurrent.futures import ThreadPoolExecutor
ThreadPoolExecutor().submit(time.sleep, 0.1)
threading.Thread(target=lambda: (time.sleep(0.2), print("done"))).start()
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
"""
    assert fork(module(code)).returncode == 0
    assert texts(tmp_path)[0] == "done\n"


def test_a_signal_reaches_the_whole_group(fork, module, tmp_path):
    code = "import subprocess; subprocess.run(['sh', '-c', 'echo on >&2; sleep 600; echo off'])"
    process = fork(module(code), wait_s=0)
    wait_until(lambda: texts(tmp_path)[1] == "on\n")
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert "off" not in texts(tmp_path)[0]


LEAVES = """import os, subprocess, sys, time
subprocess.Popen(["sleep", "600"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("forked", "w").write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
while not os.path.exists("forked") or not open("forked").read():
    time.sleep(0.01)
"""


@pytest.mark.parametrize("ending", ["", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_nothing_is_left_of_it_once_its_end_is_told(fork, module, tmp_path, ending):
    process = fork(module(LEAVES + ending))
    # The forked daemon has changed neither its command nor its environment, so only its parentage can tell.
    assert not is_running(int((tmp_path / "forked").read_text()))
    assert not is_running(process.pid)
    wait_until(lambda: not is_running(process.head))  # it told the end, and goes


def test_a_fork_may_fork_and_what_it_forked_ends_with_it(fork, module, tmp_path):
    inner = module("import time; time.sleep(600)", "inner")
    outer = f"""import os, pathlib, runner.warm.client as client
found = client.find_server()
process = client.ForkedProcess(found.socket, "{inner}", env=os.environ)
print(process.pid, found.socket.stem, os.getppid())
"""
    fork(module(outer), PYTHONPATH=f"{tmp_path}{os.pathsep}{Path.cwd()}")
    pid, socket, parent = texts(tmp_path)[0].split()
    assert socket == parent  # its own head was asked, not the server
    assert not is_running(int(pid))
