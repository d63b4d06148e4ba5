"""Which rows stand in order, and which of them belong to a window: rows are set aside, never moved.

As few rows as possible are set aside so that the rest is in order (a longest increasing subsequence), so one row from the far future
costs itself and not all that follow it. Of several such choices the one with the earliest rows is taken: of two equal times the
first row stays. Rows later than the window's end do not take part, so rows appended later never change what a window holds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from lib.contract.times import NOT_A_TIME


@dataclass(frozen=True)
class RowPlaces:
    """What became of n rows in file order."""

    kept: np.ndarray  #: (n,) bool: in order and not later than the end; rows before the window are among them
    first: int  #: the window is the rows first…last-1 by position
    last: int
    duplicate: np.ndarray  #: (n,) bool
    out_of_order: np.ndarray  #: (n,) bool


def longest_ordered(times: np.ndarray, *, equal_allowed: bool) -> np.ndarray:
    """(n,) int64 → (n,) bool: the longest subsequence that grows (with `equal_allowed`: does not fall), with the earliest rows."""
    steps = np.diff(times)
    if (steps >= 0).all() if equal_allowed else (steps > 0).all():
        return np.ones(len(times), dtype=bool)
    ahead = _lengths(times.tolist(), equal_allowed)
    behind = _lengths((-times[::-1]).tolist(), equal_allowed)[::-1]
    longest = max(ahead)
    kept = np.zeros(len(times), dtype=bool)
    level, reached = 1, NOT_A_TIME
    for place, (before, after, time) in enumerate(zip(ahead, behind, times.tolist(), strict=True)):
        follows = time >= reached if equal_allowed else time > reached
        if before == level and before + after - 1 == longest and follows:
            kept[place] = True
            level, reached = level + 1, time
    return kept


def _lengths(times: list[int], equal_allowed: bool) -> list[int]:
    """For each row the length of the longest ordered subsequence that ends with it."""
    find = bisect_right if equal_allowed else bisect_left
    smallest: list[int] = []  # the smallest last time of an ordered subsequence of length 1, 2, …
    lengths = []
    for time in times:
        place = find(smallest, time)
        if place == len(smallest):
            smallest.append(time)
        else:
            smallest[place] = time
        lengths.append(place + 1)
    return lengths


def spans_out_of_order(
    times: np.ndarray, sound: np.ndarray, repeats: np.ndarray, *, equal_allowed: bool
) -> np.ndarray:
    """(k, 2) int64: first and last row of each stretch of sound rows that do not stand in order among themselves, and from each row that
    is repeated (`repeats`: which one each repeats, −1 for none) to the one that repeats it.

    Between two stretches all rows before are earlier than all behind, so which of a stretch are kept is told by the stretch alone.
    """
    again, rows = np.flatnonzero(repeats >= 0), np.flatnonzero(sound & (repeats < 0))
    spans = np.stack([repeats[again], again], axis=1)
    at = times[rows]
    steps = np.diff(at)
    if (steps >= 0).all() if equal_allowed else (steps > 0).all():
        return spans
    highest, lowest = np.maximum.accumulate(at), np.minimum.accumulate(at[::-1])[::-1]
    apart = highest[:-1] <= lowest[1:] if equal_allowed else highest[:-1] < lowest[1:]
    first = np.concatenate([[0], np.flatnonzero(apart) + 1])
    last = np.append(first[1:], len(at)) - 1
    several = last > first
    return np.concatenate([np.stack([rows[first[several]], rows[last[several]]], axis=1), spans])


def disorder_of(
    spans: np.ndarray, times: np.ndarray, aside: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> np.ndarray:
    """(k, 3) int64 of those spans of rows in which any is set `aside` (n,): the first time set aside, the latest time, and bytes.

    Whoever knows the rows up to an instant keeps the same of such a span if none set aside is known by then, or all of it is, and all of
    its bytes are read.
    """
    found = []
    for first, last in spans.tolist():
        within = times[first : last + 1]
        if (out := within[aside[first : last + 1]]).size:
            found.append((out.min(), within.max(), ends[last] - starts[first]))
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def flaws_of(kept: np.ndarray, times: np.ndarray, end: int | None) -> np.ndarray:
    """(k, 2) int64: the times of the kept rows before and behind each row that is not kept, NOT_A_TIME and the largest one without any.

    Rows behind the last kept one that are later than `end` are none: they are of no window yet.
    """
    places = np.flatnonzero(~kept)
    before = np.cumsum(kept)[places]
    if end is not None:
        later = (before == kept.sum()) & (times[places] > end)
        before = before[~later]
    around = np.concatenate([[NOT_A_TIME], times[kept], [np.iinfo(np.int64).max]])
    return np.stack([around[before], around[before + 1]], axis=1)


def place(
    times: np.ndarray, sound: np.ndarray, start: int | None, end: int | None, *, equal_allowed: bool
) -> RowPlaces:
    """Rows (n,) with their times (NOT_A_TIME where unknown) and whether they may be kept → their place.

    A row whose time is unknown or wrong belongs where it stands in the file.
    """
    timed = times != NOT_A_TIME
    late = timed & (times > end) if end is not None else np.zeros(len(times), dtype=bool)
    candidates = sound & timed & ~late
    kept = np.zeros(len(times), dtype=bool)
    kept[candidates] = longest_ordered(times[candidates], equal_allowed=equal_allowed)
    early = timed & (times <= start) if start is not None else np.zeros(len(times), dtype=bool)
    inside = np.flatnonzero(kept & ~early)
    last = _first(late, behind=int(np.flatnonzero(kept)[-1]) + 1 if kept.any() else 0)
    first = _behind_last(early, before=int(inside[0]) if len(inside) else last)
    aside = sound & timed & ~kept
    duplicate = aside & np.isin(times, times[kept]) & (not equal_allowed)
    return RowPlaces(kept, first, last, duplicate, aside & ~duplicate)


def _first(flags: np.ndarray, behind: int) -> int:
    places = np.flatnonzero(flags[behind:])
    return behind + int(places[0]) if len(places) else len(flags)


def _behind_last(flags: np.ndarray, before: int) -> int:
    places = np.flatnonzero(flags[:before])
    return int(places[-1]) + 1 if len(places) else 0
