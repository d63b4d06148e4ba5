"""What a killed `ribbon up` left running: its programs go on without it, and would keep those of the next one from their locks."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path

import psutil

from lib.contract.standing import file_text
from runner.errors import LockedError
from runner.files.lock import WriterLock
from runner.processes.tree import end_tree, marked
from runner.up.programs import CONFIG, PID, SOCKET, Program, mark_of

#: Longest wait for the socket of a living one, seconds.
_ANSWERS_S = 2.0


def be_the_only_one(folder: Path) -> int:
    """Make `folder` this process's own, and the program's that it becomes: the handle that holds it.

    Raises LockedError where a `ribbon up` is alive that keeps its programs there: from its start on it holds a lock that lies beside the
    folder, because somebody may delete that, and it answers at its socket once it keeps them.
    """
    lock = WriterLock(folder)
    with contextlib.suppress(LockedError):
        lock.acquire()
        if not answers_at(folder):
            return lock.pass_on()
        lock.release()
    answers = answers_at(folder)
    who = "another process"
    if answers:  # else the number may be of one that was killed
        with contextlib.suppress(OSError, ValueError):
            who = f"process {int(file_text(folder / PID, encoding='ascii'))}"
    raise LockedError(
        f"{folder.parent}: `ribbon up` keeps its programs running already ({who}). Go on with that one, or end it with Ctrl-C first"
    )


def answers_at(folder: Path) -> bool:
    """Whether a living supervisord keeps its programs in `folder`: it answers at its socket."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(_ANSWERS_S)
        with contextlib.suppress(OSError):
            asked.connect(str(folder / SOCKET))
            return True
    return False


def end_orphans(folder: Path, kept: Sequence[Program]) -> list[int]:
    """End the programs of an `up` of this folder whose supervisord is gone, each in its own time; their process ids.

    What a living supervisord of this folder keeps is left alone.
    """
    ours = marked(mark_of(folder))
    pids = {process.pid for process in ours}
    orphans = [process for process in ours if _is_orphan(process, pids, folder)]
    for process in orphans:
        with contextlib.suppress(psutil.Error):
            process.terminate()  # the collector lets its browser close, the loop finishes its tick
    _, left = psutil.wait_procs(orphans, timeout=max((program.stops_s for program in kept), default=0))
    for process in left:
        end_tree(process.pid, "")
    return [process.pid for process in orphans]


def _is_orphan(process: psutil.Process, ours: set[int], folder: Path) -> bool:
    """Whether nobody above a process is one of ours, or the supervisord of this folder."""
    try:
        above = process.parent()
        return above is None or (above.pid not in ours and str(folder / CONFIG) not in above.cmdline())
    except psutil.Error:
        return False
