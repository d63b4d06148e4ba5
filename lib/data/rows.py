"""Records → a table of the rows that are sound and in order, and a count of every row that is not.

rows in = rows ok + rows set aside, always; a row is counted once, by the first of these that holds:
torn (the last row, its line end not yet written) · malformed (another number of fields than the header, broken quotes, stray control
bytes) · bad_timestamp · ambiguous_time (a naive time that happens twice when clocks go back) · bad_value (text where a number belongs, an
impossible price or word, a required value missing) · ahead (stamped more than 5 s after what the reader may know: a clock was wrong) ·
duplicate · out_of_order.
A time without zone is naive_time where most others have one, and an error where most have none.
Numbers are read strictly: a blank is missing, and anything but a finite decimal number is a bad value, never a silent NaN.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import tzinfo

import numpy as np
import pandas as pd

from lib.contract import times
from lib.data.cells import Layout, table_of
from lib.data.order import RowPlaces, disorder_of, flaws_of, place, spans_out_of_order
from lib.data.records import Records
from lib.data.slices import MARGIN, Slice, naive_time
from lib.errors import RaggedHeaderError

REASONS = (
    "torn",
    "malformed",
    "bad_timestamp",
    "naive_time",
    "ambiguous_time",
    "bad_value",
    "ahead",
    "duplicate",
    "out_of_order",
)

#: Microseconds that a row may lie after the reader's `as_of`, or its clock (docs/guarantees.md, L10).
AHEAD = 5_000_000
_LAST = np.iinfo(np.int64).max
#: Bytes of broken rows up to which no slice can consist of them alone.
_MOST_BROKEN = MARGIN // 4


@dataclass(frozen=True)
class RowCounts:
    """What was read of one file: rows_in = ok + the sum of set_aside (reasons that occurred, by REASONS)."""

    rows_in: int = 0
    ok: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)

    def not_taken(self, which: str = "") -> str:
        """In words how many of the rows, of a file's `which` ("last "), could not be taken, and why; "" where all could, but for a last one
        that is not yet written whole.
        """
        aside = {reason: number for reason, number in self.set_aside.items() if reason != "torn"}
        if not aside:
            return ""
        told = ", ".join(f"{number:,} {reason}" for reason, number in aside.items())
        many = f"{sum(aside.values()):,}" if self.ok else "none"
        return f"{many} of its {which}{self.rows_in:,} rows {'are set aside' if self.ok else 'can be taken'} ({told})"


@dataclass(frozen=True)
class Rows:
    """The rows kept of a slice, those before the window (context) included, and the count of the window's rows."""

    frame: pd.DataFrame  #: index `timestamp` in order; columns of the layout
    counts: RowCounts
    window: bytes  #: the window's bytes, for its hash
    file_size: int
    disorder: (
        np.ndarray
    )  #: (k, 3) int64: of stretches out of order: the first instant set aside, the latest one, and bytes
    settled: bool  #: whether no row's fate depends on how many others of its slice are like it
    first_aside: int  #: byte of the slice's data at which the window's first row begins that is set aside and not torn; -1 for none
    flaws: (
        np.ndarray
    )  #: (k, 2) int64: of rows that are not kept, but later ones at the end: the kept times before and behind


def read_rows(
    piece: Slice,
    records: Records,
    layout: Layout,
    start: int | None,
    end: int | None,
    zone: tzinfo | None,
    now: int | None = None,
) -> Rows:
    """Rows with time ≤ `end`, counted over (start, end]. Raises RaggedHeaderError, NaiveTimeError.

    `now`: the clock, of whoever has one; rows ahead of it are set aside. Without it the rows behind the window are later ones, and ahead
    are only those that stand among its own.
    """
    _refuse_ragged(piece, records)
    table, off = table_of(piece, records, layout, zone)
    instants = np.full(len(records), times.NOT_A_TIME, dtype=np.int64)
    problems = np.full(len(records), times.BAD, dtype=np.int8)
    instants[records.whole], problems[records.whole] = times.parse_times(
        table.pop("timestamp").to_numpy(object), zone
    )
    _refuse_naive(piece, records, problems)
    bad_value = np.zeros(len(records), dtype=bool)
    bad_value[records.whole] = off | layout.off(table)
    ahead = np.zeros(len(records), dtype=bool)
    if (latest := end if now is None else now) is not None:
        ahead = instants > latest + AHEAD
    sound = (problems == times.OK) & ~bad_value
    if now is not None:
        sound &= ~ahead
    repeats = np.full(len(records), -1, dtype=np.int64)
    if layout.identity is not None:
        ids = table[layout.identity] if layout.identity in table else pd.Series("", index=table.index)
        repeats = _repeats(records, sound, ids)
    repeated = repeats >= 0
    placed = place(instants, sound & ~repeated, start, end, equal_allowed=layout.identity is not None)
    kept = placed.kept[records.whole]
    frame = (table if kept.all() else table[kept]).set_axis(times.times_index(instants[placed.kept]), axis=0)
    counts, first_aside = _counted(
        records, problems, {"bad_value": bad_value, "ahead": ahead}, repeated, placed
    )
    window = b"" if placed.last <= placed.first else _bytes(records, placed.first, placed.last)
    aside = sound & ~placed.kept & (instants <= (_LAST if end is None else end))
    spans = spans_out_of_order(instants, sound, repeats, equal_allowed=layout.identity is not None)
    disorder = disorder_of(spans, instants, aside, records.starts, records.ends)
    settled = layout.alike(table) and _is_settled(records, problems)
    flaws = flaws_of(placed.kept, instants, end)
    return Rows(frame, counts, window, piece.file_size, disorder, settled, first_aside, flaws)


