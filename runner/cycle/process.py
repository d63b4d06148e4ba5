"""The process of one notebook: forked from a warm server or started plain, watched, ended in time, its executed copy judged.

A run counts as a success only if the process ended well, its executed copy shows no error and no cell left out, and the files it must
write are there and new. What may take long (a kill of a large process, a copy of many megabytes) is done aside, in a thread.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import stat
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

from lib.contract.standing import file_text, open_file
from lib.errors import ParameterError
from runner.cycle.child import CELL_NOTE, GO_ON, WAITING_NOTE
from runner.cycle.executed import (
    UNTOLD,
    error_in,
    mark_started,
    printed_error,
    read_executed,
    remedy_in,
    running_cell,
    stamp,
    traceback_in,
    write_executed,
)
from runner.cycle.models import MB, Limit, NotebookJob, NotebookOutcome, Status
from runner.cycle.parameters import check_parameters
from runner.errors import WarmError
from runner.processes.environment import notebook_environment
from runner.processes.interpreter import module_command
from runner.processes.memory import MemoryWatch
from runner.processes.scratch import private_folder, remove_folder
from runner.processes.tree import end_tree
from runner.warm.client import ForkedProcess, fork_piped

#: What runs a notebook, and what has its kernel forked too (runner.warm.provisioner).
_CHILD = "runner.cycle.child"
_PROVISIONER_VARIABLE, PROVISIONER = "JUPYTER_DEFAULT_PROVISIONER_NAME", "ribbon-warm"
#: Where a run stands that passed its limit while its kernel started.
_NO_CELL = "its start: the machine is slow or busy"
#: Kept of what a notebook's processes wrote outside the notebook, for a kernel that dies without a traceback.
_LOG_TAIL_LINES, _LOG_TAIL_BYTES = 20, 20_000


class NotebookProcess:
    """The process that runs one job, from its start until its tree is gone; what ends and judges it runs in `aside`."""

    def __init__(
        self, job: NotebookJob, aside: Executor, warm: Path | None = None, early: bool = False
    ) -> None:
        """`early`: it is to wait before its first cell with a tag of WAITS until `go_on`."""
        self.job, self._early = job, early
        self._aside = aside
        self._closing: Future[NotebookOutcome] | None = None
        self._output_bytes = int(job.output_mb * MB)
        self._warm = warm
        self._warnings: list[str] = []
        self.run = secrets.token_hex(8)
        self.started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._clock = time.monotonic()
        self._waits_since: float | None = None
        self._process: subprocess.Popen[bytes] | ForkedProcess | None = None
        self._memory: MemoryWatch | None = None
        self._refused = ""
        self._before = {path: _state(path) for path in job.writes}
        self._folder = private_folder()
        try:
            job.output.parent.mkdir(parents=True, exist_ok=True)
            job.output.unlink(missing_ok=True)  # a copy of an earlier run must not be taken for this one's
            check_parameters(job.source, job.parameters)
            self._start()
        except ParameterError as error:
            self._refused = str(error)
        except BaseException:
            remove_folder(self._folder)
            raise

    @property
    def seconds(self) -> float:
        """Wall time since the start, without that of waiting."""
        return (self._waits_since or time.monotonic()) - self._clock

    def go_on(self) -> None:
        """One that was begun early need not wait any more; nothing for the others."""
        if not self._early:
            return
        self._note_waiting()
        self._early = False
        if self._waits_since is not None:
            self._clock += time.monotonic() - self._waits_since
            self._waits_since = None
        self._tell(GO_ON)

    def poll(self) -> NotebookOutcome | None:
        """The outcome once the run is over and judged, ending it when it has passed a limit; None until then. Never waits."""
        self._note_waiting()
        if self._closing is None and (closing := self._over()):
            self._closing = self._aside.submit(closing)
        return self._closing.result() if self._closing is not None and self._closing.done() else None

    def _note_waiting(self) -> None:
        """Since when it waits, by its note: nobody may have looked for long."""
        if self._early and self._waits_since is None:
            with contextlib.suppress(OSError):
                age = time.time() - (self._folder / WAITING_NOTE).stat().st_mtime
                self._waits_since = time.monotonic() - max(age, 0.0)

    @property
    def judged(self) -> Future[NotebookOutcome] | None:
        """The outcome to come, of a run that is over; None while it goes on."""
        return self._closing

    def interrupt(self) -> None:
        """Begin to end the run from outside; one that is over already ends as it would."""
        if self._closing is None:
            self._closing = self._aside.submit(self._stop, "interrupted", "stopped before it was done")

    def outcome(self) -> NotebookOutcome:
        """Wait for the outcome of a run that is over or interrupted."""
        assert self._closing is not None
        return self._closing.result()

    def _over(self) -> Callable[[], NotebookOutcome] | None:
        """How to close the run, where it is over or must be; None while it goes on."""
        if self._process is None:
            return partial(self._finish, "failed", self._refused)
        if self._process.poll() is not None:
            return self._close
        passed = self._passed()
        return partial(self._stop, "failed", self._limit_words(passed)) if passed else None

    def _passed(self) -> Limit | None:
        """The limit that the run has passed. What its kernel sends is counted where it arrives (runner.cycle.engine)."""
        if self.seconds >= self.job.limit_s:
            return "time"
        if _size(self._folder / "log") > self._output_bytes:
            return "output"
        return "memory" if self._memory is not None and self._memory.passed() else None

    def _limit_words(self, passed: Limit) -> str:
        return {
            "time": f"stopped at its limit of {self.job.limit_s:g} s (`[cycle] limit_s`)",
            "output": f"stopped at its output limit of {self.job.output_mb:g} MB (`[cycle] output_mb`)",
            "memory": f"stopped at its memory limit of {self.job.memory_mb:g} MB (`[cycle] memory_mb`)",
        }[passed]

    def _start(self) -> None:
        job = {
            "source": str(self.job.source.resolve()),
            "output": str(self.job.output.resolve()),
            "parameters": self.job.parameters,
            "limit_s": self.job.limit_s,
            "output_bytes": self._output_bytes,
            "kernel_name": self.job.kernel_name,
            "verdict": str(self._folder / "verdict.json"),
            "cwd": str(self.job.folder or self.job.source.resolve().parent),
            "folder": str(self._folder),
            "run": self.run,
            "early": self._early,
        }
        with (self._folder / "log").open("wb") as log:
            self._process = self._fork(log) or self._spawn(log)
        self._memory = MemoryWatch(self._root, int(self.job.memory_mb * MB))
        self._tell(json.dumps(job).encode() + b"\n")

    def _tell(self, line: bytes) -> None:
        """Write to its stdin. One that has died is told of as any that has."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def _fork(self, log: IO[bytes]) -> ForkedProcess | None:
        """Its process and, through it, its kernel from the warm server; None where there is none."""
        if self._warm is None:
            return None
        environment = notebook_environment(self._folder, self.run) | {_PROVISIONER_VARIABLE: PROVISIONER}
        try:
            return fork_piped(self._warm, _CHILD, [], environment, log)
        except WarmError as error:
            self._warnings.append(f"{self.job.name}: started plain, not from the warm process: {error}")
            return None

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            module_command(_CHILD),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=notebook_environment(self._folder, self.run),
            start_new_session=True,  # a Ctrl-C in the terminal is for the runner, which then ends its children
        )

    @property
    def _root(self) -> int:
        """The process above all others of the run: of a forked one its head, as the kernel is not below the process but beside it."""
        assert self._process is not None
        return getattr(self._process, "head", self._process.pid)

    def _stop(self, status: Status, error: str) -> NotebookOutcome:
        """End the run, whatever it is doing."""
        if self._process is not None:
            end_tree(self._root, self.run)
            self._process.wait()
        return self._finish(status, error)

    def _close(self) -> NotebookOutcome:
        """The process ended by itself: read what it left, and make sure that it left nobody."""
        assert self._process is not None
        end_tree(self._process.pid, self.run)
        try:
            verdict = json.loads(file_text(self._folder / "verdict.json"))
        except (OSError, ValueError):
            return self._finish("failed", f"its process died ({_exit_words(self._process.returncode)})")
        error = self._limit_words(verdict["passed"]) if verdict["passed"] else verdict["error"]
        return self._finish("failed" if error else "ok", error, verdict["traceback"], verdict["attempts"])

    def _finish(self, status: Status, error: str, traceback: str = "", attempts: int = 1) -> NotebookOutcome:
        """Judge and stamp the executed copy; clean up."""
        if status == "ok" and _size(self.job.output) > self._output_bytes:
            status, error = "failed", self._limit_words("output")
        read = read_executed(self.job.output, self.job.source, self._output_bytes)
        copy = mark_started(read, self._cell_noted())
        if status == "ok" and (error := error_in(copy) or self._not_written()):
            status = "failed"
        if status != "ok":
            error = (printed_error(copy) or error) if error == UNTOLD else error
            at = running_cell(copy) or (_NO_CELL if error == self._limit_words("time") else "")
            error = (f"{error}, in {at}" if at and "cell " not in error else error) + remedy_in(error)
            traceback = traceback or traceback_in(copy) or self._log_tail()
        write_executed(stamp(copy, status, error, traceback), self.job.output)
        remove_folder(self._folder)
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(
                OSError
            ):  # what it was told and did not live to read is written once more
                self._process.stdin.close()
        return NotebookOutcome(
            name=self.job.name,
            status=status,
            error=error,
            traceback=traceback,
            started=self.started,
            seconds=round(self.seconds, 2),
            attempts=attempts if self._process else 0,
            warnings=tuple(self._warnings),
        )

    def _not_written(self) -> str:
        missing = [path.name for path in self.job.writes if _state(path) in (None, self._before[path])]
        return f"it ended without writing {', '.join(missing)}" if missing else ""

    def _cell_noted(self) -> int | None:
        try:
            return int(file_text(self._folder / CELL_NOTE, encoding="ascii"))
        except (OSError, ValueError):
            return None

    def _log_tail(self) -> str:
        try:
            with open_file(self._folder / "log") as log:
                log.seek(max(0, _size(self._folder / "log") - _LOG_TAIL_BYTES))
                text = log.read(_LOG_TAIL_BYTES).decode("utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-_LOG_TAIL_LINES:])


def _size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _state(path: Path) -> tuple[int, int, int] | None:
    """What tells one version of a file from another; None where there is none, also where a folder or a pipe stands there."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _exit_words(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
