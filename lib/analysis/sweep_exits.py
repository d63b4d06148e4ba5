"""Standard exits of many entries under one exit rule or many at once, and the trades that one position at a time allows.

The rules are those of lib.market.exits, value for value. What makes them fast: when a level is first touched depends neither on
the other level nor on the hold, so each target and each stop is looked up once per signal, and a rule only compares two numbers.
What would surprise: exits are those of trades that go on over gaps. When a gap in the longest hold voids a signal is told beside them
(`gap_known_at`), so that all rules lose the same signals, and a stretch that ends before knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.market.costs import signs
from lib.market.exits import (
    MINUTE,
    TOUCH_SLACK,
    ExitRule,
    PricePath,
    find_exit,
    fine_prices,
    gaps_known_at,
    levels,
    reached,
)
from lib.market.readings import instants

#: The exit instant of a trade that is still open, and the candle of a level that is never touched: after all others.
OPEN = np.iinfo(np.int64).max
NEVER = np.iinfo(np.int32).max
#: By their number in Exits.reason.
REASONS = ("", "TIME_EXIT", "SL_HIT", "TP_HIT")
_TIMED, _LOST, _WON = 1, 2, 3
#: Entries are looked up in blocks of so many bytes.
BLOCK_BYTES = 32 * 2**20
#: Bytes per signal and candle that looking for touches takes at its peak: prices, running extremes, one comparison, positions.
_BYTES_PER_CANDLE = 48


@dataclass(frozen=True)
class Exits:
    """How each of n signals ends under each of r rules, all arrays n × r: microseconds (OPEN while open), price, doubt, why."""

    at: np.ndarray
    price: np.ndarray
    ambiguous: np.ndarray
    reason: np.ndarray  #: int8, its place in REASONS


@dataclass(frozen=True)
class FirstTouches:
    """For n signals: the candle, counted from the entry, that first touches each level, and what each time exit would be."""

    path: PricePath
    rules: tuple[np.ndarray, np.ndarray, np.ndarray]  #: targets and stops in percent, holds in minutes
    sign: np.ndarray
    entry_at: np.ndarray
    entry_price: np.ndarray
    first: np.ndarray  #: first candle of the path that opens at or after the entry
    at_target: np.ndarray  #: n × targets
    at_stop: np.ndarray  #: n × stops
    target_first: (
        np.ndarray
    )  #: n × targets × stops: both in one candle, and fine samples show the target first
    ambiguous: np.ndarray  #: n × targets × stops: both in one candle, and nothing shows which came first
    candles: np.ndarray  #: n × holds: how many candles a trade may last
    timed_at: np.ndarray  #: n × holds, OPEN where the data end before
    timed_price: np.ndarray  #: n × holds
    inside: np.ndarray  #: n: inside a candle of the path, where until its close only samples can judge
    gap_known_at: np.ndarray  #: n: when a gap in the longest of all holds is known, NO_GAP without one

    def exits(self, targets: np.ndarray, stops: np.ndarray, holds: np.ndarray, rows: np.ndarray) -> Exits:
        """Exits of the signals `rows` under r rules, each given by its positions among the targets, stops and holds."""
        at_target, at_stop = self.at_target[rows][:, targets], self.at_stop[rows][:, stops]
        touch = np.minimum(at_target, at_stop)
        touched = touch < self.candles[rows][:, holds]
        both = touched & (at_target == at_stop)
        won = (at_target < at_stop) | (both & self.target_first[rows][:, targets, stops])
        sign, entry_price = self.sign[rows], self.entry_price[rows]
        target = _levels(sign, entry_price, self.rules[0][targets])[0]
        stop = _levels(sign, entry_price, self.rules[1][stops])[1]
        at = self.timed_at[rows][:, holds]
        found = Exits(
            at=at,
            price=np.where(touched, np.where(won, target, stop), self.timed_price[rows][:, holds]),
            ambiguous=both & self.ambiguous[rows][:, targets, stops],
            reason=np.where(touched, np.where(won, _WON, _LOST), np.where(at != OPEN, _TIMED, 0)).astype(
                np.int8
            ),
        )
        candle = self.first[rows][:, None] + touch
        found.at[touched] = self.path.closes_at[candle[touched]]
        for place in np.flatnonzero(self.inside[rows]):
            for column, (target_no, stop_no, hold_no) in enumerate(zip(targets, stops, holds, strict=True)):
                self._judge_inside(found, rows, place, column, self._rule(target_no, stop_no, hold_no))
        return found

    def _rule(self, target: int, stop: int, hold: int) -> ExitRule:
        return ExitRule(float(self.rules[0][target]), float(self.rules[1][stop]), float(self.rules[2][hold]))

    def _judge_inside(self, found: Exits, rows: np.ndarray, place: int, column: int, rule: ExitRule) -> None:
        row = rows[place]
        entry_at, entry_price = int(self.entry_at[row]), float(self.entry_price[row])
        end = find_exit(self.path, float(self.sign[row]), entry_at, entry_price, rule)
        found.at[place, column] = OPEN if end is None else end.at
        found.price[place, column] = np.nan if end is None else end.price
        found.ambiguous[place, column] = end is not None and end.ambiguous
        found.reason[place, column] = 0 if end is None else REASONS.index(end.reason)


def first_touches(
    signals: pd.DataFrame,
    path: PricePath,
    targets_pct: Sequence[float],
    stops_pct: Sequence[float],
    holds_minutes: Sequence[float],
    chunk_bytes: int = BLOCK_BYTES,
) -> FirstTouches:
    """First touches of signals (columns direction, entry_time, entry_price), in blocks of about `chunk_bytes` of memory."""
    sign, entry_at = signs(signals["direction"]), instants(signals["entry_time"])
    entry_price = signals["entry_price"].to_numpy(dtype=float)
    targets, stops, holds = (
        np.asarray(values, dtype=float) for values in (targets_pct, stops_pct, holds_minutes)
    )
    first = np.searchsorted(path.opens, entry_at, side="left")
    candles, timed_at, timed_price = _time_exits(path, entry_at, first, holds)
    at_target = np.full((len(signals), len(targets)), NEVER, dtype=np.int32)
    at_stop = np.full((len(signals), len(stops)), NEVER, dtype=np.int32)
    target, stop = _levels(sign, entry_price, targets)[0], _levels(sign, entry_price, stops)[1]
    width = int(candles.max(initial=0))
    for rows in _blocks(len(signals), width * _BYTES_PER_CANDLE, chunk_bytes):
        window = first[rows, None] + np.arange(width)
        beyond = np.arange(width) >= candles[rows].max(axis=1)[:, None]
        window[beyond] = 0
        for levels_of, touched, direction in ((target, at_target, sign), (stop, at_stop, -sign)):
            touched[rows] = _touches(path, window, beyond, levels_of[rows], direction[rows])
    target_first, ambiguous = _ties(path, sign, first, target, stop, at_target, at_stop)
    return FirstTouches(
        path=path,
        rules=(targets, stops, holds),
        sign=sign,
        entry_at=entry_at,
        entry_price=entry_price,
        first=first,
        at_target=at_target,
        at_stop=at_stop,
        target_first=target_first,
        ambiguous=ambiguous,
        candles=candles,
        timed_at=timed_at,
        timed_price=timed_price,
        inside=_is_inside(path, entry_at, first),
        gap_known_at=gaps_known_at(path, entry_at, float(holds.max(initial=0.0))),
    )


def _levels(sign: np.ndarray, entry_price: np.ndarray, percents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Targets and stops at these distances, each n × percents."""
    rule = ExitRule(target_pct=percents, stop_pct=percents)
    return levels(sign[:, None], entry_price[:, None], rule)


