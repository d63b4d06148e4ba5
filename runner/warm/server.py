"""The fork server: `python -m runner.warm.server SOCKET [--kept | --once]`: it imports what is slow once and forks a process a request.

Three kinds of process. The *server* listens and forks a *head* for each connection. The head reads the request, forks the *job* and stays
its parent: it passes signals on, and when the job ends or the client goes away it ends whatever is left below it, tells the exit code and
goes. A head listens too, so what a job asks for (a notebook's process asks for a kernel) is forked by its own head and ends with it:
everything that a run started is below one process. Each of them has one thread, as a fork of more could inherit a lock that nobody opens.

The socket is there before the imports are done, so that a client which comes early waits instead of failing.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
from pathlib import Path

from runner.processes.tree import end_descendants
from runner.terminal.gate import open_gate, say
from runner.warm.address import clear_dead_sockets, code_state, fingerprint, listens
from runner.warm.job import ForkedJob, adopt_orphans, die_with_parent, reset_signals
from runner.warm.messages import Lines, receive_request, send
from runner.warm.preload import (
    COMMAND_MODULES,
    MODULES,
    ONE_USER,
    OUR_COMMAND_MODULES,
    OUR_MODULES,
    OURS,
    preload,
)

#: How long a client may take to send its request, which it does at once.
_REQUEST_S = 10.0
#: How often a kept server looks whether it is out of date, and shows that its socket is in use.
LOOK_S = 60.0
KEPT = "--kept"  #: for whatever may come
ONCE = "--once"  #: for one cycle, with our own modules as they lie on the disk when it begins


class ForkServer:
    """Listens at `place`, forks a head for each connection, until it is told to end (`ends_with`, SIGTERM, SIGINT)."""

    def __init__(self, place: Path, base_path: list[str], ours: bool = False) -> None:
        """`base_path`: sys.path without PYTHONPATH; `ours`: what is forked keeps our own modules as they are imported here."""
        self.place = place
        self.base_path, self.ours = base_path, ours
        self.ended = False
        self.heads: set[int] = set()
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        unready = place.with_suffix(".new")
        unready.unlink(missing_ok=True)
        self.listener.bind(str(unready))
        self.listener.listen(64)
        unready.replace(place)  # a socket that is seen is one that answers
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)

    def run(self, look_s: float | None = None) -> ForkedJob | None:
        """Serve until the end and return None; in a process that was forked to be a job, return what it is to become."""
        self._watch_signals()
        self._reap()  # a job may have ended before anybody watched
        while not self.ended:
            for key, _ in self.selector.select(look_s):
                job = key.data()
                if job is not None:
                    return job
            if not self.ended:
                self.look()
        self.close()
        return None

    def keeps_ours(self, module: str) -> bool:
        """Whether a process that is to run `module` keeps our own modules as they are imported here."""
        return self.ours

    def look(self) -> None:
        """Called after whatever happened, and every `look_s` seconds."""

    def ends_with(self, descriptor: int) -> None:
        """End when the other end of this pipe is closed."""

        def read() -> None:
            self.ended |= not os.read(descriptor, 4096)

        self.selector.register(descriptor, selectors.EVENT_READ, read)

    def accept(self) -> ForkedJob | None:
        """Fork a head for the next connection."""
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return None
        if (count := threads()) > 1:
            with contextlib.suppress(OSError):
                send(
                    connection,
                    refused=f"the warm process has {count} threads, so nothing can be forked from it",
                )
            connection.close()
            return None
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self.leave()
            return _Head.lead(connection, parent, self)
        self.heads.add(pid)
        connection.close()
        return None

    def leave(self) -> None:
        """In a fork: close what belongs to the process it was forked from."""
        signal.set_wakeup_fd(-1)
        for key in list(self.selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self.selector.close()
        self._waker.close()

    def reaped(self, pid: int, status: int) -> None:
        """Told of each child that has ended."""
        self.heads.discard(pid)
        (self.place.parent / f"{pid}.sock").unlink(missing_ok=True)

    def close(self) -> None:
        """End everything below this process and take the socket away."""
        self.place.unlink(missing_ok=True)
        end_descendants(os.getpid())

    def _watch_signals(self) -> None:
        wakeup, self._waker = socket.socketpair()
        for end in (wakeup, self._waker):
            end.setblocking(False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, frame: None)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)

        def arrived() -> None:
            numbers = wakeup.recv(4096)
            self.ended |= signal.SIGTERM in numbers or signal.SIGINT in numbers
            self._reap()

        self.selector.register(wakeup, selectors.EVENT_READ, arrived)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                self.reaped(pid, status)


class _StandbyServer(ForkServer):
    """A server that stays: it starts itself anew when packages or our code change, as soon as nothing forked from it is left.

    Of our code it looks after each job, so that who edits it does not have it load after every change.
    """

    def __init__(self, place: Path, base_path: list[str]) -> None:
        super().__init__(place, base_path)
        self._code = code_state()  # before any of it is imported
        self._served = False

    def keeps_ours(self, module: str) -> bool:
        """Only a module of ours, which knows where it finds others, and only while our files are as they were."""
        return module.partition(".")[0] in OURS and code_state() == self._code

    def reaped(self, pid: int, status: int) -> None:
        """Told of each child that has ended."""
        super().reaped(pid, status)
        self._served = True

    def look(self) -> None:
        """Show that the socket is in use, and be up to date."""
        with contextlib.suppress(OSError):
            os.utime(self.place)
        if self.heads:
            return
        served, self._served = self._served, False
        if fingerprint() != self.place.stem or (served and code_state() != self._code):
            say("packages or our code have changed: loading anew")
            self.place.unlink(missing_ok=True)
            fresh = self.place.with_name(f"{fingerprint()}.sock")
            os.execv(sys.executable, [sys.executable, "-m", "runner.warm.server", str(fresh), KEPT])


class _Head(ForkServer):
    """The parent of one job, which hears its client."""

    @classmethod
    def lead(cls, connection: socket.socket, parent: int, server: ForkServer) -> ForkedJob | None:
        """In a process just forked: take the request, fork its job, lead it to its end; in the job, return it."""
        reset_signals()
        die_with_parent(parent)
        adopt_orphans()
        connection.settimeout(_REQUEST_S)
        try:
            request, streams = receive_request(connection)
        except (OSError, ValueError, TypeError):
            os._exit(1)
        ours = server.keeps_ours(request.module)
        head = cls(server.place.parent / f"{os.getpid()}.sock", server.base_path, ours)
        job = ForkedJob(request, streams, str(head.place), os.getpid(), head.base_path, head.ours)
        head.job = os.fork()
        if head.job == 0:
            head.listener.close()
            head.selector.close()
            connection.close()
            return job
        for stream in streams:
            os.close(stream)
        head.client = Lines(connection)
        head.selector.register(connection, selectors.EVENT_READ, head.hear)
        head.say(pid=head.job, head=os.getpid())
        forked = head.run()
        if forked is not None:
            return forked
        os._exit(0)

    job: int
    client: Lines
    code: int | None = None

    def hear(self) -> None:
        """Pass on the signals that the client asks for; its going away is the end."""
        while (said := self.client.take()) is not None:
            with contextlib.suppress(OSError):
                try:
                    os.killpg(self.job, said["signal"])
                except ProcessLookupError:
                    os.kill(self.job, said["signal"])
        self.ended |= self.client.ended

    def reaped(self, pid: int, status: int) -> None:
        """The end of the job is the end of its head."""
        super().reaped(pid, status)
        if pid == self.job:
            self.code = os.waitstatus_to_exitcode(status)
            self.ended = True

    def leave(self) -> None:
        """In a fork for another job."""
        super().leave()
        self.client.connection.close()

    def close(self) -> None:
        """End what the job left, then tell how it ended."""
        super().close()
        if self.code is None:
            self._reap()
        self.say(exit=-signal.SIGKILL if self.code is None else self.code)

    def say(self, **said: int) -> None:
        """Tell the client, if it is still there."""
        with contextlib.suppress(OSError):
            self.client.connection.settimeout(_REQUEST_S)
            send(self.client.connection, **said)


def threads() -> int:
    """Number of threads of this process."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def _modules(kept: bool, once: bool) -> tuple[str, ...]:
    if kept:
        return (*MODULES, *COMMAND_MODULES, *OUR_MODULES, *OUR_COMMAND_MODULES)
    return (*(name for name in MODULES if name not in ONE_USER), *OUR_MODULES) if once else MODULES


def main() -> None:
    """Serve; in a process forked to be a job, become it."""
    open_gate()
    place, kept, once = Path(sys.argv[1]), KEPT in sys.argv[2:], ONCE in sys.argv[2:]
    if kept and listens(place):
        say(f"a server is kept at {place} already")
        return
    if kept:
        clear_dead_sockets(place.parent)
    importable = {path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path}
    base_path = [path for path in sys.path[1:] if path not in importable]
    server = _StandbyServer(place, base_path) if kept else ForkServer(place, base_path, ours=once)
    if not kept:
        server.ends_with(0)
    for name, reason in preload(_modules(kept, once)).items():
        say(f"not preloaded: {name} ({reason})")
    job = server.run(LOOK_S if kept else None)
    if job is not None:
        job.become()
        job.run()


if __name__ == "__main__":
    main()
