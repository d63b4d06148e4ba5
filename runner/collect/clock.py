"""Time for the collector: a steady clock for ages and the beat, and timestamps that never go back (docs/guarantees.md, D6).

Timestamps follow the steady clock from where the wall clock stood at the start. A wall clock that creeps (an NTP daemon at work) is
followed at once. One that jumps is followed only when it has stood by its jump for three readings; until then, and while a jump back is
made good, `Stamps.disturbed` says that the times cannot be trusted to the second. After a jump back timestamps go on at half
speed until the wall clock has caught up, so that order is kept and nothing is dropped.
"""

from __future__ import annotations

import math
import time
from typing import Protocol

import pandas as pd

from runner.errors import ClockError
from runner.processes.steady import steady_s

#: A wall clock further off than this has jumped.
_JUMP_S = 0.5
#: So many readings in a row must agree on a jump.
_READINGS = 3
#: What is in the files may lie this far ahead of the wall clock when a collector starts.
_AHEAD_S = 60.0


class Clock(Protocol):
    """Where time comes from; another one than the system's replays hours in moments."""

    def wall(self) -> float:
        """Seconds since 1970 UTC, as far as this machine knows."""
        ...

    def steady(self) -> float:
        """Seconds since some start; never jumps, and goes on while the machine sleeps."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clocks."""

    def wall(self) -> float:
        """See Clock."""
        return time.time()

    def steady(self) -> float:
        """See Clock."""
        return steady_s()

    def sleep(self, seconds: float) -> None:
        """See Clock."""
        time.sleep(max(seconds, 0.0))


class Stamps:
    """Gives out timestamps, each later than the one before and than `last`, the newest in the files.

    Raises ClockError where the files are ahead of the wall clock: rows would have to be stamped with times that are not.
    """

    def __init__(self, clock: Clock, last: pd.Timestamp | None = None) -> None:
        self._clock = clock
        self._steady = clock.steady()
        self._offset = clock.wall() - self._steady
        self._doubts: list[float] = []
        self._last = -1.0 if last is None else last.timestamp()
        self.jumps = 0
        self.disturbed = False
        ahead = self._last - clock.wall()
        if ahead > _AHEAD_S:
            raise ClockError(
                f"the newest row is stamped {ahead:.0f} s ahead of this machine's clock. Set the clock; if it is right, "
                "collect into another folder"
            )

    def now(self) -> pd.Timestamp:
        """The timestamp of this instant, in whole milliseconds."""
        steady = self._clock.steady()
        passed, self._steady = steady - self._steady, steady
        self._follow(self._clock.wall() - steady)
        wanted = steady + self._offset
        at = round(max(wanted, self._last + max(passed / 2, 0.001)), 3)
        self.disturbed = bool(self._doubts) or at - wanted > _JUMP_S
        self._last = at
        return pd.Timestamp(round(at * 1_000), unit="ms", tz="UTC").as_unit("us")

    def _follow(self, offset: float) -> None:
        if abs(offset - self._offset) <= _JUMP_S:
            self._offset, self._doubts = offset, []
            return
        if self._doubts and abs(offset - self._doubts[-1]) > _JUMP_S:
            self._doubts = []
        self._doubts.append(offset)
        if len(self._doubts) >= _READINGS:
            self._offset, self._doubts = offset, []
            self.jumps += 1


class Beat:
    """Readings at multiples of `beat_s`, counted from a full multiple of the wall clock at the start: no drift.

    A reading that is a quarter of a beat late is skipped and counted; the next one is due at the next multiple.
    """

    def __init__(self, clock: Clock, beat_s: float) -> None:
        self._clock = clock
        self._beat_s = beat_s
        self._start = clock.steady() - clock.wall() % beat_s
        self._number = self._following()
        self.skipped = 0

    def due_in(self) -> float:
        """Seconds until the reading that is next; zero or less: now."""
        left = self._left()
        if left < -self._beat_s / 4:
            self._skip(self._following())
            left = self._left()
        return left

    def taken(self) -> None:
        """The reading that was due has been taken, or tried."""
        self._number += 1
        if self._following() > self._number:
            self._skip(self._following())

    def _skip(self, number: int) -> None:
        self.skipped += number - self._number
        self._number = number

    def _following(self) -> int:
        return math.floor((self._clock.steady() - self._start) / self._beat_s) + 1

    def _left(self) -> float:
        return self._start + self._number * self._beat_s - self._clock.steady()
