"""The rows of many hours of a folder, parsed once, and whether they show an hour what the window that ends with it would hold.

A window knows no row later than its end and reads little before its start, so most of what it holds is the rows themselves. Three things
are not: rows out of order or repeated (which of them count depends on which are there), a frozen stretch (known to be one only from its
first minute on, and seen from the window's context on), and what is judged by how many rows are like it. Where one of these touches an
hour the rows do not show it, and it must be read alone: `read_hour` gives what `lib.data.window.load_window` does, by definition
(docs/decisions/catching-up.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.contract import schema
from lib.contract.standing import is_there
from lib.contract.times import configured_zone, microseconds
from lib.data.decisions import DecisionsKind, decision_rows, decisions_of, empty_decisions
from lib.data.loaders import SAMPLE_CONTEXT
from lib.data.market import FILES, market_frames, market_rows
from lib.data.rows import Rows
from lib.data.slices import MARGIN, read_slice
from lib.data.source import decisions_kind
from lib.data.window import DECISIONS_WARMUP, WARMUP, folder_of
from lib.errors import DataError
from lib.market.readings import MICROSECOND, instants
from lib.market.ribbon import frozen_stretches

#: Bytes of one file that are parsed at once.
_MOST_BYTES = 32 * 1024 * 1024
#: A stretch of rows out of order that is longer may reach beyond what a window reads, so what is kept of it may differ.
_LONG_DISORDER = MARGIN // 2
_CONTEXT = SAMPLE_CONTEXT // MICROSECOND
#: How much later than a window's market its decisions begin.
_LATER = (WARMUP - DECISIONS_WARMUP) // MICROSECOND


@dataclass(frozen=True)
class Reach:
    """Which hours the rows known in (begin, end], int64 microseconds, show.

    Not those of these pairs of instants (first, behind): whose end lies in one; whose end is not before a first one and whose
    warm-up begins before the one behind; whose warm-up begins within one.
    """

    begin: int
    end: int
    ends: list[tuple[int, int]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    begins: list[tuple[int, int]] = field(default_factory=list)

    def show(self, end: int, begin: int) -> bool:
        """Whether they hold what the window does that ends at the hour `end` and whose warm-up begins at `begin` (microseconds)."""
        return self.begin <= begin and end <= self.end and not self._touch(end, begin)

    def _touch(self, end: int, begin: int) -> bool:
        return (
            any(first <= end < behind for first, behind in self.ends)
            or any(first <= end and begin < behind for first, behind in self.spans)
            or any(first < begin < behind for first, behind in self.begins)
        )

    def add_disorder(self, rows: Rows, length: int = 0, later: int = 0) -> None:
        """`length`: from the time of a row to when it is known; `later`: by how much a window's rows begin later than its warm-up."""
        for first, last, size in rows.disorder.tolist():
            self.ends.append((first + length, last + length))
            if size > _LONG_DISORDER:
                self.spans.append((first + length, last + length - later))

    def add_frozen(self, rows: Rows) -> None:
        for begun, known, last in frozen_stretches(rows.frame).tolist():
            self.ends.append((begun, known))
            self.begins.append((begun + _CONTEXT, last))


@dataclass(frozen=True)
class HoursRead:
    """What was known: market frames as MarketWindow has them, and decisions as they were written."""

    samples_5min: pd.DataFrame
    samples_15min: pd.DataFrame
    candles_1min: pd.DataFrame
    candles_5min: pd.DataFrame
    candles_15min: pd.DataFrame
    decisions: pd.DataFrame
    kind: DecisionsKind
    reach: Reach
    flaws: dict[str, np.ndarray]  #: Rows.flaws of the files that are there, by the frames' names


def read_hour(folder: str | Path | None, start: pd.Timestamp, hour: pd.Timestamp) -> HoursRead:
    """What the window (start, hour] holds, its warm-up included. Raises as lib.data.window.load_window, but for empty ones."""
    place = folder_of(folder)
    rows = market_rows(place, start - WARMUP, hour)
    return _framed(place, rows, _decision_rows(place, start, hour), start, hour)


def read_hours(folder: str | Path | None, start: pd.Timestamp, last: pd.Timestamp) -> HoursRead | None:
    """The rows of all windows that begin at `start` or later and end with a whole hour up to `last`.

    None where they would be too many at once, or where it cannot be told what a window would hold: an error, which one of them may or may
    not meet; decisions of several kinds; rows that are judged by how many there are; candles that are not on the clock.
    """
    place = paths.trading_data(folder)
    try:
        if _is_much(place, start - WARMUP, last):
            return None
        rows = market_rows(place, start - WARMUP, last)
        decided = _decision_rows(place, start, last)
        read = _framed(place, rows, decided, start, last)
    except DataError:
        return None
    every = [*rows.values(), *([decided] if decided else [])]
    if not (all(found.settled for found in every) and _on_clock(read)):
        return None
    for name, found in rows.items():
        kind, timeframe = name.split("_")
        if kind == "samples":
            read.reach.add_disorder(found)
            read.reach.add_frozen(found)
        else:
            read.reach.add_disorder(found, schema.MINUTES[timeframe] * 60_000_000)
    if decided:
        read.reach.add_disorder(decided, later=_LATER)
    return read


def _framed(
    place: Path, rows: dict[str, Rows], decided: Rows | None, start: pd.Timestamp, last: pd.Timestamp
) -> HoursRead:
    frames = market_frames(rows, start - WARMUP)
    if decided is None:
        decisions = empty_decisions()
    else:
        decisions = decisions_of(decided.frame[decided.frame.index > start - DECISIONS_WARMUP])
    every = {**rows, "decisions": decided} if decided is not None else rows
    return HoursRead(
        **frames,
        decisions=decisions,
        kind=decisions_kind(place, decisions),
        reach=Reach(microseconds(start - WARMUP), microseconds(last)),
        flaws={name: found.flaws for name, found in every.items()},
    )


def _decision_rows(place: Path, start: pd.Timestamp, until: pd.Timestamp) -> Rows | None:
    path = place / schema.DECISIONS_FILE
    return decision_rows(path, start - DECISIONS_WARMUP, until) if is_there(path) else None


def _is_much(place: Path, begin: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Whether one of the files holds more than _MOST_BYTES between two instants."""
    large = [place / name for name in FILES.values()]
    large = [path for path in large if path.exists() and path.stat().st_size > _MOST_BYTES]
    first, last = microseconds(begin), microseconds(end)
    return any(len(read_slice(path, first, last, configured_zone()).data) > _MOST_BYTES for path in large)


def _on_clock(read: HoursRead) -> bool:
    """Whether no candle reaches over a whole hour: what is known of it at the hour is then what is known later."""
    lengths: Sequence[tuple[pd.DataFrame, int]] = ((read.candles_1min, 1), (read.candles_5min, 5))
    return all(not (instants(frame.index) % (minutes * 60_000_000)).any() for frame, minutes in lengths)
