"""The installed kernelspec, used by a real Jupyter server over its web interface, as JupyterLab does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager

from runner.warm.address import SOCKET_VARIABLE
from runner.warm.kernelspec import install_kernelspec
from tests.runner.waiting import is_running, wait_until


def test_it_is_found_by_name_and_names_the_provisioner(tmp_path, monkeypatch):
    place = install_kernelspec(prefix=str(tmp_path))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    spec = KernelSpecManager().get_kernel_spec("ribbon")
    assert Path(spec.resource_dir) == place
    assert spec.metadata["kernel_provisioner"]["provisioner_name"] == "ribbon-warm"
    assert spec.argv[:3] == [sys.executable, "-m", "ipykernel_launcher"]
    assert install_kernelspec(prefix=str(tmp_path)) == place  # again is no error


@pytest.fixture
def jupyter(warm_socket, tmp_path):
    """A Jupyter server with the kernelspec; its process, its address and where it keeps connection files."""
    install_kernelspec(prefix=str(tmp_path))
    runtime = tmp_path / "runtime"
    places = {
        "JUPYTER_PATH": str(tmp_path / "share" / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        SOCKET_VARIABLE: str(warm_socket),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--IdentityProvider.token=t",
    ]
    options += [f"--ServerApp.root_dir={tmp_path}", *(["--allow-root"] if os.geteuid() == 0 else [])]
    command = [sys.executable, "-m", "jupyter_server", *options]
    process = subprocess.Popen(command, env=os.environ | places, stderr=subprocess.DEVNULL)
    yield process, f"http://127.0.0.1:{port}/", runtime
    process.kill()
    process.wait(30)


def ask(address: str, path: str, method: str = "GET", body: dict | None = None) -> dict:
    request = urllib.request.Request(
        f"{address}api/{path}", method=method, headers={"Authorization": "token t"}
    )
    request.data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(request, timeout=60) as reply:
        text = reply.read()
    return json.loads(text) if text else {}


def answers(address: str) -> bool:
    try:
        return bool(ask(address, "status"))
    except OSError:
        return False


@pytest.mark.slow
def test_jupyterlab_gets_warm_kernels(jupyter):
    server, address, runtime = jupyter
    wait_until(lambda: answers(address), 60)
    spec = ask(address, "kernelspecs")["kernelspecs"]["ribbon"]["spec"]
    assert spec["display_name"] == "Ribbon Lab (warm)"
    kernel = ask(address, "kernels", "POST", {"name": "ribbon"})["id"]
    sockets = json.loads((runtime / f"kernel-{kernel}.json").read_text())["ip"]
    first = only_one_at(sockets)
    assert first not in [child.pid for child in psutil.Process(server.pid).children()]  # forked, not started
    assert "runner.warm.server" in psutil.Process(first).parent().cmdline()
    ask(address, f"kernels/{kernel}/restart", "POST", {})
    wait_until(lambda: not is_running(first))
    second = only_one_at(sockets)
    server.kill()  # without a word: the kernel must not outlive it
    server.wait(30)
    wait_until(lambda: not is_running(second))


def only_one_at(sockets: str) -> int:
    """The one process that has sockets of this address open: a fork keeps its server's command, so that tells nothing."""
    wait_until(lambda: len(at(sockets)) == 1)
    return at(sockets)[0]


def at(sockets: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            bound = [connection.laddr for connection in process.net_connections("unix")]
        except psutil.Error:
            continue
        if any(str(name).startswith(sockets) for name in bound):
            found.append(process.pid)
    return found
