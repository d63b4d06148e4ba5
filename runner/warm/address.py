"""Where warm servers listen, and whether there can be one here.

A socket lies in a folder of this user's own (0700). The kept server's name is made from what it has in memory: another interpreter, another
set of installed packages or another version of this room is another name, so that nobody is served by a server that is out of date.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import site
import socket
import stat
import sys
import tempfile
from pathlib import Path

SWITCH = "RIBBON_WARM"
#: The socket of the server that a process was forked by; set in each fork.
SOCKET_VARIABLE = "RIBBON_WARM_SOCKET"
#: Set in a fork that has our own modules as its server imported them.
OURS_VARIABLE = "RIBBON_WARM_OURS"
#: Another folder for the kept server than this user's one: for a server that is not to be found by everything of this user.
FOLDER_VARIABLE = "RIBBON_WARM_FOLDER"
#: Where the kept server's folder lies: a socket's path may have about 100 characters, and a person's TMPDIR may be long.
_SHORT = Path("/tmp")
#: Where our own code lies, with all that it reads when it is imported.
_CODE = tuple(str(Path(__file__).resolve().parents[2] / room) for room in ("lib", "runner"))


def why_not() -> str:
    """Why nothing can be forked here; "" if it can."""
    if os.environ.get(SWITCH, "").lower() in ("0", "off", "no", "false"):
        return f"switched off by {SWITCH}={os.environ[SWITCH]}"
    if sys.platform != "linux":
        return "only Linux can safely fork a process that has these libraries loaded"
    return ""


def server_socket() -> Path:
    """Where the kept server of this checkout and these packages listens, or would; PermissionError for a folder of somebody else's."""
    return _own_folder() / f"{fingerprint()}.sock"


def listens(place: Path) -> bool:
    """Whether a server is there."""
    if not place.exists():
        return False
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(str(place))
        except OSError:
            return False
    return True


def clear_dead_sockets(folder: Path) -> list[str]:
    """Delete the sockets in a folder at which nobody listens any more, left by servers that were killed; their names."""
    dead = [path for path in folder.glob("*.sock") if path.is_socket() and not listens(path)]
    for path in dead:
        path.unlink(missing_ok=True)
    return [path.name for path in dead]


def fingerprint() -> str:
    """A name for what a server started now would have in memory."""
    known = [sys.prefix, sys.version, str(Path(__file__).resolve())]
    places = [Path(folder) for folder in (*site.getsitepackages(), site.getusersitepackages())]
    places += sorted(Path(__file__).parent.glob("*.py"))
    for place in places:
        if place.exists():
            known.append(f"{place}:{place.stat().st_mtime_ns}")
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]


def code_state() -> tuple[tuple[str, int, int, int], ...]:
    """What our own files are like on the disk: path, size, and the times of their last write and last change, in nanoseconds.

    Python itself asks only for a source's size and the second of its last write before it takes what was compiled of it.
    """
    found, folders = [], [*_CODE]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name == "__pycache__":
                    continue
                if entry.is_dir():
                    folders.append(entry.path)
                    continue
                with contextlib.suppress(OSError):  # gone meanwhile, or a link to nowhere
                    file = entry.stat()
                    found.append((entry.path, file.st_size, file.st_mtime_ns, file.st_ctime_ns))
    return tuple(sorted(found))


def _own_folder() -> Path:
    """One place whatever the session: cron, a terminal and a supervisor must find the same server; unless another is named."""
    shared = (_SHORT if _SHORT.is_dir() else Path(tempfile.gettempdir())) / f"ribbon-warm-{os.getuid()}"
    folder = Path(os.environ.get(FOLDER_VARIABLE) or shared)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(
            f"{folder} is not a folder that only this user may enter: remove it, or mend its mode"
        )
    return folder
