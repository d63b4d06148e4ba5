from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from lib.errors import BrokenLedgerError, DataError
from lib.lessons import ledger_faults
from lib.lessons import store as store_module
from lib.lessons.advance import set_broken_aside
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.store import LedgerState, LedgerStore
from lib.market.readings import instant
from tests.lib.lessons.made_ledger import BEGIN, HOUR, ledger_of, own

ABOVE = "trades.all.trades.above"


def standing(store: LedgerStore, id_: str, at: pd.Timestamp):
    """One hypothesis as it stood."""
    return next(row for row in store.snapshots(instant(at)) if row.id == id_)


def test_what_was_added_is_read_again_and_as_it_stood_at_any_instant(tmp_path):
    with ledger_of(tmp_path, own([0.19] * 3), own([-0.26] * 2, begin=BEGIN + 3 * HOUR, first=3)) as store:
        assert standing(store, ABOVE, BEGIN).n == 0
        early, late = (standing(store, ABOVE, BEGIN + hours * HOUR) for hours in (3, 9))
        assert (early.n, early.wins, early.mean) == (3, 3, pytest.approx(0.19))
        assert (late.n, late.wins, late.mean_gain, late.mean_loss) == (
            5,
            3,
            pytest.approx(0.19),
            pytest.approx(0.26),
        )
        at, x, worst, best, tempering = store.observed(
            "trades.all.trades", False, 0, instant(BEGIN + 9 * HOUR)
        )
        assert x.tolist() == [0.19] * 3 + [-0.26] * 2 and set(worst) == {0.36} and set(best) == {0.29}
        assert at[0] == instant(BEGIN + pd.Timedelta(minutes=10)) and set(tempering) == {1.0}
        counts = store.trade_counts(instant(BEGIN + 3 * HOUR))
        assert (counts.trades, counts.begun, len(counts.ended_at)) == (3, instant(BEGIN), 3)
        assert store.load().ledger.entries[ABOVE].n == 5
        assert [row.n for row in store.course(standing(store, ABOVE, BEGIN).k)] == [0, 3, 5]


def test_looking_changes_no_byte(tmp_path):
    with ledger_of(tmp_path, own([0.1])):
        pass
    before = (tmp_path / LEDGER_FILE).read_bytes()
    with LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=False) as copy:
        kept = copy.load()
        kept.ledger.fold("trades", own([0.1], begin=BEGIN + HOUR, first=1))
        with copy.transaction():
            copy.add(kept._replace(head="2025-06-01T02:00:00Z"), None)
        assert copy.head() == "2025-06-01T02:00:00Z"
    assert (tmp_path / LEDGER_FILE).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [LEDGER_FILE]


def test_a_transaction_that_fails_leaves_what_was(tmp_path):
    with ledger_of(tmp_path, own([0.1])) as store:
        before = store.contents()
        with pytest.raises(ZeroDivisionError), store.transaction():
            kept = store.load()
            kept.ledger.fold("trades", own([0.1], begin=BEGIN + HOUR, first=1))
            store.add(kept, None)
            raise ZeroDivisionError
        assert store.contents() == before


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.lib.lessons.made_ledger import BEGIN, HOUR, own
from lib.lessons.store import LedgerStore
with LedgerStore.open_file(Path(sys.argv[1]), writable=True) as store:
    kept = store.load()
    kept.ledger.fold("trades", own([0.1] * 200, begin=BEGIN + HOUR, first=1))
    with store.transaction():
        store.add(kept._replace(head="later"), None)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_in_the_middle_leaves_what_was(tmp_path):
    with ledger_of(tmp_path, own([0.1])) as store:
        before = store.contents()
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / LEDGER_FILE)], env=environment)
    assert ended.returncode == -signal.SIGKILL
    with LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=True) as store:
        assert store.contents() == before


