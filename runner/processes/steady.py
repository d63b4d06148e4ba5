"""Seconds of the clock that nobody sets: what ages and waits are counted by."""

from __future__ import annotations

import time

#: `time.monotonic` stands still while a Linux machine sleeps, CLOCK_BOOTTIME does not; elsewhere there is one clock only.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_s() -> float:
    """Seconds since some start; only goes forward, and goes on while the machine sleeps."""
    return time.clock_gettime(_CLOCK)
