"""Bytes → records: where each row begins and ends, whether it is whole, and what its fields hold.

A record is a line; it is whole if it has as many fields as the header, sound quotes and a line end. Blank lines are no records. A quoted
field may hold commas but no newline: no file of ours has one (lib.data.formats), and where old recordings do, their import reads them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from functools import cache

import numpy as np

from lib.contract.lines import LONGEST_ROW, is_no_row
from lib.contract.times import parse_time

#: What to do with a file that somebody cut at its top, to make it smaller.
HEADER_GONE = "A row stands in place of the names of the columns: put that line back before it, from a copy"
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
        & (ends - starts <= LONGEST_ROW)
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
    fields = [
        split_row(data[start:end].decode("utf-8", errors="replace").rstrip("\r\n"))
        for start, end in zip(starts[whole], ends[whole], strict=True)
    ]
    whole[whole] = [bool(row) for row in fields]  # a field may be larger than any
    return Records(data, starts, ends, whole, ~closed, quoted=True, fields=[row for row in fields if row])


def split_row(text: str) -> list[str]:
    """The fields of one line without its end; [] for a blank one, and for what is no row: zero bytes, a stray return, a huge field, and
    what `is_no_row`.
    """
    if is_no_row(text):
        return []
    try:
        return next(csv.reader([text]), [])
    except csv.Error:
        return []


def begins_as_a_row(fields: Sequence[str]) -> bool:
    """Whether the first line of a file is a row of it: a time stands in it, as in every row."""
    return any(parse_time(field, UTC) is not None for field in fields)


def _count(data: bytes, mark: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    if mark not in data:
        return np.zeros(len(starts), dtype=np.int64)
    places = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord(mark))
    return np.searchsorted(places, ends) - np.searchsorted(places, starts)


@cache
def _record(width: int) -> re.Pattern[bytes]:
    return re.compile(_FIELD + b"(?:," + _FIELD + b"){%d}" % (width - 1) + rb"\r?\n")
