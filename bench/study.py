"""A study by two processes of this machine, and by two workers of a Dask cluster on it: jobs a second, and what a job costs else.

The jobs ask two questions of two markets of ten days twice over, by terms. What a job costs beside its question is measured on jobs that
have no row to be asked of: they are sent, read their market, are answered and kept, and start no question.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.measure import Figures
from bench.sweep import market
from lib.market.terms import DEFAULT_TERMS
from lib.paths import notebooks, repository_root
from lib.questions.study import JobRecord
from runner.cycle.settings import CycleSettings
from runner.study.cluster import run_cluster
from runner.study.file import read_study
from runner.study.folder import StudyFolder
from runner.study.job import Job
from runner.study.plan import read_plan
from runner.study.pool import run_pool

PROCESSES = 2
DAYS = 10
EMPTY_JOBS = 100
QUESTIONS = ("ribbon_flip", "wick_rule")
_START_S = 60.0


def run(folder: Path) -> Figures:
    """The figures of `study`, from an empty folder."""
    jobs = _jobs(folder, "")
    empty = _jobs(folder, '[[periods]]\nname = "before"\nuntil = "2020-01-01T00:00:00Z"\n')[:1] * EMPTY_JOBS
    pool = _seconds(folder, jobs, lambda jobs, done: run_pool(jobs, PROCESSES, done))
    with _cluster(folder / "cluster") as address:
        cluster = _seconds(folder, jobs, lambda jobs, done: run_cluster(jobs, address, done))
    return {
        "study": {
            "jobs": len(jobs),
            "jobs_per_s_pool": round(len(jobs) / pool, 3),
            "jobs_per_s_cluster": round(len(jobs) / cluster, 3),
            "overhead_ms_a_job": round(_overhead_s(folder, empty) * 1_000, 2),
        }
    }


def _jobs(folder: Path, more: str) -> list[Job]:
    lines = [
        f"questions = {json.dumps([str(notebooks() / 'questions' / f'{name}.py') for name in QUESTIONS])}",
        more,
    ]
    for seed in range(2):
        file = folder / f"M{seed}USDT_5m.csv"
        if not file.exists():
            table = market(DAYS, seed)[0].drop(columns="closed_at").assign(volume=1.0)
            table.index = table.index.strftime("%Y-%m-%dT%H:%M:%SZ")
            table.to_csv(file, index_label="timestamp")
        lines.append(f'[[markets]]\ncandles = "{file.name}"')
    lines += [f'[[terms]]\nname = "fee{fee}"\nfee_pct = 0.0{fee}' for fee in (2, 4)]
    place = folder / "bench.toml"
    place.write_text("\n".join(lines), encoding="utf-8")
    plan = read_plan(
        read_study(place), place, folder / "data", folder / "kept", DEFAULT_TERMS, CycleSettings()
    )
    return plan.exploring()


def _seconds(folder: Path, jobs: Sequence[Job], by: Callable) -> float:
    """Wall time of all jobs, each record kept; raises RuntimeError where one has no answer."""
    kept, records = StudyFolder(folder / f"out{time.monotonic_ns()}"), []
    begun = time.perf_counter()

    def done(job: Job, record: JobRecord) -> None:
        kept.keep(record)
        records.append(record)

    by(jobs, done)
    took = time.perf_counter() - begun
    if [record.reason for record in records if record.state != "answered"] or len(records) != len(jobs):
        raise RuntimeError(f"{len(records)} of {len(jobs)} jobs: {[record.reason for record in records]}")
    return took


def _overhead_s(folder: Path, jobs: Sequence[Job]) -> float:
    """Seconds a job in one process, from the first that is done to the last: its start and the first reading are left out."""
    kept, ends = StudyFolder(folder / "empty"), []

    def done(job: Job, record: JobRecord) -> None:
        kept.keep(record)
        ends.append(time.perf_counter())

    run_pool(jobs, 1, done)
    return (ends[-1] - ends[0]) / (len(ends) - 1)


@contextlib.contextmanager
def _cluster(folder: Path) -> Iterator[str]:
    """A scheduler and two workers of this interpreter, of one thread each; its address."""
    from distributed import Client

    folder.mkdir()
    known, environment = folder / "scheduler.json", os.environ | {"PYTHONPATH": str(repository_root())}
    started = []

    def start(module: str, *words: object) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", "--host", "127.0.0.1"]
        silent = subprocess.DEVNULL
        started.append(
            subprocess.Popen(
                [*command, *map(str, words)], env=environment, stdout=silent, stderr=silent, cwd=folder
            )
        )

    try:
        start("dask_scheduler", "--port", 0, "--scheduler-file", known)
        end = time.monotonic() + _START_S
        while not known.exists() and time.monotonic() < end:
            time.sleep(0.05)
        address = json.loads(known.read_text(encoding="utf-8"))["address"]
        for number in range(PROCESSES):
            start(
                "dask_worker",
                address,
                "--nthreads",
                1,
                "--no-nanny",
                "--local-directory",
                folder / f"w{number}",
            )
        with Client(address, timeout=_START_S, set_as_default=False) as client:
            client.wait_for_workers(PROCESSES, timeout=_START_S)
        yield address
    finally:
        for process in started:
            process.kill()
            process.wait()
