"""The exit of a trade that is still being watched: the definitions' exits, asked anew each time something more is known.

Two ways to watch. `exit_on_candles` is what a batch over the finished history finds (lib.market.rules, docs/definitions.md, Standard
exits), met at the moment it is known; a test holds them together. `exit_on_samples` is for a trade that is live: every sample is looked at
when it comes, and the time exit is due at the first one after it, because nobody can trade at a close that has passed. A candle still
counts there where it reached a level between two samples. A stop that was passed in a gap fills at the first price after it
(docs/definitions.md, Ribbon).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lib.market.exits import MINUTE, Exit, ExitRule, PricePath, find_exit, levels, touches
from lib.market.rules import OPPOSITE_STATE, first_exit, reversal_after

#: Minutes of hold: no time exit at all.
NEVER = 1e9
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class OpenTrade:
    """A trade from its fill on. `entry_at` in microseconds; `reverses`: whether the opposite all_* ends it."""

    direction: str
    sign: float
    entry_at: int
    entry_price: float
    rule: ExitRule
    reverses: bool = False

    @property
    def time_exit_at(self) -> int:
        """Microseconds: the first 5-minute close at least the hold time after the entry."""
        return -(-(self.entry_at + int(self.rule.hold_minutes * MINUTE)) // (5 * MINUTE)) * 5 * MINUTE

    def levels(self) -> tuple[float, float]:
        """Target and stop."""
        return levels(self.sign, self.entry_price, self.rule)


def exit_on_candles(trade: OpenTrade, path: PricePath, states: np.ndarray) -> Exit | None:
    """The exit that what is known so far decides, judged on the finest candles; None while there is none.

    `states`: of path's samples, unknown where a sample is not ok.
    """
    standard = find_exit(path, trade.sign, trade.entry_at, trade.entry_price, trade.rule)
    opposite = np.flatnonzero(states == OPPOSITE_STATE[trade.direction]) if trade.reverses else _NONE
    reversal = reversal_after(path, opposite, trade.entry_at)
    return first_exit(path, trade.sign, trade.entry_at, trade.entry_price, trade.rule, standard, reversal)


def exit_on_samples(trade: OpenTrade, path: PricePath, states: np.ndarray) -> Exit | None:
    """The first exit that a sample shows, or a candle that reached a level between samples; at one sample levels go first."""
    after = int(np.searchsorted(path.sample_at, trade.entry_at, side="right"))
    times, prices = path.sample_at[after:], path.sample_price[after:]
    touched = touches(prices, trade.sign, trade.entry_price, trade.rule)
    due = touched | (times >= trade.time_exit_at)
    if trade.reverses:
        due |= states[after:] == OPPOSITE_STATE[trade.direction]
    untimed = replace(trade.rule, hold_minutes=NEVER)
    of_candle = find_exit(path, trade.sign, trade.entry_at, trade.entry_price, untimed)
    if not due.any():
        return of_candle
    first = int(due.argmax())
    at, price = int(times[first]), float(prices[first])
    if of_candle is not None and of_candle.at <= at and not touched[first]:
        return of_candle
    if touched[first]:
        target, stop = trade.levels()
        if (price - trade.entry_price) * trade.sign > 0:
            return Exit(at, target, "TP_HIT")
        if of_candle is not None and of_candle.at <= at and of_candle.reason == "SL_HIT":
            return Exit(at, of_candle.price, "SL_HIT")
        before = int(times[first - 1]) if first else trade.entry_at
        return Exit(at, price if _follows_gap(path, before, at) else stop, "SL_HIT")
    return Exit(at, price, "TIME_EXIT" if at >= trade.time_exit_at else "RIBBON_REVERSAL")


def _follows_gap(path: PricePath, before: int, at: int) -> bool:
    """Whether a candle is missing before the sample at `at`, the next after the one at `before`: what the price did then nobody saw.

    A candle may be written a little after its close, so less than a minute without any price is none.
    """
    last = int(np.searchsorted(path.closes_at, at, side="right")) - 1
    length, seen = 5 * MINUTE, before
    if last >= 0:
        length, seen = int(path.closes_at[last] - path.opens[last]), max(before, int(path.closes_at[last]))
    return at // length * length > seen and at - seen > MINUTE