@pytest.mark.parametrize("method", ["../../elsewhere", 1.5, None, b"\x00"])
def test_a_method_that_is_none_is_a_damaged_ledger(tmp_path, method):
    """And no part of a file's name."""
    path = tmp_path / "lessons.sqlite"
    with LedgerStore.open_file(path, writable=True) as store, store.transaction():
        store.keep(store.load())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE state SET method = ?", (method,))
    for writable in (True, False):
        with (
            pytest.raises(BrokenLedgerError, match="its method is none"),
            LedgerStore.open_file(path, writable),
        ):
            pass
    assert "kept as lessons.sqlite.broken" in set_broken_aside(path)
    assert [each.name for each in tmp_path.iterdir()] == ["lessons.sqlite.broken"]


@pytest.mark.parametrize("ours", [1, 10**6], ids=["a later one's file", "an earlier one's file"])
def test_another_method_begins_anew_and_keeps_what_was_there(tmp_path, monkeypatch, ours):
    with ledger_of(tmp_path, own([0.1])) as store:
        before = store.contents()
    method = store_module.METHOD
    monkeypatch.setattr(store_module, "METHOD", ours)
    with LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=False) as store:
        assert store.head() == "" and [path.name for path in tmp_path.iterdir()] == [LEDGER_FILE]
    with LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=True) as store:
        assert store.head() == "" and store.snapshots(2**62) == []
        fresh = store.load()
        assert isinstance(fresh, LedgerState) and fresh.ledger.entries[ABOVE].n == 0
    monkeypatch.undo()
    with LedgerStore.open_file(tmp_path / f"{LEDGER_FILE}.method{method}", writable=False) as kept:
        assert kept.contents() == before, "what was there is kept beside it"


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as a header" * 30])
def test_a_file_that_is_no_ledger_is_a_clear_error(tmp_path, content):
    (tmp_path / LEDGER_FILE).write_bytes(content)
    with (
        pytest.raises(DataError, match=r"lessons\.sqlite: the ledger cannot be used.*keeps it aside"),
        LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=False),
    ):
        pass


