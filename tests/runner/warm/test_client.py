from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runner.errors import WarmError
from runner.warm import client
from runner.warm.address import SOCKET_VARIABLE, SWITCH, listens
from runner.warm.client import (
    LOST,
    ForkedProcess,
    Warm,
    find_server,
    server_ahead,
    server_environment,
    warm_or_plain,
    warm_server,
)
from tests.runner.waiting import is_running


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """No server that was there before."""
    monkeypatch.setattr(client, "server_socket", lambda: tmp_path / "kept.sock")


def test_nobody_there_is_an_error_that_says_so(tmp_path):
    with pytest.raises(WarmError, match="does not answer"):
        ForkedProcess(tmp_path / "none.sock", "this", env={})


def test_a_timeout_is_that_of_subprocess(serve, nap):
    _, place = serve()
    process = nap(place)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    assert process.poll() is None
    process.kill()
    assert process.wait(20) == -9
    process.terminate()  # nothing to do any more, and no error


def test_where_a_server_is_looked_for(alone, serve, monkeypatch, tmp_path):
    assert find_server() == Warm(None)
    _, kept = serve()
    monkeypatch.setattr(client, "server_socket", lambda: kept)
    assert find_server() == Warm(kept)
    _, given = serve()
    monkeypatch.setenv(SOCKET_VARIABLE, str(given))
    assert find_server() == Warm(given)
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "gone.sock"))
    assert find_server() == Warm(kept)
    monkeypatch.setenv(SWITCH, "0")
    assert find_server() == Warm(None, "switched off by RIBBON_WARM=0")


def test_a_folder_of_somebody_else_is_not_used(monkeypatch):
    def refuse() -> Path:
        raise PermissionError("not yours")

    monkeypatch.setattr(client, "server_socket", refuse)
    assert find_server() == Warm(None, "not yours")


def test_elsewhere_than_on_linux_it_says_why_not(alone, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with warm_server() as warm:
        assert warm.socket is None and "only Linux" in warm.reason


@pytest.mark.slow
def test_a_server_of_ones_own_ends_with_the_block_and_leaves_nothing(alone):
    with warm_server() as warm:
        process = ForkedProcess(
            warm.socket, "timeit", ["-n1", "-r1", "import time; time.sleep(600)"], env=os.environ
        )
        assert process.poll() is None
    assert process.wait(20) == LOST and not is_running(process.pid)
    assert not warm.socket.parent.exists()


@pytest.mark.slow
def test_a_crash_in_the_imports_leaves_the_reason_why_there_is_no_server(alone, monkeypatch, tmp_path):
    (tmp_path / "vectorbt.py").write_text("import os; os._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with warm_or_plain() as warm, pytest.raises(WarmError, match="ended, or took too long to load"):
        ForkedProcess(warm.socket, "this", env=os.environ)


def test_a_server_that_cannot_start_is_a_reason_too(alone, monkeypatch):
    monkeypatch.setattr(client.sys, "executable", "/nonexistent/python")
    with warm_or_plain() as warm:
        assert warm.socket is None and "No such file" in warm.reason


#: A server that takes its time to end once its input is closed, as one in the middle of its imports.
SLOW_END = "import pathlib, sys, time; {begin}; sys.stdin.read(); time.sleep({end_s})"
LISTENS = "pathlib.Path(sys.argv[1]).touch()"


@pytest.fixture
def slow_to_end(alone, monkeypatch):
    """Servers of one's own are such ones; gives those that were started. Whoever hurries waits for a tenth of a second."""
    started: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr(client, "_HURRY_S", 0.1)

    def take(begin: str = LISTENS, end_s: float = 1.0) -> list[subprocess.Popen[bytes]]:
        def start(argv, log, above):
            command = [sys.executable, "-c", SLOW_END.format(begin=begin, end_s=end_s), *argv]
            started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log))
            return started[-1]

        monkeypatch.setattr(client, "_start_server", start)
        return started

    yield take
    for process in started:
        process.kill()
        process.wait()


def test_a_server_may_take_its_time_to_end_where_nobody_hurries(slow_to_end):
    started = slow_to_end()
    with warm_server() as warm:
        assert warm.socket is not None
    assert [process.returncode for process in started] == [0]


@pytest.mark.parametrize("error", [KeyboardInterrupt, WarmError])
def test_an_interrupt_does_not_wait_for_a_server_to_end(slow_to_end, error):
    started = slow_to_end(end_s=600)
    began = time.monotonic()
    with pytest.raises(error), warm_server():
        raise error
    assert time.monotonic() - began < 5
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_an_interrupt_does_not_wait_for_a_server_that_does_not_listen_yet(slow_to_end, monkeypatch):
    started = slow_to_end(begin="pass", end_s=600)

    sleeps = iter([KeyboardInterrupt])

    def interrupted_once(seconds, sleep=time.sleep):
        for error in sleeps:
            raise error
        sleep(seconds)

    monkeypatch.setattr(client.time, "sleep", interrupted_once)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), warm_server():
        pass
    assert time.monotonic() - began < 5
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_a_server_is_told_no_secret(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-1")
    monkeypatch.setenv("EXCHANGE_SECRET", "canary-2")
    assert "canary" not in str(server_environment())


@pytest.mark.slow
def test_a_server_ahead_is_what_is_found_within_and_gone_after(alone, monkeypatch):
    monkeypatch.delenv(SOCKET_VARIABLE, raising=False)
    with server_ahead():
        found = find_server()
        assert found.socket is not None and listens(found.socket)
        with warm_server() as warm:
            assert warm == found
        assert listens(found.socket)  # it is not that block's to end
    assert SOCKET_VARIABLE not in os.environ
    assert not found.socket.parent.exists() and find_server() == Warm(None)


TOLD = """import json, sys
found = [name in sys.modules for name in ("pandas", "lib.published.cycle", "runner.cycle.engine")]
with open({target!r}, "w") as file:
    json.dump(found, file)
"""


def refuse():
    raise WarmError("no")


@pytest.mark.slow
def test_a_fork_has_a_server_forked_with_our_modules_as_they_are_now(warm_socket, monkeypatch, tmp_path):
    """It has what the server above has and what is ours beside, and ends with the block; whoever is forked by it imports neither anew."""
    (tmp_path / "told.py").write_text(TOLD.format(target=str(tmp_path / "told.json")))
    monkeypatch.setenv(SOCKET_VARIABLE, str(warm_socket))
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    with server_ahead():
        own = find_server().socket
        assert own is not None and own != warm_socket and listens(own)
        assert ForkedProcess(own, "told", env=environment).wait(30) == 0
        below = json.loads((tmp_path / "told.json").read_text())
    assert below == [True, True, True]
    assert os.environ[SOCKET_VARIABLE] == str(warm_socket) and not own.parent.exists()
    assert ForkedProcess(warm_socket, "told", env=environment).wait(30) == 0
    assert json.loads((tmp_path / "told.json").read_text()) == [True, False, False]


def test_no_server_ahead_where_none_may_be_or_can_be(alone, monkeypatch, tmp_path):
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "gone"))
    monkeypatch.setattr(client, "_start_server", lambda *given: refuse())
    with server_ahead():
        assert os.environ[SOCKET_VARIABLE] == str(tmp_path / "gone")
    assert os.environ[SOCKET_VARIABLE] == str(tmp_path / "gone")
    monkeypatch.delenv(SOCKET_VARIABLE)
    monkeypatch.setenv(SWITCH, "0")
    with server_ahead():
        assert SOCKET_VARIABLE not in os.environ
