from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from bench.measure import children_cpu_s, figure, peak_bytes, process_seconds, tree_bytes

MEGABYTE = 1_000_000


def holding(megabytes: int) -> str:
    """A program that holds so much memory for half a second, in bytes that nobody else has, and gives it back."""
    return f"import os, time; held = os.urandom({megabytes * MEGABYTE}); time.sleep(0.5); del held; time.sleep(0.1)"


def test_the_peak_is_that_of_the_whole_tree_and_of_what_is_beside():
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {holding(60)!r}], check=True)"
    beside = subprocess.Popen(
        [sys.executable, "-c", "held = bytearray(40_000_000); print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        beside.stdout.readline()
        peak = peak_bytes([sys.executable, "-c", nested], dict(os.environ), beside.pid)
    finally:
        beside.communicate(b"\n")
    assert 100 * MEGABYTE < peak < 200 * MEGABYTE


def test_the_processors_time_is_that_of_all_below_a_process():
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"
    before = children_cpu_s(os.getpid())
    subprocess.run([sys.executable, "-c", nested], check=True)
    assert 0.5 <= children_cpu_s(os.getpid()) - before < 2


def test_a_process_that_has_gone_holds_nothing():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert tree_bytes(ended.pid) == 0
    assert tree_bytes(os.getpid()) > psutil.Process().memory_full_info().uss / 2


def test_a_command_that_fails_is_no_figure():
    failing = [sys.executable, "-c", "raise SystemExit('because')"]
    with pytest.raises(RuntimeError, match="because"):
        process_seconds(failing)
    with pytest.raises(RuntimeError, match="ended with 1"):
        peak_bytes(failing, dict(os.environ), os.getpid())


def test_a_ratio_says_how_many_times_as_long_the_other_way_takes():
    assert figure(0.5, 5.0, "by hand", rows=3) == {
        "ours_s": 0.5,
        "other_s": 5.0,
        "ratio": 10.0,
        "other": "by hand",
        "rows": 3,
    }
