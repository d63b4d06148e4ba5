from __future__ import annotations

import shutil
import subprocess
import sys
import time

import pytest

from runner.cycle.lock import cycle_lock
from runner.errors import LockedError

HOLDER = """
import sys, time
from pathlib import Path
from runner.cycle.lock import cycle_lock
with cycle_lock(Path(sys.argv[1]), Path(sys.argv[2])):
    print("held", flush=True)
    time.sleep(300)
"""


@pytest.fixture
def folders(tmp_path):
    made = [tmp_path / name for name in ("data", "out", "other")]
    for folder in made:
        folder.mkdir()
    return made


@pytest.fixture
def holder(folders):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folders[0]), str(folders[1])], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_cycle_is_refused_at_once_and_told_by_whom(folders, holder):
    started = time.monotonic()
    with (
        pytest.raises(LockedError, match=f"cycle is already at work.*process {holder.pid}") as error,
        cycle_lock(folders[0], folders[1]),
    ):
        pass
    assert time.monotonic() - started < 1
    assert error.value.exit_code == 6


def test_sharing_one_folder_is_enough(folders, holder):
    data, out, other = folders
    for pair in ((data, other), (other, out)):
        with pytest.raises(LockedError), cycle_lock(*pair):
            pass
    with cycle_lock(
        other, other
    ):  # what a refused cycle had taken is free again; one folder for both is no deadlock
        pass


def test_a_killed_holder_frees_it(folders, holder):
    holder.kill()
    holder.wait()
    with cycle_lock(folders[0], folders[1]):
        pass


@pytest.mark.parametrize("place", [0, 1], ids=["data", "outputs"])
def test_deleted_lock_files_let_no_second_cycle_in(folders, holder, place):
    for folder in folders[:2]:
        shutil.rmtree(folder / ".locks")
    pair = [folders[2], folders[2]]
    pair[place] = folders[place]
    with pytest.raises(LockedError, match=r"already at work.*whose lock file was deleted"), cycle_lock(*pair):
        pass
    holder.kill()
    holder.wait()
    with cycle_lock(*pair), pytest.raises(LockedError), cycle_lock(*pair):
        pass
    with cycle_lock(*pair):
        pass
