"""The append-only CSV journal under all collected data: whole rows or none, whatever happens (docs/guarantees.md, D1, D3, D4).

What a row means is the business of `runner.files.tables` (`append_samples` and so on); this module knows bytes
and newlines. A journal holds its file's lock from opening to closing. Opening repairs what a kill left: bytes after the last newline go to
`<file>.torn` and are cut off. A failed append is taken back to the row boundary and may be tried again; a failed fsync may not, because
after one nobody knows what the disk holds.

A file that an older version wrote lacks the columns that came later. Opening adds them behind the others, blank in the rows there are, and
keeps the file as it was beside it; a crash on the way leaves the old file or the new one. Columns that nobody here knows stay.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from lib.contract.standing import file_bytes, is_there, open_file, packed_remedy
from lib.data.atomic import clear_unfinished, replace_keeping, replace_text, sync, utf8
from lib.data.records import split_row
from lib.errors import DataError, HeaderError, MissingDataError, file_remedy
from runner.errors import FsyncFailedError, WriteFailedError
from runner.files.header import lacking_columns, read_header, with_columns
from runner.files.lock import WriterLock, hold
from runner.files.taken_away import confirmed, ending, free_place, keep_torn
from runner.files.taken_away import write_all as _write_all

_BLOCK = 1 << 16


class Journal:
    """One CSV file, open for appending under its lock.

    `columns` is the header a new file gets. A file that exists keeps its own, in any order, and `header` says how rows must be laid out.
    It must hold those of `columns` that files of every version have: all of them, or all but `later`. Of `later` it gets those it lacks,
    unless `grows` is False: then it goes on without them, as suits a file that is too large to be written anew.
    """

    def __init__(
        self, path: Path, columns: Sequence[str], later: Sequence[str] = (), grows: bool = True
    ) -> None:
        self.path = path
        self.header = list(columns)
        self.kept_copy: Path | None = None  #: what the file was before opening added columns
        self._later = frozenset(later)
        self._grows = grows
        self._lock = WriterLock(path)
        self._fd: int | None = None
        self._end, self._tail = 0, b""
        self._unsynced = False
        self._clean = True  #: whether nothing of a failed append can stand behind the end

    def __enter__(self) -> Journal:
        self._lock.acquire()
        try:
            clear_unfinished(self.path.parent)
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give back the lock; one that was deleted meanwhile is put back."""
        if self._fd is not None:
            with suppress(OSError, WriteFailedError):
                if self._end and not self.path.exists():
                    self._confirmed()
            os.close(self._fd)
            self._fd = None
        self._lock.release()

    @property
    def empty(self) -> bool:
        """True while the file has not even a header."""
        return self._end == 0

    def lay_out(self, columns: Sequence[str]) -> None:
        """Other columns for a file that has no header yet; they must hold those the journal was opened with."""
        if not self.empty:
            raise HeaderError("the file has its columns already", path=self.path, line=1)
        missing = [name for name in self.header if name not in columns]
        if missing:
            raise HeaderError("a column is missing", path=self.path, line=1, column=missing[0])
        self.header = list(columns)

    def append(self, rows: Sequence[str]) -> None:
        """Write rows (CSV text without newline) and see them on the disk: all of them, or none and WriteFailedError.

        After WriteFailedError the same rows can be appended again. FsyncFailedError is final for this journal.
        """
        if self._unsynced:
            raise FsyncFailedError(f"{self.path}: an earlier fsync failed; start anew to go on")
        if rows:
            self._append([",".join(self.header), *rows] if self.empty else rows)

    def begin(self) -> None:
        """Give a file that has none its header, so that readers find an empty table and not nothing."""
        if self.empty:
            self._append([",".join(self.header)])

    def _append(self, lines: Sequence[str]) -> None:
        data = utf8("".join(f"{line}\n" for line in lines))
        try:
            fd = self._confirmed()
            os.ftruncate(fd, self._end)  # a roll-back that failed earlier is made good here
            self._clean = False
            _write_all(fd, data)
        except BaseException as error:
            self._roll_back()
            if isinstance(error, OSError):
                kept = f"nothing of {len(lines)} rows was kept, the file ends at a row boundary"
                raise WriteFailedError(
                    f"{self.path}: {error.strerror}; {kept}. {file_remedy(error)}"
                ) from error
            raise
        self._sync(fd)
        self._end, self._clean = self._end + len(data), True
        self._tail = ending(fd, self._end)

    def replace(self, rows: Sequence[str]) -> None:
        """Replace the file by header and `rows`, atomically: readers see the old file or the new one."""
        try:
            self._confirmed()
            replace_text(self.path, "".join(f"{line}\n" for line in [",".join(self.header), *rows]))
        except OSError as error:
            kept = "the file stays as it was"
            raise WriteFailedError(f"{self.path}: {error.strerror}; {kept}. {file_remedy(error)}") from error
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        self._open()

    def rows(self) -> list[str]:
        """All rows after the header, as text without newline, malformed ones included."""
        if self.empty:
            return []
        return _read_all(self._writable(), self._end).decode(errors="replace").split("\n")[1:-1]

    def older_by(self) -> list[str]:
        """The columns that opening would add, for whoever only looks: takes no lock. Raises HeaderError as opening does."""
        if not self._grows or not self.path.is_file():
            return []
        present = read_header(self.path)
        return self._lacking(present) if present else []

    def padded(self, row: str) -> str:
        """A row that was laid out before the file got its last columns, with blanks for those."""
        return row + "," * (len(self.header) - len(split_row(row)))

    def fields(self, row: str) -> dict[str, str] | None:
        """A row's fields by column; None where their count is not the header's."""
        fields = split_row(row)
        return dict(zip(self.header, fields, strict=True)) if len(fields) == len(self.header) else None

    def rows_from_start(self) -> Iterator[str]:
        """Rows as text, the first one first; reads no more of the file than is asked for."""
        if self.empty:
            return
        with open_file(self.path) as file:
            file.readline()
            while file.tell() < self._end:
                yield file.readline().decode(errors="replace").rstrip("\n")

    def rows_from_end(self) -> Iterator[dict[str, str]]:
        """Rows with as many fields as the header, the last one first; reads no more of the file than is asked for."""
        start, tail = self._end, b""
        while start > 0:
            step = min(start, _BLOCK)
            start -= step
            tail = os.pread(self._writable(), step, start) + tail
            # The first piece may be only the end of a row; at the file's start it is the header.
            pieces = tail.split(b"\n")
            tail = pieces[0]
            for line in reversed(pieces[1:]):
                row = self.fields(line.decode(errors="replace"))
                if row is not None:
                    yield row

    def _open(self) -> None:
        if not is_there(self.path):
            if packed := packed_remedy(self.path):
                raise MissingDataError(
                    "the file is not there, and a new one would hide what it held",
                    path=self.path,
                    fix=f"{packed}, or move it elsewhere to begin anew",
                )
            return
        self._fd = hold(os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC), self.path)
        self._end = cut_torn_end(self._fd, self.path)
        if self.empty:
            return
        present = read_header(self.path)
        lacking = self._lacking(present)
        if lacking and self._grows:
            self._widen(lacking)
            present = [*present, *lacking]
        self.header = present
        self._tail = ending(self._fd, self._end)

    def _lacking(self, present: list[str]) -> list[str]:
        return lacking_columns(self.path, present, self.header, self._later)

    def _widen(self, columns: list[str]) -> None:
        try:
            self.kept_copy = replace_keeping(self.path, with_columns(file_bytes(self.path), columns))
        except OSError as error:
            raise WriteFailedError(
                f"{self.path}: an older version wrote it, and what it lacks could not be added: {error.strerror}; it stays as it was"
            ) from error
        os.close(self._fd)
        self._fd = None
        self._fd = hold(os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC), self.path)
        self._end = os.fstat(self._fd).st_size

    def _writable(self) -> int:
        if self._fd is None:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._fd = hold(os.open(self.path, flags, 0o644), self.path)
            _sync_folder(self.path.parent)
        return self._fd

    def _confirmed(self) -> int:
        """The handle, if the file is still the one that it was opened for (runner.files.taken_away)."""
        if self._fd is None:
            free_place(self.path)
            return self._writable()
        self._fd = confirmed(self._fd, self.path, self._end, self._tail, self._clean)
        return self._fd

    def _roll_back(self) -> None:
        if self._clean or self._fd is None:
            return  # nothing was begun
        try:
            os.ftruncate(self._fd, self._end)
        except OSError:
            return  # the next append tries again, and failing that the next opening repairs
        self._clean = True

    def _sync(self, fd: int) -> None:
        try:
            sync(fd)
        except OSError as error:
            self._unsynced = True
            raise FsyncFailedError(
                f"{self.path}: fsync failed ({error.strerror}); the last rows may be lost"
            ) from error


def _read_all(fd: int, end: int) -> bytes:
    """The first `end` bytes, also of a file that was deleted while it is open."""
    pieces, place = [], 0
    while place < end and (piece := os.pread(fd, end - place, place)):
        pieces.append(piece)
        place += len(piece)
    return b"".join(pieces)


def cut_torn_end(fd: int, path: Path) -> int:
    """Move the bytes after the last newline to `<file>.torn`; the size of what stays."""
    size = os.fstat(fd).st_size
    end, tail = size, b""
    while end > 0:
        step = min(end, _BLOCK)
        piece = os.pread(fd, step, end - step)
        newline = piece.rfind(b"\n")
        if newline >= 0:
            tail = piece[newline + 1 :] + tail
            end = end - step + newline + 1
            break
        tail = piece + tail
        end -= step
    if tail:
        # Kept aside before they are cut: a kill between the two repeats them in the side file, which loses nothing.
        try:
            keep_torn(path, tail)
        except OSError as error:
            aside = path.with_name(f"{path.name}.torn")
            raise DataError(
                f"cannot keep a torn row aside ({error.strerror})", path=aside, fix="Free some space"
            ) from error
        os.ftruncate(fd, end)
        os.fsync(fd)
    return end


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
