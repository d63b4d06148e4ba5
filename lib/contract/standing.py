"""What stands where a file or a folder should: nothing, a folder, a link to nowhere, or a pipe; and paths that lead nowhere at all.

Every file is read by way of here: what would be waited for without end, a pipe say, is refused as the system refuses a folder.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import IO, Any

from lib.errors import DataError, MissingDataError

#: What stands in place of a file, by its first bytes, and what to do.
_IN_PLACE = {
    b"version https://git-lfs": (
        "the file is the pointer that Git LFS leaves in place of one",
        "Fetch the file itself: `git lfs pull`",
    ),
    b"\x1f\x8b": (
        "the file is packed with gzip, whatever its name says",
        "Unpack it (`gzip -d`), or give it to `ribbon backfill` where it holds candles",
    ),
}
_NO_FILE = "this is a pipe, a socket or a device, not a file"


def open_file(path: str | Path, mode: str = "rb", **how: Any) -> IO[Any]:
    """A file, opened as `open` does it. Raises OSError, for a pipe, a socket or a device too, which are never waited for."""
    return open(path, mode, opener=_opened, **how)


def file_bytes(path: str | Path) -> bytes:
    """What a file holds. Raises OSError as `open_file` does."""
    with open_file(path) as file:
        return file.read()


def file_text(path: str | Path, encoding: str = "utf-8-sig", errors: str = "strict") -> str:
    """A file's text, each end of a line as a newline, without the mark (BOM) that an editor put before it.

    Raises OSError as `open_file` does, UnicodeDecodeError.
    """
    with open_file(path, "r", encoding=encoding, errors=errors) as file:
        return file.read()


def refuse_pipe(handle: int, path: str | Path) -> int:
    """The handle, if it is of a file or a folder; else it is closed, and OSError raised."""
    if stat.S_ISREG(mode := os.stat(handle).st_mode) or stat.S_ISDIR(mode):
        return handle
    os.close(handle)
    raise OSError(errno.ENXIO, _NO_FILE, str(path))


def _opened(path: str, flags: int) -> int:
    try:
        return refuse_pipe(os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666), path)
    except FileNotFoundError:
        if (link := Path(path)).is_symlink():  # else it would pass for a file that was never there
            raise OSError(errno.ENXIO, _leads_nowhere(link), str(path)) from None
        raise
    except OSError as error:
        if error.errno == errno.ENXIO:  # the system's own word for a socket says nothing of one
            error.strerror = _NO_FILE
        raise


def is_there(path: Path) -> bool:
    """Whether anything stands at `path`, be it a link that leads nowhere: what it led to was something, and opening it says so."""
    return os.path.lexists(path)


def packed_remedy(path: Path) -> str:
    """What to do where `path` is not there and stands packed beside its place (`.gz`, `.zip`, …); "" where nothing does."""
    if is_there(path):
        return ""
    beside = (path.with_name(path.name + ending) for ending in (".gz", ".zip", ".bz2", ".xz", ".zst"))
    return next((f"{packed.name} stands beside it: unpack that" for packed in beside if is_there(packed)), "")


def refuse_stand_in(data: bytes, path: Path, kind: type[DataError] = DataError) -> None:
    """Raise `kind` where what begins with `data` only stands in the place of a file of text."""
    problem, fix = next((told for first, told in _IN_PLACE.items() if data.startswith(first)), ("", ""))
    if data and not data.strip(b"\0"):
        problem = "the file holds NUL bytes where text belongs: what it held was lost, or never arrived"
        fix = "Fetch or copy it again"
    if problem:
        raise kind(problem, path=path, line=1, fix=fix)


def not_a_file(path: Path) -> str:
    """In words why there is no file to be read at `path`; "" where there is one."""
    if path.is_file():
        return ""
    if path.is_dir():
        return "this is a folder, not a file"
    if path.exists():
        return f"{_NO_FILE}: write what comes out of it to a file first"
    if path.is_symlink():
        return _leads_nowhere(path)
    return "there is no such file"


def not_a_folder(path: Path) -> str:
    """In words why there is no folder at `path`; "" where there is one."""
    if path.is_dir():
        return ""
    if path.exists():
        return "this is a file, not a folder"
    if path.is_symlink():
        return _leads_nowhere(path)
    return "there is no such folder"


def expanded(path: str | Path) -> Path:
    """`path` with its `~` as the home it stands for. Raises MissingDataError where it is nobody's."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise _nowhere(path, error) from None


def resolved(path: str | Path, beside: Path | None = None) -> Path:
    """`path` in full, from the folder `beside`. Raises MissingDataError where it leads in a circle, to nobody's home,
    from a folder that was deleted, or holds a NUL.
    """
    try:
        return ((beside or Path()) / expanded(path)).resolve()
    except (RuntimeError, ValueError, FileNotFoundError) as error:
        # RuntimeError: up to Python 3.12, of a circle of links; FileNotFoundError: of the folder that one is in
        raise _nowhere(path, error) from None


def _leads_nowhere(link: Path) -> str:
    return f"this is a link that leads nowhere (to {str(link.readlink())!r})"


def _nowhere(path: str | Path, error: Exception) -> MissingDataError:
    return MissingDataError(f"the path {str(path)!r} leads nowhere ({error})", fix="Name another one")
