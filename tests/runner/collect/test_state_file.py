"""`collector.json`: whole at any instant, and told even when the disk is full."""

from __future__ import annotations

import errno
import json

from runner.collect import state_file
from runner.collect.state_file import RESERVE_FILE, StateFile


def test_a_reserve_is_given_up_when_the_disk_is_full_and_laid_by_again(tmp_path, monkeypatch):
    state, reserve = StateFile(tmp_path), tmp_path / RESERVE_FILE
    assert state.write({"status": "reading"})
    assert reserve.stat().st_size == 32 * 1024
    replace = state_file.replace_json

    def full(path, value):
        if reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(path, value)

    with monkeypatch.context() as broken:
        broken.setattr(state_file, "replace_json", full)
        broken.setattr(StateFile, "_lay_by", lambda self: None)
        assert state.write({"status": "disk_full"})
        assert not reserve.exists()
    assert json.loads(state.path.read_text()) == {"status": "disk_full"}
    assert state.write({"status": "reading"})
    assert reserve.exists()


def test_a_folder_that_takes_nothing_is_no_reason_to_stop(tmp_path, monkeypatch):
    def broken(path, value):
        raise OSError(errno.EROFS, "read-only file system")

    monkeypatch.setattr(state_file, "replace_json", broken)
    assert not StateFile(tmp_path).write({"status": "reading"})
