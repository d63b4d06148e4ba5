"""What was looked at of a file when a window was parsed, and whether a parse now would give the same.

A collector goes on appending while a cycle runs. Rows that are later than the window and stand behind all that was looked at change
nothing in it, so they are no reason to parse again. Anything else is: another byte of what was looked at, and an appended row that is not
wholly written, or is not plainly later. A file whose rows depend on how many others are like them, or stand in disorder, and the decisions,
which are judged by their kinds, may not have grown at all.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, Self

import numpy as np

from lib.contract import times
from lib.contract.standing import open_file
from lib.data.records import split_lines
from lib.data.rows import Rows
from lib.data.slices import MARGIN, Slice, read_header
from lib.errors import DataError

#: Bytes appended up to which they are looked through: hours of rows, and cycles last seconds.
_MOST_APPENDED = 16 * MARGIN


@dataclass(frozen=True)
class Looked:
    """The bytes of a file that a window's rows were parsed from, and whether rows behind them may be others now."""

    names: tuple[str, ...]  #: of the header
    header_end: int  #: bytes
    offset: int  #: bytes
    length: int  #: bytes
    sha256: str  #: of these bytes
    file_size: int  #: bytes
    #: The latest time in the file that the window holds, in UTC microseconds; None: it may not have grown.
    end: int | None

    @classmethod
    def of(cls, piece: Slice, rows: Rows, end: int | None) -> Self:
        """`end`: the latest time of a row in the window, in UTC microseconds; None where no row may come behind what was looked at."""
        torn = piece.to_last_byte and not piece.data.endswith(b"\n") and len(piece.data) > 0
        steady = rows.settled and not len(rows.disorder) and not torn
        return cls(
            piece.header.names,
            piece.header.end,
            piece.offset,
            len(piece.data),
            hashlib.sha256(piece.data).hexdigest(),
            piece.file_size,
            end if steady else None,
        )

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Back from `as_dict`."""
        return cls(**told | {"names": tuple(told["names"])})

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def holds(self, path: Path, zone: tzinfo | None) -> bool:
        """Whether the file at `path` would be parsed into the same rows now."""
        try:
            header = read_header(path)
            if (header.names, header.end) != (self.names, self.header_end):
                return False
            with open_file(path) as stream:
                stream.seek(self.offset)
                data = stream.read(self.length)
                stream.seek(self.file_size)
                appended = stream.read(_MOST_APPENDED + 1)
                size = os.fstat(stream.fileno()).st_size
        except (OSError, DataError):
            return False
        if size < self.file_size or hashlib.sha256(data).hexdigest() != self.sha256:
            return False
        return not appended or self._is_later(appended, zone)

    def _is_later(self, appended: bytes, zone: tzinfo | None) -> bool:
        """Whether these are whole rows later than the window; of the last one a part will do, behind a whole one."""
        if self.end is None or len(appended) > _MOST_APPENDED:
            return False
        records = split_lines(appended, len(self.names))
        whole = records.whole
        if records.quoted or not (whole | records.torn).all() or not whole[:1].all():
            return False
        place = self.names.index("timestamp")
        spans = zip(records.starts[whole], records.ends[whole], strict=True)
        texts = [appended[start:end].split(b",")[place].decode("utf-8", "replace") for start, end in spans]
        found, problems = times.parse_times(np.array([text.rstrip("\r\n") for text in texts], object), zone)
        return bool((problems == times.OK).all() and (found > self.end).all())
