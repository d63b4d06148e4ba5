"""The journal: whole rows or none, after kills, full disks and failed syncs (docs/guarantees.md, D1, D4)."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib.errors import DataError, HeaderError, MissingDataError
from runner.errors import FsyncFailedError, WriteFailedError
from runner.files import journal as module
from runner.files.journal import Journal

COLUMNS = ("timestamp", "note")
ROWS = ['2025-01-01T00:00:00Z,"a, b"', "2025-01-01T00:00:10Z,äöü", "2025-01-01T00:00:20Z,"]


def append(path: Path, *rows: str) -> None:
    with Journal(path, COLUMNS) as journal:
        journal.append(rows)


def test_the_first_append_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with Journal(path, COLUMNS) as journal:
        assert not path.exists()
        assert journal.empty
        assert list(journal.rows_from_end()) == []
        journal.append([])
        assert not path.exists()
        journal.append(ROWS[:1])
        journal.append(ROWS[1:])
    assert path.read_text().splitlines() == ["timestamp,note", *ROWS]


@pytest.mark.parametrize("ending", [".gz", ".zip"])
def test_no_file_is_begun_beside_a_packed_one(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "rows.csv"
    packed = path.with_name(path.name + ending)
    packed.write_bytes(b"packed")
    with pytest.raises(MissingDataError, match=f"{packed.name} stands beside it: unpack that, or move it"):
        append(path, *ROWS)
    assert list(tmp_path.glob("rows.csv*")) == [packed]
    packed.unlink()
    append(path, *ROWS)
    assert path.exists()


@pytest.mark.parametrize("block", [1, 3, 17, 1 << 16])
def test_cut_at_every_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr("runner.files.journal._BLOCK", block)
    whole = "".join(f"{line}\n" for line in ["timestamp,note", *ROWS]).encode()
    for cut in range(len(whole) + 1):
        path = tmp_path / f"{cut}.csv"
        path.write_bytes(whole[:cut])
        append(path, "2025-01-01T00:00:30Z,new")
        kept = whole[:cut].rpartition(b"\n")[0]
        expected = (kept + b"\n" if kept else b"timestamp,note\n") + b"2025-01-01T00:00:30Z,new\n"
        assert path.read_bytes() == expected
        torn = whole[:cut].rpartition(b"\n")[2]
        aside = tmp_path / f"{cut}.csv.torn"
        assert (aside.read_bytes() if aside.exists() else b"") == (torn + b"\n" if torn else b"")


def test_what_was_kept_aside_before_stays_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    for torn in (b"2025-01-01T00:00:10Z,the longer of the two", b"2025-01-01T00:"):
        with path.open("ab") as file:
            file.write(torn if path.stat().st_size else b"timestamp,note\n" + torn)
        append(path, f"2025-01-01T00:00:{len(torn)}Z,new")
    aside = path.with_name("rows.csv.torn")
    assert aside.read_bytes() == b"2025-01-01T00:00:10Z,the longer of the two\n2025-01-01T00:\n"


def test_a_torn_end_that_cannot_be_kept_is_not_cut(tmp_path: Path) -> None:
    path, aside = tmp_path / "rows.csv", tmp_path / "rows.csv.torn"
    path.write_text("timestamp,note\n2025-01-01T00:")
    aside.mkdir()
    with pytest.raises(DataError, match=r"cannot keep a torn row aside \(.*Free some space") as caught:
        append(path, "2025-01-01T00:00:10Z,new")
    assert caught.value.path == aside and path.read_text() == "timestamp,note\n2025-01-01T00:"


WRITER = """
import sys
from pathlib import Path
from runner.files.journal import Journal
with Journal(Path(sys.argv[1]), ("n", "text")) as journal:
    last = next(journal.rows_from_end(), None)
    n = int(last["n"]) + 1 if last else 0
    print("up", flush=True)
    while True:
        journal.append([f"{n},{'x' * 5000}" for n in range(n, n + 20)])
        n += 20
