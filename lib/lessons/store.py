"""`trading_data/lessons.sqlite`: the ledger as it is kept.

One row a hypothesis whenever its n or its status changes, all that was observed, and the newest state to go on from.
What an hour adds is one transaction: after a kill it is there wholly or not at all. Reading works on a copy in memory, so that nobody who
only looks ever changes the file. It can be thrown away: data, terms and a person's choices rebuild it, equal row by row (`contents`).
Each ledger is of one era (lib.lessons.eras), which its table `era` names; one of before that table is of the first.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lib.lessons.eras import Era, read_era, write_era
from lib.lessons.evidence import Snapshot
from lib.lessons.ledger import Ledger
from lib.lessons.ledger_faults import unusable
from lib.lessons.ledger_file import WAIT_S, changes_of, copy_into, note_changes, noted_changes, reading
from lib.lessons.ledger_rows import check_rows
from lib.lessons.trade_rows import TradeCounts, TradeRow, count_trades, trade_rows

#: Another version of how evidence is made: a file of another one is rebuilt.
METHOD = 7
_TABLES = """
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), method INTEGER, head TEXT, choices INTEGER, carry TEXT, ledger TEXT);
CREATE TABLE hypotheses (k INTEGER PRIMARY KEY, id TEXT UNIQUE, registered INTEGER);
CREATE TABLE changes (seq INTEGER PRIMARY KEY, k INTEGER, at INTEGER, status TEXT, why TEXT, since INTEGER, proven INTEGER,
  large INTEGER, n INTEGER, wins INTEGER, episodes INTEGER, mean REAL, trade_mean REAL, mean_gain REAL, mean_loss REAL, sd REAL, log_e REAL,
  doubt REAL, beyond INTEGER);
CREATE INDEX changes_by_k ON changes (k, at, seq);
CREATE TABLE observations (seq INTEGER PRIMARY KEY, grp TEXT, pair INTEGER, at INTEGER, x REAL, worst REAL, best REAL, tempering REAL,
  trades TEXT);
CREATE INDEX observations_by_group ON observations (grp, pair, at);
CREATE TABLE trades (seq INTEGER PRIMARY KEY, at INTEGER, entry INTEGER, episode INTEGER, net REAL, confidence REAL, direction TEXT,
  setup TEXT, trade TEXT);
