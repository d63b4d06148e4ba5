"""A file of lines that is appended to: whole lines or none, durable, one writer at a time (docs/guarantees.md, D1, D3, D4).

The journal of runner.files.journal for what is no table: one JSON object a line, say. What would surprise: it is meant to be opened for one
append and closed again, so that a command and a running loop can both write, one after the other; whoever is second waits a moment.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from lib.contract.standing import is_there, refuse_pipe
from lib.data.atomic import utf8
from lib.errors import file_remedy
from runner.errors import FsyncFailedError, LockedError, WriteFailedError
from runner.files.journal import cut_torn_end
from runner.files.lock import WriterLock

#: Seconds between two looks at whether another writer is done.
_LOOKS_EVERY_S = 0.01


class LineJournal:
    """One file, open under its lock. What a kill left unfinished at its end is cut off at opening, and kept aside."""

    def __init__(self, path: Path, wait_s: float = 2.0) -> None:
        self.path, self._wait_s = path, wait_s
        self._lock = WriterLock(path)
        self._fd: int | None = None
        self._end = 0

    def __enter__(self) -> LineJournal:
        self._acquire()
        try:
            if is_there(self.path):
                self._fd = refuse_pipe(os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC), self.path)
                self._end = cut_torn_end(self._fd, self.path)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give back the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        self._lock.release()

    def append(self, line: str) -> None:
        """Write a line (without its newline) and see it on the disk: all of it, or none and WriteFailedError; FsyncFailedError is final."""
        data = utf8(f"{line}\n")
        fd = self._writable()
        try:
            written = os.write(fd, data)
            while written < len(data):
                written += os.write(fd, data[written:])
        except OSError as error:
            self._roll_back(fd)
            raise WriteFailedError(
                f"{self.path}: {error.strerror}; the line was not kept. {file_remedy(error)}"
            ) from error
        try:
            os.fsync(fd)
        except OSError as error:
            raise FsyncFailedError(
                f"{self.path}: fsync failed ({error.strerror}); the last line may be lost"
            ) from error
        self._end += len(data)

    def _acquire(self) -> None:
        until = time.monotonic() + self._wait_s
        while True:
            try:
                self._lock.acquire()
                return
            except LockedError:
                if time.monotonic() > until:
                    raise
                time.sleep(_LOOKS_EVERY_S)

    def _writable(self) -> int:
        if self._fd is None:
            try:
                flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
                self._fd = refuse_pipe(os.open(self.path, flags, 0o644), self.path)
                folder = os.open(self.path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
            except OSError as error:
                raise WriteFailedError(f"{self.path}: {error.strerror}. {file_remedy(error)}") from error
        return self._fd

    def _roll_back(self, fd: int) -> None:
        try:
            os.ftruncate(fd, self._end)
        except OSError:
            return  # what is unfinished has no newline: the next opening cuts it off
