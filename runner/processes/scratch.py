"""Temporary folders of a process: gone when it removes them, and when it was killed, as soon as the next one makes such a folder.

Each holds a file that its owner keeps locked. The kernel gives the lock back when the owner ends, however it ends, so that a folder whose
lock is free has none: nobody's clock or process number is asked. Folders without such a file are somebody else's and are not touched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

#: All names begin with it.
_PREFIX = "rib"
_OWNER_FILE = ".owner"
#: A socket's path may have about 100 characters, and a person's TMPDIR may be long.
_SHORT = Path("/tmp")
#: Folder → the handle whose lock is this process's.
_held: dict[Path, int] = {}


def private_folder(prefix: str = _PREFIX, place: Path | None = None) -> Path:
    """A new folder of this user's own, with a short path unless another `place` is given; what dead ones left there goes first."""
    if not prefix.startswith(_PREFIX):
        raise ValueError(f"{prefix!r} does not begin with {_PREFIX}")
    place = place or (_SHORT if _SHORT.is_dir() else Path(tempfile.gettempdir()))
    _clear_once(place)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        handle = os.open(folder / _OWNER_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            _held[folder] = handle
            return folder
        os.close(handle)  # cleared away by another process in the instant before it was held


def remove_folder(folder: Path) -> None:
    """Delete such a folder with all that is in it; harmless where it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    if (handle := _held.pop(folder, None)) is not None:
        os.close(handle)


def clear_abandoned(place: Path) -> list[Path]:
    """Delete this user's temporary folders in `place` whose owners have ended; the folders."""
    cleared = []
    for folder in place.glob(f"{_PREFIX}*"):
        owner = folder / _OWNER_FILE
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            handle = os.open(owner, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:  # not of this kind, or gone
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            cleared.append(folder)
        except BlockingIOError:
            continue  # its owner lives
        finally:
            os.close(handle)
    return cleared


#: Once a process: it is the next start that clears up.
_clear_once = cache(clear_abandoned)
