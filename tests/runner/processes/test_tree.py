from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from runner.processes.environment import RUN_VARIABLE
from runner.processes.tree import adopt_orphans, descendants, end_tree, marked, reap
from tests.runner.waiting import is_running, wait_until

#: A child in a session of its own, a grandchild that detached itself, and a process that ignores polite signals.
PARENT = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
own = subprocess.Popen(["sleep", "300"], start_new_session=True)
subprocess.Popen(["sh", "-c", "setsid sleep 301 & exit 0"]).wait()
print(own.pid, flush=True)
time.sleep(300)
"""


@pytest.fixture
def family():
    mark = f"test-{os.getpid()}"
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        env=os.environ | {RUN_VARIABLE: mark},
        text=True,
    )
    child = int(process.stdout.readline())
    yield process, child, mark
    process.stdout.close()


def test_the_whole_tree_goes_and_what_left_it_too(family):
    process, child, mark = family
    pids = {found.pid for found in marked(mark)}
    assert {process.pid, child} < pids
    assert len(pids) == 3  # the third is the sleep that nobody is the parent of
    assert end_tree(process.pid, mark) == []
    process.wait(timeout=5)
    assert not any(is_running(pid) for pid in pids)


def test_a_tree_without_its_head_is_found_by_its_mark(family):
    process, child, mark = family
    process.kill()
    process.wait()
    time.sleep(0.1)
    assert is_running(child)
    end_tree(process.pid, mark)
    assert not is_running(child)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="shared memory has no files here")
def test_memory_that_was_shared_goes_too():
    code = (
        "import time; from multiprocessing.shared_memory import SharedMemory\n"
        "print(SharedMemory(create=True, size=1000).name, flush=True); time.sleep(300)"
    )
    above = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    process = subprocess.Popen([sys.executable, "-c", above, code], stdout=subprocess.PIPE, text=True)
    shared = Path("/dev/shm") / process.stdout.readline().strip()
    assert shared.exists()
    # One that is not at its work yet can neither be told from its parent nor clean within a moment.
    wait_until(lambda: any(map(_waits_to_clean, descendants(process.pid))))
    end_tree(process.pid, "test-shared")
    process.wait(timeout=5)
    process.stdout.close()
    assert not shared.exists()


def _waits_to_clean(process: psutil.Process) -> bool:
    named = any("resource_tracker" in word for word in process.cmdline())
    return named and process.status() == psutil.STATUS_SLEEPING


def test_the_end_of_a_grandchild_is_noted_though_its_parent_ends_later():
    """A killed browser's processes become ours only when the browser itself has ended: until then they are another's."""
    adopt_orphans()
    parent = subprocess.Popen(["sh", "-c", "sleep 302 & echo $!; wait"], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent, parent.stdout:
        grandchild = int(parent.stdout.readline())
        assert reap({grandchild}) == {grandchild}
        os.kill(grandchild, 9)
        parent.kill()
    assert reap({grandchild}) == set()
    assert not psutil.pid_exists(grandchild)
