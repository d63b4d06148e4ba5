"""The local pool: a few processes, each with one job at a time; one that dies is replaced, and its job is given to another.

What would surprise: a job whose process died three times gets a record that says so; the others go on. Python's own pools break as a whole
when a process dies, and do not say on which job.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lib.contract.standing import file_bytes
from lib.paths import repository_root
from lib.questions.study import JobRecord
from runner.processes.environment import RUN_VARIABLE, pinned_environment
from runner.processes.interpreter import module_command
from runner.processes.scratch import private_folder, remove_folder
from runner.processes.tree import end_marked, end_tree
from runner.study.job import Job
from runner.study.plan import localized

_WORKER = "runner.study.worker"
_LOOK_S = 0.2
_CHUNK = 1 << 16
ATTEMPTS = 3
Done = Callable[[Job, JobRecord], None]


def run_pool(
    jobs: Sequence[Job], processes: int, done: Done, stopped: Callable[[], bool] = lambda: False
) -> None:
    """Run jobs, calling `done` in this process with each record; returns early, with all processes ended, once `stopped()`."""
    folder = private_folder("rib-study")
    with selectors.DefaultSelector() as selector:
        pool = _Pool(folder, selector, deque(map(localized, jobs)), done)
        try:
            for _ in range(min(processes, len(jobs))):
                pool.start()
            while any(worker.job for worker in pool.workers) and not stopped():
                for key, _ in selector.select(_LOOK_S):
                    pool.hear(key.data)
        finally:
            for worker in pool.workers:
                worker.end()
            remove_folder(folder)


@dataclass
class _Pool:
    folder: Path
    selector: selectors.BaseSelector
    waiting: deque[Job]
    done: Done
    workers: list[_Worker] = field(default_factory=list)
    died: dict[str, int] = field(default_factory=dict)  #: by job, how often its process did

    def start(self) -> None:
        """One more process, with the next job."""
        worker = _Worker(self.folder)
        self.selector.register(worker.output, selectors.EVENT_READ, worker)
        self.workers.append(worker)
        worker.give(self.waiting.popleft())

    def hear(self, worker: _Worker) -> None:
        """Take what a worker gives back, or its end, and hand out the next job."""
        if (line := worker.read()) is None:
            return
        if (job := worker.job) is not None:
            worker.job = None
            record = _record(line, job, worker, self.died)
            if record is None:  # it died, and the job is tried again
                self.waiting.appendleft(job)
            else:
                self.done(job, record)
        if line:
            if self.waiting:
                worker.give(self.waiting.popleft())
            return
        self.selector.unregister(worker.output)
        worker.end()
        self.workers.remove(worker)
        if self.waiting:
            self.start()


def _record(line: bytes, job: Job, worker: _Worker, died: dict[str, int]) -> JobRecord | None:
    """What a worker gave back; where it died (no line), None while its job may be tried again, else a record that says so."""
    if line:
        return JobRecord.model_validate_json(line)
    died[job.id] = died.get(job.id, 0) + 1
    if died[job.id] < ATTEMPTS:
        return None
    reason = f"the process that ran it ended {ATTEMPTS} times without an answer{worker.last_words()}"
    return JobRecord(id=job.id, version=job.version, state="refused", reason=reason)


class _Worker:
    """A process of the pool and the job that it has."""

    def __init__(self, folder: Path) -> None:
        self.job: Job | None = None
        self.run = secrets.token_hex(8)
        self.log = folder / f"log{self.run}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                module_command(_WORKER),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(self.run),
                start_new_session=True,  # Ctrl-C is for the one process that keeps the records
            )
        assert self.process.stdout is not None
        self.output = self.process.stdout
        self._part = b""

    def give(self, job: Job) -> None:
        """Hand it a job; one that has died meanwhile is seen when it is read from."""
        self.job = job
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(job.model_dump_json().encode() + b"\n")
            self.process.stdin.flush()

    def read(self) -> bytes | None:
        """Its next whole line; None while there is none, nothing at its end."""
        part = os.read(self.output.fileno(), _CHUNK)
        if not part:
            return b""
        self._part += part
        if not self._part.endswith(b"\n"):
            return None
        line, self._part = self._part, b""
        return line

    def last_words(self) -> str:
        """The last line that it wrote to stderr, for a message."""
        with contextlib.suppress(OSError):
            told = file_bytes(self.log)[-2_000:].decode(errors="replace").strip().splitlines()
            return f" (its last words: {told[-1][:200]})" if told else ""
        return ""

    def end(self) -> None:
        """Kill it with all that it started, what outlived it too."""
        if self.process.poll() is None:
            end_tree(self.process.pid, self.run)
        else:
            end_marked(self.run)
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()
        self.process.wait()


def _environment(run: str) -> dict[str, str]:
    """That of a notebook: no key, no notification address."""
    environment = pinned_environment("kernel")
    importable = [str(repository_root()), environment.get("PYTHONPATH", "")]
    return environment | {
        RUN_VARIABLE: run,
        "PYTHONPATH": os.pathsep.join(path for path in importable if path),
        "PYTHONUNBUFFERED": "1",
    }
