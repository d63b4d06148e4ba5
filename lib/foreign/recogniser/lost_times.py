"""Times that lost a part before the file came here: AM and PM, or the last digits of an epoch. They are refused, because nothing tells it.

Both rules look for what a file of whole times cannot show. Times of a 24-hour clock do not go back from 12:59 to 1:00 in the midst of a
day, day after day; and an epoch that names its minute is not borne by most rows, with different candles, together with others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from lib.foreign.recogniser.instants import Clock, clock_of
from lib.foreign.recogniser.reading import Grid

_SAMPLE = 400
_MANTISSA = re.compile(r"(\d)(?:[.,](\d+))?[eE]")
#: An epoch of so many digits leaves open more than a minute, whatever its unit.
_TOO_FEW = 8


def refuse_lost_times(grid: Grid, place: int, texts: np.ndarray, form: str) -> None:
    """Raises DataError where the times of a column (`place`, `texts`) were written without AM and PM, or rounded."""
    if form == "epoch":
        _refuse_rounded(grid, place, texts)
    elif form:
        _refuse_half_days(grid, place, texts, form)


def _refuse_rounded(grid: Grid, place: int, texts: np.ndarray) -> None:
    digits = [len(found[1] + (found[2] or "")) for text in texts if (found := _MANTISSA.match(text.strip()))]
    if len(digits) * 2 <= len(texts) or max(digits) > _TOO_FEW:
        return
    if sum(len(rows) for rows in _rows_by_time(grid, texts) if len(rows) > 1) * 2 <= len(texts):
        return
    problem = (
        f"was rounded, as spreadsheets do it: an epoch of {max(digits)} digits tells no minute, "
        "and most rows share theirs with other candles"
    )
    fix = "Export the file again and do not save it from a spreadsheet; or name another column for the time with --columns"
    raise grid.error(problem, 0, place, fix)


def _refuse_half_days(grid: Grid, place: int, texts: np.ndarray, form: str) -> None:
    if any(_is_whole(clock_of(text, form)) for text in texts[:: max(1, len(texts) // _SAMPLE)]):
        return
    clocks = [clock_of(text, form) for text in texts]
    rows = [row for row, clock in enumerate(clocks) if clock is not None]
    known = [clock for clock in clocks if clock is not None]
    hours = {clock.hour for clock in known}
    if any(map(_is_whole, known)) or max(hours, default=0) not in (11, 12) or {0, 12} <= hours:
        return
    back = _places_back(known)
    if not _is_every_day(known, back) or _is_written_twice(grid, texts):
        return
    problem = "follows a later time of its day, day after day, and no hour is above 12: AM and PM are lost"
    fix = "Export the file with a 24-hour clock, with AM and PM, or with epochs"
    raise grid.error(problem, rows[back[0]], place, fix)


def _is_whole(clock: Clock | None) -> bool:
    """Whether a time says which half of the day it is in."""
    return clock is not None and (clock.half or clock.hour > 12)


def _places_back(clocks: Sequence[Clock]) -> list[int]:
    """The rows that go against the order of most, within a day; none unless each leaves, or reaches, the last hour of the clock."""
    minutes = [clock.hour * 60 + clock.minute for clock in clocks]
    same = [row for row in range(1, len(clocks)) if clocks[row].day == clocks[row - 1].day]
    falling = [row for row in same if minutes[row] < minutes[row - 1]]
    rising = [row for row in same if minutes[row] > minutes[row - 1]]
    newest_first = len(falling) > len(rising)
    back = rising if newest_first else falling
    top = max(clock.hour for clock in clocks)
    return back if all(clocks[row - (not newest_first)].hour == top for row in back) else []


def _is_every_day(clocks: Sequence[Clock], back: Sequence[int]) -> bool:
    """Whether on most days, two at least, time goes back once or twice, and never more often; each day in one stretch."""
    starts = [row for row in range(len(clocks)) if not row or clocks[row].day != clocks[row - 1].day]
    if len({clocks[row].day for row in starts}) < len(starts):
        return False
    times = np.histogram(back, bins=[*starts, len(clocks)])[0]
    return (times > 0).sum() >= max(2, len(starts) / 2) and times.max() <= 2


def _is_written_twice(grid: Grid, texts: np.ndarray) -> bool:
    """Whether times stand there again with the same candle, as where files were joined that overlap."""
    again = len(texts) - len(set(texts))
    return again > 0 and sum(len(rows) - 1 for rows in _rows_by_time(grid, texts)) * 2 < again


def _rows_by_time(grid: Grid, texts: np.ndarray) -> Collection[set[tuple[str, ...]]]:
    """For each time the different rows that bear it."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for text, row in zip(texts, grid.rows, strict=True):
        found.setdefault(text, set()).add(tuple(row))
    return found.values()
