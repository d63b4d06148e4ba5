"""How much memory a process and all that it started hold, looked at often and cheaply, and whether that is too much.

What is measured is what is held, not what is reserved: matrix libraries, compilers and thread stacks reserve address space that nobody
ever touches, so a limit of the system on it (RLIMIT_AS, RLIMIT_DATA) would stop notebooks that are small, and it is for each process alone.
A page that several processes share counts for each in its part (PSS of Linux's /proc): what a forked kernel shares with the process that it
was forked from is not its own, and what it shares with its children is counted once.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import psutil

from lib.contract.standing import file_text
from runner.processes.tree import descendants

#: Seconds between two looks; a look may take a twentieth of the time, and waits longer where there are many processes to look through.
_LOOK_S = 0.1
_SHARE = 20
_PROC = Path("/proc")
_KIB = 1024


class MemoryWatch:
    """Looks, as often as it is asked but not too often, whether the tree of `pid` holds more than `limit` bytes."""

    def __init__(self, pid: int, limit: int) -> None:
        self.pid, self.limit = pid, limit
        self._next = 0.0

    def passed(self) -> bool:
        """Whether it was too much at this look; False between two looks."""
        if time.monotonic() < self._next:
            return False
        began = time.thread_time()  # on a busy machine a look takes long, and is needed all the more
        found = holds_more_than(self.limit, self.pid)
        self._next = time.monotonic() + max(_LOOK_S, _SHARE * (time.thread_time() - began))
        return found


def holds_more_than(limit: int, pid: int) -> bool:
    """Whether `pid` and all below it hold more than `limit` bytes, in memory and swapped out."""
    tree = _tree(pid)
    # What shares nothing is the more, and is told in no time; the true figure takes a walk over all pages.
    return sum(map(_resident, tree)) > limit and held_memory(tree) > limit


def _tree(pid: int) -> list[int]:
    """`pid` and all below it; where the system lists a task's children they are read there, without a look at every process."""
    if not _lists_children():
        return [pid, *(process.pid for process in descendants(pid))]
    tree = [pid]
    for parent in tree:
        with contextlib.suppress(OSError):  # one that has just ended
            tasks = f"{_PROC}/{parent}/task"
            for task in os.listdir(tasks):  # noqa: PTH208  paths as objects take half of a look
                with contextlib.suppress(OSError), open(f"{tasks}/{task}/children", "rb") as children:  # noqa: PTH123
                    tree += map(int, children.read().split())
    return tree


@cache
def _lists_children() -> bool:
    return any((_PROC / "self" / "task").glob("*/children"))


def held_memory(pids: Iterable[int]) -> int:
    """Bytes that these processes hold, a shared page in parts; one that is gone holds none."""
    return sum(map(_proportional, pids))


def _proportional(pid: int) -> int:
    found = _kib(pid, "smaps_rollup", ("Pss", "SwapPss"))
    return _resident(pid) if found is None else found


def _resident(pid: int) -> int:
    found = _kib(pid, "status", ("VmRSS", "VmSwap"))
    if found is None:
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(pid).memory_info().rss)
    return found or 0


def _kib(pid: int, file: str, names: tuple[str, ...]) -> int | None:
    """The sum of these lines of a file of /proc, in bytes; None where there is no such file, or it may not be read."""
    try:
        text = file_text(_PROC / str(pid) / file, errors="replace")
    except OSError:
        return None
    lines = (line.partition(":") for line in text.splitlines())
    return sum(_KIB * int(value.split()[0]) for name, _, value in lines if name in names)
