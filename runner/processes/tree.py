"""Ending everything that a notebook started.

A kernel has its own session, so signalling papermill's process group misses it; descendants are collected recursively and killed before
their parent. What detached itself from the tree (a daemon) is found by the mark in its environment.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from collections.abc import Iterable

import psutil

from runner.processes.environment import RUN_VARIABLE

_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE_S = 10.0
_NOBODY = 2**31 - 1
#: Programs of Python's multiprocessing and of joblib that remove what others shared, once these are dead; a moment is theirs for it.
_CLEANER, _CLEANING_S = "resource_tracker", 1.0


def end_tree(pid: int, run: str) -> list[int]:
    """Kill all descendants of `pid` and whatever carries the mark `run`, then `pid` itself; returns pids that would not die.

    The process of `pid` is stopped first, so that it starts nothing meanwhile, and is left for its own parent to wait on. Survivors can
    only be processes in uninterruptible sleep.
    """
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).suspend()
    survivors = end_descendants(pid, run)
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).kill()
    return survivors


def end_descendants(pid: int, run: str = "") -> list[int]:
    """Kill all descendants of `pid` and what carries the mark `run` ("": no mark), until none is left or ten seconds are over."""
    began = time.monotonic()
    # Marks are looked for once nothing is left below it: they take a look at every process of the machine, while the tree grows on.
    while members := _alive(descendants(pid), but=pid) or _alive(marked(run) if run else [], but=pid):
        if time.monotonic() > began + _PATIENCE_S:
            break
        spared = time.monotonic() < began + _CLEANING_S
        for process in members:
            with contextlib.suppress(psutil.Error):
                if not (spared and any(_CLEANER in word for word in process.cmdline())):
                    process.kill()
        psutil.wait_procs(members, timeout=0.2)
    return [process.pid for process in members]


def end_marked(run: str) -> list[int]:
    """Kill whatever carries the mark `run`: what has outlived a process that has ended. Returns pids that would not die."""
    # No process has this number: that of an ended one may be another's by now.
    return end_descendants(_NOBODY, run)


def descendants(pid: int) -> list[psutil.Process]:
    """All processes below `pid`; empty when it is gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def marked(run: str) -> list[psutil.Process]:
    """All processes of this user whose environment carries the mark `run`."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(RUN_VARIABLE) == run:
                found.append(process)
    return found


def adopt_orphans() -> None:
    """On Linux, make this process the parent of descendants whose own parent dies, so that they stay in its tree."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap(pids: set[int]) -> set[int]:
    """Take note, for a second at most, of the ends of processes that are or become ours (`adopt_orphans`); returns who did not end."""
    end = time.monotonic() + 1.0
    while pids and time.monotonic() < end:
        for pid in sorted(pids):
            try:
                if os.waitpid(pid, os.WNOHANG)[0]:
                    pids.discard(pid)
            except ChildProcessError:  # gone, or the child of one that is still ending and then ours
                if not psutil.pid_exists(pid):
                    pids.discard(pid)
        if pids:
            time.sleep(0.02)
    return pids


def _alive(processes: Iterable[psutil.Process], but: int) -> list[psutil.Process]:
    living = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if process.pid != but and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
    return living
