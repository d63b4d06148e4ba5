"""Temporary folders: gone with their owner, at the latest when the next one is made; a living owner's stay."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from runner.processes.scratch import clear_abandoned, private_folder, remove_folder

OWNER = """
import sys
from pathlib import Path
from runner.processes.scratch import private_folder
print(private_folder("rib-owned", Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def test_a_private_folder_is_for_this_user_and_short():
    folder = private_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and len(str(folder)) < 40
    (folder / "left").write_text("x")
    remove_folder(folder)
    remove_folder(folder)
    assert not folder.exists()
    with pytest.raises(ValueError, match="begin with rib"):
        private_folder("mine")


def test_what_a_killed_owner_left_goes_with_the_next_and_a_living_one_s_stays(tmp_path):
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    (tmp_path / "rib-of-somebody").mkdir()
    (tmp_path / "rib-link").symlink_to(tmp_path / "rib-of-somebody")
    with subprocess.Popen(command, **pipes) as living, subprocess.Popen(command, **pipes) as killed:
        stays, goes = (Path(owner.stdout.readline().strip()) for owner in (living, killed))
        (goes / "deep").mkdir()
        (goes / "deep" / "file").write_text("x")
        killed.kill()
        killed.wait()
        assert stays.is_dir() and goes.is_dir()
        ours = private_folder("rib-ours", tmp_path)  # the first one that this process makes there
        assert stays.is_dir() and not goes.exists()
        assert clear_abandoned(tmp_path) == []  # its own is held, too
        living.stdin.close()
        living.wait()
    assert clear_abandoned(tmp_path) == [stays]
    remove_folder(ours)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rib-link", "rib-of-somebody"]
