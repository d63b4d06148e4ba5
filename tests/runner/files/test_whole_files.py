"""A journal's file between and after troubles: whole at once, synced, closed, readable by all and run by nobody."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import psutil
import pytest

from lib.contract import schema
from runner.errors import LockedError, WriteFailedError
from runner.files import journal as module
from runner.files.journal import Journal
from runner.files.lock import WriterLock
from tests.runner.files.test_folder_sync import calls

__all__ = ["calls"]
COLUMNS = ("timestamp", "note")


def test_readers_see_nothing_of_a_failed_append(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(fd: int, data: bytes) -> None:
        os.write(fd, data[:3])
        raise OSError(errno.ENOSPC, "no space")

    with Journal(tmp_path / "rows.csv", COLUMNS) as journal:
        journal.append(["a,b"])
        monkeypatch.setattr(module, "_write_all", half)
        with pytest.raises(WriteFailedError):
            journal.append(["c,d"])
        assert journal.path.read_text() == "timestamp,note\na,b\n"


def test_a_torn_end_is_on_the_disk_before_it_is_cut_and_the_cut_too(tmp_path: Path, calls: list[str]) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("timestamp,note\na,b\nc")
    with Journal(path, COLUMNS):
        assert calls == ["file", "file"]


@pytest.mark.parametrize(
    "text", ["timestamp,note\na,b\nc", "timestamp\na\n", None], ids=["torn", "old", "new"]
)
def test_opening_and_writing_leaves_no_file_open(tmp_path: Path, text: str | None) -> None:
    process, path = psutil.Process(), tmp_path / "rows.csv"
    if text is not None:
        path.write_text(text)
    before = process.num_fds()
    with Journal(path, COLUMNS, later=["note"]) as journal:
        journal.append(["e,f"])
    assert process.num_fds() == before


def test_a_refused_lock_leaves_no_file_open(tmp_path: Path) -> None:
    process = psutil.Process()
    with WriterLock(tmp_path / "rows.csv"):
        before = process.num_fds()
        with pytest.raises(LockedError):
            WriterLock(tmp_path / "rows.csv").acquire()
        assert process.num_fds() == before


def test_no_file_can_be_run(tmp_path: Path) -> None:
    (tmp_path / "torn.csv").write_text("timestamp,note\nc")
    for name in ("torn.csv", "new.csv"):
        with Journal(tmp_path / name, COLUMNS) as journal:
            journal.append(["a,b"])
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(made) == 5
    assert not [path for path in made if path.stat().st_mode & 0o111]


def test_a_file_with_all_its_columns_is_not_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("timestamp,note\na,b\n")
    before = path.stat().st_ino
    with Journal(path, COLUMNS, later=["note"]) as journal:
        assert journal.kept_copy is None
    assert path.stat().st_ino == before


def test_only_a_file_that_is_there_and_grows_is_older(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    assert Journal(path, COLUMNS, later=["note"]).older_by() == []
    path.write_text("timestamp\na\n")
    assert Journal(path, COLUMNS, later=["note"]).older_by() == ["note"]
    assert Journal(path, COLUMNS, later=["note"], grows=False).older_by() == []


def test_a_lock_makes_its_folder_and_none_above_it(tmp_path: Path) -> None:
    path = tmp_path / "a market" / schema.DECISIONS_FILE
    with WriterLock(path):
        assert path.parent.is_dir()
    with pytest.raises(FileNotFoundError):
        WriterLock(tmp_path / "moved" / "requests" / "day.csv").acquire()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a market"]


def test_the_holder_is_named_whatever_the_one_before_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [""])
    path = tmp_path / "rows.csv"
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks" / "rows.csv.lock").write_text("x" * 500)
    told = rf"process {os.getpid()} \(python, since \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)"
    with WriterLock(path), pytest.raises(LockedError, match=told):
        WriterLock(path).acquire()
