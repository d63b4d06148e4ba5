"""The two clocks of the one loop: the machine's, and one that a replay sets; and when somebody set the machine's."""

from __future__ import annotations

import time
from typing import Protocol

from runner.processes.steady import steady_s

#: The wall clock was set if it went further than this from the steady one, in seconds.
_SET_S = 1.0
#: Two readings of the steady clock around one of the wall clock lie nearer than this, or a pause passed for a clock that was set.
_AT_ONCE_S = 0.1


class Clock(Protocol):
    """Wall time for stamps, monotonic time for ages and waits (docs/guarantees.md, D6)."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that only goes forward, also while the machine sleeps."""
        ...


class MachineClock:
    """The machine's clocks."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        return time.time_ns() // 1_000

    def monotonic(self) -> float:
        """Seconds since some start."""
        return steady_s()


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


class ClockWatch:
    """Tells when the wall clock was set, by the clock that nobody sets. A machine that slept has set none: both went on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._apart()

    def look(self) -> float:
        """Seconds that the wall clock was set forward since the last look; negative: back; 0: it was not set."""
        apart = self._apart()
        if abs(apart - self._offset) < _SET_S:
            return 0.0
        moved, self._offset = apart - self._offset, apart
        return moved

    def _apart(self) -> float:
        while True:
            before, wall, after = self._clock.monotonic(), self._clock.now_us() / 1e6, self._clock.monotonic()
            if after - before < _AT_ONCE_S:
                return wall - after
