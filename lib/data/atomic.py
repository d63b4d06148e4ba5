"""Files that are replaced whole: whoever reads one at any instant sees the old text or the new one, never a part (docs/guarantees.md, D5).

And the one that grows by whole lines.

What is written beside a file before it replaces it is held by a lock of the kernel as long as its writer lives. So what a kill left is
known by its being free, whatever process or clock it was of; it is cleared away when the next writer comes to the folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

from lib.contract.standing import file_bytes, open_file

#: Names of files that are being written: those that `_begun` gives.
_UNFINISHED = re.compile(r"\..+\.[a-z0-9_]{8}\.new")


class _Unfinished(NamedTuple):
    """A file written beside its target, and the handle whose lock says that its writer lives."""

    target: Path
    path: Path
    handle: int


class _Syncing:
    """Whether what is written is made durable at once."""

    on = True


@contextlib.contextmanager
def synced_later() -> Iterator[None]:
    """What is replaced or appended within is not made durable at once, which the caller is to make good (os.sync): for a folder that a
    crash of the machine may spoil, as it is made anew then. Files are replaced whole all the same. Not where other threads write.
    """
    before, _Syncing.on = _Syncing.on, False
    try:
        yield
    finally:
        _Syncing.on = before


def sync(handle: int) -> None:
    """Make what was written to an open file durable, now or later (`synced_later`); raises OSError."""
    if _Syncing.on:
        os.fsync(handle)


def utf8(text: str) -> bytes:
    """A text's bytes. Half a pair, which Python makes of a file's name that is no UTF-8, has none: it stands there as its escape, which
    JSON reads back as it was.
    """
    return text.encode("utf-8", "backslashreplace")


def replace_text(path: str | Path, text: str) -> None:
    """Writes `text` as UTF-8 beside `path`, makes it durable, and renames it over `path`. The folder must exist."""
    replace_together([(path, text)])


def replace_private(path: str | Path, text: str) -> None:
    """As replace_text, and whatever its mode was: from its first byte on only its owner may read it (mode 600)."""
    _replace([(Path(path), utf8(text), 0o600)])


def replace_together(texts: Sequence[tuple[str | Path, str]]) -> None:
    """Replace several files in their order, each as `replace_text` does, after all of them are written: a full disk replaces none."""
    _replace([(Path(path), utf8(text), _mode(Path(path))) for path, text in texts])


def replace_keeping(path: str | Path, data: bytes) -> Path:
    """As replace_text, after what stood in `path` was kept beside it; the copy's path.

    The copy is named `<name>.before-<hash of what it holds>`, so that doing it again after a crash makes no second one.
    """
    target = Path(path)
    before, mode = file_bytes(target), _mode(target)
    copy = target.with_name(f"{target.name}.before-{hashlib.sha256(before).hexdigest()[:12]}")
    if not (copy.is_file() and file_bytes(copy) == before):
        _replace([(copy, before, mode)])
    _replace([(target, data, mode)])
    return copy


def clear_unfinished(folder: str | Path) -> list[str]:
    """Delete what killed writers left half written directly in a folder; the names. What a living one writes is left alone."""
    cleared = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if _UNFINISHED.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                cleared += [entry.name] if _cleared(Path(entry.path)) else []
    return cleared


def _cleared(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except OSError:  # held, or not ours to delete
        return False
    finally:
        os.close(handle)
    return True


#: Once a process and folder: the next start is what clears up, and a write should cost no listing.
_clear_once = cache(clear_unfinished)


def _replace(contents: Sequence[tuple[Path, bytes, int]]) -> None:
    """Targets with their bytes and modes: all written, then all renamed."""
    unfinished: list[_Unfinished] = []
    try:
        for target, data, mode in contents:
            with _naming(target):
                _clear_once(target.parent)
                unfinished.append(_begun(target))
                _write(unfinished[-1], data, mode)
        for found in unfinished:
            with _naming(found.target):
                found.path.replace(found.target)
    except BaseException:
        for found in unfinished:
            found.path.unlink(missing_ok=True)
        raise
    finally:
        for found in unfinished:
            os.close(found.handle)
    for folder in dict.fromkeys(target.parent for target, _, _ in contents):
        _sync_folder(folder)


@contextlib.contextmanager
def _naming(target: Path) -> Iterator[None]:
    """An error of the system names the file that was to be written, not the one beside it, or none."""
    try:
        yield
    except OSError as error:
        if error.errno:
            error.filename = str(target)
            del error.filename2  # set to None, it would be told as a name: "-> None"
        raise


def _begun(target: Path) -> _Unfinished:
    while True:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return _Unfinished(target, Path(name), handle)
        os.close(handle)  # cleared away by somebody in the instant before it was held


def _write(unfinished: _Unfinished, data: bytes, mode: int) -> None:
    with os.fdopen(unfinished.handle, "wb", closefd=False) as stream:
        stream.write(data)
        stream.flush()
        sync(stream.fileno())
    unfinished.path.chmod(mode)  # mkstemp makes files that only their owner may read


def replace_json(path: str | Path, value: object) -> None:
    """Replace a file by `json_text` of a value."""
    replace_text(path, json_text(value))


def json_text(value: object) -> str:
    """`value` as indented JSON, keys in their own order. Raises ValueError for NaN and infinities: they are no JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def append_line(path: str | Path, line: str) -> None:
    """`line` and a newline at the end of an existing file, durable; a write that fails or falls short adds nothing.

    What a kill left of a line before it, which has no newline, goes to `<file>.torn`.
    """
    data = utf8(line) + b"\n"
    with _naming(Path(path)), open_file(path, "a+b") as file:
        end = _whole_end(file, Path(path))
        try:
            file.write(data)
            file.flush()
            sync(file.fileno())
        except OSError:
            os.truncate(path, end)
            raise


def _whole_end(file: IO[bytes], path: Path) -> int:
    """Where the whole lines of a file end, which is its end from now on."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(end - 1, 0))
    if file.read() in (b"\n", b""):
        return end
    file.seek(0)
    torn = file.read().rpartition(b"\n")[2]
    # Kept before it is cut: a kill between the two keeps it twice.
    with open_file(path.with_name(f"{path.name}.torn"), "ab") as aside:
        aside.write(torn + b"\n")
        aside.flush()
        sync(aside.fileno())
    return file.truncate(end - len(torn))


def _mode(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o644


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        sync(handle)
    finally:
        os.close(handle)
