"""A question run in processes like a notebook's kernel: limits of time, output and memory, and an environment that is allow-listed.

Two processes ask it side by side. Both ask over all rows, with different seeds of Python's hashes, so that what does not repeat itself is
seen; one of them then asks anew behind cuts. What would surprise: neither is told where the data lie, so that no variable leads a question
to rows that it was not given.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract.standing import file_bytes, file_text, open_file
from lib.errors import QuestionError
from lib.questions.file import Question
from lib.questions.peeking import ROWS, check_repeats
from runner.processes.environment import RUN_VARIABLE, notebook_environment
from runner.processes.interpreter import module_command
from runner.processes.memory import MemoryWatch
from runner.processes.scratch import private_folder, remove_folder
from runner.processes.tree import end_marked, end_tree
from runner.question.child import write_rows
from runner.question.limits import MB, Limits

_CHILD = "runner.question.child"
_LOOK_S, _TOLD_EVERY_S = 0.02, 5.0
_LOG_TAIL = 2_000
Say = Callable[[str], object]


@dataclass(frozen=True)
class Said:
    """What a question said of each row, and behind how many rows it was checked."""

    directions: np.ndarray
    checked: int
    both: int = 0  #: rows of which both of its conditions held: they count as nothing


def ask_in_processes(
    question: Question,
    candles_5min: pd.DataFrame,
    limits: Limits,
    prove: bool = False,
    say: Say = lambda line: None,
    first: int = 0,
) -> Said:
    """Ask `question` of all rows of these candles and check it from row `first` on; with `prove` behind every row, however long that takes.

    Raises QuestionError where it breaks a rule, fails, passes a limit, does not repeat itself, or looks ahead.
    """
    folder = private_folder()
    children: list[_Child] = []
    try:
        rows = folder / "rows.npz"
        write_rows(rows, candles_5min)
        for number, check in enumerate((False, True)):
            children.append(_Child(question, folder, rows, number, check, -1 if prove else ROWS, first))
        verdicts = _heard(question, children, limits, None if prove else limits.limit_s, say)
        one, other = (np.load(child.said, allow_pickle=False) for child in children)
        check_repeats(question, pd.DatetimeIndex(candles_5min["closed_at"]), one, other)
        _tell_printed(children[0], say)
        return Said(one, verdicts[1]["checked"], verdicts[0]["both"])
    finally:
        for child in children:
            child.end()
        remove_folder(folder)


def ask_in_process(question: Question, candles_5min: pd.DataFrame, limits: Limits) -> np.ndarray:
    """What `question` says of all rows of these candles, asked once and not checked: (n,) int8. Raises as `ask_in_processes`."""
    folder = private_folder()
    children: list[_Child] = []
    try:
        write_rows(folder / "rows.npz", candles_5min)
        children.append(_Child(question, folder, folder / "rows.npz", 0, False, 0))
        _heard(question, children, limits, limits.limit_s, lambda line: None)
        return np.load(children[0].said, allow_pickle=False)
    finally:
        for child in children:
            child.end()
        remove_folder(folder)


def _heard(
    question: Question, children: list[_Child], limits: Limits, limit_s: float | None, say: Say
) -> list[dict]:
    """Wait for all, and the verdict of each; raises QuestionError for what is wrong with any."""
    _wait(question, children, limits, limit_s, say)
    # One that failed ended the waiting for the others, so it is heard first.
    for child in children:
        if child.process.poll() not in (None, 0):
            child.verdict(question, failed=True)
    verdicts = [child.verdict(question) for child in children]
    if wrong := next((verdict["error"] for verdict in verdicts if verdict["error"]), ""):
        raise QuestionError(wrong)
    return verdicts


class _Child:
    """One process and its files."""

    def __init__(
        self,
        question: Question,
        folder: Path,
        rows: Path,
        number: int,
        check: bool,
        count: int,
        first: int = 0,
    ) -> None:
        self.said, self.log = folder / f"said{number}.npy", folder / f"log{number}"
        self._verdict, self.progress = folder / f"verdict{number}.json", folder / f"progress{number}"
        self.run = secrets.token_hex(8)
        job = {
            **{name: getattr(question, name) for name in ("name", "claim", "sha256", "text")},
            "path": str(question.path),
            "rows": str(rows),
            "said": str(self.said),
            "verdict": str(self._verdict),
            "progress": str(self.progress),
            "check": check,
            "count": count,
            "first": first,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                module_command(_CHILD),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(folder, self.run, number),
                start_new_session=True,
            )
        self.memory: MemoryWatch | None = None
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it has died, and its log says why
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()

    def passed(self, limits: Limits) -> str:
        """The limit of memory or output that it has passed, in words; "" for none."""
        self.memory = self.memory or MemoryWatch(self.process.pid, int(limits.memory_mb * MB))
        if self.memory.passed():
            return f"its memory limit of {limits.memory_mb:g} MB"
        return (
            f"its output limit of {limits.output_mb:g} MB"
            if self.log.stat().st_size > limits.output_mb * MB
            else ""
        )

    def verdict(self, question: Question, failed: bool = False) -> dict:
        """What it left. Raises QuestionError where it did not reach its end, or `failed` after it."""
        try:
            if failed:
                raise ValueError
            return json.loads(file_text(self._verdict))
        except (OSError, ValueError):
            told = file_bytes(self.log)[-_LOG_TAIL:].decode(errors="replace").strip().splitlines()
            last = f": {told[-1][:200]}" if told else ""
            problem = f"its process ended with code {self.process.returncode} before it had an answer{last}"
            raise QuestionError(problem, path=question.path, fix="Put that right, and ask again") from None

    def end(self) -> None:
        """Kill it with all that it started, what outlived it too."""
        if self.process.poll() is None:
            end_tree(self.process.pid, self.run)
        else:
            end_marked(self.run)
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        self.process.wait()


def _environment(folder: Path, run: str, number: int) -> dict[str, str]:
    """That of a notebook, without what says where data and outputs are."""
    kept = {
        name: value
        for name, value in notebook_environment(folder, run).items()
        if not name.startswith("RIBBON_")
    }
    return kept | {RUN_VARIABLE: run, "PYTHONHASHSEED": str(number + 1)}


def _wait(
    question: Question, children: list[_Child], limits: Limits, limit_s: float | None, say: Say
) -> None:
    """Until both have ended, or one fails or passes a limit."""
    began = told = time.monotonic()
    while any(child.process.poll() is None for child in children):
        now = time.monotonic()
        passed = next(
            filter(None, (child.passed(limits) for child in children if child.process.poll() is None)), ""
        )
        if not passed and limit_s is not None and now - began > limit_s:
            passed = f"its limit of {limit_s:g} s"
        if passed:
            shorter = "Print less" if "output" in passed else "Work on whole columns, not row by row"
            raise QuestionError(
                f"stopped at {passed}",
                path=question.path,
                fix=f"{shorter}; [cycle] in ribbon.toml holds the limits",
            )
        if now - told > _TOLD_EVERY_S:
            told = now
            _tell(children[-1], now - began, limit_s, say)
        if any(child.process.poll() not in (None, 0) for child in children):
            return
        time.sleep(_LOOK_S)


def _tell(child: _Child, passed_s: float, limit_s: float | None, say: Say) -> None:
    """A sign of life: how far the check is, or for how long the question has been running."""
    end = "" if limit_s is None else f", limit {limit_s:g} s"
    try:
        done, total = file_text(child.progress).split()
        say(f"… checked behind {int(done):,} of {int(total):,} rows")
    except (OSError, ValueError):  # it is still asked of all rows
        say(f"… asked of all rows for {passed_s:.0f} s{end}")


def _tell_printed(child: _Child, say: Say) -> None:
    """That a question printed something, or warned: nothing of it is shown but the first line."""
    with contextlib.suppress(OSError), open_file(child.log) as log:
        lines = log.read(_LOG_TAIL).decode(errors="replace").strip().splitlines()
        if lines:
            say(f"note: it printed or warned, which is shown nowhere; the first line: {lines[0][:200]}")