def _time_exits(
    path: PricePath, entry_at: np.ndarray, first: np.ndarray, holds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Candles from the entry to the time exit, its instant and its price, each n × holds."""
    due = entry_at[:, None] + (holds * MINUTE).astype(np.int64)
    timed = np.searchsorted(path.bar_closes_at, due, side="left")
    ends = timed < len(path.bar_closes_at)
    if not len(path.bar_closes_at):
        nothing = np.full(due.shape, OPEN)
        return np.zeros(due.shape, dtype=np.int64), nothing, np.full(due.shape, np.nan)
    bar = np.minimum(timed, len(path.bar_closes_at) - 1)
    last = np.searchsorted(path.closes_at, path.bar_closes_at[bar], side="right")
    candles = np.where(ends, last, len(path.opens)) - first[:, None]
    timed_at = np.where(ends, path.bar_closes_at[bar], OPEN)
    return np.maximum(candles, 0), timed_at, np.where(ends, path.bar_close[bar], np.nan)


def _blocks(total: int, bytes_each: int, chunk_bytes: int) -> Iterator[slice]:
    if bytes_each == 0:
        return
    step = max(1, chunk_bytes // bytes_each)
    for begin in range(0, total, step):
        yield slice(begin, min(begin + step, total))


def _touches(
    path: PricePath, window: np.ndarray, beyond: np.ndarray, level: np.ndarray, direction: np.ndarray
) -> np.ndarray:
    """The first candle of each window to reach each level, from below where `direction` is +1, else from above."""
    up = direction[:, None] > 0
    reached = np.where(up, path.high[window], -path.low[window])
    reached[beyond] = -np.inf
    # Running extremes rise only, so that counting those short of the level finds its first touch.
    np.fmax.accumulate(reached, axis=1, out=reached)
    slack = level * TOUCH_SLACK
    wanted = np.where(up, level - slack, -(level + slack))
    before = [(reached < each[:, None]).sum(axis=1) for each in wanted.T]
    found = np.stack(before, axis=1) if before else np.empty((len(window), 0), dtype=np.int64)
    return np.where(found < window.shape[1], found, NEVER).astype(np.int32)


def _ties(
    path: PricePath,
    sign: np.ndarray,
    first: np.ndarray,
    target: np.ndarray,
    stop: np.ndarray,
    at_target: np.ndarray,
    at_stop: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Where target and stop lie in one candle: whether samples show the target first, and whether nothing shows the order."""
    tied = (at_target[:, :, None] == at_stop[:, None, :]) & (at_target[:, :, None] != NEVER)
    target_first, ambiguous = np.zeros_like(tied), tied.copy()
    if not len(path.sample_at):
        return target_first, ambiguous
    row_of, target_of, _ = np.nonzero(tied)
    for row, offset in np.unique(np.stack([row_of, at_target[row_of, target_of]]), axis=1).T.tolist():
        candle = first[row] + offset
        prices = fine_prices(path, int(path.opens[candle]), int(path.closes_at[candle]))
        if prices is None or not len(prices):
            continue
        up, down = (
            _sampled_first(prices, target[row], sign[row]),
            _sampled_first(prices, stop[row], -sign[row]),
        )
        seen = tied[row] & (at_target[row] == offset)[:, None] & (up != NEVER)[:, None] & (down != NEVER)
        target_first[row] |= seen & (up[:, None] < down)
        ambiguous[row] &= ~seen
    return target_first, ambiguous


def _sampled_first(prices: np.ndarray, level: np.ndarray, sign: float) -> np.ndarray:
    """The first sample that reaches each level, NEVER where none does."""
    touched = reached(prices, prices, level[:, None], sign)
    return np.where(touched.any(axis=1), touched.argmax(axis=1), NEVER)


def _is_inside(path: PricePath, entry_at: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Whether each entry lies inside a candle (lib.market.exits.own_close): never so of one at a close."""
    length = np.full(len(entry_at), 5 * MINUTE)
    begun, follows = first > 0, first < len(path.opens)
    before = first[begun] - 1
    length[begun] = path.closes_at[before] - path.opens[before]
    end = -(-entry_at // length) * length
    end[follows] = np.minimum(end[follows], path.opens[first[follows]])
    end[begun] = np.where(path.closes_at[before] > entry_at[begun], path.closes_at[before], end[begun])
    return end > entry_at


def choose_each(
    entry_at: np.ndarray, exit_at: np.ndarray, allowed: np.ndarray, spacing_minutes: np.ndarray
) -> np.ndarray:
    """The trades that one position at a time allows, in order of entry, at least `spacing_minutes` apart: n × r × k, bool.

    A trade may begin the moment the one before has ended; one that is OPEN blocks all that follow. `exit_at` is n × r (rules);
    `allowed` n × k and `spacing_minutes` k: what besides the exits tells combinations apart.
    """
    spacing = np.ceil(spacing_minutes * MINUTE).astype(np.int64)
    ready_at = np.full((exit_at.shape[1], len(spacing)), -OPEN)
    chosen = np.zeros((len(entry_at), *ready_at.shape), dtype=bool)
    for row, at in enumerate(entry_at):
        taken = np.less_equal(ready_at, at, out=chosen[row])
        taken &= allowed[row]
        np.copyto(ready_at, np.maximum(exit_at[row][:, None], at + spacing), where=taken)
    return chosen
