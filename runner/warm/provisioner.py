"""Jupyter's way in: a kernel provisioner (`ribbon-warm`) that has kernels forked by a warm server instead of starting them.

papermill, nbclient, nbval and JupyterLab all start kernels through provisioners, chosen by the kernelspec (`ribbon kernel install` writes
one) or by JUPYTER_DEFAULT_PROVISIONER_NAME. What cannot be forked (another interpreter, another command, no server) is started as usual,
and the log says why. Kernels talk over IPC sockets in a folder of their own: no ports, no races for them.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from runner.errors import WarmError
from runner.processes.environment import environment_of
from runner.processes.scratch import private_folder, remove_folder
from runner.warm.address import listens
from runner.warm.client import ForkedProcess, Warm, warm_or_plain

NAME = "ribbon-warm"


class WarmProvisioner(LocalProvisioner):
    """Has the kernel forked where that is possible, and starts it as LocalProvisioner does where it is not."""

    _sockets: Path | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Before the connection file is written: sockets in a private folder instead of ports, unless somebody chose otherwise.

        Whoever asks (JupyterLab, nbval) hands its whole environment on; the kernel gets what of it is a kernel's, and what
        was set for this kernel.
        """
        manager = self.parent
        if os.name != "nt" and manager is not None and manager.transport == "tcp" and not manager.shell_port:
            self._sockets = private_folder("rib-kernel")
            manager.transport, manager.ip, manager.cache_ports = "ipc", str(self._sockets / "k"), False
        prepared = await super().pre_launch(**kwargs)
        given: dict[str, str] = prepared["env"]
        meant = {name: value for name, value in given.items() if os.environ.get(name) != value}
        return prepared | {"env": environment_of("kernel", given) | meant}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel; on any reason not to, start it."""
        reason = why_not_forked(cmd, kwargs)
        warm = Warm(None, reason) if reason else await asyncio.to_thread(_server.find)
        if warm.socket is not None:
            try:
                self.process = await asyncio.to_thread(_fork_kernel, warm.socket, cmd, kwargs)
            except WarmError as error:
                warm = Warm(None, str(error))
            else:
                self.pid, self.pgid = (
                    self.process.pid,
                    None,
                )  # signals go through the head, which knows the group
                self.cwd = kwargs.get("cwd") or Path.cwd()
                return self.connection_info
        self.log.warning("plain kernel, not a warm one: %s", warm.reason)
        return await super().launch_kernel(cmd, **kwargs)

    async def cleanup(self, restart: bool = False) -> None:
        """Take the private folder away, unless the kernel is to come again."""
        await super().cleanup(restart)
        if self._sockets is not None and not restart:
            remove_folder(self._sockets)
            self._sockets = None


def why_not_forked(cmd: list[str], kwargs: dict[str, Any]) -> str:
    """Why this command cannot be forked; "" if it can: it must be `python -m module …` of the interpreter that is running."""
    if len(cmd) < 3 or cmd[1] != "-m" or not _this_interpreter(cmd[0]):
        return f"its command is no module of {sys.executable}"
    if any(kwargs.get(name) == subprocess.PIPE for name in ("stdin", "stdout", "stderr")):
        return "its output is read through pipes"
    return ""


def _this_interpreter(name: str) -> bool:
    """Whether a command names the interpreter of this environment, whose folder may hold it under several names."""
    python = Path(name)
    return python.name.startswith("python") and python.parent in (Path(), Path(sys.executable).parent)


def _fork_kernel(server: Path, cmd: list[str], kwargs: dict[str, Any]) -> ForkedProcess:
    """The kernel of `cmd` with the environment, folder and streams that subprocess would have been given. Raises WarmError."""
    environment = dict(kwargs.get("env") or os.environ)
    if not kwargs.get("independent"):
        environment["JPY_PARENT_PID"] = str(os.getpid())
    with Path(os.devnull).open("r+b") as nothing:
        stdin = _descriptor(kwargs.get("stdin"), nothing.fileno(), nothing.fileno())
        stdout = _descriptor(kwargs.get("stdout"), nothing.fileno(), 1)
        stderr = (
            stdout
            if kwargs.get("stderr") == subprocess.STDOUT
            else _descriptor(kwargs.get("stderr"), nothing.fileno(), 2)
        )
        argv = list(cmd[3:])
        return ForkedProcess(
            server, cmd[2], argv, env=environment, cwd=kwargs.get("cwd"), streams=(stdin, stdout, stderr)
        )


def _descriptor(given: Any, nothing: int, default: int) -> int:
    if given is None:
        return default
    if given == subprocess.DEVNULL:
        return nothing
    return given if isinstance(given, int) else given.fileno()


class _ServerOfProcess:
    """The server that kernels of this process are forked from: one that is there, or an own one that ends with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = contextlib.ExitStack()
        self._found: Warm | None = None
        atexit.register(self._held.close)

    def find(self) -> Warm:
        """The server, found or started at the first call and again when it is gone."""
        with self._lock:
            gone = (
                self._found is not None and self._found.socket is not None and not listens(self._found.socket)
            )
            if self._found is None or gone:
                self._held.close()
                self._found = self._held.enter_context(warm_or_plain())
            return self._found


_server = _ServerOfProcess()
