"""Whatever is done to a file while its writer has it open: what was written is there afterwards, or the write is refused (D1, D4)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runner.errors import LockedError, WriteFailedError
from runner.files import taken_away
from runner.files.journal import Journal

HEADER = "timestamp,note"
FIRST, SECOND, THIRD = "1,a", "2,b", "3,c"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(f"{HEADER}\n{FIRST}\n")
    path.chmod(0o640)
    return path


def journal_of(path: Path) -> Journal:
    return Journal(path, HEADER.split(","))


def rows(path: Path) -> list[str]:
    return path.read_text().splitlines()


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_a_file_that_was_deleted_is_put_back_with_all_that_was_written(path, block, monkeypatch, caplog):
    monkeypatch.setattr(taken_away, "_BLOCK", block)
    with journal_of(path) as journal:
        journal.append([SECOND])
        path.unlink()
        assert journal.rows() == [FIRST, SECOND]
        journal.append([THIRD])
        assert rows(path) == [HEADER, FIRST, SECOND, THIRD]
        path.unlink()
        journal.replace([FIRST, "2,changed", THIRD])
        journal.append(["4,d"])
    assert rows(path) == [HEADER, FIRST, "2,changed", THIRD, "4,d"]
    assert path.stat().st_mode & 0o777 == 0o640
    assert {each.name for each in path.parent.iterdir()} == {path.name, ".locks"}
    assert caplog.text.count("was deleted while it was open for writing; it was put back") == 2


def test_it_is_put_back_though_nothing_is_written_any_more(path):
    with journal_of(path) as journal:
        journal.append([SECOND])
        path.unlink()
    assert rows(path) == [HEADER, FIRST, SECOND]


def test_a_folder_that_is_gone_refuses_and_writing_goes_on_when_it_is_back(path):
    with journal_of(path) as journal:
        path.rename(path.parent / "aside")
        aside = path.parent.rename(path.parent.with_name("elsewhere"))
        with pytest.raises(WriteFailedError, match="nothing of 1 rows was kept"):
            journal.append([SECOND])
        aside.rename(path.parent)
        journal.append([SECOND])
    assert rows(path) == [HEADER, FIRST, SECOND]


def test_a_copy_of_the_same_content_is_gone_on_with(path):
    with journal_of(path) as journal:
        journal.append([SECOND])
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        journal.append([THIRD])
    assert rows(path) == [HEADER, FIRST, SECOND, THIRD]


@pytest.mark.parametrize("other", ["", f"{HEADER}\n", f"{HEADER}\n9,z\n", f"{HEADER}\n{FIRST}\n{SECOND}\n"])
def test_another_file_in_its_place_is_neither_written_nor_replaced(path, other, caplog):
    with journal_of(path) as journal:
        path.unlink()
        path.write_text(other)
        for write in (journal.append, journal.replace):
            with pytest.raises(WriteFailedError, match="another file was put in its place"):
                write([SECOND])
        assert path.read_text() == other
    assert caplog.text.count("another file was put in its place") == 1  # told once, however often it is tried
    with journal_of(path) as journal:  # a new start takes what is there
        journal.append([THIRD])
    assert rows(path) == [*(other or f"{HEADER}\n").splitlines(), THIRD]


def test_what_was_cut_is_not_filled_with_zeros(path):
    with journal_of(path) as journal:
        os.truncate(path, 3)
        with pytest.raises(WriteFailedError, match="it was cut from 19 to 3 bytes"):
            journal.append([SECOND])
    assert path.read_bytes() == b"tim"


@pytest.mark.parametrize(
    "other", [f",{HEADER}\n0,1,a\n1,2,b\n", f"{HEADER}\n{SECOND}\n{FIRST}\n"], ids=["longer", "as long"]
)
def test_other_content_in_the_same_file_is_neither_written_nor_cut(path, other, caplog):
    """A script that reads a table and writes it anew (pandas' to_csv) opens the very file: it passed for rows that were added."""
    with journal_of(path) as journal:
        journal.append([SECOND])
        path.write_text(other)
        for write in (journal.append, journal.replace):
            with pytest.raises(WriteFailedError, match=r"other content was written over it .* start again"):
                write([THIRD])
        assert path.read_text() == other and not (path.parent / "rows.csv.torn").exists()
    assert caplog.text.count("other content was written over it") == 1


def test_what_somebody_added_is_kept_aside(path, caplog):
    with journal_of(path) as journal:
        with path.open("a") as file:
            file.write("by hand\nand more")
        journal.append([SECOND])
    assert rows(path) == [HEADER, FIRST, SECOND]
    assert (path.parent / "rows.csv.torn").read_text() == "by hand\nand more\n"
    assert "16 bytes that somebody added" in caplog.text


def test_a_file_that_came_to_be_where_one_was_to_begin_is_not_overwritten(tmp_path):
    path = tmp_path / "rows.csv"
    with journal_of(path) as journal:
        path.write_text(f"{HEADER}\n{FIRST}\n")  # put back from a copy, say
        with pytest.raises(WriteFailedError, match="it came to be there while it was open"):
            journal.append([SECOND])
    assert rows(path) == [HEADER, FIRST]


WRITER = """
import sys, time
from pathlib import Path
from runner.files.journal import Journal
with Journal(Path(sys.argv[1]), ["timestamp", "note"]) as journal:
    journal.append(["2,b"])
    print("open", flush=True)
    for line in sys.stdin:
        journal.append([line.strip()])
        print("written", flush=True)
"""


@pytest.mark.parametrize("begun", [True, False], ids=["a file that was there", "a file that it made"])
def test_a_deleted_lock_lets_no_second_writer_in(path, begun):
    """Who deletes `.locks` to be rid of a lock had two loops trade one account."""
    if not begun:
        path.unlink()
    before = [HEADER, FIRST, SECOND] if begun else [HEADER, SECOND]
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None and writer.stdin is not None
        assert writer.stdout.readline() == "open\n"
        shutil.rmtree(path.parent / ".locks")
        with pytest.raises(
            LockedError,
            match=r"another process, whose lock file was deleted, or that has it under another name \(a link\)\. End that one first",
        ):
            journal_of(path).__enter__()
        assert rows(path) == before
        print(THIRD, file=writer.stdin, flush=True)
        assert writer.stdout.readline() == "written\n"
        writer.kill()
    with journal_of(path) as journal:
        journal.append(["4,d"])
    assert rows(path) == [*before, THIRD, "4,d"]
