"""What is wrong with a ledger's file, and what helps: it is damaged, it cannot be reached, or there is none."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from lib.errors import BrokenLedgerError, DataError, MissingDataError, file_remedy

#: What SQLite says of a file whose content is at fault, not the disk, a lock or a permission; also of tables that are not ours.
_BROKEN = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)


def unusable(path: Path, error: sqlite3.DatabaseError) -> DataError:
    """The error for what SQLite says of a file: BrokenLedgerError where its content is at fault."""
    if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _BROKEN:
        fix = "The next `ribbon cycle` keeps it aside and makes it anew from the data; one of earlier terms: move it away"
        return BrokenLedgerError(f"the ledger cannot be used: {error}", path=path, fix=fix)
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        fix = file_remedy(PermissionError(errno.EACCES, ""))
        return DataError(
            "the ledger cannot be reached: this user may not read and write it", path=path, fix=fix
        )
    fix = (
        "Let who else uses it finish, see that the disk has room and the folder may be written, and try again"
    )
    return DataError(f"the ledger cannot be reached: {error}", path=path, fix=fix)


def no_ledger(path: Path) -> MissingDataError:
    """The error for a file without a ledger that can be used: there is none, one of another method, or of terms that began just now."""
    was = (
        "the ledger is of another method, an older or a later version's, or has no whole hour yet under the present terms"
        if path.exists()
        else "there is no ledger yet"
    )
    fix = "The next `ribbon cycle` makes it, once the data hold a whole hour; earlier terms: `ribbon lessons list --terms KEY`"
    return MissingDataError(was, path=path, fix=fix)
