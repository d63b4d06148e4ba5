"""The file under a ledger: how it is only read, and whether it is as our own writers left it.

SQLite counts the transactions that changed a file, in its header. Whoever of ours writes a ledger whose rows were looked at leaves in it
the count that this write makes. Where the two agree nobody else has written since, and its rows need no second look, however many there
are. What would surprise: the header is read before SQLite opens the file, because closing a file gives back the locks that SQLite has on
it; where another one writes in between, the counts differ, and all rows are looked at.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from lib.contract.standing import open_file

WAIT_S = 10.0
#: Where the count stands in the header of a file (https://www.sqlite.org/fileformat.html, 1.3.6).
_COUNT = slice(24, 28)


def changes_of(path: Path) -> int:
    """How many transactions have changed a file; 0 for none, and for what SQLite will say cannot be read."""
    try:
        with open_file(path) as file:
            header = file.read(_COUNT.stop)
    except OSError:
        return 0
    return int.from_bytes(header[_COUNT], "big")


def noted_changes(connection: sqlite3.Connection) -> int | None:
    """The count that our last writer left; None where none did."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'written'").fetchone() is None:
        return None
    found = connection.execute("SELECT changes FROM written").fetchone()
    return found[0] if found else None


def note_changes(connection: sqlite3.Connection, count: int) -> None:
    """Leave the count that the caller's transaction makes."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS written (one INTEGER PRIMARY KEY CHECK (one = 1), changes INTEGER)"
    )
    connection.execute("INSERT OR REPLACE INTO written VALUES (1, ?)", (count,))


def reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads.

    What a killed writer left half done is undone first, as SQLite does by itself for whoever may write: until then nobody who only
    reads could read.
    """
    where = path.absolute().as_uri()
    if path.with_name(f"{path.name}-journal").exists():
        with closing(sqlite3.connect(f"{where}?mode=rw", uri=True, timeout=WAIT_S)) as undoing:
            undoing.execute("SELECT name FROM sqlite_master").fetchone()
    return sqlite3.connect(f"{where}?mode=ro", uri=True, timeout=WAIT_S, isolation_level=None)


def copy_into(path: Path, target: sqlite3.Connection) -> None:
    """Make `target` hold what a file does."""
    source = reading(path)
    try:
        # `backup` alone would wait for ever for a file that another one keeps locked.
        source.execute("BEGIN")
        source.execute("SELECT name FROM sqlite_master").fetchone()
        source.backup(target)
    finally:
        source.close()
