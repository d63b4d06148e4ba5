"""Many seeded runs over the cores, and what is said of them: shares and quantiles, each with its interval.

A run is a function of its own generator, seeded by the experiment's name and the run's number, so results depend neither on the number of
processes nor on which other experiments are done. Finished runs are kept in a file, so an interrupted bench goes on where it was.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf, isinf
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from scipy.stats import binom, binomtest

SEED = 20260105
CONFIDENCE = 0.95
#: Seconds between two lines of progress.
TOLD_EVERY_S = 10.0

Run = Callable[[np.random.Generator], Any]


class KeptRuns:
    """The results of finished runs by experiment and number, in a file of JSON lines that is appended to; one of other `marks` is begun
    anew.
    """

    def __init__(self, path: Path, marks: dict[str, Any]):
        self.path = path
        self._found: dict[str, dict[int, Any]] = {}
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = text[: text.rfind("\n") + 1].splitlines()  # without what an interrupt left half written
        if not lines or json.loads(lines[0]) != marks:
            lines = [json.dumps(marks)]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for name, number, result in map(json.loads, lines[1:]):
            self._found.setdefault(name, {})[number] = result

    def of(self, name: str) -> dict[int, Any]:
        """The finished runs of an experiment, as JSON gives them back."""
        return dict(self._found.get(name, {}))

    def add(self, name: str, number: int, result: Any) -> None:
        """Keep one more."""
        self._found.setdefault(name, {})[number] = result
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps([name, number, result])}\n")


@dataclass
class Bench:
    """How runs are done: in these processes (None: in this one), so many times the usual number; `kept`: where finished ones are."""

    pool: Any = None
    scale: float = 1.0
    kept: KeptRuns | None = None

    def runs(
        self,
        name: str,
        run: Run,
        usual: int,
        kind: Callable[[Any], Any] = lambda result: result,
        version: str = "",
    ) -> list[Any]:
        """The results of `usual` runs (times the scale), in the order of their numbers; `name` is what seeds them, and with `version`
        (of several with the same seeds) what they are kept by; `kind` makes a result of what JSON has kept of it.
        """
        count = max(2, round(usual * self.scale))
        kept_as = f"{name} {version}".rstrip()
        done = {number: kind(result) for number, result in self.kept.of(kept_as).items()} if self.kept else {}
        numbers = [number for number in range(count) if number not in done]
        work = partial(_one, name, run)
        found = self.pool.imap(work, numbers) if self.pool else map(work, numbers)
        for number, result in zip(numbers, _told(kept_as, found, len(numbers)), strict=True):
            done[number] = result
            if self.kept:
                self.kept.add(kept_as, number, result)
        return [done[number] for number in range(count)]


@contextmanager
def benches(processes: int, scale: float, kept: KeptRuns | None = None) -> Iterator[Bench]:
    """A bench with so many processes, which end with it; with one, everything is done here."""
    if processes < 2:
        yield Bench(scale=scale, kept=kept)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield Bench(pool, scale, kept)


def _one(name: str, run: Run, number: int) -> Any:
    return run(np.random.default_rng([SEED, crc32(name.encode()), number]))


def _told(name: str, results: Iterator[Any], count: int) -> Iterator[Any]:
    begun = told = time.monotonic()
    for done, result in enumerate(results, 1):
        now = time.monotonic()
        if done == count or now - told > TOLD_EVERY_S:
            told, left = now, (now - begun) / done * (count - done)
            print(
                f"{name}: {done} of {count} runs, about {left:.0f} s left of it", file=sys.stderr, flush=True
            )
        yield result


def share(hits: int, runs: int) -> dict[str, Any]:
    """A share of runs with its exact binomial interval (Clopper and Pearson, 95 %)."""
    interval = binomtest(hits, runs).proportion_ci(CONFIDENCE)
    return {
        "runs": runs,
        "hits": hits,
        "share": hits / runs,
        "interval": [round(float(interval.low), 5), round(float(interval.high), 5)],
    }


def quantile(values: Sequence[float], part: float) -> dict[str, Any]:
    """The value that a share `part` of the runs stays at or below, and its interval from the order of the runs alone (95 %).

    Runs that never come to an end count as infinite; null stands for that.
    """
    ordered, n = sorted(values), len(values)
    beyond = (1 - CONFIDENCE) / 2
    ranks = [int(np.ceil(part * n)), int(binom.ppf(beyond, n, part)), int(binom.ppf(1 - beyond, n, part)) + 1]
    value, low, high = (
        (ordered[rank - 1] if rank <= n else inf) for rank in (max(rank, 1) for rank in ranks)
    )
    return {"value": finite(value), "interval": [finite(low), finite(high)]}


def finite(value: float) -> float | None:
    """As JSON: null for infinite."""
    return None if isinf(value) else round(float(value), 4)
