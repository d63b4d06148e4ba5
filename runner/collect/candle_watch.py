"""Closed candles out of what a chart shows of the running one.

The page adds up open, high, low, close and volume itself; this only has to see when one candle ends and the next begins, and whether every
minute of it was watched (docs/definitions.md, Ribbon: a candle that misses a minute is not written). What would surprise: the page and this
machine's clock need not agree to the second, and a market without trades opens no new candle. So a candle ends where the page begins
another within LAG_S of the clock's boundary, or goes on standing still until then; one that still changes after that was ended by a
clock that is off, and is not written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from runner.collect.chart_reading import Bar

#: How far the page's change of candle may lie from the clock's.
LAG_S = 5.0
#: The last look at a candle must lie at most this long before its end.
_LAST_LOOK_S = 15.0
#: What the page notes between readings comes at least so often; a longer pause may hide the very last price of a candle.
_NOTED_S = 6.0


@dataclass
class _FormingCandle:
    """The candle in the making: its open time (seconds since 1970), what was shown last, and which of its minutes were seen."""

    slot: float
    bar: Bar | None = None
    minutes: set[int] = field(default_factory=set)
    last_look: float = 0.0
    whole: bool = True


class CandleWatch:
    """Watches one chart; `observe` is told what it shows, in order of time, and returns candles that have closed."""

    def __init__(self, minutes: int) -> None:
        self._minutes = minutes
        self._length = minutes * 60.0
        self._now: _FormingCandle | None = None
        self._ended: Bar | None = None
        self._kept_back: list[tuple[pd.Timestamp, Bar]] = []
        self._at = float("-inf")
        #: Open time and close of the candle before, if its very end was seen.
        self.closed: tuple[float, float] | None = None
        #: Candles that closed but were not seen whole.
        self.missed = 0
        #: How long after the clock's boundary the page last began a candle amid another.
        self.off_clock_s: float | None = None

    def observe(self, at: float, bar: Bar) -> list[tuple[pd.Timestamp, Bar]]:
        """Take in what the chart showed at `at` (seconds since 1970 UTC); closed candles as (open time, values)."""
        if at <= self._at:
            return []
        self._at = at
        now = self._now
        if now is None:
            self._begin(self._slot(at), bar, at)
            return []
        before = now.bar or self._ended
        goes_on = before is None or continues(before, bar)
        if at < now.slot + self._length:
            return self._inside(now, bar, at, goes_on)
        if goes_on and at - (now.slot + self._length) <= LAG_S:
            if now.bar is not None:  # last trades of a candle may come in after its end
                now.bar, now.last_look = bar, at
            return []
        if goes_on:
            return self._pause(now, bar, at)
        self.off_clock_s = None
        closed = self._release() + self._close(now, at)
        self._begin(self._slot(at), bar, at)
        return closed

    def spoil(self) -> None:
        """What is being watched cannot be trusted (the clock jumped, say): the candle will not be written."""
        if self._now is not None:
            self._now.whole = False

    def _pause(self, now: _FormingCandle, bar: Bar, at: float) -> list[tuple[pd.Timestamp, Bar]]:
        """The clock's next candle has begun, the page's has not: the market pauses, or the clocks differ.

        Which of the two shows when the page goes on; until then the candle that ended is kept back.
        """
        closed = self._release()
        if now.bar is not None:
            now.whole = now.whole and bar == now.bar
            self._kept_back = self._close(now, at)
        self._begin(self._slot(at), None, at, ended=bar)
        return closed

    def _inside(
        self, now: _FormingCandle, bar: Bar, at: float, goes_on: bool
    ) -> list[tuple[pd.Timestamp, Bar]]:
        closed: list[tuple[pd.Timestamp, Bar]] = []
        if goes_on:
            self._go_on(now, bar)
            self._look(now, at)
        elif now.slot + self._length - at <= LAG_S:
            closed = self._release() + self._close(now, at)
            self._begin(now.slot + self._length, bar, at)
            self.off_clock_s = None
        else:
            # The page opened this candle later than the clock did: by a little, or with the first trade after a pause.
            in_time = at - now.slot <= LAG_S or (now.bar is None and now.whole)
            closed = self._release()
            now.whole = now.whole and in_time
            self.off_clock_s = None if in_time else at - now.slot
            now.bar, self._ended = bar, None
            self._look(now, at)
        return closed

    def _go_on(self, now: _FormingCandle, bar: Bar) -> None:
        if now.bar is not None:
            now.bar = bar
        elif bar != self._ended:  # the candle before still changes: the page's clock is another than ours
            self.missed += len(self._release())
            self._ended, self.closed, now.whole = bar, None, False

    def _release(self) -> list[tuple[pd.Timestamp, Bar]]:
        kept, self._kept_back = self._kept_back, []
        return kept

    def _begin(self, slot: float, bar: Bar | None, at: float, ended: Bar | None = None) -> None:
        self._now, self._ended = _FormingCandle(slot, bar), ended
        self._look(self._now, at)

    def _look(self, now: _FormingCandle, at: float) -> None:
        now.last_look = at
        now.minutes.add(max(int((at - now.slot) // 60), 0))

    def _close(self, now: _FormingCandle, at: float) -> list[tuple[pd.Timestamp, Bar]]:
        self.closed = None
        if now.bar is None:
            return []
        if at - now.last_look <= _NOTED_S:
            self.closed = (now.slot, now.bar.close)
        in_time = now.slot + self._length - now.last_look <= _LAST_LOOK_S
        if now.whole and in_time and now.minutes == set(range(self._minutes)):
            return [(pd.Timestamp(round(now.slot), unit="s", tz="UTC").as_unit("us"), now.bar)]
        self.missed += 1
        return []

    def _slot(self, at: float) -> float:
        return at // self._length * self._length


def continues(before: Bar, after: Bar) -> bool:
    """Whether a bar shown later can be the same candle: the open stays, extremes only widen, volume only grows."""
    grew = before.volume is None or after.volume is None or after.volume >= before.volume
    return after.open == before.open and after.high >= before.high and after.low <= before.low and grew
