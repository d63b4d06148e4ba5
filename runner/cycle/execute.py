"""Execute notebooks, each in its own process, within its wall limit, with nothing left running afterwards.

One loop over processes, so that an interrupt always finds the one place that ends them. The loop never waits for any of them: what takes
long is done aside, so that a notebook that is hard to end or to read keeps neither another's limit nor an interrupt.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Self

from runner.cycle.models import NotebookJob, NotebookOutcome, Watch
from runner.cycle.process import NotebookProcess

POLL_S = 0.02


def execute_all(
    jobs: Sequence[NotebookJob],
    at_once: int,
    watch: Watch | None = None,
    stop: Callable[[], bool] = lambda: False,
    warm: Path | None = None,
    meanwhile: Callable[[], bool] = lambda: False,
) -> dict[str, NotebookOutcome]:
    """Run `jobs`, at most `at_once` at a time, in order of the list, as `Execution.run` does."""
    with Execution(at_once, watch, stop, warm, meanwhile) as execution:
        return execution.run(jobs)


class Execution:
    """Runs lists of jobs, one after another; what a list has to prepare may be begun before its turn (`prepare`, `run`).

    `watch(name, status, seconds)` is told of each change. `meanwhile` does a piece of work while notebooks run, in a thread of its own;
    False says that there is none. `warm` is the socket of a server that processes are forked from (runner.warm); None: they are started,
    which takes seconds each. With the end of the block everything that was begun early and not wanted is ended.
    """

    def __init__(
        self,
        at_once: int,
        watch: Watch | None = None,
        stop: Callable[[], bool] = lambda: False,
        warm: Path | None = None,
        meanwhile: Callable[[], bool] = lambda: False,
    ) -> None:
        self._at_once, self._stop, self._warm = at_once, stop, warm
        self._early: dict[str, NotebookProcess] = {}
        self._aside = ThreadPoolExecutor(at_once + 1)
        self._preparing: Future[None] | None = None
        self.tells(watch, meanwhile)

    def tells(self, watch: Watch | None, meanwhile: Callable[[], bool]) -> None:
        """Who is told from now on, and what is done meanwhile."""
        self._tell = watch or (lambda name, status, seconds: None)
        self._work = _Work(meanwhile, self._aside)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.drop()
        finally:
            self._aside.shutdown()
        if kind is None:
            self._work.check()

    def prepare(self, jobs: Sequence[NotebookJob]) -> None:
        """Begin aside, as far as there is room, those of the jobs that can wait; they go on when they are run."""
        coming = [job for job in jobs if job.waits][: self._at_once]

        def begin() -> None:
            for job in coming:
                self._early[job.name] = NotebookProcess(job, self._aside, self._warm, early=True)

        self._preparing = self._aside.submit(begin)

    def _prepared(self) -> None:
        """Wait for what is begun aside; raises what that raised."""
        if self._preparing is not None:
            preparing, self._preparing = self._preparing, None
            preparing.result()

    def run(
        self, jobs: Sequence[NotebookJob], later: Sequence[NotebookJob] = ()
    ) -> dict[str, NotebookOutcome]:
        """Run `jobs` in their order. Once there is room, those of `later` that can wait are begun, to go on when they are run.

        Once `stop()` is true it raises KeyboardInterrupt. On any KeyboardInterrupt all process trees are ended, copies are stamped
        `interrupted`, and the exception goes on with the outcomes so far in its `outcomes` attribute (those that never started, or only
        waited, are missing).
        """
        self._prepared()
        waiting, running = list(jobs), list[NotebookProcess]()
        coming = [job for job in later if job.waits and job.name not in self._early]
        outcomes: dict[str, NotebookOutcome] = {}
        try:
            while waiting or running:
                if self._stop():
                    raise KeyboardInterrupt
                self._begin(waiting, coming, running)
                self._look(running, outcomes)
                if running:
                    self._work.go_on()
                    _await(running)
        except BaseException as ended:
            for process in running:
                process.interrupt()
            for process in running:
                outcome = outcomes[process.job.name] = process.outcome()
                self._tell(outcome.name, outcome.status, outcome.seconds)
            ended.outcomes = outcomes  # type: ignore[attr-defined]
            raise
        return outcomes

    def _begin(
        self, waiting: list[NotebookJob], coming: list[NotebookJob], running: list[NotebookProcess]
    ) -> None:
        """Begin what there is room for; of the `coming` ones one at a look, once none is waiting."""
        while waiting and (waiting[0].name in self._early or self._has_room(running)):
            job = waiting.pop(0)
            process = self._early.pop(job.name, None) or NotebookProcess(job, self._aside, self._warm)
            running.append(process)
            process.go_on()
            self._tell(job.name, "running", 0.0)
        if coming and not waiting and self._has_room(running):
            job = coming.pop(0)
            self._early[job.name] = NotebookProcess(job, self._aside, self._warm, early=True)

    def _has_room(self, running: Sequence[NotebookProcess]) -> bool:
        return len(running) + len(self._early) < self._at_once

    def _look(self, running: list[NotebookProcess], outcomes: dict[str, NotebookOutcome]) -> None:
        """Move those that are over from `running` to `outcomes`, and tell of all."""
        for process in list(running):
            if (outcome := process.poll()) is not None:
                running.remove(process)
                outcomes[outcome.name] = outcome
                self._tell(outcome.name, outcome.status, outcome.seconds)
            else:
                self._tell(process.job.name, "running", process.seconds)
        for process in self._early.values():
            process.poll()  # its limits hold while it waits

    def drop(self, *names: str) -> None:
        """End what was begun early of these, or of all, and is not wanted after all; no copy of it stays."""
        try:
            self._prepared()
        finally:
            self._drop(names or tuple(self._early))

    def _drop(self, names: Sequence[str]) -> None:
        dropped = [self._early.pop(name) for name in names if name in self._early]
        for process in dropped:
            process.interrupt()
        for process in dropped:
            process.outcome()
            process.job.output.unlink(missing_ok=True)


def _await(running: Sequence[NotebookProcess]) -> None:
    """Until the next look, or until one that has ended is judged: what comes behind it waits for that."""
    judged = [process.judged for process in running if process.judged is not None]
    if judged:
        wait(judged, POLL_S, FIRST_COMPLETED)
    else:
        time.sleep(POLL_S)


class _Work:
    """Pieces of work, one after another in a thread."""

    def __init__(self, do: Callable[[], bool], aside: Executor) -> None:
        self._do, self._aside = do, aside
        self._piece: Future[bool] | None = None

    def go_on(self) -> None:
        """Begin the next piece once the last is done; raises what the last raised."""
        if self._piece is None or self._piece.done():
            self.check()
            self._piece = self._aside.submit(self._do)

    def check(self) -> None:
        """Raise what the last piece raised."""
        if self._piece is not None:
            self._piece.result()
