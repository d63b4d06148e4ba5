from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from runner.errors import WarmError
from runner.processes.scratch import private_folder
from runner.warm.address import fingerprint
from runner.warm.client import LOST, ForkedProcess
from tests.runner.waiting import is_running, wait_until


def run(place: Path, module: str = "this", *argv: str) -> ForkedProcess:
    with Path(os.devnull).open("r+b") as nothing:
        streams = (nothing.fileno(), nothing.fileno(), nothing.fileno())
        return ForkedProcess(place, module, argv, env=os.environ, streams=streams)


def test_it_listens_for_its_own_user_only(serve):
    _, place = serve()
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert run(place).wait(20) == 0


@pytest.mark.parametrize("end", ["lifeline", "SIGTERM", "SIGINT", "SIGKILL"])
def test_what_was_forked_ends_with_the_server(serve, nap, end):
    server, place = serve()
    first, second = nap(place), nap(place)
    if end == "lifeline":
        server.stdin.close()
    else:
        server.send_signal(getattr(signal, end))
    server.wait(20)
    for process in (first, second):
        wait_until(lambda process=process: not is_running(process.pid) and not is_running(process.head))
        assert process.wait(20) == LOST
    assert place.exists() == (end == "SIGKILL")


def test_the_end_of_one_job_is_nothing_to_the_others(serve, nap):
    _, place = serve()
    first, second = nap(place), nap(place)
    os.kill(first.head, signal.SIGKILL)
    assert first.wait(20) == LOST
    wait_until(lambda: not is_running(first.pid))
    assert second.poll() is None
    assert run(place).wait(20) == 0


CLIENT = """import os, sys
from pathlib import Path
from runner.warm.client import ForkedProcess
process = ForkedProcess(Path(sys.argv[1]), "timeit", ["-n1", "-r1", "import time; time.sleep(600)"], env=os.environ)
print(process.pid, flush=True)
process.wait()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_forked_ends_with_its_client(serve, number):
    _, place = serve()
    client = subprocess.Popen([sys.executable, "-c", CLIENT, str(place)], stdout=subprocess.PIPE, text=True)
    pid = int(client.stdout.readline())
    client.send_signal(number)
    client.wait(20)
    client.stdout.close()
    wait_until(lambda: not is_running(pid))


def test_a_process_with_threads_refuses_to_fork(serve):
    _, place = serve(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    with pytest.raises(WarmError, match="has 2 threads"):
        run(place)


def test_what_is_no_request_is_dropped_and_harms_nobody(serve):
    server, place = serve()
    for said in (b"", b"GET / HTTP/1.0\r\n\r\n", b"\x00\x00\x00\x02{}", b"\xff\xff\xff\xff"):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.settimeout(20)
            stranger.connect(str(place))
            stranger.sendall(said)
            stranger.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                assert stranger.recv(100) == b""
    assert run(place).wait(20) == 0
    wait_until(lambda: not psutil.Process(server.pid).children())


def test_nothing_is_left_in_its_folder_nor_unreaped(serve):
    server, place = serve()
    assert [run(place).wait(20) for _ in range(5)] == [0] * 5
    wait_until(lambda: {path.name for path in place.parent.iterdir()} == {".owner", place.name})
    wait_until(lambda: psutil.Process(server.pid).children() == [])


def test_a_second_kept_server_leaves_the_first_one_alone(serve):
    _, place = serve(kept=True, place=private_folder("rib-test") / f"{fingerprint()}.sock")
    second, _ = serve(kept=True, place=place)
    assert second.wait(20) == 0
    assert b"kept at" in second.stderr.read()
    assert run(place).wait(20) == 0


def test_a_kept_server_that_is_out_of_date_loads_anew_when_it_is_free(serve, nap):
    """Its name says what it has in memory; one under a wrong name is out of date from the start."""
    wanted = "import runner.warm.server as server\nserver.LOOK_S = 0.1\n"
    anew = "server.os.execv = lambda program, words: (print('anew', words[-2:], file=server.sys.stderr, flush=True), server.os._exit(5))\n"
    held = "server.fingerprint = lambda: 'right' if server.Path('/proc/self').exists() else ''\n"
    folder = private_folder("rib-test")
    process, place = serve(wanted + held + anew, kept=True, place=folder / "right.sock")
    busy = nap(place)
    assert process.poll() is None
    busy.kill()
    busy.wait(20)
    assert run(place).wait(20) == 0 and process.poll() is None  # up to date: it stays
    stale, _ = serve(wanted + held + anew, kept=True, place=folder / "wrong.sock")
    assert stale.wait(20) == 5
    assert b"right.sock" in stale.stderr.read()
    assert not (folder / "wrong.sock").exists()


TOLD = """import gc, json, os, sys
found = ["lib.errors" in sys.modules, "RIBBON_WARM_OURS" in os.environ, gc.get_threshold()[0] > 700]
with open({target!r}, "w") as file:
    json.dump(found, file)
"""


def test_a_kept_server_gives_its_own_modules_to_ours_alone_and_only_while_no_file_has_changed(
    serve, nap, tmp_path
):
    """What is forked below such a process keeps them too. Once a job has seen that they changed, it loads anew when it is free.

    What has them looks seldom for cycles of references; nothing else does.
    """
    code, target = tmp_path / "code", tmp_path / "told.json"
    for folder in (code, tmp_path / "tests"):
        folder.mkdir()
        (folder / "__init__.py").write_text("")
    for name in ("told.py", "tests/told.py"):
        (tmp_path / name).write_text(TOLD.format(target=str(target)))
    before = f"import lib.errors\nimport runner.warm.address as address\naddress._CODE = ({str(code)!r},)\n"
    anew = "server.os.execv = lambda *words: server.os._exit(5)\n"
    server, place = serve(
        before + "import runner.warm.server as server\n" + anew,
        kept=True,
        place=private_folder("rib-test") / f"{fingerprint()}.sock",
    )

    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}

    def told(module: str) -> list[bool]:
        process = ForkedProcess(place, module, env=environment, cwd=str(tmp_path))
        assert process.wait(20) == 0
        return json.loads(target.read_text())

    assert told("tests.told") == [True, True, True]
    assert told("told") == [False, False, False]
    busy = nap(place)
    (code / "__init__.py").write_text("1\n")
    assert told("tests.told") == [False, False, False] and server.poll() is None
    busy.kill()
    assert server.wait(20) == 5
