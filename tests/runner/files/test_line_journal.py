"""A file of lines: whole or not at all, after cuts, full disks and failed syncs; and its second writer (docs/guarantees.md, D1, D3, D4)."""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from runner.errors import FsyncFailedError, LockedError, WriteFailedError
from runner.files import line_journal as module
from runner.files.line_journal import LineJournal


def append(path: Path, *lines: str) -> None:
    with LineJournal(path) as journal:
        for line in lines:
            journal.append(line)


def test_cut_at_every_byte_only_the_unfinished_line_is_lost(tmp_path):
    whole = '{"a":1}\n{"ä":2}\n'.encode()
    for cut in range(len(whole) + 1):
        path = tmp_path / f"{cut}.jsonl"
        path.write_bytes(whole[:cut])
        append(path, "new")
        kept, _, torn = whole[:cut].rpartition(b"\n")
        assert path.read_bytes() == (kept + b"\n" if kept else b"") + b"new\n"
        aside = tmp_path / f"{cut}.jsonl.torn"
        assert (aside.read_bytes() if aside.exists() else b"") == (torn + b"\n" if torn else b"")


def test_a_disk_that_takes_half_a_line_keeps_none_of_it_and_takes_it_later(tmp_path, monkeypatch):
    path = tmp_path / "lines.jsonl"
    append(path, "first")
    write, left = os.write, [3]

    def full(fd: int, data: bytes) -> int:
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        done = write(fd, bytes(data)[: left[0]])
        left[0] -= done
        return done

    with LineJournal(path) as journal:
        with monkeypatch.context() as broken:
            broken.setattr(module.os, "write", full)
            with pytest.raises(WriteFailedError, match=r"lines\.jsonl: No space left.*not kept"):
                journal.append("second")
        assert path.read_text() == "first\n"
        journal.append("second")
    assert path.read_text() == "first\nsecond\n"


def test_a_failed_sync_is_told(tmp_path, monkeypatch):
    path = tmp_path / "lines.jsonl"
    append(path, "first")

    def broken(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with LineJournal(path) as journal:
        monkeypatch.setattr(module.os, "fsync", broken)
        with pytest.raises(FsyncFailedError, match="may be lost"):
            journal.append("second")


def test_a_second_writer_waits_for_the_first_and_gives_up_in_time(tmp_path):
    path = tmp_path / "lines.jsonl"
    with LineJournal(path) as journal:
        began = time.monotonic()
        with pytest.raises(LockedError, match="is being written by process"), LineJournal(path, wait_s=0.1):
            pass
        assert time.monotonic() - began < 1.0
        waiting = threading.Thread(target=append, args=(path, "second"))
        waiting.start()
        journal.append("first")
    waiting.join()
    assert path.read_text() == "first\nsecond\n"
