"""Execute notebooks, each in its own process, within its wall limit, with nothing left running afterwards.

A plain loop over processes, no threads, so that an interrupt always finds the one place that ends them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
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

    `meanwhile` does a fraction of a second's work while notebooks run; False says that there is none.
    `warm` is the socket of a server that their processes are forked from (runner.warm); None: they are started, which takes seconds each.

    Once `stop()` is true it raises KeyboardInterrupt. On any KeyboardInterrupt all process trees are ended, copies are stamped
    `interrupted`, and the exception goes on with the outcomes so far in its `outcomes` attribute (those that never started are missing).
    """
    tell = watch or (lambda name, status, seconds: None)
    waiting, running = list(jobs), list[NotebookProcess]()
    outcomes: dict[str, NotebookOutcome] = {}
    try:
        while waiting or running:
            if stop():
                raise KeyboardInterrupt
            while waiting and len(running) < at_once:
                running.append(NotebookProcess(waiting.pop(0), warm))
                tell(running[-1].job.name, "running", 0.0)
            for process in list(running):
                if (outcome := process.poll()) is not None:
                    running.remove(process)
                    outcomes[outcome.name] = outcome
                    tell(outcome.name, outcome.status, outcome.seconds)
                else:
                    tell(process.job.name, "running", process.seconds)
            if running and not meanwhile():
                time.sleep(POLL_S)
    except BaseException as ended:
        for process in running:
            outcomes[process.job.name] = process.interrupt()
            tell(process.job.name, "interrupted", process.seconds)
        ended.outcomes = outcomes  # type: ignore[attr-defined]
        raise
    return outcomes
