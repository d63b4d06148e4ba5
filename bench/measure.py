"""Timing of calls and processes, the memory of process trees, what they were measured on, and the form of a figure."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import time
from collections.abc import Callable, Sequence
from statistics import median

import psutil

#: What a benchmark returns: one or more figures under the names that the JSON file has them by.
Figures = dict[str, dict[str, object]]
SAMPLE_S = 0.02


def seconds(call: Callable[[], object], repeats: int = 1) -> float:
    """Median wall time of `repeats` calls."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return median(times)


def process_seconds(command: Sequence[str], environment: dict[str, str] | None = None) -> float:
    """Wall time of a command that must succeed; its output is shown only when it fails."""
    begun = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    took = time.perf_counter() - begun
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return took


def peak_bytes(command: Sequence[str], environment: dict[str, str], beside: int) -> int:
    """The most memory that a command and all below it and below the process `beside` hold at once; the command must succeed.

    Each process counts with its proportional share of what it shares with others, so that the sum is what the machine gives; where the
    system knows no such share, with what is its own. Sampled, so a peak of a few milliseconds may be missed.
    """
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, sum(tree_bytes(pid) for pid in (process.pid, beside)))
        time.sleep(SAMPLE_S)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return most


def children_cpu_s(pid: int) -> float:
    """CPU seconds of all that a process has started and seen end, and of what those had; waits for what is just ending."""
    process = psutil.Process(pid)
    psutil.wait_procs(process.children(), timeout=10)
    times = process.cpu_times()
    return times.children_user + times.children_system


def tree_bytes(pid: int) -> int:
    """The memory of a process and of all below it, as in `peak_bytes`; 0 when it is gone."""
    total = 0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                held = process.memory_full_info()
                total += getattr(held, "pss", held.uss)
    return total


def figure(ours_s: float, other_s: float, other: str, **more: object) -> dict[str, object]:
    """Both times in seconds, their ratio (how many times as long the other way takes), and what the other way is."""
    return {"ours_s": round(ours_s, 4), "other_s": round(other_s, 4), "ratio": round(other_s / ours_s, 2)} | {
        "other": other,
        **more,
    }


def machine() -> dict[str, object]:
    """What the figures were measured on; names no host and no path."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
