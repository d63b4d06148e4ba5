"""Whether a chart's candles are as long as its label says, judged over time by when the page begins them.

One reading cannot tell: open, high, low and close look alike in candles of any length. What would surprise: in a market without trades the
page begins a candle late, with its first trade, and late beginnings prove nothing. So candles are too short where two begin at whole
minutes inside one of the label's length, and too long where one goes on changing for longer than that. The verdict stays until a whole
candle of the right length was seen.
"""

from __future__ import annotations

import pandas as pd

from lib.contract.times import iso
from runner.collect.candle_watch import LAG_S, continues
from runner.collect.chart_reading import Bar

#: After a longer pause between two looks nobody knows what began meanwhile.
_UNSEEN_S = 15.0
#: A candle that ended may change for moments more: only what goes on for so long is one that did not end.
_GOES_ON_S = 10.0


class LengthWatch:
    """Watches one chart; `observe` is told what it shows, in order of time."""

    def __init__(self, minutes: int) -> None:
        self._minutes = minutes
        self._length = minutes * 60.0
        self._at = float("-inf")
        #: What is wrong, in words; "" while nothing shows it.
        self.wrong = ""
        #: When a whole candle of the right length had last been seen, seconds since 1970; -inf before.
        self.right_at = float("-inf")
        self.forget()

    def forget(self) -> None:
        """What was seen cannot be joined to what comes: the clock jumped, say. The verdict stays."""
        self._bar: Bar | None = None
        self._seen_since = self._at
        self._begun: float | None = None  #: the candle that is shown
        self._inside: list[float] = []  #: beginnings at whole minutes inside one candle of the label's length
        self._late_since: float | None = None

    def observe(self, at: float, bar: Bar) -> None:
        """Take in what the chart showed at `at` (seconds since 1970 UTC)."""
        if at <= self._at:
            return
        unseen, self._at = at - self._at > _UNSEEN_S, at
        if unseen:
            self.forget()
        before, self._bar = self._bar, bar
        if before is None:
            self._seen_since = at
        elif not continues(before, bar):
            self._begin(at)
        elif bar != before:
            self._change(at)

    def _begin(self, at: float) -> None:
        if self._begun is not None and abs(at - self._begun - self._length) <= 2 * LAG_S:
            self.wrong, self.right_at = "", at
        self._begun = self._seen_since = at
        self._late_since = None
        minute = round(at / 60) * 60
        if abs(at - minute) > LAG_S or minute % self._length == 0:
            return
        slot = minute // self._length
        self._inside = [each for each in self._inside if each // self._length == slot and each != minute]
        self._inside.append(float(minute))
        if len(self._inside) > 1:
            first, second = (_minute(each) for each in self._inside[-2:])
            self.wrong = f"candles began at {first} and {second}, inside one of {self._minutes} minutes"

    def _change(self, at: float) -> None:
        if at - self._seen_since <= self._length + LAG_S:
            return
        self._late_since = at if self._late_since is None else self._late_since
        if at - self._late_since >= _GOES_ON_S:
            self.wrong = (
                f"one candle goes on since {_minute(self._seen_since)}, longer than {self._minutes} minutes"
            )


def _minute(at: float) -> str:
    """An instant to the minute."""
    return iso(pd.Timestamp(at, unit="s", tz="UTC").floor("min"))
