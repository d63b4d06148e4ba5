"""The bytes of a time-sorted CSV that hold a window: found by binary search on byte offsets, read once, not yet parsed.

Cost grows with the window (and with the logarithm of what lies behind it). What would surprise:
- A search goes back from the file's end in growing steps before it halves: an hour's window lies there, whatever lies before it.
- A probe takes the *median* time of the lines in a block, so a malformed or out-of-order line at a probe does not lead astray; and
  both ends are checked after the search and moved outward until the window lies inside.
- A slice is wider than asked for by `MARGIN` bytes on each side: later stages see what surrounds the window, and cut it exactly.
- Disorder over more than a margin (a clock that ran an hour ahead, say) may be resolved differently by a window than by the whole file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import tzinfo
from io import BufferedReader
from pathlib import Path
from statistics import median_low

from lib.contract import schema
from lib.contract.lines import is_no_row
from lib.contract.standing import open_file, packed_remedy, refuse_stand_in
from lib.contract.times import parse_time
from lib.contract.visible import visible
from lib.data.records import HEADER_GONE, begins_as_a_row, split_row
from lib.errors import DataError, HeaderError, MissingDataError, NaiveTimeError, file_remedy

BLOCK = 8 * 1024  #: bytes read by one probe
MARGIN = 64 * 1024  #: bytes read beyond each end of the window
_PROBED = 12  #: lines of a block whose times are looked at, at the most
_MAX_HEADER = 1024 * 1024

_SPREADSHEET_MARKS = (";", "\t")  #: what a spreadsheet writes between columns where it leaves the comma
_SAVED_ANEW = "Commas stand between columns: put the file back from a copy, as a spreadsheet wrote it anew"
_MISSING_FIX = "Make it with `ribbon backfill` or `ribbon simulate`"
_MADE_ANEW = "Delete it, then make it with `ribbon backfill` or `ribbon simulate`"
_OF_THE_MARKET = (*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values())
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Header:
    """The first line: column names, and where the rows begin."""

    path: Path
    names: tuple[str, ...]
    end: int  #: offset of the first row

    def require(self, columns: tuple[str, ...], fix: str) -> None:
        """HeaderError for the first of `columns` that is missing."""
        for column in columns:
            if column not in self.names:
                raise HeaderError("the header lacks a column", path=self.path, line=1, column=column, fix=fix)


@dataclass(frozen=True)
class Slice:
    """Whole lines of a file around a window; `data` starts at byte `offset` and may end in a line without end at the file's end."""

    header: Header
    data: bytes
    offset: int
    file_size: int
    bytes_read: int  #: all that was read for it: header, probes, data

    @property
    def path(self) -> Path:
        """The file."""
        return self.header.path

    @property
    def from_first_row(self) -> bool:
        """Whether it begins with the file's first row."""
        return self.offset == self.header.end

    @property
    def to_last_byte(self) -> bool:
        """Whether it ends where the file does."""
        return self.offset + len(self.data) == self.file_size

    def line_number(self, position: int) -> int:
        """Line of the byte at `position` of `data`; reads the file up to there, so for messages only."""
        with open_file(self.path) as stream:
            left, lines = self.offset + position, 1
            while chunk := stream.read(min(left, 1 << 20)):
                lines += chunk.count(b"\n")
                left -= len(chunk)
        return lines


class _Counted:
    """A file of which the bytes read are counted."""

    def __init__(self, stream: BufferedReader) -> None:
        self.stream, self.bytes_read = stream, 0

    def read(self, start: int, stop: int) -> bytes:
        self.stream.seek(start)
        data = self.stream.read(max(0, stop - start))
        self.bytes_read += len(data)
        return data


def read_slice(
    path: Path,
    start: int | None,
    end: int | None,
    zone: tzinfo | None,
    *,
    block: int = BLOCK,
    margin: int = MARGIN,
) -> Slice:
    """The slice that holds the rows with start < time ≤ end (UTC microseconds; None: without bound), and a margin around them.

    Raises MissingDataError and HeaderError. Times without zone are none here where `zone` is None; whoever reads the rows refuses them.
    """
    with _open(path) as stream:
        file = _Counted(stream)
        size = os.fstat(stream.fileno()).st_size
        header = _header(file, path, size)
        search = _Search(file, header, size, zone, block)
        first = header.end if start is None else search.before(start, margin)
        stop = size if end is None else search.after(end, margin)
        data = file.read(first, stop)
    if stop < size:
        data = data[: data.rfind(b"\n") + 1]
    return Slice(header, data, first, size, file.bytes_read)


def read_header(path: Path) -> Header:
    """The first line of a file. Raises MissingDataError and HeaderError."""
    with _open(path) as stream:
        return _header(_Counted(stream), path, os.fstat(stream.fileno()).st_size)


def read_tail(path: Path, length: int) -> Slice:
    """The slice of the whole lines in the last `length` bytes, header apart."""
    with _open(path) as stream:
        file = _Counted(stream)
        size = os.fstat(stream.fileno()).st_size
        header = _header(file, path, size)
        first = max(header.end, size - length)
        data = file.read(first - 1, size)
        cut = data.find(b"\n") + 1 or len(data)
    return Slice(header, data[cut:], first - 1 + cut, size, file.bytes_read)


def _open(path: Path) -> BufferedReader:
    try:
        return open_file(path)
    except FileNotFoundError as error:
        fix = packed_remedy(path) or _MISSING_FIX
        raise MissingDataError("the file is not there", path=path, fix=fix) from error
    except OSError as error:
        raise DataError(
            f"the file cannot be read ({error.strerror})", path=path, fix=file_remedy(error)
        ) from error


