"""The client's side: a warm server to ask, and processes forked by it that are handled like those of `subprocess`."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from lib.contract.standing import file_text
from lib.paths import repository_root
from runner.errors import WarmError
from runner.processes.environment import pinned_environment
from runner.processes.scratch import private_folder, remove_folder
from runner.warm.address import OURS_VARIABLE, SOCKET_VARIABLE, listens, server_socket, why_not
from runner.warm.messages import Lines, Request, send, send_request

#: How long a server may take to have its imports done. They take about five seconds; a cold disk takes longer.
START_S = 120.0
#: How long a server gets to end what it forked where its block was left by an exception.
_HURRY_S = 2.0
#: Name of a socket in a folder of its own.
SOCKET = "warm.sock"
_SERVER = "runner.warm.server"
#: What a process whose head died without a word is said to have ended with.
LOST = -9


class ForkedProcess:
    """A process forked by a warm server: `pid`, `poll`, `wait`, `send_signal`, `terminate`, `kill`, `stdin` as in subprocess.Popen.

    `head` is the process above it and above all that it starts. The process ends when this object's process does, or drops it.
    """

    stdout = stderr = None

    def __init__(
        self,
        server: Path,
        module: str,
        argv: Sequence[str] = (),
        *,
        env: Mapping[str, str],
        cwd: str | None = None,
        streams: tuple[int, int, int] = (0, 1, 2),
        stdin: IO[bytes] | None = None,
    ) -> None:
        self.args = [module, *argv]
        self.stdin = stdin
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        self._lines = Lines(self._connection)
        try:
            self._connection.settimeout(START_S)
            self._connection.connect(str(server))
        except OSError as error:
            self._connection.close()
            raise WarmError(f"the warm process does not answer ({error})") from None
        # One that refuses does not wait for the request; its reason is there all the same.
        with contextlib.suppress(OSError):
            request = Request(module, list(argv), dict(env), cwd or str(Path.cwd()))
            send_request(self._connection, request, list(streams))
        told = self._lines.take(START_S) or {}
        if "pid" not in told:
            self._connection.close()
            raise WarmError(str(told.get("refused", "the warm process ended, or took too long to load")))
        self.pid, self.head = int(told["pid"]), int(told["head"])

    def poll(self) -> int | None:
        """The exit code once the process and all below it are gone; negative: the signal that ended it. None while it runs."""
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the process and its group, if it is still there."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                self._connection.settimeout(START_S)
                send(self._connection, signal=int(number))

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(15)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(9)

    def _look(self, wait_s: float | None) -> int | None:
        if self.returncode is None:
            told = self._lines.take(wait_s)
            if told is not None or self._lines.ended:
                self.returncode = int((told or {}).get("exit", LOST))
                self._connection.close()
        return self.returncode


def fork_piped(
    server: Path,
    module: str,
    argv: Sequence[str],
    env: Mapping[str, str],
    log: IO[bytes],
    cwd: str | None = None,
) -> ForkedProcess:
    """A process forked by `server` with a pipe for its stdin, and all that it says in `log`. Raises WarmError."""
    read, write = os.pipe()
    stdin = os.fdopen(write, "wb")
    try:
        streams = (read, log.fileno(), log.fileno())
        return ForkedProcess(server, module, argv, env=env, cwd=cwd, streams=streams, stdin=stdin)
    except WarmError:
        stdin.close()
        raise
    finally:
        os.close(read)


class Warm(NamedTuple):
    """A warm server to fork from, or None and the reason why there is none."""

    socket: Path | None
    reason: str = ""


@contextmanager
def warm_server(once: bool = False) -> Iterator[Warm]:
    """A server to ask: that which forked this process, else the kept one, else one of our own that ends with the block.

    An own one is still loading when this returns, so that what follows goes on meanwhile; requests wait for it. `once`: it is for one
    cycle, and leaves what only one notebook uses to that notebook.
    """
    found = find_server()
    if found.socket or found.reason:
        yield found
        return
    with _own_server(once) as place:
        yield Warm(place)


@contextmanager
def warm_or_plain(once: bool = False) -> Iterator[Warm]:
    """`warm_server`, or the reason why there is none; a server that cannot be started is no reason to do nothing."""
    with contextlib.ExitStack() as held:
        try:
            warm = held.enter_context(warm_server(once))
        except (WarmError, OSError) as error:
            warm = Warm(None, str(error))
        yield warm


@contextmanager
def server_ahead() -> Iterator[None]:
    """A server for one cycle that loads while this process still imports what it needs itself; who asks for one within the block finds it.

    In a fork it is forked too: from the server of the fork, so only our own modules are left to load; where the fork has those as well,
    its own server has all. Nothing where none can be started: whoever asks is told why.
    """
    found, before = find_server(), os.environ.get(SOCKET_VARIABLE)
    if found.socket is not None and OURS_VARIABLE in os.environ:
        yield
        return
    with contextlib.ExitStack() as held:
        if not found.reason:
            with contextlib.suppress(WarmError, OSError):
                os.environ[SOCKET_VARIABLE] = str(held.enter_context(_own_server(True, found.socket)))
        try:
            yield
        finally:
            os.environ.pop(SOCKET_VARIABLE, None)
            if before is not None:
                os.environ[SOCKET_VARIABLE] = before


def find_server() -> Warm:
    """A server that is there already; neither socket nor reason if there could be one but is not."""
    reason = why_not()
    if reason:
        return Warm(None, reason)
    given = os.environ.get(SOCKET_VARIABLE, "")
    if given and Path(given).exists():
        return Warm(Path(given))
    try:
        kept = server_socket()
    except OSError as error:
        return Warm(None, str(error))
    return Warm(kept) if listens(kept) else Warm(None)


@contextmanager
def _own_server(once: bool, above: Path | None = None) -> Iterator[Path]:
    """The socket of a server that ends with the block, started, or forked by the one at `above`; it listens, and is still loading.

    What it has to say goes to a log beside the socket. Raises WarmError.
    """
    folder = private_folder("rib-warm")
    try:
        place = folder / SOCKET
        with place.with_suffix(".log").open("wb") as log:
            process = _start_server([str(place), *(["--once"] if once else [])], log, above)
        try:
            while not place.exists():
                if process.poll() is not None:
                    raise WarmError(
                        f"the warm process ended at its start (exit code {process.returncode}): {_log_of(place)}"
                    )
                time.sleep(0.005)
            yield place
        except BaseException:  # nobody who presses Ctrl-C waits for imports that nobody needs any more
            _end_server(process, _HURRY_S)
            raise
        else:
            _end_server(process)
    finally:
        remove_folder(folder)


def _start_server(
    argv: Sequence[str], log: IO[bytes], above: Path | None
) -> subprocess.Popen[bytes] | ForkedProcess:
    environment, cwd = server_environment(), str(repository_root())
    if above is not None:
        return fork_piped(above, _SERVER, argv, environment, log, cwd)
    return subprocess.Popen(
        [sys.executable, "-m", _SERVER, *argv],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        env=environment,
        cwd=cwd,
        start_new_session=True,
    )


def _end_server(process: subprocess.Popen[bytes] | ForkedProcess, wait_s: float = 10.0) -> None:
    """End a server, by closing its standard input, and all that was forked from it. One that is still loading has forked nothing."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=wait_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def server_environment() -> dict[str, str]:
    """What a server may know: no more than a kernel, as every fork could read it."""
    environment = pinned_environment("warm")
    importable = [str(repository_root()), environment.get("PYTHONPATH", "")]
    environment.pop(SOCKET_VARIABLE, None)
    return environment | {
        "PYTHONPATH": os.pathsep.join(path for path in importable if path),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }


def _log_of(place: Path) -> str:
    """The last words of the server at `place`."""
    try:
        return file_text(place.with_suffix(".log"), errors="replace").strip()[-400:]
    except OSError:
        return ""
