"""Clocks that a test turns by hand."""

from __future__ import annotations

import threading
import time


class HandClock:
    """Stands still but for `sleep` and `pass_by`; `jump` moves the wall clock alone. `during_sleep` is called after each sleep."""

    def __init__(self, wall: float = 1_767_571_203.25) -> None:
        self._wall, self._steady = wall, 1_000.0
        self.during_sleep = lambda: None

    def wall(self) -> float:
        return self._wall

    def steady(self) -> float:
        return self._steady

    def sleep(self, seconds: float) -> None:
        self.pass_by(seconds)
        self.during_sleep()

    def pass_by(self, seconds: float) -> None:
        self._wall += seconds
        self._steady += seconds

    def jump(self, seconds: float) -> None:
        self._wall += seconds


class FastClock:
    """Real time, `rate` times as fast, from `wall` on."""

    def __init__(self, wall: float, rate: float) -> None:
        self._begin, self._wall, self.rate = time.monotonic(), wall, rate
        self._never = threading.Event()

    def steady(self) -> float:
        return (time.monotonic() - self._begin) * self.rate

    def wall(self) -> float:
        return self._wall + self.steady()

    def sleep(self, seconds: float) -> None:
        self._never.wait(max(seconds, 0.0) / self.rate)
