"""A question asked of frames: its `directions` is run, and what it says is checked row by row.

What would surprise: it is run as a file of Python is, with nothing taken from it; whoever asks one that is not their own does so in a
process with limits (runner.ask). What it gives must have one entry for each row, and its times, where it has any, must be the rows' own.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from lib.contract.lines import file_lines
from lib.errors import QuestionError
from lib.questions.file import FUNCTION, Question
from lib.questions.frames import QuestionFrames

LONG, SHORT, NOTHING = 1, -1, 0
_WORDS = {"LONG": LONG, "SHORT": SHORT, "": NOTHING}
_FIX = 'Return one of "LONG", "SHORT" and "" for each row; lib.questions.saying.say(long, short) makes them of two conditions'

Directions = Callable[[pd.DataFrame, pd.DataFrame, pd.DataFrame], Any]


def compiled(question: Question) -> Directions:
    """The question's function, its file run once. Raises QuestionError where that fails."""
    space: dict[str, Any] = {"__name__": f"question_{question.name}", "__file__": str(question.path)}
    with _told(question):
        exec(compile(question.text, str(question.path), "exec"), space)
    return space[FUNCTION]


def ask(question: Question, directions: Directions, frames: QuestionFrames) -> np.ndarray:
    """What the question says of each row: (n,) int8 of LONG, SHORT and NOTHING.

    Raises QuestionError naming the line that failed, or the row.
    """
    with _told(question):
        # Copied on write, so that what a question writes into its frames is its own.
        said = directions(*(frame.copy(deep=False) for frame in frames))
    return _checked(question, said, frames.candles.index)


class _told:
    """Errors of a question's own code become QuestionErrors that name its line."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: Any) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, QuestionError):
            return
        path = str(self.question.path)
        lines = [frame.lineno for frame in traceback.extract_tb(trace) if frame.filename == path]
        line = lines[-1] if lines else None
        texts = file_lines(self.question.text)
        text = f": `{texts[line - 1].strip()[:80]}`" if line and line <= len(texts) else ""
        problem = f"it failed with {type(error).__name__}: {str(error).strip()[:300] or 'no message'}{text}"
        raise QuestionError(
            problem, path=self.question.path, line=line, fix="Put that right, and ask again"
        ) from error


def _checked(question: Question, said: Any, rows: pd.DatetimeIndex) -> np.ndarray:
    if isinstance(said, pd.Series):
        if len(said) != len(rows) or not said.index.equals(rows):
            _refuse(
                question,
                f"{FUNCTION} gave a Series of {len(said):,} rows with other times than the candles' {len(rows):,}",
            )
        said = said.to_numpy(object)
    values = np.asarray(said, dtype=object)
    if values.shape != (len(rows),):
        _refuse(question, f"{FUNCTION} gave {values.shape or 'a single value'} for {len(rows):,} rows")
    codes, texts = pd.factorize(values, use_na_sentinel=True)
    known = np.array([_code(text) for text in texts] + [NOTHING], dtype=np.int64)
    if (known == _UNKNOWN).any():
        place = int(np.flatnonzero(known[codes] == _UNKNOWN)[0])
        _refuse(
            question,
            f"{FUNCTION} says {str(values[place])[:40]!r} of the row of {rows[place]:%Y-%m-%dT%H:%MZ}",
        )
    return known[codes].astype(np.int8)


_UNKNOWN = 9


def _code(text: object) -> int:
    return _WORDS.get(text, _UNKNOWN) if isinstance(text, str) else _UNKNOWN


def _refuse(question: Question, problem: str) -> None:
    raise QuestionError(problem, path=question.path, fix=_FIX)
