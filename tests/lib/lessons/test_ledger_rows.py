"""A ledger whose rows no ledger writes is neither believed nor passed over: it is set aside, and made anew in a sentence."""

from __future__ import annotations

import sqlite3

import pytest

from lib.errors import BrokenLedgerError
from lib.lessons import ledger_rows
from lib.lessons.advance import set_broken_aside
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.store import LedgerStore
from tests.lib.lessons.made_ledger import answers, ledger_of, own

DAMAGES = [
    ("UPDATE changes SET status = 'banana' WHERE seq = 165", "changes"),
    ("UPDATE changes SET why = NULL WHERE seq = 165", "changes"),
    ("UPDATE changes SET n = -5 WHERE seq = 165", "changes"),
    ("UPDATE changes SET n = 'many' WHERE seq = 165", "changes"),
    ("UPDATE changes SET wins = n + 1 WHERE seq = 165", "changes"),
    ("UPDATE changes SET mean = 9e999 WHERE seq = 165", "changes"),
    ("UPDATE changes SET mean = x'00ff' WHERE seq = 165", "changes"),
    ("UPDATE changes SET trade_mean = NULL WHERE n > 0", "changes"),
    ("UPDATE changes SET log_e = NULL WHERE seq = 165", "changes"),
    ("UPDATE changes SET k = 9999 WHERE seq = 165", "changes"),
    ("UPDATE changes SET at = 1.5 WHERE seq = 165", "changes"),
    ("DELETE FROM changes WHERE seq = 165", "changes"),
    ("UPDATE changes SET n = n + 1 WHERE seq = (SELECT MAX(seq) FROM changes)", "changes"),
    ("UPDATE hypotheses SET id = 'trades.moon.full.above' WHERE k = 7", "hypotheses"),
    ("UPDATE hypotheses SET registered = 'once' WHERE k = 7", "hypotheses"),
    ("DELETE FROM hypotheses WHERE k = (SELECT MAX(k) FROM hypotheses)", "c"),
    ("UPDATE observations SET x = 5000.0 WHERE seq = 3", "observations"),
    ("UPDATE observations SET tempering = 0.5 WHERE seq = 3", "observations"),
    ("UPDATE observations SET pair = 2 WHERE seq = 3", "observations"),
    ("UPDATE observations SET grp = 'trades.moon.full' WHERE seq = 3", "observations"),
    ("UPDATE trades SET net = NULL WHERE seq = 2", "trades"),
    ("UPDATE trades SET entry = at + 1 WHERE seq = 2", "trades"),
    ("UPDATE trades SET direction = 'UP' WHERE seq = 2", "trades"),
    ("UPDATE trades SET confidence = 7.0 WHERE seq = 2", "trades"),
    ("UPDATE trades SET setup = 'ignore all rules' WHERE seq = 2", "trades"),
    ("UPDATE state SET head = 'today'", "state is none"),
    ("UPDATE state SET choices = -1", "state"),
    ("""UPDATE state SET ledger = replace(ledger, '"total": 0.0', '"total": NaN')""", "state is none"),
    ("""UPDATE state SET ledger = replace(ledger, '"total": 0.0', '"total": 1e999')""", "state is none"),
    ("""UPDATE state SET ledger = replace(ledger, '"total": 0.0', '"total": "x"')""", "state is none"),
]


@pytest.fixture
def path(tmp_path):
    with ledger_of(tmp_path, own([0.2, -0.1] * 20), answers([0.1, -0.2] * 10)):
        pass
    return tmp_path / LEDGER_FILE


def test_a_sound_ledger_is_read_by_all(path):
    with LedgerStore.open_file(path, writable=False) as copy, LedgerStore.read_only(path) as kept:
        assert copy.contents() == kept.contents()
    assert set_broken_aside(path) == "" and path.exists()


@pytest.mark.parametrize(("damage", "where"), DAMAGES)
def test_a_row_that_no_ledger_writes_breaks_it(path, damage, where):
    connection = sqlite3.connect(path)
    assert connection.execute(damage).rowcount > 0
    connection.commit()
    connection.close()
    for reading in (lambda: LedgerStore.open_file(path, writable=False), lambda: LedgerStore.read_only(path)):
        with pytest.raises(BrokenLedgerError, match=f"cannot be used: .*{where}.*makes it anew"), reading():
            pass
    said = set_broken_aside(path)
    assert where in said and said.endswith(f"it is kept as {LEDGER_FILE}.broken, and made anew from the data")
    assert not path.exists() and path.with_name(f"{LEDGER_FILE}.broken").exists()


@pytest.fixture
def looked(monkeypatch) -> list[str]:
    """The times that all rows were looked at."""
    told, really = [], ledger_rows._check_all

    def check_all(connection):
        told.append("all")
        really(connection)

    monkeypatch.setattr(ledger_rows, "_check_all", check_all)
    return told


def read_it(path):
    with LedgerStore.open_file(path, writable=False) as copy, LedgerStore.read_only(path) as kept:
        assert copy.contents() == kept.contents()
    assert set_broken_aside(path) == ""


def test_what_our_own_writers_left_is_not_looked_at_again(path, looked):
    read_it(path)
    for _ in range(3):
        with LedgerStore.open_file(path, writable=True) as store:
            store.begin(store.era())
            with store.transaction():
                store.keep(store.load())
        read_it(path)
    with LedgerStore.open_file(path, writable=True) as store, pytest.raises(ValueError), store.transaction():
        store.connection.execute("DELETE FROM changes")
        raise ValueError
    read_it(path)
    assert looked == []


def test_once_somebody_else_wrote_all_rows_are_looked_at_until_a_writer_of_ours_has(path, looked):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text TEXT)")
    connection.commit()
    connection.close()
    read_it(path)
    assert len(looked) == 3
    with LedgerStore.open_file(path, writable=True) as store:
        # Written to by somebody else in between: what is left then does not fit, and is not believed.
        other = sqlite3.connect(path)
        other.execute("INSERT INTO notes VALUES ('mine')")
        other.commit()
        other.close()
        store.begin(store.era())
    assert len(looked) == 4
    read_it(path)
    assert len(looked) == 7
    with LedgerStore.open_file(path, writable=True) as store:
        store.begin(store.era())
    read_it(path)
    assert len(looked) == 8


def test_a_file_of_before_writers_left_their_count_is_looked_at_once(path, looked):
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE written")
    connection.commit()
    connection.close()
    read_it(path)
    with LedgerStore.open_file(path, writable=True) as store:
        store.begin(store.era())
    assert len(looked) == 4
    read_it(path)
    assert len(looked) == 4
