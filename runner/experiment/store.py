"""The log of a folder's experiments on the disk: followed by whoever reads, and grown one row at a time under its lock.

A row is written only if it can follow what is there at that moment, so that a command and a running loop never contradict each other; it is
on the disk before anything is done that follows from it (docs/guarantees.md, E1).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lib.experiments.log import EXPERIMENTS_FILE, ExperimentLog, read_log
from lib.experiments.rows import Row, read_row, row_text
from runner.files.followed import Followed
from runner.files.line_journal import LineJournal

#: Makes the row that is to be written out of what is there, or None for none.
MakeRow = Callable[[ExperimentLog], Row | None]


class ExperimentStore:
    """One folder's log."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / EXPERIMENTS_FILE
        self._file = Followed(self.path)
        self._clear()

    def poll(self) -> ExperimentLog:
        """The log as it stands. Raises DataError for a row that is none, at each look until the file is another; OSError."""
        anew, lines = self._file.poll()
        if anew:
            self._clear()
        self._lines += lines
        for line in lines:
            try:
                self._log.accept(read_row(line.decode()))
            except ValueError:
                self._refuse()
        return self._log

    def append(self, make: MakeRow) -> Row | None:
        """Write the row that `make` gives for the log as it is now; what was written, durable, or None.

        Raises WriteFailedError (nothing was kept), FsyncFailedError (stop), LockedError, DataError, and ValueError for a row that cannot
        follow what is there.
        """
        with LineJournal(self.path) as journal:
            log = self.poll()
            row = make(log)
            if row is None:
                return None
            if why := log.why_not(row):
                raise ValueError(f"{self.path}: {row.kind}: {why}")
            journal.append(row_text(row))
            self.poll()
        return row

    def _refuse(self) -> None:
        lines, self._lines = self._lines, []
        self._file.begin_anew()
        self._clear()
        read_log((line.decode(errors="replace") for line in lines), self.path)

    def _clear(self) -> None:
        self._log = ExperimentLog()
        self._lines: list[bytes] = []


def read_experiments(folder: Path) -> ExperimentLog:
    """The log of a folder, for whoever only looks. Raises DataError, OSError."""
    return ExperimentStore(folder).poll()
