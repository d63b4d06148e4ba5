"""All errors of the project in one tree; each ends a command with an exit code of its own.

RibbonError (1)
├── DataError (3): a file is not what it should be
│   ├── MissingDataError: not there, or empty where rows are needed
│   ├── HeaderError: the first line lacks a column, repeats one, or is torn
│   │   └── RaggedHeaderError: rows have another number of fields than the header
│   ├── NaiveTimeError: a time without zone, and no zone configured
│   ├── MixedDecisionsError: a folder holds decisions of more than one kind
│   ├── QuestionError: the file of a question is none, cannot be run, or peeks
│   └── BrokenLedgerError: the ledger of lessons is none, or damaged; it can be made anew
├── EmptyWindowError (4): the files are fine, but nothing was known in the window
├── ParameterError (2): a parameter or option is off
└── PublishError (5): insights may not be replaced (an older as_of, nothing to publish)

runner.errors adds what goes wrong around processes, locks and browsers.
"""

from __future__ import annotations

import errno
from pathlib import Path


class RibbonError(Exception):
    """Base of all; the message says what, where, and what to do about it."""

    exit_code = 1


class ParameterError(RibbonError):
    """A parameter or option is off."""

    exit_code = 2


class DataError(RibbonError):
    """A data file is not what it should be, or cannot be used; names the file and, where there is one, the line and column."""

    exit_code = 3

    def __init__(
        self,
        problem: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        column: str | None = None,
        fix: str = "",
    ) -> None:
        self.problem, self.path, self.line, self.column, self.fix = problem, path, line, column, fix
        places = [
            str(path) if path else "",
            f"line {line}" if line else "",
            f"column {column}" if column else "",
        ]
        where = ", ".join(place for place in places if place)
        message = f"{where}: {problem}" if where else problem
        super().__init__(f"{message}. {fix}" if fix else message)

    def of_file(self, path: Path) -> DataError:
        """The same error, of this file where it names none."""
        if self.path is not None:
            return self
        return type(self)(self.problem, path=path, line=self.line, column=self.column, fix=self.fix)


class MissingDataError(DataError):
    """A file is not there, or has no rows where some are needed."""


class HeaderError(DataError):
    """The first line lacks a required column, repeats one, or has no end."""


class RaggedHeaderError(HeaderError):
    """No row has as many fields as the header."""


class NaiveTimeError(DataError):
    """Times carry no zone and none is configured."""


class MixedDecisionsError(DataError):
    """A folder holds decisions of more than one kind of decision maker."""


class QuestionError(DataError):
    """The file of a question breaks a rule for questions, fails when it is run, or says something else once later rows are cut."""


class BrokenLedgerError(DataError):
    """A ledger file whose content is no ledger; one that cannot be reached just now is a plain DataError."""


class EmptyWindowError(RibbonError):
    """Nothing was known in the window asked for."""

    exit_code = 4


class PublishError(RibbonError):
    """What the live loop is told may not be replaced."""

    exit_code = 5


#: What the system says of a file or folder that cannot be used, and what to do about it: first what only a write meets.
UNWRITABLE = {
    errno.ENOSPC: "Free some space on that disk, then run it again",
    errno.EDQUOT: "This user's quota is used up: free some space, then run it again",
    errno.EFBIG: "A limit on the size of files is set: raise it (`ulimit -f`)",
    errno.EROFS: "The disk is mounted read-only: mount it for writing, or name another folder",
}
_NO_LOCKS = (
    "This disk seems to keep no locks, as network shares may not, and without them two writers would spoil a file: "
    "mount it with them, or name a folder on a disk of this machine"
)
UNUSABLE = {
    errno.ENOLCK: _NO_LOCKS,
    errno.EOPNOTSUPP: _NO_LOCKS,
    errno.ENOSYS: _NO_LOCKS,
    errno.EACCES: "Give this user the right to it, or name another",
    errno.EPERM: "Give this user the right to it, or name another",
    errno.EISDIR: "A folder stands where a file belongs: move it away",
    errno.ENOTDIR: "A file stands where a folder belongs: move it away, or name another folder",
    errno.EEXIST: "Something else stands there: move it away, or name another folder",
    errno.ENOTEMPTY: "Something else stands there: move it away, or name another folder",
    errno.ENOENT: "Look at the path: make what it lacks, or name another",
    errno.ENAMETOOLONG: "Give it a shorter name",
    errno.ELOOP: "The link leads back to itself: mend it, or name another",
    errno.ENXIO: "Move it away",
    errno.EIO: "The disk fails: look after it before anything more is written there",
    errno.EMFILE: "Too many files are open: raise the limit (`ulimit -n`)",
    errno.ENFILE: "Too many files are open on this machine",
}


def file_remedy(error: OSError) -> str:
    """What to do where the system refused a file; "" where only the system's own word can be told."""
    return (UNWRITABLE | UNUSABLE).get(error.errno or 0, "")
