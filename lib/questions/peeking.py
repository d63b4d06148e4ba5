"""Whether a question knows what it cannot: what it says of a row must be what it says once the later rows are cut off.

Rows are chosen by a seed, at least half of them where the question speaks, because a question that is silent nearly everywhere would
else be looked at in silence. All that is said up to the cut is compared, not the last row alone: who looks k rows ahead is seen in the
last k.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from lib.errors import QuestionError
from lib.questions.answering import ask, compiled
from lib.questions.file import Question
from lib.questions.frames import QuestionFrames

ROWS = 200
_WORDS = {1: "LONG", -1: "SHORT", 0: "nothing"}
_SEED = 20261129
Progress = Callable[[int, int], object]


def rows_to_check(said: np.ndarray, count: int | None = ROWS, seed: int = _SEED) -> np.ndarray:
    """Rows to cut behind, in time order: `count` of them, at least half where something is said, if there are so many; None: all."""
    everything = np.arange(len(said))
    if count is None or len(said) <= count:
        return everything
    draw = np.random.default_rng(seed)
    speaks = everything[said != 0]
    loud = draw.choice(speaks, min(-(-count // 2), len(speaks)), replace=False)
    others = np.setdiff1d(everything, loud)
    return np.sort(np.r_[loud, draw.choice(others, count - len(loud), replace=False)])


def check_peeking(
    question: Question,
    frames: QuestionFrames,
    said: np.ndarray,
    count: int | None = ROWS,
    progress: Progress | None = None,
    first: int = 0,
) -> int:
    """How many rows, from row `first` on, were cut behind and nothing changed. Raises QuestionError naming the first row of which something
    else is said.

    The file is run anew for each cut, so that nothing it kept of the whole history answers for it.
    """
    rows = first + rows_to_check(said[first:], count)
    for done, row in enumerate(rows.tolist()):
        cut = ask(question, compiled(question), frames.first(row + 1))
        differ = np.flatnonzero(cut != said[: row + 1])
        if len(differ):
            refuse_peek(
                question, frames.candles.index, int(differ[0]), row, int(said[differ[0]]), int(cut[differ[0]])
            )
        if progress is not None:
            progress(done + 1, len(rows))
    return len(rows)


def refuse_peek(
    question: Question, times: pd.DatetimeIndex, row: int, cut: int, whole: int, alone: int
) -> None:
    """Raise the QuestionError of a row of which the cut says something else than the whole."""
    raise QuestionError(
        f"it looks ahead: of the row known at {times[row]:%Y-%m-%dT%H:%MZ} it says {_WORDS[whole]} over the whole history, "
        f"and {_WORDS[alone]} once what came after {times[cut]:%Y-%m-%dT%H:%MZ} is cut",
        path=question.path,
        fix="Use only the row and those before it: shift(1), not shift(-1); rolling and ewm, not a mean or rank over all rows",
    )


def check_repeats(question: Question, times: pd.DatetimeIndex, first: np.ndarray, second: np.ndarray) -> None:
    """Raise QuestionError where two processes that asked the same were told different things."""
    differ = np.flatnonzero(first != second)
    if len(differ):
        row = int(differ[0])
        raise QuestionError(
            f"it does not repeat itself: of the row known at {times[row]:%Y-%m-%dT%H:%MZ} it says {_WORDS[int(first[row])]} in one process "
            f"and {_WORDS[int(second[row])]} in another",
            path=question.path,
            fix="Leave chance, the clock and the order of sets out of it; a random generator needs a seed",
        )
