"""What goes wrong around processes, locks and browsers; continues the tree of lib.errors.

RibbonError (1)
└── RunnerError (1)
    ├── LockedError (6): another process writes there; says who
    ├── NotebookFailed (7): some notebooks of a cycle failed, insights were published all the same
    ├── CycleFailed (8): a cycle published nothing
    ├── CycleInterrupted (130): stopped by Ctrl-C or a termination signal
    │   └── StudyInterrupted: so was a study, which keeps what is done
    ├── WriteFailedError (9): the disk took nothing more; the file ends at a row boundary, and writing may be tried again
    ├── FsyncFailedError (10): nobody knows what the disk holds; never tried again
    ├── WarmError (1): nothing could be forked from a warm process; a plain one does the same, only slower
    ├── ExchangeError (11): an exchange did not answer, or answered something else
    │   ├── NoCandlesError: it answered, and has none in that time
    │   ├── VenueRefused: it said no, or was not asked at all: what was wanted did not happen
    │   └── VenueUnknown: nobody knows whether what was wanted happened
    ├── ConfigError (12): ribbon.toml, .env or a variable holds something that cannot be taken
    ├── EventLogError (13): the log of fills is damaged or contradicts itself, so nobody knows what is held
    ├── ReconcileError (14): book and exchange disagree about what is held
    ├── LookaheadFound (15): a published number depends on rows that were not known
    ├── ClusterError (16): a study's cluster does not answer, went away, or has no worker that may be used
    ├── StudyUnfinished (17): some jobs of a study have no answer; the others are kept, and table and page are written
    ├── LookaheadUnchecked (1): a look-ahead check could not compare
    ├── BrowserError (20): no browser or driver, or it does not answer
    │   └── PageError: the browser answers, but the page broke the script
    ├── ClockError (21): the machine's clock is behind this program, or what is in the files
    ├── ReadingRefused (22): a chart could not be read
    ├── PortTaken (23): the page's port is another's
    ├── DoctorError (30): the set-up is not ready for a first run
    └── NotifyError (31): a notification service did not take a message
"""

from __future__ import annotations

import os
from pathlib import Path

from lib.errors import UNUSABLE, UNWRITABLE, DataError, RibbonError


class RunnerError(RibbonError):
    """Base of what the runner raises."""


class LockedError(RunnerError):
    """Another process holds the lock; the message names the holder as far as it is known."""

    exit_code = 6


class NotebookFailed(RunnerError):
    """Some notebooks of a cycle failed, but the insights were published, with the missing sections marked."""

    exit_code = 7


class CycleFailed(RunnerError):
    """A cycle ended without publishing; what was published before stands unchanged."""

    exit_code = 8


class CycleInterrupted(RunnerError):
    """A command was stopped from outside, by Ctrl-C or a termination signal; of a cycle the children are gone, and nothing was published by
    them after that.
    """

    exit_code = 130


class StudyInterrupted(CycleInterrupted):
    """A study was stopped from outside; the same command goes on with what is left."""


class WarmError(RunnerError):
    """A warm process did not fork what was asked for; the message says why."""


class WriteFailedError(RunnerError):
    """A write did not go through; nothing of it was kept, the file ends at a row boundary, and it may be tried again."""

    exit_code = 9


class FsyncFailedError(RunnerError):
    """The disk did not confirm what was written; the process must stop, because a second fsync would lie."""

    exit_code = 10


class ExchangeError(RunnerError):
    """An exchange did not answer, or answered something else than candles."""

    exit_code = 11


class ConfigError(RunnerError):
    """The configuration holds something that cannot be taken; the message names the place and never a value."""

    exit_code = 12


class EventLogError(RunnerError):
    """The log of fills holds what cannot have been, was changed, or contradicts itself; trading on it would guess what is held."""

    exit_code = 13


class DoctorError(RunnerError):
    """A check of the set-up failed; the report says which, and what to do."""

    exit_code = 30


class NotifyError(RunnerError):
    """A notification service did not take a message."""

    exit_code = 31


class NoCandlesError(ExchangeError):
    """The exchange has no candles in the time asked for."""


class VenueRefused(ExchangeError):
    """The exchange said no, or the request never left: what was wanted did not happen."""


class VenueUnknown(ExchangeError):
    """No answer, or none that can be read: what was wanted may have happened all the same."""


class ReconcileError(RunnerError):
    """Book and exchange disagree about what is held or ordered; trading on would guess."""

    exit_code = 14


class LookaheadError(RunnerError):
    """Something that was published, or that a notebook shows, depends on rows that were not known at its as_of."""

    exit_code = 15


class ClusterError(RunnerError):
    """A study's cluster does not answer, went away, or has no worker that may be used; what is done is kept."""

    exit_code = 16


class StudyUnfinished(RunnerError):
    """Some jobs of a study were refused or failed; what the others answered stands in its table and page."""

    exit_code = 17


class LookaheadUnchecked(RunnerError):
    """A look-ahead check had nothing to compare, or what it ran does not repeat itself."""


class BrowserError(RunnerError):
    """No browser or driver could be found or started, or it does not answer; the message has the remedy."""

    exit_code = 20


class PageError(BrowserError):
    """The browser answers, but the page broke what was asked of it."""


class ClockError(RunnerError):
    """This machine's clock cannot be right: it is behind this program, or behind what is in the files."""

    exit_code = 21


class ReadingRefused(RunnerError):
    """A chart could not be read; what `ribbon collect --once` ends with."""

    exit_code = 22


class PortTaken(RunnerError):
    """The port that the page is to be on is in use, or not for this user; another can be chosen."""

    exit_code = 23


def words_of(error: Exception) -> str:
    """An error as a command would end with it, for a part that is told beside others."""
    return str((file_error(error) if isinstance(error, OSError) else None) or error)


def file_error(error: OSError) -> RibbonError | None:
    """What a command ends with where the system refused a file or folder: WriteFailedError or DataError; None for another error."""
    code = error.errno or 0
    if error.filename is None and code not in UNWRITABLE | UNUSABLE:
        return None
    place = error.filename2 or error.filename  # of two names the one that something should have become
    where = Path(os.fsdecode(place)) if isinstance(place, str | bytes | os.PathLike) else None
    said = error.strerror or str(error)
    if code in UNWRITABLE:
        return WriteFailedError(
            f"{f'{where}: ' if where else ''}cannot be written: {said}. {UNWRITABLE[code]}"
        )
    return DataError(f"cannot be used: {said}", path=where, fix=UNUSABLE.get(code, ""))