def _header(file: _Counted, path: Path, size: int) -> Header:
    data, length = b"", BLOCK
    while b"\n" not in data and len(data) < min(size, _MAX_HEADER):
        data, length = file.read(0, length), 4 * length
    if not data:
        raise HeaderError(
            "the file is empty, it has not even a header",
            path=path,
            line=1,
            column="timestamp",
            fix=_MADE_ANEW if path.name in _OF_THE_MARKET else "Move the file away; the loop makes a new one",
        )
    refuse_stand_in(data, path, HeaderError)
    end = data.find(b"\n") + 1
    if not end:
        if size > _MAX_HEADER:
            raise _overlong(path, data.decode("utf-8", errors="replace"))
        raise HeaderError("the header has no line end", path=path, line=1, fix="Write the header line whole")
    text = data[:end].removeprefix(BOM).decode("utf-8", errors="replace").rstrip("\r\n")
    names = tuple(name.strip() for name in split_row(text))
    if is_no_row(text):
        raise _overlong(path, text)
    if "timestamp" not in names:
        told = f"the header lacks a column: «{visible(text[:60])}»"
        between = next((mark for mark in _SPREADSHEET_MARKS if f"timestamp{mark}" in text), "")
        fix = HEADER_GONE if begins_as_a_row(names) else "The first line must name the columns"
        fix = _SAVED_ANEW if between else fix
        raise HeaderError(told, path=path, line=1, column="timestamp", fix=fix)
    seen = set[str]()
    for name in names:
        if name in seen:
            raise HeaderError(
                "the header names a column twice", path=path, line=1, column=name, fix="Remove one"
            )
        seen.add(name)
    return Header(path, names, end)


def _overlong(path: Path, text: str) -> HeaderError:
    told = f"the header is longer, or of more columns, than that of any table: {text[:60]!r}"
    return HeaderError(told, path=path, line=1, fix="Write the header anew")


class _Search:
    """Offsets in one open file, by the times of the lines there."""

    def __init__(self, file: _Counted, header: Header, size: int, zone: tzinfo | None, block: int) -> None:
        self.file, self.header, self.size, self.zone = file, header, size, zone
        self.column = header.names.index("timestamp")
        self.block = block
        self.longest = block  # a probe sees rows up to so far behind its offset

    def before(self, instant: int, margin: int) -> int:
        """A row's offset, a margin before the first row later than `instant`."""
        low, _ = self._bisect(instant)
        step, offset = margin, self._row_at(low - margin - self.longest)
        while offset > self.header.end:
            time = self._time_at(offset, self.size)
            if time is not None and time <= instant:
                break
            step *= 2
            offset = self._row_at(offset - step)
        return offset

    def after(self, instant: int, margin: int) -> int:
        """An offset a margin behind the last row not later than `instant`."""
        _, high = self._bisect(instant)
        step, offset = margin, min(self.size, high + margin + self.longest)
        while offset < self.size:
            time = self._time_at(offset, self.size)
            if time is not None and time > instant:
                break
            step *= 2
            offset = min(self.size, offset + step)
        return offset

    def _bisect(self, instant: int) -> tuple[int, int]:
        """Offsets around the border between rows not later and rows later than `instant`, at most a block apart."""
        low, high, step = self.header.end, self.size, self.block
        while high - low > self.block:
            # Steps from the end that grow eightfold, until a row that is not later is found.
            middle = high - step if low == self.header.end and high - step > low else (low + high) // 2
            time = self._time_at(middle, high)
            if time is None or time > instant:
                high, step = middle, 8 * step
            else:
                low = middle
        return low, high

    def _row_at(self, offset: int) -> int:
        """The first line start at or behind `offset`."""
        length = self.block
        while offset > self.header.end:
            data = self.file.read(offset - 1, min(self.size, offset - 1 + length))
            if b"\n" in data:
                return offset + data.find(b"\n")
            if offset - 1 + length >= self.size:
                return self.size
            length *= 4
        return self.header.end

    def _time_at(self, offset: int, limit: int) -> int | None:
        """The median time of some lines that begin in a block at `offset`; of a longer one, up to `limit`, if none has a time."""
        length = self.block
        while True:
            self.longest = max(self.longest, length)
            stop = min(self.size, offset + length)
            data = self.file.read(offset - 1, stop)
            # The first line began earlier, the last has no end yet.
            whole = data[data.find(b"\n") + 1 : data.rfind(b"\n") + 1]
            rows = whole.splitlines()
            probed = map(self._time_of, rows[:: len(rows) // _PROBED + 1])
            times = [time for time in probed if time is not None]
            if times:
                return median_low(times)
            if stop >= min(limit, self.size):
                return None
            length *= 2

    def _time_of(self, line: bytes) -> int | None:
        fields = line.split(b",", self.column + 1)
        if len(fields) < min(self.column + 2, len(self.header.names)):
            return None
        text = fields[self.column].decode("utf-8", errors="replace").strip('" \r')
        return parse_time(text, self.zone)


def naive_time(path: Path, text: str, line: int | None, column: str = "timestamp") -> NaiveTimeError:
    """The error for a time without zone."""
    return NaiveTimeError(
        f"the time {text!r} has no zone",
        path=path,
        line=line,
        column=column,
        fix="Set RIBBON_TIMEZONE to the zone it was written in (Europe/Berlin, UTC)",
    )
