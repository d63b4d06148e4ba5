"""A new name in a folder is on the disk only when the folder is: both writers of files sync it (docs/guarantees.md, D1, D5)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lib.data.atomic import replace_keeping, replace_text
from runner.files.journal import Journal


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is synced and renamed from now on, in its order: `folder <inode>`, `file`, `rename <name>`."""
    found: list[str] = []
    sync, replace = os.fsync, Path.replace

    def spy_sync(descriptor: int) -> None:
        synced = os.fstat(descriptor)
        found.append(f"folder {synced.st_ino}" if stat.S_ISDIR(synced.st_mode) else "file")
        sync(descriptor)

    def spy_replace(source: Path, target: Path) -> Path:
        found.append(f"rename {Path(target).name}")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", spy_sync)
    monkeypatch.setattr(Path, "replace", spy_replace)
    return found


def test_a_journal_syncs_the_folder_once_when_it_makes_its_file(tmp_path: Path, calls: list[str]) -> None:
    folder = f"folder {tmp_path.stat().st_ino}"
    with Journal(tmp_path / "rows.csv", ("timestamp",)) as journal:
        journal.append(["a"])
        assert calls == [folder, "file"]
        journal.append(["b"])
    assert calls == [folder, "file", "file"]
    assert (tmp_path / "rows.csv").read_text() == "timestamp\na\nb\n"


def test_a_replaced_file_is_synced_renamed_and_its_folder_synced(tmp_path: Path, calls: list[str]) -> None:
    folder = f"folder {tmp_path.stat().st_ino}"
    replace_text(tmp_path / "prompt.md", "one")
    assert calls == ["file", "rename prompt.md", folder]
    calls.clear()
    copy = replace_keeping(tmp_path / "prompt.md", b"two")
    assert calls == [
        *["file", f"rename {copy.name}", folder],
        *["file", "rename prompt.md", folder],
    ]
