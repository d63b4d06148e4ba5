"""The two clocks of the one loop: the machine's, and one that a replay sets."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for stamps, monotonic time for ages and waits (docs/guarantees.md, D6)."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that only goes forward."""
        ...


class MachineClock:
    """The machine's clocks."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        return time.time_ns() // 1_000

    def monotonic(self) -> float:
        """Seconds since some start."""
        return time.monotonic()


class SetClock:
    """A clock that stands where it was set: wall and monotonic time are one."""

    def __init__(self, at_us: int = 0) -> None:
        self.at_us = at_us

    def now_us(self) -> int:
        """Where it was set."""
        return self.at_us

    def monotonic(self) -> float:
        """The same in seconds."""
        return self.at_us / 1e6
