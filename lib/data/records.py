"""Bytes → records: where each row begins and ends, whether it is whole, and what its fields hold.

A record is whole if it has as many fields as the header, sound quotes and a line end. Blank lines are no records. What would surprise:
- Samples and candles are lines; a quoted field there may hold commas but no newline.
- Decisions may hold newlines inside quotes. A record with broken quotes is given up, and reading goes on at the next line that begins
  like a record, so a torn row costs at most `MAX_RECORD` bytes. An open quote that reaches the file's end within that length is a
  torn last row, however its lines look: text inside it must never be read as a row.
- A slice that begins inside such a text is recognised by the quote that ends it: what came before a broken quote in its first
  `2 * MAX_RECORD` bytes is dropped, which is never more than the margin before the window.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

MAX_RECORD = 32 * 1024  #: the longest record with newlines inside quotes, in bytes

_NEWLINE, _RETURN = ord("\n"), ord("\r")
_FIELD = rb'(?:"[^"\x00]*+(?:""[^"\x00]*+)*+"|[^",\r\n\x00]*+)'


@dataclass(frozen=True)
class Records:
    """n records of `data`: record i is data[starts[i]:ends[i]]."""

    data: bytes
    starts: np.ndarray  #: (n,) int64
    ends: np.ndarray  #: (n,) int64, behind the line end
    whole: np.ndarray  #: (n,) bool
    torn: np.ndarray  #: (n,) bool: a last row without its end
    quoted: bool  #: whether any field is quoted
    fields: list[list[str]] = field(default_factory=list)  #: of the whole records, only where `quoted`

    def __len__(self) -> int:
        return len(self.starts)


def split_lines(data: bytes, width: int) -> Records:
    """One record a line; `width` is the number of fields of a whole one."""
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(raw == _NEWLINE) + 1
    if len(raw) and raw[-1] != _NEWLINE:
        ends = np.append(ends, len(raw))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64) if len(ends) else np.empty(0, dtype=np.int64)
    closed = raw[ends - 1] == _NEWLINE if len(ends) else np.empty(0, dtype=bool)
    ended_by_two = closed & (ends - starts >= 2) & (raw[np.maximum(ends - 2, 0)] == _RETURN)
    filled = ends - starts - closed - ended_by_two > 0
    starts, ends, closed, ended_by_two = starts[filled], ends[filled], closed[filled], ended_by_two[filled]
    sound = (
        closed
        & (_count(data, b"\r", starts, ends) == ended_by_two)
        & (_count(data, b"\0", starts, ends) == 0)
    )
    if b'"' not in data:
        whole = sound & (_count(data, b",", starts, ends) == width - 1)
        return Records(data, starts, ends, whole, ~closed, quoted=False)
    split = _record(width).fullmatch
    whole = np.array(
        [
            bool(ok) and split(data, start, end) is not None
            for ok, start, end in zip(sound, starts, ends, strict=True)
        ],
        dtype=bool,
    )
    fields = [_fields(data[start:end]) for start, end in zip(starts[whole], ends[whole], strict=True)]
    return Records(data, starts, ends, whole, ~closed, quoted=True, fields=fields)


def _count(data: bytes, mark: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    if mark not in data:
        return np.zeros(len(starts), dtype=np.int64)
    places = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord(mark))
    return np.searchsorted(places, ends) - np.searchsorted(places, starts)


def split_quoted(
    data: bytes, width: int, *, from_first_row: bool, to_last_byte: bool, begins: Callable[[bytes], bool]
) -> Records:
    """Records that may hold newlines inside quotes. `begins(line)` says whether a line looks like a record's first."""
    found: list[tuple[int, int, bool, bool]] = []  # start, end, whole, torn
    position = 0 if from_first_row else _next_beginning(data, 0, begins)
    while position < len(data):
        blank = _BLANK.match(data, position)
        if blank is not None:
            position = blank.end()
            continue
        end = _end_of_record(data, position, width)
        if end is not None:
            found.append((position, end[0], end[1], False))
            position = end[0]
        elif not _has_end(data, position):
            if to_last_byte:
                found.append((position, len(data), False, True))
            break
        else:
            if not from_first_row and position < 2 * MAX_RECORD:
                found.clear()
            following = _next_beginning(data, data.find(b"\n", position) + 1, begins)
            found.append((position, following, False, False))
            position = following
    starts, ends, whole, torn = (
        (np.array(column) for column in zip(*found, strict=True)) if found else _NOTHING
    )
    fields = [_fields(data[start:end]) for start, end, sound, _ in found if sound]
    return Records(data, starts, ends, whole, torn, quoted=True, fields=fields)


_BLANK = re.compile(rb"[ \t]*\r?\n")
_NOTHING = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool), np.empty(0, bool))


@cache
def _record(width: int) -> re.Pattern[bytes]:
    """A record of `width` fields; of any number of fields at width 0."""
    return re.compile(
        _FIELD + b"(?:," + _FIELD + (b")*+" if width == 0 else b"){%d}" % (width - 1)) + rb"\r?\n"
    )


def _end_of_record(data: bytes, position: int, width: int) -> tuple[int, bool] | None:
    """End of the well-quoted record at `position`, and whether it is whole; None if its quotes are broken."""
    limit = min(len(data), position + MAX_RECORD)
    match = _record(width).match(data, position, limit)
    if match is not None:
        return match.end(), True
    match = _record(0).match(data, position, limit)
    return None if match is None else (match.end(), False)


def _has_end(data: bytes, position: int) -> bool:
    """Whether a record that begins at `position` but is not well quoted has been written to its end."""
    rest = data[position : position + MAX_RECORD]
    if position + len(rest) < len(data):
        return True
    return b"\n" in rest and _UNFINISHED.fullmatch(rest) is None


#: Sound fields up to the end, the last one perhaps with an open quote.
_UNFINISHED = re.compile(b"(?:" + _FIELD + b",)*+(?:" + _FIELD + rb'\r?|"[^"\x00]*+(?:""[^"\x00]*+)*+)')


def _next_beginning(data: bytes, position: int, begins: Callable[[bytes], bool]) -> int:
    """Offset of the next line that looks like a record's first, from the line start `position` on; the data's end if there is none."""
    while position < len(data):
        end = data.find(b"\n", position) + 1 or len(data)
        if begins(data[position:end]):
            return position
        position = end
    return len(data)


def _fields(line: bytes) -> list[str]:
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    return next(csv.reader([text], strict=True)) if "\n" not in text else _many_lines(text)


def _many_lines(text: str) -> list[str]:
    return next(csv.reader(text.splitlines(keepends=True), strict=True))
