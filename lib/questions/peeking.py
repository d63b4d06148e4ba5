"""Whether a question knows what it cannot: what it says of a row must be what it says once the later rows are cut off.

Half of the rows are such as the question speaks of, because one that is silent nearly everywhere would else be looked at in silence. The
others are spread over the whole frame, and half of those crowd towards its beginning: who measures the whole history by one extreme is
seen only before that extreme is reached. All that is said up to the cut is compared, not the last row alone: who looks k rows ahead is
seen in the last k.
"""

from __future__ import annotations

import re
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
#: What is often written that peeks, and what to write instead.
_PEEKS = (
    (r"(shift|diff|pct_change)\(\s*(periods\s*=\s*)?-", "shift(1), not shift(-1)"),
    (r"center\s*=\s*True", "rolling without center=True, which takes rows of later"),
    (r"\bbfill\b|backfill|interpolate", "ffill, not bfill or interpolate, which fill from later rows"),
    (
        r"\bresample\b|\bGrouper\b",
        "rolling, or a resample shifted by one whole bar: a bar that goes on is not known yet",
    ),
    (
        r"\btransform\b|\bgroupby\b",
        "within a group cummax, cummin or expanding: a total of it holds rows of later",
    ),
    (r"\[::-1\]", "rows in their own order, not turned round"),
)


def rows_to_check(said: np.ndarray, count: int | None = ROWS, seed: int = _SEED) -> np.ndarray:
    """Rows to cut behind, in time order: `count` of them, half where something is said, if there are so many; None: all.

    Of the others half are spread evenly and half by ratio, so that some cuts are among the first rows.
    """
    rows = len(said)
    if count is None or rows <= count:
        return np.arange(rows)
    draw = np.random.default_rng(seed)
    speaks = np.flatnonzero(said)
    loud = draw.choice(speaks, min(-(-count // 2), len(speaks)), replace=False)
    left = count - len(loud)
    early = np.geomspace(1, rows, left // 2 + 1)[:-1].astype(int) - 1
    steps = np.linspace(0, rows, left - len(early) + 1)
    spread = (steps[:-1] + draw.random(len(steps) - 1) * np.diff(steps)).astype(int)
    chosen = np.unique(np.r_[loud, early, spread])
    others = np.setdiff1d(np.arange(rows), chosen)
    return np.sort(np.r_[chosen, draw.choice(others, count - len(chosen), replace=False)])


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
            # Chance differs as well, with nothing cut.
            check_repeats(question, frames.candles.index, said, ask(question, compiled(question), frames))
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
        fix="Use only the row and those before it: " + _remedy(question.text),
    )


def _remedy(text: str) -> str:
    """What to write instead of what the file has in it, in so far as that is known to peek."""
    found = [remedy for pattern, remedy in _PEEKS if re.search(pattern, text)]
    return "; ".join(found or ["shift(1), not shift(-1); rolling and ewm, not a mean or rank over all rows"])


def check_repeats(question: Question, times: pd.DatetimeIndex, first: np.ndarray, second: np.ndarray) -> None:
    """Raise QuestionError where two asks of the same were told different things."""
    differ = np.flatnonzero(first != second)
    if len(differ):
        row = int(differ[0])
        raise QuestionError(
            f"it does not repeat itself: of the row known at {times[row]:%Y-%m-%dT%H:%MZ} it says {_WORDS[int(first[row])]} one time "
            f"and {_WORDS[int(second[row])]} another, asked the same",
            path=question.path,
            fix="Leave chance, the clock and the order of sets out of it; a random generator needs a seed: np.random.default_rng(1)",
        )