SPILLED = """
import os, signal, sys
from pathlib import Path
from lib.lessons.store import LedgerStore
with LedgerStore.open_file(Path(sys.argv[1]), writable=True) as store:
    store.connection.execute("PRAGMA cache_size = 5")
    with store.transaction():
        rows = [(at, "x" * 200) for at in range(5000)]
        store.connection.executemany("INSERT INTO trades (at, trade) VALUES (?, ?)", rows)
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("reader", ["copy", "kept", "writer"])
def test_after_a_kill_that_left_pages_in_the_file_everybody_reads_what_was(tmp_path, reader):
    path = tmp_path / LEDGER_FILE
    with ledger_of(tmp_path, own([0.1])) as store:
        before = store.contents()
    size = path.stat().st_size
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    ended = subprocess.run([sys.executable, "-c", SPILLED, str(path)], env=environment)
    assert ended.returncode == -signal.SIGKILL and path.stat().st_size > size
    opened = (
        LedgerStore.read_only(path) if reader == "kept" else LedgerStore.open_file(path, reader == "writer")
    )
    with opened as store:
        assert store.contents() == before


def test_a_ledger_that_another_one_uses_is_not_called_broken(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "WAIT_S", 0.05)
    path = tmp_path / LEDGER_FILE
    with ledger_of(tmp_path, own([0.1])) as store, store.transaction():
        with (
            pytest.raises(DataError, match=r"cannot be reached.*try again") as found,
            LedgerStore.open_file(path, writable=True) as other,
            other.transaction(),
        ):
            pass
        assert not isinstance(found.value, BrokenLedgerError)
        with LedgerStore.open_file(path, writable=False) as copy, LedgerStore.read_only(path) as kept:
            assert copy.head() == kept.head() == "2025-06-01T01:00:00Z"


def test_a_ledger_of_another_user_is_told_as_that(tmp_path, monkeypatch):
    path = tmp_path / LEDGER_FILE
    path.mkdir()  # which SQLite cannot open either
    monkeypatch.setattr(ledger_faults.os, "access", lambda *_: False)
    with (
        pytest.raises(DataError, match=r"this user may not read and write it\. Give this user the right"),
        LedgerStore.open_file(path, writable=True),
    ):
        pass


def test_a_ledger_whose_disk_is_full_is_not_called_broken(tmp_path):
    path = tmp_path / LEDGER_FILE
    with ledger_of(tmp_path, own([0.1])) as store:
        before = store.contents()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with (
            pytest.raises(DataError, match=r"cannot be reached: .*has room") as found,
            LedgerStore.open_file(path, writable=True) as full,
        ):
            full.connection.execute("PRAGMA cache_size=1")
            resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
            with full.transaction():
                full.connection.execute("CREATE TABLE more AS SELECT zeroblob(1000000)")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not isinstance(found.value, BrokenLedgerError)
    assert set_broken_aside(path) == ""
    with LedgerStore.open_file(path, writable=False) as kept:
        assert kept.contents() == before


def test_a_folder_may_have_any_name(tmp_path):
    folder = tmp_path / "a?b#c%20 d"
    folder.mkdir()
    with ledger_of(folder, own([0.1])) as store:
        head = store.head()
    path = folder / LEDGER_FILE
    with LedgerStore.open_file(path, writable=False) as copy, LedgerStore.read_only(path) as kept:
        assert copy.head() == kept.head() == head != ""


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE state",
        "UPDATE state SET ledger = '{}'",
        "UPDATE state SET ledger = 'torn'",
        "UPDATE state SET carry = ''",
    ],
)
def test_a_state_that_is_none_is_a_broken_ledger(tmp_path, damage):
    with ledger_of(tmp_path, own([0.1])) as store:
        store.connection.execute(damage)
    with (
        pytest.raises(BrokenLedgerError, match=r"lessons\.sqlite: the ledger cannot be used"),
        LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=False) as store,
    ):
        store.load()


def test_pages_that_do_not_hold_together_are_a_broken_ledger(tmp_path):
    path = tmp_path / LEDGER_FILE
    with ledger_of(tmp_path, own([0.1] * 300)):
        pass
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff" * 8192 + whole[len(whole) // 2 + 8192 :])
    with pytest.raises(BrokenLedgerError), LedgerStore.open_file(path, writable=False) as store:
        store.check()


def test_the_newest_trades_are_a_group_s_own_since_it_was_asked(tmp_path):
    table = own([0.1] * 6, direction=["LONG", "LONG", "SHORT", "LONG", "SHORT", "LONG"])
    with ledger_of(tmp_path, table) as store:
        end = instant(BEGIN + 9 * HOUR)
        assert store.newest_trades("trades.direction.LONG", 0, end, 3) == ["t5", "t3", "t1"]
        third = instant(BEGIN + pd.Timedelta(minutes=70))
        assert store.newest_trades("trades.direction.LONG", third, end, 9) == ["t5", "t3"]
        assert store.newest_trades("trades.direction.LONG", 0, third, 9) == ["t1", "t0"]


def test_of_two_changes_at_one_instant_the_later_one_stands(tmp_path):
    with ledger_of(tmp_path, own([0.1])) as store:
        kept, end = store.load(), instant(BEGIN + pd.Timedelta(minutes=10))
        kept.ledger.retire(ABOVE, end)
        with store.transaction():
            store.add(kept, None)
        assert [row.status for row in store.course(standing(store, ABOVE, BEGIN + HOUR).k)][1:] == [
            "candidate",
            "ended",
        ]
        assert standing(store, ABOVE, BEGIN + HOUR).status == "ended"
        assert standing(store, ABOVE, BEGIN).status == "candidate"


def test_a_file_that_another_one_keeps_locked_is_an_error_in_time(tmp_path, monkeypatch):
    with ledger_of(tmp_path, own([0.2])):
        pass
    monkeypatch.setattr(store_module, "WAIT_S", 0.1)
    with closing(sqlite3.connect(tmp_path / LEDGER_FILE, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataError, match="locked"), LedgerStore.open_file(tmp_path / LEDGER_FILE, False):
            pass
