"""The writer's lock: one writer a file, across processes (docs/guarantees.md, D3).

The lock is the kernel's (flock) on a small file beside the data, in `.locks/`, so it is free the moment its holder is gone, kill -9
included. It is not on the data file alone, because that is sometimes replaced whole. The small file says who holds it, for people; somebody
may delete it to be rid of a lock, and then the data file's own (`hold`) still keeps a second writer out.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from lib.contract.standing import refuse_pipe
from runner.errors import LockedError


class WriterLock:
    """Holds the right to write one file; `acquire` refuses at once when another has it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = path.parent / ".locks" / f"{path.name}.lock"
        self._fd: int | None = None

    def acquire(self) -> WriterLock:
        """Take the lock; raises LockedError naming the holder, and OSError naming the file where the disk keeps no locks.

        Makes the file's folder, and none above it: a data folder that was moved while it is in use is not begun anew where it was.
        """
        for folder in (self.path.parent, self._place.parent):
            folder.mkdir(exist_ok=True)
        fd = os.open(self._place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(fd)
            os.close(fd)
            raise LockedError(
                f"{self.path} is being written by {holder}. Wait for it to end, or end it; the lock is then free by itself"
            ) from None
        except BaseException as error:
            os.close(fd)
            if isinstance(error, OSError):
                error.filename = str(self.path)
            raise
        self._fd = fd
        with contextlib.suppress(
            OSError
        ):  # a full disk keeps nobody from the lock: who has it is for people alone
            os.ftruncate(fd, 0)
            os.pwrite(fd, _myself().encode(), 0)
        return self

    def pass_on(self) -> int:
        """The lock's handle, which the program that this process becomes holds on to."""
        assert self._fd is not None
        os.set_inheritable(self._fd, True)
        return self._fd

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> WriterLock:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def hold(fd: int, path: Path) -> int:
    """Take the lock of an open data file; the handle. Raises LockedError, and closes the handle, where another writer has it; OSError
    where it is of a pipe or a device.
    """
    refuse_pipe(fd, path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise LockedError(
            f"{path} is being written by another process, whose lock file was deleted, or that has it under another name (a link). "
            "End that one first; a lock is free by itself then"
        ) from None
    return fd


def _myself() -> str:
    # The command's name and its first word only: further arguments are nobody's business.
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]).strip() or "python"
    since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return json.dumps({"pid": os.getpid(), "command": command, "since": since})


def _holder(fd: int) -> str:
    try:
        told = json.loads(os.pread(fd, 4096, 0))
        return f"process {told['pid']} ({told['command']}, since {told['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"  # it has the lock, but has not yet said who it is
