"""Kernels through the ways that Jupyter has: as a started kernel in all that can be told from outside, but at once."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager

from runner.warm import provisioner
from runner.warm.address import SOCKET_VARIABLE, SWITCH
from tests.runner.waiting import is_running, wait_until

FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


class Kernel:
    """A kernel, and what its cells gave."""

    def __init__(self, **options) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(**options)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, code: str) -> list:
        """Texts, kinds of displayed data and names of errors, in the order they came."""
        found: list = []

        def hear(message: dict) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                found.append(content["text"].strip())
            elif message["msg_type"] == "display_data":
                found.append(sorted(content["data"]))
            elif message["msg_type"] == "error":
                found.append(content["ename"])

        self.client.execute_interactive(code, output_hook=hear, timeout=60)
        return found

    @property
    def pid(self) -> int:
        return int(self.run("import os; print(os.getpid())")[0])

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def warm(warm_socket, monkeypatch):
    """Jupyter's default way to kernels is the warm one."""
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "ribbon-warm")
    monkeypatch.setenv(SOCKET_VARIABLE, str(warm_socket))
    monkeypatch.setattr(provisioner, "_server", provisioner._ServerOfProcess())
    monkeypatch.delenv("MPLBACKEND")
    # The factory reads the variable once for a process.
    monkeypatch.setattr("jupyter_client.provisioning.factory.KernelProvisionerFactory._instance", None)


@pytest.fixture
def kernel(warm) -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.end()


@pytest.mark.parametrize("forked", [True, False])
def test_a_kernel_gets_what_is_a_kernels(warm, monkeypatch, forked):
    """docs/guarantees.md, S4: JupyterLab hands on all that it has."""
    if not forked:
        monkeypatch.setattr(provisioner, "why_not_forked", lambda *_: "not today")
    for name in ("RIBBON_NOTIFY__URLS", "HTTPS_PROXY", "DATABASE_URL"):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("RIBBON_TRADING_DATA", "/somewhere")
    kernel = Kernel()
    try:
        told = kernel.run(
            "import os; print('canary' in os.environ.values(), os.environ['RIBBON_TRADING_DATA'])"
        )
    finally:
        kernel.end()
    assert told == ["False /somewhere"]


def test_it_is_forked_and_shows_figures_inline(kernel):
    assert kernel.manager.provisioner.process.head == psutil.Process(kernel.pid).ppid()
    assert kernel.run("import sys; print('vectorbt' in sys.modules, 'lib' in sys.modules)") == ["True False"]
    assert kernel.run(FIGURE) == [["image/png", "text/plain"]]
    assert kernel.run("import sys; print('words', file=sys.stderr); 1 / 0") == ["words", "ZeroDivisionError"]


def test_it_talks_over_private_sockets_that_go_with_it(kernel):
    info = kernel.manager.get_connection_info()
    folder = Path(info["ip"]).parent
    assert info["transport"] == "ipc" and folder.stat().st_mode & 0o777 == 0o700
    # The one port is the pipe on which ipykernel collects the prints of its own subprocesses: this machine only.
    ports = [c for c in psutil.Process(kernel.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert {port.laddr.ip for port in ports} <= {"127.0.0.1"} and len(ports) <= 1
    kernel.end()
    assert not folder.exists()


def test_environment_and_folder_are_those_asked_for(warm, tmp_path):
    kernel = Kernel(env={**os.environ, "ODD": "1"}, cwd=str(tmp_path))
    try:
        assert kernel.run("import os; print(os.environ['ODD'], os.getcwd())") == [f"1 {tmp_path}"]
    finally:
        kernel.end()


def test_an_interrupt_stops_a_cell_and_not_the_kernel(kernel):
    message = kernel.client.execute("print('on'); import time; time.sleep(600)")
    wait_until(lambda: kernel.client.get_iopub_msg(timeout=20)["msg_type"] == "stream")
    kernel.manager.interrupt_kernel()
    while (reply := kernel.client.get_shell_msg(timeout=20))["parent_header"]["msg_id"] != message:
        pass
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    # For a moment after an error ipykernel still turns away what comes.
    wait_until(lambda: kernel.run("print('alive')") == ["alive"])


def test_a_restart_is_a_new_process_at_the_same_place(kernel):
    before, info = kernel.pid, kernel.manager.get_connection_info()
    kernel.run("kept = 1")
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    assert kernel.manager.get_connection_info() == info
    assert kernel.pid != before and not is_running(before)
    assert kernel.run("kept") == ["NameError"]


@pytest.mark.parametrize("how", ["asked", "killed", "leaves"])
def test_its_end_is_seen_and_leaves_nothing(kernel, how):
    pid = kernel.pid
    spawned = int(
        kernel.run(
            "import subprocess; print(subprocess.Popen(['sleep', '600'], start_new_session=True).pid)"
        )[0]
    )
    assert kernel.manager.is_alive()
    if how == "asked":
        kernel.manager.shutdown_kernel()
    elif how == "killed":
        os.kill(pid, signal.SIGKILL)
    else:
        kernel.client.execute("import os; os._exit(0)")
    wait_until(lambda: not kernel.manager.is_alive())
    assert not is_running(pid) and not is_running(spawned)


def test_two_kernels_know_nothing_of_each_other(kernel):
    other = Kernel()
    try:
        assert kernel.run("mine = 1") == []
        assert other.run("mine") == ["NameError"]
        draws = {only.run("import random; print(random.random())")[0] for only in (kernel, other)}
        assert len(draws) == 2
        assert other.manager.get_connection_info()["ip"] != kernel.manager.get_connection_info()["ip"]
    finally:
        other.end()


def test_the_debugger_answers(kernel):
    """JupyterLab asks for it: its module is preloaded, and must work all the same in a fork."""
    client = kernel.client
    message = client.session.msg(
        "debug_request",
        {
            "type": "request",
            "seq": 1,
            "command": "initialize",
            "arguments": {"clientID": "t", "adapterID": "python"},
        },
    )
    client.control_channel.send(message)
    reply = client.control_channel.get_msg(timeout=60)
    assert reply["msg_type"] == "debug_reply" and reply["content"]["success"] is True


@pytest.mark.parametrize("reason", ["switched off", "another command", "no server"])
def test_what_cannot_be_forked_is_started_and_the_log_says_why(warm, monkeypatch, caplog, reason):
    words = {
        "switched off": "switched off by RIBBON_WARM=0",
        "another command": "no module of",
        "no server": "does not answer",
    }
    if reason == "switched off":
        monkeypatch.setenv(SWITCH, "0")
    elif reason == "another command":
        monkeypatch.setattr(provisioner, "_this_interpreter", lambda name: False)
    else:
        monkeypatch.setattr(
            provisioner._server, "find", lambda: provisioner.Warm(Path("/nonexistent/x.sock"))
        )
    with caplog.at_level(logging.WARNING):
        kernel = Kernel()
    try:
        assert psutil.Process(kernel.pid).ppid() == os.getpid()
        assert kernel.run(FIGURE) == [["image/png", "text/plain"]]
        assert "plain kernel" in caplog.text and words[reason] in caplog.text
    finally:
        kernel.end()


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("python", True),
        ("python3", True),
        (sys.executable, True),
        ("/usr/bin/python3", False),
        ("Rscript", False),
    ],
)
def test_only_the_interpreter_that_runs_is_forked(name, ours):
    assert (provisioner.why_not_forked([name, "-m", "ipykernel_launcher", "-f", "x"], {}) == "") is ours
