"""A file that somebody deleted, replaced, cut or added to while its writer had it open: nothing that was written is lost for it.

A writer's handle goes on writing into a deleted file, where nobody ever reads it. So each append looks first: a file that is gone is put
back as it was; one of another inode with the same content (an editor saved it, a copy was put back) is gone on with; what somebody added
behind the last row is kept aside in `<file>.torn`; and anything else, other content in the same file included (a script that opened it anew
for writing), refuses the write until the writer is started anew and reads it.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

from runner.errors import WriteFailedError
from runner.files.lock import hold

LOG = logging.getLogger("ribbon.files")
_BLOCK = 1 << 20
#: What the refusal of a file that is another one says, and none of a disk's.
MEANWHILE = "while it was open for writing"
#: Bytes at the end by which a file of the same size is taken for the same.
_COMPARED = 1 << 16
#: Bytes at the end that a writer remembers of its file: a row or a few, which no other content has at the very same place.
_ENDING = 256
_told: set[tuple[Path, str]] = set()


def ending(fd: int, end: int) -> bytes:
    """What stands right before `end`, by which its writer knows the file again."""
    length = min(end, _ENDING)
    return os.pread(fd, length, end - length)


def confirmed(fd: int, path: Path, end: int, tail: bytes, clean: bool = True) -> int:
    """The handle to write `path` with, which ends at `end` with `tail` by what its writer wrote: `fd`, or another (`fd` is closed then).

    `clean`: whether no bytes of a failed write may stand behind `end`. Raises OSError, and WriteFailedError for another file.
    """
    own = os.fstat(fd)
    try:
        there = path.stat()
    except FileNotFoundError:
        return _put_back(fd, path, end, own.st_mode & 0o777)
    if not os.path.samestat(own, there):
        return _taken_over(fd, path, end)
    if own.st_size < end:
        raise _another(path, f"it was cut from {end:,} to {own.st_size:,} bytes")
    if os.pread(fd, len(tail), end - len(tail)) != tail:
        raise _another(path, "other content was written over it")
    if own.st_size > end and clean:
        _keep_aside(fd, path, end)
    return fd


def free_place(path: Path) -> None:
    """Raises WriteFailedError where a file that is to be begun has come to be there."""
    if path.exists() and path.stat().st_size:
        raise _another(path, "it came to be there")


def _another(path: Path, what: str) -> WriteFailedError:
    told = (
        f"{path}: {what} {MEANWHILE}, so nothing was written. See that it is the right one, and start again"
    )
    if (path, what) not in _told:  # each write tries again, and whoever writes may keep it to itself
        _told.add((path, what))
        LOG.error("%s", told)
    return WriteFailedError(told)


def _put_back(fd: int, path: Path, end: int, mode: int) -> int:
    """Make a deleted file anew of what the handle still holds."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        for place in range(0, end, _BLOCK):
            write_all(handle, os.pread(fd, min(_BLOCK, end - place), place))
        os.fchmod(handle, mode)
        os.fsync(handle)
        os.link(name, path)  # unless another file has come there meanwhile
    finally:
        os.close(handle)
        Path(name).unlink()
    found = _open(path)
    os.close(fd)
    LOG.warning("%s was deleted while it was open for writing; it was put back as it was", path)
    return found


def _taken_over(fd: int, path: Path, end: int) -> int:
    """The handle of another file with the same content."""
    found = _open(path)
    length = min(end, _COMPARED)
    same = os.fstat(found).st_size == end
    if same and os.pread(found, length, end - length) == os.pread(fd, length, end - length):
        os.close(fd)
        return found
    os.close(found)
    raise _another(path, "another file was put in its place")


def _keep_aside(fd: int, path: Path, end: int) -> None:
    added = os.pread(fd, os.fstat(fd).st_size - end, end)
    keep_torn(path, added)
    LOG.warning(
        "%d bytes that somebody added to %s while it was open for writing are in %s.torn",
        len(added),
        path,
        path.name,
    )


def keep_torn(path: Path, data: bytes) -> None:
    """Append bytes that are no row to the file beside `path` that keeps them. Raises OSError."""
    side = os.open(
        path.with_name(f"{path.name}.torn"), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644
    )
    try:
        write_all(side, data if data.endswith(b"\n") else data + b"\n")
        os.fsync(side)
    finally:
        os.close(side)


def write_all(fd: int, data: bytes) -> None:
    """All of `data`, however little is taken at once."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _open(path: Path) -> int:
    return hold(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC), path)
