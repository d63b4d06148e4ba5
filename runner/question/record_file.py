"""Writing a folder's record of questions: whole lines, one writer, each on the disk before anything follows from it.

What would surprise: a line that a kill cut in the middle was not written, and the next writer cuts it off; so a level counts as spent from
the moment its line stands whole on the disk, and never before the sealed part is looked at (docs/guarantees.md, Q1).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lib.contract.times import iso
from lib.data.atomic import append_line, replace_text
from lib.errors import file_remedy
from lib.questions.history import History, boundary_of
from lib.questions.record import (
    AnyLine,
    Boundary,
    line_text,
    read_record,
    record_path,
)
from runner.errors import LockedError, WriteFailedError
from runner.files.lock import WriterLock

#: A line is written in milliseconds; who meets another writer waits so long before the refusal.
_PATIENCE_S = 5.0


class RecordFile:
    """The record, open for writing: `record` is what it holds."""

    def __init__(self, trading_data: Path) -> None:
        self.trading_data = trading_data
        self.path = record_path(trading_data)
        self.record = read_record(trading_data)

    def append(self, line: AnyLine) -> None:
        """Add a line and see it on the disk; raises WriteFailedError with the file as it was."""
        try:
            if not self.path.exists():
                replace_text(self.path, "")
            append_line(self.path, line_text(line))
        except OSError as error:
            raise WriteFailedError(
                f"{self.path}: {error.strerror}; nothing was added. {file_remedy(error)}"
            ) from error
        self.record.lines.append(line)

    def boundary(self, history: History) -> Boundary:
        """The boundary of a market, fixed now if nobody asked of it before."""
        found = self.record.boundary(history.market)
        if found is None:
            instant = boundary_of(history)
            found = Boundary(
                at=clock(),
                market=history.market,
                source=history.source,
                boundary=iso(instant),
                first=iso(history.first),
                newest=iso(history.newest),
                rows=len(history.candles_5min),
                price=float(history.rows["close"][instant]),
            )
            self.append(found)
        return found


@contextlib.contextmanager
def writing(trading_data: Path, patience_s: float = _PATIENCE_S) -> Iterator[RecordFile]:
    """The record of a folder (made if it is not there), with its lock held. Raises LockedError, DataError, WriteFailedError."""
    path = record_path(trading_data)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock, until = WriterLock(path), time.monotonic() + patience_s
    while True:
        try:
            lock.acquire()
            break
        except LockedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
    try:
        yield RecordFile(trading_data)
    finally:
        lock.release()


def clock() -> str:
    """Now, as lines are stamped."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
