"""Execute notebooks, each in its own process, within its wall limit, with nothing left running afterwards.

One loop over processes, so that an interrupt always finds the one place that ends them. The loop never waits for any of them: what takes
long is done aside, so that a notebook that is hard to end or to read keeps neither another's limit nor an interrupt.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

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
    """Run `jobs`, at most `at_once` at a time, in order of the list; `watch(name, status, seconds)` is told of each change.

    `meanwhile` does a piece of work while notebooks run, in a thread of its own; False says that there is none.
    `warm` is the socket of a server that their processes are forked from (runner.warm); None: they are started, which takes seconds each.

    Once `stop()` is true it raises KeyboardInterrupt. On any KeyboardInterrupt all process trees are ended, copies are stamped
    `interrupted`, and the exception goes on with the outcomes so far in its `outcomes` attribute (those that never started are missing).
    """
    tell = watch or (lambda name, status, seconds: None)
    waiting, running = list(jobs), list[NotebookProcess]()
    outcomes: dict[str, NotebookOutcome] = {}
    with ThreadPoolExecutor(at_once + 1) as aside:
        work = _Work(meanwhile, aside)
        try:
            while waiting or running:
                if stop():
                    raise KeyboardInterrupt
                while waiting and len(running) < at_once:
                    running.append(NotebookProcess(waiting.pop(0), aside, warm))
                    tell(running[-1].job.name, "running", 0.0)
                for process in list(running):
                    if (outcome := process.poll()) is not None:
                        running.remove(process)
                        outcomes[outcome.name] = outcome
                        tell(outcome.name, outcome.status, outcome.seconds)
                    else:
                        tell(process.job.name, "running", process.seconds)
                if running:
                    work.go_on()
                    time.sleep(POLL_S)
        except BaseException as ended:
            for process in running:
                process.interrupt()
            for process in running:
                outcome = outcomes[process.job.name] = process.outcome()
                tell(outcome.name, outcome.status, outcome.seconds)
            ended.outcomes = outcomes  # type: ignore[attr-defined]
            raise
    work.check()
    return outcomes


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