CREATE INDEX trades_by_time ON trades (at);
"""
_ROW = "status, why, since, proven, large, n, wins, episodes, mean, trade_mean, mean_gain, mean_loss, sd, log_e, doubt, beyond"

_OBSERVED = np.dtype([("at", np.int64), *((name, float) for name in ("x", "worst", "best", "tempering"))])


class LedgerState(NamedTuple):
    """What to go on from: the last whole hour that was taken in ("" for none), choices applied, the carry of the streams, the ledger."""

    head: str
    choices: int
    carry: dict[str, Any]
    ledger: Ledger


class LedgerStore:
    """The ledger file, or a copy of it in memory."""

    def __init__(self, connection: sqlite3.Connection, changes: int | None = None):
        self.connection = connection
        #: Of the file that is written to, once its rows are known to be sound; None else.
        self._changes = changes

    @classmethod
    @contextmanager
    def open_file(cls, path: Path, writable: bool) -> Iterator[LedgerStore]:
        """The store of a file: the file itself if `writable` (made where it is not there), else a copy in memory.

        A file of another method is kept as `<file>.method<number>` and emptied (or a copy of it is). Raises BrokenLedgerError for a file
        that is no ledger, DataError for one that cannot be reached.
        """
        changes = changes_of(path)
        place = path if writable else ":memory:"
        try:
            with closing(sqlite3.connect(place, timeout=WAIT_S, isolation_level=None)) as connection:
                store = cls(connection)
                if not writable and path.exists():
                    copy_into(path, connection)
                store._prepare(path, changes, writable)
                yield store
        except sqlite3.DatabaseError as error:
            raise unusable(path, error) from error

    @classmethod
    @contextmanager
    def read_only(cls, path: Path) -> Iterator[LedgerStore | None]:
        """The store of a file as it is, read only and without a copy, at one instant; None where there is none, or one of another method.

        Raises BrokenLedgerError for a file that is no ledger, DataError for one that cannot be reached.
        """
        if not path.exists():
            yield None
            return
        changes = changes_of(path)
        try:
            with closing(reading(path)) as connection:
                connection.execute("BEGIN")
                empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
                if ours := not empty and _method(connection) == METHOD:
                    check_rows(connection, noted_changes(connection) == changes)
                yield cls(connection) if ours else None
        except sqlite3.DatabaseError as error:
            raise unusable(path, error) from error

    def _prepare(self, path: Path, changes: int, writable: bool) -> None:
        names = {name for (name,) in self.connection.execute("SELECT name FROM sqlite_master")}
        if "state" in names:
            method = _method(self.connection)
            if method == METHOD:
                known = noted_changes(self.connection) == changes
                # Whoever writes has looked before, and set a damaged one aside; its rows are looked at where that is not known.
                if not (writable and known):
                    check_rows(self.connection, known)
                self._changes = changes if writable else None
                return
            if method is not None and writable:
                self._keep_as(path.with_name(f"{path.name}.method{method}"))
        elif names:
            raise sqlite3.DatabaseError(f"{path.name} holds other tables")
        self._changes = changes if writable else None
        self.clear()

    def era(self) -> Era:
        """The terms that its evidence was made under, and since when it counts. Raises as `read_era`."""
        return read_era(self.connection)

    def begin(self, era: Era) -> None:
        """Make it the ledger of `era`, and say so in it; what it holds of another one is forgotten."""
        if self.era() != era:
            self.clear()
        with self.transaction():
            write_era(self.connection, era)

    def _keep_as(self, path: Path) -> None:
        """A copy in a file of its own, made once."""
        if not path.exists():
            self.connection.execute("VACUUM INTO ?", (str(path),))

    def check(self) -> None:
        """Raises sqlite3.DatabaseError where the pages of the file do not hold together."""
        (found,) = self.connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)

    def clear(self) -> None:
        """Forget everything but of which era it is."""
        with self.transaction():
            for kind, name in self.connection.execute(
                "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'"
            ).fetchall():
                if kind == "table" and name != "era":
                    self.connection.execute(f"DROP TABLE {name}")
            for statement in _TABLES.split(";\n"):
                self.connection.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            if self._changes is not None:
                note_changes(self.connection, self._changes + 1)
        except BaseException:
            if self.connection.in_transaction:  # where the disk is full SQLite has taken it back itself
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        self._changes = None if self._changes is None else self._changes + 1

    def load(self) -> LedgerState:
        """The newest state; a new ledger where there is none. Raises sqlite3.DatabaseError for what is no state."""
        found = self.connection.execute("SELECT head, choices, carry, ledger FROM state").fetchone()
        if found is None:
            return LedgerState("", 0, {}, Ledger.new())
        head, choices, carry, ledger = found
        try:
            return LedgerState(head, choices, json.loads(carry), Ledger.from_dict(json.loads(ledger)))
        except (ValueError, KeyError, TypeError) as error:
            raise sqlite3.DatabaseError(f"its state is none: {error!r}") from error

    def head(self) -> str:
        """The last whole hour that was taken in; "" for none."""
        found = self.connection.execute("SELECT head FROM state").fetchone()
        return found[0] if found else ""

    def add(self, kept: LedgerState, trades: pd.DataFrame | None) -> None:
        """What the ledger has taken in since it was last asked, own trades of a table, and its state; part of the caller's transaction."""
        self.record(kept.ledger, trade_rows(trades) if trades is not None else ())
        self.keep(kept)

    def record(self, ledger: Ledger, trades: Iterable[TradeRow]) -> None:
        """What the ledger has taken in since it was last asked, and own trades; part of the caller's transaction, which is to `keep` the
        state to go on from too.
        """
        rows, observed = ledger.fresh()
        insert = self.connection.executemany
        insert(
            "INSERT OR IGNORE INTO hypotheses VALUES (?, ?, ?)",
            [(row.k, row.id, row.registered) for row in rows],
        )
        insert(
            f"INSERT INTO changes (k, at, {_ROW}) VALUES ({', '.join('?' * 18)})",
            [(row.k, *row[3:]) for row in rows],
        )
        insert(
            "INSERT INTO observations (grp, pair, at, x, worst, best, tempering, trades) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            observed,
        )
        insert(
            "INSERT INTO trades (at, entry, episode, net, confidence, direction, setup, trade) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            trades,
        )

    def keep(self, kept: LedgerState) -> None:
        """The state to go on from; part of the caller's transaction."""
        state = (
            METHOD,
            kept.head,
            kept.choices,
            json.dumps(kept.carry, allow_nan=False),
            json.dumps(kept.ledger.as_dict(), allow_nan=False),
        )
        self.connection.execute("INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?)", state)

    def keep_head(self, head: str) -> None:
        """The last whole hour alone; part of a transaction in which the state is kept before and behind."""
        self.connection.execute("UPDATE state SET head = ?", (head,))

    def snapshots(self, as_of: int) -> list[Snapshot]:
        """Every hypothesis registered by `as_of` (microseconds) as it stood then, by number."""
        query = (
            f"SELECT h.id, h.k, h.registered, c.at, {_ROW} FROM hypotheses h JOIN changes c ON c.seq = (SELECT seq FROM "
            "changes WHERE k = h.k AND at <= ? ORDER BY at DESC, seq DESC LIMIT 1) ORDER BY h.k"
        )
        return [Snapshot(*row) for row in self.connection.execute(query, (as_of,))]

    def course(self, k: int) -> list[Snapshot]:
        """All rows of one hypothesis, oldest first."""
        query = (
            f"SELECT h.id, h.k, h.registered, c.at, {_ROW} FROM hypotheses h JOIN changes c ON c.k = h.k "
            "WHERE h.k = ? ORDER BY c.at, c.seq"
        )
        return [Snapshot(*row) for row in self.connection.execute(query, (k,))]

    def observations(self) -> int:
        """How many observations there are: they are numbered from 1 on, and only ever added."""
        return self.connection.execute("SELECT COALESCE(MAX(seq), 0) FROM observations").fetchone()[0]

    def observed(self, group: str, pair: bool, after: int, as_of: int) -> tuple[np.ndarray, ...]:
        """at (int64 microseconds), x, worst, best, tempering of a group's episodes, or pairs, that ended in (after, as_of]."""
        query = (
            "SELECT at, x, worst, best, tempering FROM observations WHERE grp = ? AND pair = ? AND at > ? AND at <= ? "
            "ORDER BY at, seq"
        )
        return _columns(self.connection.execute(query, (group, int(pair), after, as_of)))

    def observed_beyond(self, number: int) -> dict[tuple[str, bool], tuple[np.ndarray, ...]]:
        """Columns as of `observed`, of all observations whose numbers are beyond one, by group and whether they are pairs."""
        rows: dict[tuple[str, bool], list[tuple]] = {}
        query = "SELECT grp, pair, at, x, worst, best, tempering FROM observations WHERE seq > ? ORDER BY seq"
        for group, pair, *row in self.connection.execute(query, (number,)):
            rows.setdefault((group, bool(pair)), []).append(tuple(row))
        return {key: _columns(sorted(found, key=itemgetter(0))) for key, found in rows.items()}

    def newest_trades(self, group: str, after: int, as_of: int, count: int) -> list[str]:
        """Ids of a group's newest trades of the episodes that ended in (after, as_of], newest first."""
        query = "SELECT trades FROM observations WHERE grp = ? AND pair = 0 AND at > ? AND at <= ? ORDER BY at DESC, seq DESC LIMIT ?"
        rows = self.connection.execute(query, (group, after, as_of, count))
        return [name for (names,) in rows for name in reversed(names.split())][:count]

    def trade_counts(self, as_of: int) -> TradeCounts:
        """How many own trades were taken in up to `as_of`, and when."""
        return count_trades(self.connection, as_of)

    def contents(self) -> dict[str, list[tuple]]:
        """All rows by table: what two ledgers must have in common to be equal."""
        names = ("state", "hypotheses", "changes", "observations", "trades")
        return {name: self.connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def _method(connection: sqlite3.Connection) -> int | None:
    """The method of a ledger that has a table `state`; None where it has no state yet. Raises sqlite3.DatabaseError for none."""
    found = connection.execute("SELECT method FROM state").fetchone()
    if found is None:
        return None
    if not isinstance(found[0], int):
        raise sqlite3.DatabaseError(f"its method is none: {str(found[0])[:40]!r}")
    return found[0]


def _columns(rows: Iterable[tuple]) -> tuple[np.ndarray, ...]:
    found = np.fromiter(rows, dtype=_OBSERVED)
    return tuple(np.ascontiguousarray(found[name]) for name in found.dtype.names)
