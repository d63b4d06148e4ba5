"""One process of the local pool: `python -m runner.study.worker`; a job a line on stdin, its record a line on stdout.

What would surprise: whatever else prints here goes to stderr, so that no stray word reads as a record; and at the end of stdin, which is
the end of whoever started it, this process goes at once with all that it started, also in the middle of a job.
"""

from __future__ import annotations

import os
import queue
import sys
import threading

EXIT_ORPHANED = 9


def main() -> None:
    """Run jobs until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    from runner.study.job import run_text

    while True:
        answers.write(f"{run_text(jobs.get())}\n")
        answers.flush()


def _read(jobs: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        jobs.put(line)
    from runner.processes.tree import end_descendants

    end_descendants(os.getpid())
    os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    main()
