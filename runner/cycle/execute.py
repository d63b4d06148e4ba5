"""Execute notebooks, each in its own process, within its wall limit, with nothing left running afterwards.

`execute` runs one, `execute_all` several side by side: a plain loop over processes, no threads, so that an interrupt always finds the one
place that ends them. A run counts as a success only if the process ended well, its executed copy shows no error and no cell left out, and
the files it must write are there and new.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from lib.errors import ParameterError
from runner.cycle.environment import notebook_environment
from runner.cycle.executed import (
    error_in,
    read_executed,
    running_cell,
    sign,
    stamp,
    traceback_in,
    write_executed,
)
from runner.cycle.parameters import check_parameters
from runner.cycle.processes import end_tree

Status = Literal["waiting", "running", "ok", "failed", "skipped", "interrupted"]
DEFAULT_LIMIT_S = 300.0
POLL_S = 0.05
#: Kept of what a notebook's processes wrote outside the notebook, for a kernel that dies without a traceback.
LOG_TAIL_LINES = 20


@dataclass(frozen=True)
class Job:
    """One notebook to execute: the source is read, `output` written; each of `writes` must be there afterwards."""

    name: str
    source: Path
    output: Path
    parameters: dict[str, Any] = field(default_factory=dict)
    writes: tuple[Path, ...] = ()
    limit_s: float = DEFAULT_LIMIT_S
    kernel_name: str | None = None  #: None: the one the notebook names


@dataclass(frozen=True)
class Outcome:
    """How a notebook's run ended. `started` is ISO in UTC; `error` one line, "" when ok."""

    name: str
    status: Status
    error: str = ""
    traceback: str = ""
    started: str | None = None
    seconds: float = 0.0
    attempts: int = 0
    warnings: tuple[str, ...] = ()


Watch = Callable[[str, Status, float], None]


def execute(job: Job) -> Outcome:
    """Run one notebook; never raises for what the notebook does."""
    return execute_all([job], 1)[job.name]


def execute_all(
    jobs: Sequence[Job],
    at_once: int,
    watch: Watch | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Outcome]:
    """Run `jobs`, at most `at_once` at a time, in order of the list; `watch(name, status, seconds)` is told of each change.

    Once `stop()` is true it raises KeyboardInterrupt. On any KeyboardInterrupt all process trees are ended, copies are stamped
    `interrupted`, and the exception goes on with the outcomes so far in its `outcomes` attribute (those that never started are missing).
    """
    tell = watch or (lambda name, status, seconds: None)
    waiting, running = list(jobs), list[NotebookProcess]()
    outcomes: dict[str, Outcome] = {}
    try:
        while waiting or running:
            if stop():
                raise KeyboardInterrupt
            while waiting and len(running) < at_once:
                running.append(NotebookProcess(waiting.pop(0)))
                tell(running[-1].job.name, "running", 0.0)
            for process in list(running):
                if (outcome := process.poll()) is not None:
                    running.remove(process)
                    outcomes[outcome.name] = outcome
                    tell(outcome.name, outcome.status, outcome.seconds)
                else:
                    tell(process.job.name, "running", process.seconds)
            time.sleep(POLL_S if running else 0.0)
    except BaseException as ended:
        for process in running:
            outcomes[process.job.name] = process.interrupt()
            tell(process.job.name, "interrupted", process.seconds)
        ended.outcomes = outcomes  # type: ignore[attr-defined]
        raise
    return outcomes


class NotebookProcess:
    """The process that runs one job, from its start until its tree is gone."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.run = secrets.token_hex(8)
        self.started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._clock = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._refused = ""
        self._before = {path: _state(path) for path in job.writes}
        self._folder = _private_folder()
        try:
            job.output.parent.mkdir(parents=True, exist_ok=True)
            job.output.unlink(missing_ok=True)  # a copy of an earlier run must not be taken for this one's
            check_parameters(job.source, job.parameters)
            self._start()
        except ParameterError as error:
            self._refused = str(error)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    @property
    def seconds(self) -> float:
        """Wall time since the start."""
        return time.monotonic() - self._clock

    def poll(self) -> Outcome | None:
        """The outcome once the run is over, ending it when its time is up; None while it goes on."""
        if self._process is None:
            return self._finish("failed", self._refused)
        if self._process.poll() is not None:
            return self._close()
        if self.seconds >= self.job.limit_s:
            self._end()
            return self._finish("failed", self._over_limit())
        return None

    def interrupt(self) -> Outcome:
        """End the run from outside."""
        self._end()
        return self._finish("interrupted", "stopped before it was done")

    def _start(self) -> None:
        job = {
            "source": str(self.job.source.resolve()),
            "output": str(self.job.output.resolve()),
            "parameters": self.job.parameters,
            "limit_s": self.job.limit_s,
            "kernel_name": self.job.kernel_name,
            "verdict": str(self._folder / "verdict.json"),
            "folder": str(self._folder),
            "run": self.run,
        }
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "runner.cycle.child"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=notebook_environment(self._folder, self.run),
                start_new_session=True,  # a Ctrl-C in the terminal is for the runner, which then ends its children
            )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()

    def _end(self) -> None:
        if self._process is not None:
            end_tree(self._process.pid, self.run)
            self._process.wait()

    def _close(self) -> Outcome:
        """The process ended by itself: read what it left, and make sure that it left nobody."""
        assert self._process is not None
        end_tree(self._process.pid, self.run)
        try:
            verdict = json.loads((self._folder / "verdict.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return self._finish("failed", f"its process died ({_exit_words(self._process.returncode)})")
        error = self._over_limit() if verdict["timed_out"] else verdict["error"]
        return self._finish("failed" if error else "ok", error, verdict["traceback"], verdict["attempts"])

    def _over_limit(self) -> str:
        return f"stopped at its limit of {self.job.limit_s:g} s"

    def _finish(self, status: Status, error: str, traceback: str = "", attempts: int = 1) -> Outcome:
        """Judge, stamp and sign the executed copy; clean up."""
        copy = read_executed(self.job.output, self.job.source)
        if status == "ok" and (error := error_in(copy) or self._not_written()):
            status = "failed"
        if status != "ok":
            at = running_cell(copy)
            error = f"{error}, in {at}" if at and "cell " not in error else error
            traceback = traceback or traceback_in(copy) or self._log_tail()
        write_executed(stamp(copy, status, error, traceback), self.job.output)
        warning = sign(self.job.output)
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        return Outcome(
            name=self.job.name,
            status=status,
            error=error,
            traceback=traceback,
            started=self.started,
            seconds=round(self.seconds, 2),
            attempts=attempts if self._process else 0,
            warnings=(warning,) if warning else (),
        )

    def _not_written(self) -> str:
        missing = [path.name for path in self.job.writes if _state(path) in (None, self._before[path])]
        return f"it ended without writing {', '.join(missing)}" if missing else ""

    def _log_tail(self) -> str:
        try:
            text = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])


def _private_folder() -> Path:
    """A new 0700 folder with a short path: a socket's path may have about 100 characters, and a person's TMPDIR may be long."""
    base = Path("/tmp")
    return Path(tempfile.mkdtemp(prefix="rib", dir=base if base.is_dir() else None))


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _exit_words(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
