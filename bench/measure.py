"""Timing of calls and processes, and the form of a figure."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from statistics import median


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


def figure(ours_s: float, other_s: float, other: str, **more: object) -> dict[str, object]:
    """Both times in seconds, their ratio (how many times as long the other way takes), and what the other way is."""
    return {"ours_s": round(ours_s, 4), "other_s": round(other_s, 4), "ratio": round(other_s / ours_s, 2)} | {
        "other": other,
        **more,
    }
