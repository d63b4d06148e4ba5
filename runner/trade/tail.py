"""A CSV that somebody else writes, read on from where the last look ended: whole lines only, parsed as the loaders parse them.

A file that was replaced (candle gaps filled in, say), has become shorter or has other content where the last look ended (a script wrote
it anew in its place) is read again from the start of the stretch that is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from lib.contract.standing import open_file
from lib.contract.times import microseconds
from lib.data.rows import Rows
from lib.data.slices import Header, Slice, read_slice
from lib.errors import DataError, NaiveTimeError, RaggedHeaderError

#: Bytes before a look's end by which the next one knows the file again.
_REMEMBERED = 256
#: (slice, the clock in microseconds) → its rows; of lib.data.loaders.
Parse = Callable[[Slice, int], Rows]


class Tail:
    """`poll` gives the rows that are new as the frame of lib.data.rows; `broken` says why the newest line was set aside."""

    def __init__(self, path: Path, parse: Parse, keep: pd.Timedelta) -> None:
        self.path, self.parse, self.keep = path, parse, keep
        self.broken = ""  #: ahead (of the clock), schema; "" where the newest line is a sound row
        self.set_aside: Counter[str] = Counter()  #: by lib.data.rows.REASONS
        self.restarted = False  #: whether the last poll began anew: what it gave replaces what was there
        self._identity: tuple[int, int] | None = None
        self._header: Header | None = None
        self._offset, self._before = 0, b""

    def poll(self, now: pd.Timestamp) -> pd.DataFrame | None:
        """New rows since the last poll; None where there are none. Raises DataError where the file is no longer what it was."""
        self.restarted = False
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        if self._identity != (found.st_dev, found.st_ino) or found.st_size < self._offset:
            return self._restart(now, (found.st_dev, found.st_ino))
        if found.st_size == self._offset:
            return None
        with open_file(self.path) as file:
            file.seek(self._offset - len(self._before))
            data = file.read(found.st_size - self._offset + len(self._before))
        if not data.startswith(self._before):
            return self._restart(now, self._identity)
        data = data[len(self._before) : data.rfind(b"\n") + 1]
        if not data:
            return None
        piece = Slice(self._header, data, self._offset, self._offset + len(data), len(data))
        self._offset += len(data)
        self._before = data[-_REMEMBERED:]
        return self._rows(piece, now)

    def _restart(self, now: pd.Timestamp, identity: tuple[int, int]) -> pd.DataFrame | None:
        if not self.path.stat().st_size:  # its writer has made it and not yet written a header
            return None
        piece = read_slice(self.path, microseconds(now - self.keep), None, None)
        whole = piece.data[: piece.data.rfind(b"\n") + 1]
        self._identity, self._header = identity, piece.header
        self._offset, self._before = piece.offset + len(whole), whole[-_REMEMBERED:]
        self.restarted = True
        return self._rows(Slice(piece.header, whole, piece.offset, self._offset, piece.bytes_read), now)

    def _rows(self, piece: Slice, now: pd.Timestamp) -> pd.DataFrame | None:
        if not piece.data:
            return None
        try:
            rows = self.parse(piece, microseconds(now))
        except (RaggedHeaderError, NaiveTimeError) as error:
            # Of a whole file that is a fault to be told; of rows that follow sound ones it is damage.
            if self.restarted and isinstance(error, NaiveTimeError):
                raise
            self.broken = "schema"
            reason = "naive_time" if isinstance(error, NaiveTimeError) else "malformed"
            self.set_aside[reason] += piece.data.count(b"\n")
            return None
        self.set_aside.update(rows.counts.set_aside)
        self.broken = self._fault_of_last(piece, now) if rows.counts.set_aside else ""
        return rows.frame if len(rows.frame) else None

    def _fault_of_last(self, piece: Slice, now: pd.Timestamp) -> str:
        start = piece.data.rfind(b"\n", 0, -1) + 1
        last = Slice(piece.header, piece.data[start:], piece.offset + start, piece.file_size, 0)
        try:
            counts = self.parse(last, microseconds(now)).counts
        except DataError:
            return "schema"
        if counts.ok:
            return ""
        return "ahead" if "ahead" in counts.set_aside else "schema"
