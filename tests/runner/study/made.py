"""Small studies: two markets that walk at random, two questions, and a cluster of real processes on this machine."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from distributed import Client

from lib.market.terms import DEFAULT_TERMS
from lib.paths import repository_root
from runner.cycle.settings import CycleSettings
from runner.study.file import read_study
from runner.study.job import Job
from runner.study.plan import Plan, read_plan
from runner.study.run import Means, run_study
from tests.lib.questions.made import WICKS, walk, write

LIMITS = CycleSettings()
RISES = WICKS.replace("After a fall", "After a rise").replace(
    "long=change < -0.2, short=change > 0.2", "long=change > 0.3"
)
START_S = 60.0


def candle_file(place: Path, seed: int, rows: int = 2_200) -> Path:
    """5-minute candles of a random walk, packed."""
    table = walk(rows, seed).drop(columns="closed_at").assign(volume=1.0)
    table.index = table.index.strftime("%Y-%m-%dT%H:%M:%SZ")
    with gzip.open(place, "wt", encoding="utf-8") as file:
        table.to_csv(file, index_label="timestamp")
    return place


def study_file(folder: Path, more: str = "", markets: int = 2) -> Path:
    """A study of two questions and some markets, with their files beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, WICKS, "falls.py")
    write(folder, RISES, "rises.py")
    lines = ['questions = ["*s.py"]', more]
    for number in range(markets):
        candle_file(folder / f"M{number}USDT_5m.csv.gz", number + 1)
        lines.append(f'[[markets]]\ncandles = "M{number}USDT_5m.csv.gz"\n')
    place = folder / "small.toml"
    place.write_text("\n".join(lines), encoding="utf-8")
    return place


def plan_of(place: Path) -> Plan:
    """The plan of a study's file, its boundaries in `data` beside it."""
    return read_plan(
        read_study(place), place, place.parent / "data", place.parent / "kept", DEFAULT_TERMS, LIMITS
    )


def jobs_of(place: Path) -> list[Job]:
    """The jobs of a study that explores."""
    return plan_of(place).exploring()


def run(place: Path, means: Means, stopped=lambda: False, said: list[str] | None = None):
    """Run a study whose folders are beside it."""
    say = (said if said is not None else []).append
    return run_study(
        place, place.parent / "data", place.parent / "out", DEFAULT_TERMS, LIMITS, means, stopped, say
    )


def kept_records(place: Path) -> dict[str, str]:
    """Text of every record of a study by its job's id."""
    jobs = place.parent / "out" / place.stem / "jobs"
    return {each.parent.name: each.read_text(encoding="utf-8") for each in sorted(jobs.glob("*/record.json"))}


def start(folder: Path, name: str, module: str, *words: object) -> subprocess.Popen:
    """A process of a cluster, by the interpreter that runs the tests; what it says stands in the file `name`."""
    environment = os.environ | {"PYTHONPATH": str(repository_root()), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *map(str, words)]
    with (folder / name).open("wb") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)


def start_worker(folder: Path, address: str, name: str, threads: int = 1) -> subprocess.Popen:
    """A worker of the cluster at `address`."""
    words = (address, "--nthreads", threads, "--no-nanny", "--host", "127.0.0.1", "--local-directory")
    return start(folder, f"log_{name}", "dask_worker", *words, folder / name)


@contextlib.contextmanager
def cluster(
    folder: Path, workers: int = 2, threads: int = 1
) -> Iterator[tuple[str, subprocess.Popen, list[subprocess.Popen]]]:
    """A scheduler and workers: address, scheduler, workers. What is added to the workers ends with them."""
    folder.mkdir(parents=True, exist_ok=True)
    known, those = folder / "scheduler.json", []
    scheduler = start(
        folder, "log", "dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", known
    )
    try:
        end = time.monotonic() + START_S
        while not known.exists() and scheduler.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        address = json.loads(known.read_text(encoding="utf-8"))["address"]
        those += [start_worker(folder, address, f"w{number}", threads) for number in range(workers)]
        with Client(address, timeout=START_S, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=START_S)
        yield address, scheduler, those
    finally:
        for process in (scheduler, *those):
            process.kill()
        for process in (scheduler, *those):
            process.wait()
