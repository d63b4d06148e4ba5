"""The log of a folder's experiments on the disk: followed by whoever reads, and grown one row at a time under its lock.

A row is written only if it can follow what is there at that moment, so that a command and a running loop never contradict each other; it is
on the disk before anything is done that follows from it (docs/guarantees.md, E1). Lines that a running loop has read stay: it goes on with
no file that lacks them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from lib.contract.standing import is_there
from lib.data.atomic import replace_text
from lib.errors import DataError
from lib.experiments.log import EXPERIMENTS_FILE, ExperimentLog, read_log, shown
from lib.experiments.rows import Row, read_row, row_text
from runner.files.followed import Followed
from runner.files.line_journal import LineJournal
from runner.files.lock import WriterLock

LOG = logging.getLogger("ribbon.experiment")
_GO_BY = "Put the file back from a copy, or start `ribbon trade` again to go by it as it is"

#: Makes the row that is to be written out of what is there, or None for none.
MakeRow = Callable[[ExperimentLog], Row | None]


class ExperimentStore:
    """One folder's log."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / EXPERIMENTS_FILE
        self._file = Followed(self.path)
        self._refused = False
        self._clear()

    def poll(self) -> ExperimentLog:
        """The log as it stands. A file that was deleted after its lines were read here is put back with them.

        Raises DataError for a row that is none, and where lines that were read here are there no more, at each look until the file is
        another; LockedError; OSError.
        """
        if self._lines and not is_there(self.path) and self.path.parent.is_dir():
            self._put_back()
        return self._read()

    def append(self, make: MakeRow) -> Row | None:
        """Write the row that `make` gives for the log as it is now; what was written, durable, or None.

        Raises WriteFailedError (nothing was kept), FsyncFailedError (stop), LockedError, DataError, and ValueError for a row that cannot
        follow what is there.
        """
        self.poll()
        with LineJournal(self.path) as journal:
            log = self._read()
            row = make(log)
            if row is None:
                return None
            if why := log.why_not(row):
                raise ValueError(f"{self.path}: {row.kind}: {why}")
            journal.append(row_text(row))
            self._read()
        return row

    def _read(self) -> ExperimentLog:
        anew, lines = self._file.poll()
        if anew or self._refused:
            self._refused = False
            self._hold_against(lines)
            self._clear()
        for place, line in enumerate(lines):
            try:
                self._log.accept(read_row(line.decode()))
            except ValueError:
                self._refuse([*self._lines, *lines[place:]])
            self._lines.append(line)
        return self._log

    def _hold_against(self, lines: list[bytes]) -> None:
        """Refuse a file in whose place another came: what is done by it was drawn by lines that it lacks (docs/guarantees.md, D1)."""
        for number, (known, found) in enumerate(zip_longest(self._lines, lines[: len(self._lines)]), 1):
            if known != found:
                what = f"this stands no more where `ribbon trade` read it: «{shown(known.decode())}»"
                self._refuse(lines, DataError(what, path=self.path, line=number, fix=_GO_BY))

    def _refuse(self, lines: list[bytes], error: DataError | None = None) -> None:
        """Raise what is wrong with a file of these lines, and read it whole at the next look."""
        self._refused = True
        self._file.begin_anew()
        read_log((line.decode(errors="replace") for line in lines), self.path)
        if error is not None:
            raise error

    def _put_back(self) -> None:
        with WriterLock(self.path):
            if not is_there(self.path):
                replace_text(self.path, b"".join(line + b"\n" for line in self._lines).decode())
                LOG.warning("%s was deleted while it was in use; it was put back as it was", self.path)

    def _clear(self) -> None:
        self._log = ExperimentLog()
        self._lines: list[bytes] = []


def read_experiments(folder: Path) -> ExperimentLog:
    """The log of a folder, for whoever only looks. Raises DataError, OSError."""
    return ExperimentStore(folder).poll()