"""


@pytest.mark.faults
@pytest.mark.slow
def test_kill_9_while_writing(tmp_path: Path, fault_runs: int) -> None:
    path, chance = tmp_path / "rows.csv", random.Random(1)
    for _ in range(fault_runs):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"up\n"
            time.sleep(chance.uniform(0, 0.02))
            writer.send_signal(signal.SIGKILL)
        before = path.read_bytes() if path.exists() else b""
        with Journal(path, ("n", "text")) as journal:  # the lock is free at once
            journal.append([f"{before.count(10) - 1 if before.count(10) else 0},new"])
            rows = journal.rows()
        # Exactly the rows whose newline was written, plus the new one, numbered without a hole.
        assert len(rows) == max(before.count(b"\n") - 1, 0) + 1
        assert [int(row.split(",")[0]) for row in rows] == list(range(len(rows)))
        if path.stat().st_size > 20_000_000:
            path.unlink()


FULL_DISK = """
import resource, sys
from pathlib import Path
from runner.files.journal import Journal
from runner.errors import WriteFailedError
path = Path(sys.argv[1])
with Journal(path, ("n", "text")) as journal:
    journal.append(["0,first"])
    size = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 150, resource.RLIM_INFINITY))  # room for a row and a half
    try:
        journal.append([f"{n},{'x' * 97}" for n in (1, 2, 3)])
    except WriteFailedError as error:
        print(error)
    assert path.stat().st_size == size, "a part of the rows stayed"
    journal.append(["1,short"])  # what fits still goes
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    journal.append([f"{n},{'x' * 97}" for n in (2, 3)])  # space is back
"""


def test_a_full_disk_ends_at_a_row_boundary_and_writing_resumes(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "nothing of 3 rows was kept" in done.stdout
    assert [line.split(",")[0] for line in path.read_text().splitlines()] == ["n", "0", "1", "2", "3"]


def test_a_failed_roll_back_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.csv"
    with Journal(path, COLUMNS) as journal:
        journal.append(ROWS[:1])

        def half(fd: int, data: bytes) -> None:
            os.write(fd, data[:7])
            monkeypatch.setattr(os, "ftruncate", refuse)
            raise OSError(errno.EIO, "input/output error")

        def refuse(fd: int, size: int) -> None:
            raise OSError(errno.EIO, "input/output error")

        with monkeypatch.context() as broken:
            broken.setattr(module, "_write_all", half)
            with pytest.raises(WriteFailedError, match=r"row boundary\. The disk fails: "):
                journal.append(ROWS[1:])
        monkeypatch.undo()
        journal.append(ROWS[1:])
    assert path.read_text().splitlines() == ["timestamp,note", *ROWS]


def test_a_failed_fsync_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def fail(fd: int) -> None:
        calls.append(fd)
        raise OSError(errno.EIO, "input/output error")

    with Journal(tmp_path / "rows.csv", COLUMNS) as journal:
        journal.append(ROWS[:1])
        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(FsyncFailedError):
            journal.append(ROWS[1:2])
        with pytest.raises(FsyncFailedError, match="start anew"):
            journal.append(ROWS[2:])
    assert len(calls) == 1  # not tried again


def test_the_header_of_the_file_rules(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("note,extra,timestamp\nx,y,2025-01-01T00:00:00Z\n")
    with Journal(path, COLUMNS) as journal:
        assert journal.header == ["note", "extra", "timestamp"]
    path.write_text("timestamp,other\n")
    with (
        pytest.raises(HeaderError, match=r"rows\.csv, line 1, column note: the file has no column note"),
        Journal(path, COLUMNS),
    ):
        pass
    path.write_text("2025-01-01T00:00:00Z,x\n")
    with pytest.raises(HeaderError, match="A row stands in place of the names"), Journal(path, COLUMNS):
        pass
    path.write_text("timestamp,note,note\n")
    with pytest.raises(HeaderError, match="twice"), Journal(path, COLUMNS):
        pass
    with (
        pytest.raises(HeaderError),
        Journal(path, COLUMNS),
    ):  # and the lock was given back, or this would be LockedError
        pass


def test_rows_from_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.csv"
    append(path, *ROWS, "malformed", "2025-01-01T00:00:40Z,z")
    for block in (1, 3, 17, 1 << 16):
        monkeypatch.setattr(module, "_BLOCK", block)
        with Journal(path, COLUMNS) as journal:
            assert [row["note"] for row in journal.rows_from_end()] == ["z", "", "äöü", "a, b"]


def test_replace_keeps_the_journal_usable(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with Journal(path, COLUMNS) as journal:
        journal.append(ROWS[:1])
        journal.replace(ROWS[1:2])
        journal.append(ROWS[2:])
    assert path.read_text().splitlines() == ["timestamp,note", *ROWS[1:]]


def test_columns_can_be_laid_out_before_the_first_row_only(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with Journal(path, COLUMNS) as journal:
        with pytest.raises(HeaderError, match="column note"):
            journal.lay_out(["timestamp", "more"])
        journal.lay_out(["timestamp", "more", "note"])
        journal.append(["2025-01-01T00:00:00Z,1,x"])
        with pytest.raises(HeaderError, match="already"):
            journal.lay_out(COLUMNS)
    assert path.read_text().splitlines()[0] == "timestamp,more,note"


def test_an_older_file_gets_the_columns_that_came_later(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    before = (
        b'note,timestamp,mine\r\n"a, b",2025-01-01T00:00:00Z,\xff\r\ntoo few\nx,2025-01-01T00:00:20Z,1\ntorn'
    )
    path.write_bytes(before)
    path.chmod(0o600)
    journal = Journal(path, (*COLUMNS, "one", "two"), later=("one", "two"))
    assert journal.older_by() == ["one", "two"] and path.read_bytes() == before
    with journal:
        assert journal.header == ["note", "timestamp", "mine", "one", "two"]
        assert [row["note"] for row in map(journal.fields, journal.rows()) if row] == ["a, b", "x"]
        assert journal.padded("y,2025-01-01T00:00:30Z,2") == "y,2025-01-01T00:00:30Z,2,,"
        assert journal.padded("y,2025-01-01T00:00:30Z,2,3,4") == "y,2025-01-01T00:00:30Z,2,3,4"
        journal.append(["y,2025-01-01T00:00:30Z,2,3,4"])
    assert path.read_bytes() == (
        b"note,timestamp,mine,one,two\r\n"
        b'"a, b",2025-01-01T00:00:00Z,\xff,,\r\ntoo few,,\nx,2025-01-01T00:00:20Z,1,,\ny,2025-01-01T00:00:30Z,2,3,4\n'
    )
    assert journal.kept_copy is not None and journal.kept_copy.read_bytes() == before.removesuffix(b"torn")
    assert {path.stat().st_mode & 0o777, journal.kept_copy.stat().st_mode & 0o777} == {0o600}
    assert journal.older_by() == []


def test_only_columns_that_came_later_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("timestamp,other\n")
    journal = Journal(path, (*COLUMNS, "one"), later=("one",))
    with pytest.raises(HeaderError, match="no column note"):
        journal.older_by()
    with pytest.raises(HeaderError, match="no column note"), journal:
        pass
    assert path.read_text() == "timestamp,other\n" and journal.kept_copy is None


def test_a_file_that_is_too_large_to_be_written_anew_goes_on_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    append(path, *ROWS)
    before = path.read_bytes()
    with Journal(path, (*COLUMNS, "one"), later=("one",), grows=False) as journal:
        assert (journal.header, journal.older_by()) == (list(COLUMNS), [])
    assert path.read_bytes() == before
    with Journal(tmp_path / "new.csv", (*COLUMNS, "one"), later=("one",), grows=False) as journal:
        journal.begin()
    assert (tmp_path / "new.csv").read_text() == "timestamp,note,one\n"


def test_a_header_that_is_being_written_lacks_nothing_yet(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("timest")
    assert Journal(tmp_path / "rows.csv", COLUMNS).older_by() == []


def test_opening_clears_what_a_kill_left_of_a_replacement(tmp_path: Path) -> None:
    path, left = tmp_path / "rows.csv", tmp_path / ".rows.csv.abcdefgh.new"
    append(path, *ROWS)
    left.write_text("half a")
    append(path)
    assert not left.exists() and path.read_text().splitlines() == ["timestamp,note", *ROWS]


def test_what_has_no_bytes_is_its_escape(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    append(path, "2025-01-01T00:00:00Z,a\udcff")
    assert path.read_text(encoding="utf-8").splitlines()[1] == r"2025-01-01T00:00:00Z,a\udcff"
