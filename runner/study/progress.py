"""How far a study is: a line on stderr now and then, with the time that is left at the pace so far."""

from __future__ import annotations

import time
from collections.abc import Callable

from lib.contract.words import age_words

_EVERY_S = 5.0
Say = Callable[[str], object]


class Progress:
    """Counts jobs; `done` after each."""

    def __init__(
        self, total: int, say: Say, clock: Callable[[], float] = time.monotonic, every_s: float = _EVERY_S
    ) -> None:
        self.total, self.count = total, 0
        self._say, self._clock, self._every_s = say, clock, every_s
        self._began = self._told = clock()

    def done(self) -> None:
        """One more job has its record."""
        self.count += 1
        now = self._clock()
        if self.count < self.total and now - self._told < self._every_s:
            return
        self._told = now
        left = (now - self._began) / self.count * (self.total - self.count)
        self._say(
            f"… {self.count:,} of {self.total:,} jobs" + (f", about {age_words(left)} left" if left else "")
        )
