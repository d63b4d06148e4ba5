"""Looking at processes from a test."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import psutil


def is_running(pid: int) -> bool:
    """Whether a process is at work; one that waits to be reaped is not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def wait_until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for what must come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
