"""One writer a file: a second is refused at once with the holder's name, and kill -9 frees the lock (docs/guarantees.md, D3)."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import Mock

import pytest

from runner.errors import LockedError
from runner.files.lock import WriterLock

HOLDER = """
import sys, time
from pathlib import Path
from unittest.mock import Mock
from runner.files.lock import WriterLock
target = Path(sys.argv[1])
sys.argv[:] = ["/somewhere/ribbon", "collect", "--secret"]
with WriterLock(target):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_refused_and_told_who(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        before = time.monotonic()
        with pytest.raises(
            LockedError,
            match=rf"rows\.csv is being written by process {holder.pid} \(ribbon collect, since 20",
        ):
            WriterLock(path).acquire()
        assert time.monotonic() - before < 1
        WriterLock(tmp_path / "other.csv").acquire().release()  # another file is free
        holder.kill()
    with WriterLock(path):
        pass


def test_one_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with WriterLock(path), pytest.raises(LockedError):
        WriterLock(path).acquire()
    WriterLock(path).acquire().release()


def test_an_unreadable_holder_is_still_a_holder(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with WriterLock(path):
        (tmp_path / ".locks" / "rows.csv.lock").write_text("")
        with pytest.raises(LockedError, match="another process"):
            WriterLock(path).acquire()


def test_a_full_disk_keeps_nobody_from_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused there, with its handle left open, a writer that tried again was told for ever that another one writes."""
    path = tmp_path / "rows.csv"
    monkeypatch.setattr("os.pwrite", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    with WriterLock(path), pytest.raises(LockedError, match="written by another process"):
        WriterLock(path).acquire()
    WriterLock(path).acquire().release()


def test_a_disk_that_knows_no_locks_leaves_no_handle_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr("fcntl.flock", Mock(side_effect=OSError(errno.ENOLCK, "No locks available")))
    for _ in range(3):
        with pytest.raises(OSError, match=r"No locks.*rows\.csv"):
            WriterLock(tmp_path / "rows.csv").acquire()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
