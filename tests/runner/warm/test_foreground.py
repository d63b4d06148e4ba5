from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner.waiting import wait_until

#: As runner.main does it, for a module that shows what it was given; the server is named where the kept one would be looked for.
FRONT = """import sys
from pathlib import Path
from runner.warm import client
client.server_socket = lambda: Path(sys.argv[1])
from runner.warm.foreground import run_forked
code = run_forked(sys.argv[2], sys.argv[3:])
print("in this process" if code is None else "", end="")
sys.exit(code)
"""
CODES = {"": 0, "import sys; sys.exit(7)": 7, "import os; os.kill(os.getpid(), 15)": 143, "1 / 0": 1}


@pytest.fixture
def front(serve, tmp_path):
    """Starts a command in front of a quick server."""
    _, place = serve()

    def start(code: str, *argv: str, place: Path = place, **env: str) -> subprocess.Popen:
        (tmp_path / "command.py").write_text(code)
        words = [sys.executable, "-c", FRONT, str(place), "command", *argv]
        return subprocess.Popen(
            words,
            env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"} | env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.mark.parametrize("code", CODES)
def test_its_exit_code_is_the_commands(front, code):
    with front(code) as process:
        process.communicate(timeout=30)
        assert process.returncode == CODES[code]


def test_streams_arguments_environment_and_folder_are_its_own(front):
    code = "import os, sys; print(sys.argv[1:], os.environ['ODD'], os.getcwd(), sys.stdin.read()); print('aside', file=sys.stderr)"
    with front(code, "a", "--b", ODD="1") as process:
        out, err = process.communicate("words", timeout=30)
    assert out == f"['a', '--b'] 1 {Path.cwd()} words\n" and err == "aside\n"


def test_a_ctrl_c_reaches_the_command(front):
    with front("import time; print('on', flush=True); time.sleep(600)") as process:
        assert process.stdout.readline() == "on\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "KeyboardInterrupt" in err


def test_a_termination_before_the_command_can_hear_it_is_told(front):
    with front("import time; print('on', flush=True); time.sleep(600)") as process:
        assert process.stdout.readline() == "on\n"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "ribbon: interrupted\n")


@pytest.mark.parametrize("where", ["no server", "in a fork already", "switched off"])
def test_it_is_left_to_this_process(front, tmp_path, where):
    env = {"in a fork already": {"RIBBON_WARM_SOCKET": "x"}, "switched off": {"RIBBON_WARM": "0"}}.get(
        where, {}
    )
    more = {"place": tmp_path / "none.sock"} if where == "no server" else {}
    with front("print('forked')", **more, **env) as process:
        out, _ = process.communicate(timeout=30)
    assert (out, process.returncode) == ("in this process", 0)


def test_the_end_of_the_server_is_told(serve, front, tmp_path):
    server, place = serve()
    with front("import time; print('on', flush=True); time.sleep(600)", place=place) as process:
        assert process.stdout.readline() == "on\n"
        server.kill()
        _, err = process.communicate(timeout=30)
    assert process.returncode == 137 and "ended from outside" in err
    wait_until(lambda: server.poll() is not None)