def column_words(frame: pd.DataFrame, column: str, missing: str) -> pd.Series:
    """A column's words in lower case; `missing` where blank, or everywhere without the column."""
    if column not in frame:
        return pd.Series(missing, index=frame.index, dtype="str")
    places, found = pd.factorize(frame[column])
    lowered = np.array([text.strip().lower() or missing for text in found] + [missing], dtype=object)
    return pd.Series(lowered[places], index=frame.index, dtype="str")


def _bytes(records: Records, first: int, last: int) -> bytes:
    return records.data[records.starts[first] : records.ends[last - 1]]


def _refuse_ragged(piece: Slice, records: Records) -> None:
    closed = ~records.torn
    if records.whole.any() or not closed.any():
        return
    start, end = int(records.starts[closed][0]), int(records.ends[closed][0])
    raise RaggedHeaderError(
        f"no row has the {len(piece.header.names)} fields of the header; this one has {records.data[start:end].count(b',') + 1}",
        path=piece.path,
        line=piece.line_number(start),
        fix="Make the header name every column, or begin a new file",
    )


def _refuse_naive(piece: Slice, records: Records, problems: np.ndarray) -> None:
    naive = np.flatnonzero(problems == times.NAIVE)
    if len(naive) and len(naive) * 2 >= (problems != times.BAD).sum():
        start, end = int(records.starts[naive[0]]), int(records.ends[naive[0]])
        text = (
            records.data[start:end]
            .split(b",")[piece.header.names.index("timestamp")]
            .decode(errors="replace")
        )
        raise naive_time(piece.path, text.strip('" \r\n'), piece.line_number(start))


def _counted(
    records: Records,
    problems: np.ndarray,
    off: dict[str, np.ndarray],
    repeated: np.ndarray,
    placed: RowPlaces,
) -> tuple[RowCounts, int]:
    """The counts of the window's rows, and where the first of them begins that was set aside (Rows.first_aside)."""
    conditions = {
        "torn": records.torn,
        "malformed": ~records.whole,
        "bad_timestamp": problems == times.BAD,
        "naive_time": problems == times.NAIVE,
        "ambiguous_time": problems == times.AMBIGUOUS,
        **off,
        "duplicate": placed.duplicate | repeated,
        "out_of_order": placed.out_of_order,
    }
    window = slice(placed.first, placed.last)
    reason = np.select([flags[window] for flags in conditions.values()], list(range(len(REASONS))), -1)
    ok = placed.kept[window]
    found = np.bincount(reason[~ok], minlength=len(REASONS)).tolist() if len(reason) else [0] * len(REASONS)
    set_aside = {name: count for name, count in zip(REASONS, found, strict=True) if count}
    aside = placed.first + np.flatnonzero(~ok & (reason != 0))
    first = int(records.starts[aside[0]]) if len(aside) else -1
    return RowCounts(len(ok), int(ok.sum()), set_aside), first


def _repeats(records: Records, sound: np.ndarray, ids: pd.Series) -> np.ndarray:
    """Which earlier sound row each row repeats (int64, −1 for none): its identity, or all its bytes."""
    names = iter(ids.tolist())
    seen: dict[str | bytes, int] = {}
    repeats = np.full(len(records), -1, dtype=np.int64)
    for row, whole in enumerate(records.whole):
        name = next(names) if whole else ""
        if not sound[row]:
            continue
        marks = {_bytes(records, row, row + 1).rstrip(b"\r\n"), name} - {""}
        repeats[row] = min((seen[mark] for mark in marks if mark in seen), default=-1)
        for mark in marks:
            seen.setdefault(mark, row)
    return repeats


def _is_settled(records: Records, problems: np.ndarray) -> bool:
    """Rows.settled but for values: naive times, and a slice of broken rows alone, are judged by how many there are."""
    broken = int((records.ends - records.starts)[~records.whole].sum())
    return not (problems == times.NAIVE).any() and broken <= _MOST_BROKEN
