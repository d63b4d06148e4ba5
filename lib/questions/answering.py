"""A question asked of frames: its `directions` is run, and what it says is checked row by row.

What would surprise: it is run as a file of Python is, with nothing taken from it; whoever asks one that is not their own does so in a
process with limits (runner.ask). What it gives must have one entry for each row, and its times, where it has any, must be the rows' own.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd

from lib.contract.lines import file_lines
from lib.errors import QuestionError
from lib.questions.file import FUNCTION, Question
from lib.questions.frames import QuestionFrames
from lib.questions.saying import BOTH

LONG, SHORT, NOTHING = 1, -1, 0
_WORDS = {"LONG": LONG, "SHORT": SHORT, "": NOTHING, BOTH: NOTHING}
_FIX = 'Return one of "LONG", "SHORT" and "" for each row; lib.questions.saying.say(long, short) makes them of two conditions'
_ROWS_FIX = (
    "Make what you return out of the columns that directions is given, in their order: "
    "no reset_index, sort_values, dropna or [::-1] in the end"
)

Directions = Callable[[pd.DataFrame, pd.DataFrame, pd.DataFrame], Any]


def compiled(question: Question) -> Directions:
    """The question's function, its file run once. Raises QuestionError where that fails."""
    space: dict[str, Any] = {"__name__": f"question_{question.name}", "__file__": str(question.path)}
    with _told(question):
        exec(compile(question.text, str(question.path), "exec"), space)
    return space[FUNCTION]


class Answer(NamedTuple):
    """What a question says of each row, and of how many rows both of its conditions held, which counts as nothing."""

    said: np.ndarray  #: (n,) int8 of LONG, SHORT and NOTHING
    both: int


def ask(question: Question, directions: Directions, frames: QuestionFrames) -> np.ndarray:
    """What the question says of each row, as `Answer.said`. Raises as `answer_of`."""
    return answer_of(question, directions, frames).said


def answer_of(question: Question, directions: Directions, frames: QuestionFrames) -> Answer:
    """The question asked of all rows. Raises QuestionError naming the line that failed, or the row."""
    with _told(question, frames):
        # Copied on write, so that what a question writes into its frames is its own.
        said = directions(*(frame.copy(deep=False) for frame in frames))
    return _checked(question, said, frames.candles.index)


class _told:
    """Errors of a question's own code become QuestionErrors that name its line."""

    def __init__(self, question: Question, frames: QuestionFrames | None = None) -> None:
        self.question, self.frames = question, frames

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: Any) -> None:
        # Ctrl-C of a person who asks in a notebook is theirs; whatever else ends a question is an error of it.
        if error is None or isinstance(error, KeyboardInterrupt | QuestionError):
            return
        raise error_of(self.question, error, self.frames) from error


def error_of(question: Question, error: BaseException, frames: QuestionFrames | None = None) -> QuestionError:
    """What a question's own code raised, with its line, as an error of the question."""
    path = str(question.path)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = lines[-1] if lines else None
    texts = file_lines(question.text)
    text = f": `{texts[line - 1].strip()[:80]}`" if line and line <= len(texts) else ""
    problem = f"it failed with {type(error).__name__}: {_words_of(error)}{text}"
    return QuestionError(problem, path=question.path, line=line, fix=_remedy(error, frames))


def _words_of(error: BaseException) -> str:
    """What an error says, cut; one of a question's own may have no words, or fail in saying them."""
    try:
        return str(error).strip()[:300] or "no message"
    except Exception:
        return "no message"


def _remedy(error: BaseException, frames: QuestionFrames | None) -> str:
    """What to do about an error of a question's own code."""
    if isinstance(error, KeyError) and frames is not None:
        state, first, *_, last = frames.ribbon_5min.columns
        return (
            f"Columns of candles are {', '.join(frames.candles.columns)}; those of each ribbon {state} and {first} to {last}. "
            "The time, in UTC, is the index of each: candles.index.hour"
        )
    if isinstance(error, NameError | ImportError):
        return "What helps to say it is imported: from lib.questions.saying import began, say, wick_shown"
    if isinstance(error, SystemExit):
        return "Leave exit() and quit() out: directions returns what it says"
    if isinstance(error, ValueError) and "truth value" in str(error):
        return "Write & and | between columns, each in brackets: (a < 0) & (b > 5); `and` and `or` are for single values"
    return "Put that right, and ask again"


def _checked(question: Question, said: Any, rows: pd.DatetimeIndex) -> Answer:
    if isinstance(said, pd.Series):
        if not said.index.equals(rows):
            _refuse(question, f"{FUNCTION} gave {_other_rows(said, rows)}", _ROWS_FIX)
        said = said.to_numpy(object)
    values = np.asarray(said, dtype=object)
    if values.shape != (len(rows),):
        _refuse(question, f"{FUNCTION} gave {_shape_words(said, values)} for {len(rows):,} rows")
    try:
        codes, texts = pd.factorize(values, use_na_sentinel=True)
    except TypeError:  # a list or a dict has no hash: none of them is a word either
        place = next(place for place, value in enumerate(values) if not isinstance(value, Hashable))
        _refuse_word(question, values[place], rows[place])
    known = np.array([_code(text) for text in texts] + [NOTHING], dtype=np.int64)
    if (known == _UNKNOWN).any():
        place = int(np.flatnonzero(known[codes] == _UNKNOWN)[0])
        _refuse_word(question, values[place], rows[place])
    return Answer(known[codes].astype(np.int8), int((values == BOTH).sum()))


def _other_rows(said: pd.Series, rows: pd.DatetimeIndex) -> str:
    """How the rows of a Series differ from the candles', in words."""
    if not isinstance(said.index, pd.DatetimeIndex):
        return f"a Series of {len(said):,} rows that are numbered, not known by their times as the candles' {len(rows):,}"
    if len(said) == len(rows) and said.index.sort_values().equals(rows):
        return f"a Series of {len(said):,} rows in another order than the candles'"
    return f"a Series of {len(said):,} rows with other times than the candles' {len(rows):,}"


def _shape_words(said: Any, values: np.ndarray) -> str:
    """What was returned in place of one entry for each row, in words."""
    if said is None:
        return "nothing (None; is a return missing?)"
    if isinstance(said, pd.DataFrame):
        return f"a table of {len(said.columns)} columns"
    if values.ndim == 0:
        return f"a single value ({str(said)[:40]!r})"
    if values.ndim == 1:
        return f"{len(values):,} entr{'y' if len(values) == 1 else 'ies'}"
    return f"an array of shape {values.shape}"


_UNKNOWN = 9


def _code(text: object) -> int:
    return _WORDS.get(text, _UNKNOWN) if isinstance(text, str) else _UNKNOWN


def _refuse_word(question: Question, value: Any, row: pd.Timestamp) -> NoReturn:
    try:
        told = repr(str(value)[:40])
    except Exception:  # a number of thousands of digits, or an object that cannot be shown
        told = f"something that cannot be shown ({type(value).__name__})"
    _refuse(question, f"{FUNCTION} says {told} of the row of {row:%Y-%m-%dT%H:%MZ}")


def _refuse(question: Question, problem: str, fix: str = _FIX) -> NoReturn:
    raise QuestionError(problem, path=question.path, fix=fix)
