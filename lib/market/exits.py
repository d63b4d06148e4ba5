"""The standard exits: target, stop and time, judged on the finest candles there are (docs/definitions.md, Standard
exits).

What would surprise: where one candle holds both target and stop and no finer samples show which came first,
the stop counts (`ambiguous` says so). Fills are at exactly the level, stamped at the close of the candle that
shows the touch, which is when it is known. A gap is time that no candle of the finest path covers: a trade that nobody made is null
if its longest hold meets one (`hypothetical_exit`), an own one goes on (`find_exit`) (docs/definitions.md, Ribbon).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from lib.market.readings import instants

#: Relative slack for "price reached level": prices come from decimal text, levels from a multiplication.
TOUCH_SLACK = 1e-9
#: Samples further apart than this tell nothing about the order inside a candle.
_FINE_STEP_SECONDS = 60.0
SECOND = 1_000_000
MINUTE = 60 * SECOND
_SLOT = 5 * MINUTE
#: The reason of a hypothetical trade that is null: a candle is missing within the longest hold after its entry.
GAP = "GAP"
#: When a gap that there is not is known: after all instants.
NO_GAP = np.iinfo(np.int64).max


@dataclass(frozen=True)
class ExitRule:
    """Target and stop in percent of the entry price, time exit in minutes."""

    target_pct: float = 0.3
    stop_pct: float = 0.15
    hold_minutes: float = 45.0


STANDARD = ExitRule()


def finest_path(candles_1min: pd.DataFrame, candles_5min: pd.DataFrame) -> pd.DataFrame:
    """The finest candles for every stretch: 1-minute ones where they cover a 5-minute slot, else the slot's 5-minute candle.

    Both are candle frames (index: open, column `closed_at`); so is what comes back.
    """
    if candles_1min.empty:
        return candles_5min
    slots, five = (instants(frame.index) // (5 * MINUTE) for frame in (candles_1min, candles_5min))
    covered, minutes = np.unique(slots, return_counts=True)
    thin = np.intersect1d(covered[minutes < 5], five)
    fine = candles_1min[~np.isin(slots, thin)] if len(thin) else candles_1min
    coarse = candles_5min[~np.isin(five, covered) | np.isin(five, thin)]
    return pd.concat([fine, coarse]).sort_index(kind="stable") if len(coarse) else fine


@dataclass(frozen=True)
class PricePath:
    """Arrays that exits are read from; times in int64 microseconds."""

    opens: np.ndarray
    closes_at: np.ndarray
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    bar_closes_at: np.ndarray
    bar_close: np.ndarray
    sample_at: np.ndarray
    sample_price: np.ndarray

    @classmethod
    def of(
        cls, candles_1min: pd.DataFrame, candles_5min: pd.DataFrame, samples: pd.DataFrame | None = None
    ) -> PricePath:
        """Build from frames of one stretch of history; samples are optional and of any step."""
        path = finest_path(candles_1min, candles_5min)
        has_samples = samples is not None and not samples.empty
        return cls(
            opens=instants(path.index),
            closes_at=instants(path["closed_at"]),
            open=path["open"].to_numpy(),
            high=path["high"].to_numpy(),
            low=path["low"].to_numpy(),
            close=path["close"].to_numpy(),
            bar_closes_at=instants(candles_5min["closed_at"]),
            bar_close=candles_5min["close"].to_numpy(),
            sample_at=instants(samples.index) if has_samples else np.empty(0, dtype=np.int64),
            sample_price=samples["price"].to_numpy() if has_samples else np.empty(0),
        )

    @cached_property
    def gaps(self) -> tuple[np.ndarray, np.ndarray]:
        """The candles that follow a gap, and when each gap began; what lies before the first candle is one."""
        begun = np.concatenate([[np.iinfo(np.int64).min], self.closes_at[:-1]])[: len(self.opens)]
        after = np.flatnonzero(self.opens > begun)
        return after, begun[after]


@dataclass(frozen=True)
class Exit:
    """How one trade ended; `at` in int64 microseconds. Of a gap: when the gap is known, and no price."""

    at: int
    price: float
    reason: str
    ambiguous: bool = False

    @property
    def is_gap(self) -> bool:
        """Whether the trade is null for a gap in its longest hold."""
        return self.reason == GAP


def hypothetical_exit(
    path: PricePath,
    sign: float,
    entry_at: int,
    entry_price: float,
    rule: ExitRule = STANDARD,
    longest_hold: float | None = None,
) -> Exit | None:
    """`find_exit` of a trade that nobody made: of the reason GAP if a candle is missing within the longest hold, however it ended.

    `longest_hold` in minutes, the longest of the rules that are compared; None: the rule's own.
    """
    known_at = gaps_known_at(path, np.array([entry_at]), longest_hold or rule.hold_minutes)[0]
    if known_at != NO_GAP:
        return Exit(int(known_at), np.nan, GAP)
    return find_exit(path, sign, entry_at, entry_price, rule)


def gaps_known_at(path: PricePath, entry_at: np.ndarray, hold_minutes: float) -> np.ndarray:
    """When it is known that a candle is missing within the hold after each entry; NO_GAP where none is (docs/definitions.md, Ribbon).

    Microseconds: the close of the first candle after the gap. What follows the last candle is not there yet and is no gap. A hold
    lasts until the 5-minute close that a time exit waits for; where that very candle is missing, until the one that comes instead.
    """
    due = -(-(entry_at + int(hold_minutes * MINUTE)) // _SLOT) * _SLOT
    until = np.append(path.bar_closes_at, 0)[np.searchsorted(path.bar_closes_at, due, side="left")]
    after, begun = path.gaps
    gap = np.searchsorted(path.opens[after], entry_at, side="right")
    met = np.append(begun, NO_GAP)[gap] < np.maximum(due, until)
    return np.where(met, np.append(path.closes_at[after], NO_GAP)[gap], NO_GAP)


def find_exit(
    path: PricePath, sign: float, entry_at: int, entry_price: float, rule: ExitRule = STANDARD
) -> Exit | None:
    """The standard exit of one trade that goes on over gaps, or None while it is open at the end of the path.

    `sign` is +1 for LONG and −1 for SHORT; `entry_at` in microseconds. A stop that was passed in a gap fills at the open of the
    candle after it, if that is worse.
    """
    target, stop = levels(sign, entry_price, rule)
    timed = int(np.searchsorted(path.bar_closes_at, entry_at + int(rule.hold_minutes * MINUTE), side="left"))
    has_time_exit = timed < len(path.bar_closes_at)
    first = int(np.searchsorted(path.opens, entry_at, side="left"))
    own = _exit_in_own_candle(path, sign, entry_at, first, target, stop)
    if own is not None:
        return own
    end = path.bar_closes_at[timed] if has_time_exit else NO_GAP
    last = int(np.searchsorted(path.closes_at, end, side="right"))
    at_target = reached(path.high[first:last], path.low[first:last], target, sign)
    at_stop = reached(path.high[first:last], path.low[first:last], stop, -sign)
    touched = at_target | at_stop
    if touched.any():
        offset = int(touched.argmax())
        candle = first + offset
        closed = int(path.closes_at[candle])
        if at_stop[offset] and passed_in_gap(path, sign, candle, entry_at, stop):
            return Exit(closed, float(path.open[candle]), "SL_HIT")
        if at_target[offset] and at_stop[offset]:
            return exit_of_both(path, sign, int(path.opens[candle]), closed, target, stop)
        price, reason = (target, "TP_HIT") if at_target[offset] else (stop, "SL_HIT")
        return Exit(closed, price, reason)
    if has_time_exit:
        return Exit(int(path.bar_closes_at[timed]), float(path.bar_close[timed]), "TIME_EXIT")
    return None


def levels(sign: float, entry_price: float, rule: ExitRule) -> tuple[float, float]:
    """Target and stop of an entry at `entry_price`; `sign` is +1 for LONG and −1 for SHORT."""
    target = entry_price * (1 + sign * rule.target_pct / 100)
    return target, entry_price * (1 - sign * rule.stop_pct / 100)


def touches(prices: np.ndarray, sign: float, entry_price: float, rule: ExitRule) -> np.ndarray:
    """Whether each price lies at or beyond target or stop."""
    target, stop = levels(sign, entry_price, rule)
    return reached(prices, prices, target, sign) | reached(prices, prices, stop, -sign)


def reached(high: np.ndarray, low: np.ndarray, level: float, sign: float) -> np.ndarray:
    """Whether each candle reached `level` from below (sign +1) or from above (−1)."""
    slack = level * TOUCH_SLACK
    return high >= level - slack if sign > 0 else low <= level + slack


def passed_in_gap(path: PricePath, sign: float, candle: int, entry_at: int, stop: float) -> bool:
    """Whether a gap before this candle, after the entry, ends beyond the stop."""
    begun = max(entry_at, int(path.closes_at[candle - 1]) if candle else entry_at)
    return bool(path.opens[candle] > begun and sign * (path.open[candle] - stop) < 0)


def _exit_in_own_candle(
    path: PricePath, sign: float, entry_at: int, first: int, target: float, stop: float
) -> Exit | None:
    """An exit shown by samples after an entry inside a candle, until that candle closes."""
    lo, hi = np.searchsorted(path.sample_at, [entry_at, own_close(path, entry_at, first)], side="right")
    prices = path.sample_price[lo:hi]
    at_target = reached(prices, prices, target, sign)
    touched = at_target | reached(prices, prices, stop, -sign)
    if not touched.any():
        return None
    hit = int(touched.argmax())
    price, reason = (target, "TP_HIT") if at_target[hit] else (stop, "SL_HIT")
    return Exit(int(path.sample_at[lo + hit]), price, reason)


def own_close(path: PricePath, entry_at: int, first: int) -> int:
    """When the candle around an entry closes; the entry's own instant if it lies at a close.

    A candle that has not closed yet, or misses a minute, is as long as the one before: an exit that samples show is
    the same before that candle is known and after.
    """
    length = 5 * MINUTE
    if first > 0:
        if path.closes_at[first - 1] > entry_at:
            return int(path.closes_at[first - 1])
        length = int(path.closes_at[first - 1] - path.opens[first - 1])
    end = -(-entry_at // length) * length
    return min(end, int(path.opens[first])) if first < len(path.opens) else end


def exit_of_both(path: PricePath, sign: float, opened: int, closed: int, target: float, stop: float) -> Exit:
    """The exit in a candle that holds both levels: by the order of fine samples, else the stop.

    Samples decide only if they cover the whole candle and show *both* levels reached: one level unseen by samples
    may have come at any moment.
    """
    prices = fine_prices(path, opened, closed)
    if prices is not None:
        at_target = reached(prices, prices, target, sign)
        at_stop = reached(prices, prices, stop, -sign)
        if at_target.any() and at_stop.any():
            target_first = at_target.argmax() < at_stop.argmax()
            return Exit(closed, target, "TP_HIT") if target_first else Exit(closed, stop, "SL_HIT")
    return Exit(closed, stop, "SL_HIT", ambiguous=True)


def fine_prices(path: PricePath, opened: int, closed: int) -> np.ndarray | None:
    """The sampled prices of a candle; None where they are too far apart to tell in which order it reached two levels."""
    lo, hi = np.searchsorted(path.sample_at, [opened, closed], side="right")
    steps = np.diff(np.concatenate([[opened], path.sample_at[lo:hi], [closed]]))
    return path.sample_price[lo:hi] if steps.max() <= _FINE_STEP_SECONDS * SECOND else None
