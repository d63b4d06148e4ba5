"""Histories and questions written out for the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lib.data.loaders import empty_candles
from lib.questions.file import Question, read_question
from lib.questions.history import History
from tests.builders import candles, closes

ROWS = 3_000
WICKS = '''"""After a fall of 0.2 % price rises. Source: the tests."""

from lib.questions.saying import say


def directions(candles, ribbon_5min, ribbon_15min):
    change = candles["close"].pct_change() * 100
    return say(long=change < -0.2, short=change > 0.2)
'''
PEEK = WICKS.replace(".pct_change()", ".pct_change().shift(-1)")


def walk(rows: int = ROWS, seed: int = 1, step: float = 0.0015) -> pd.DataFrame:
    """5-minute candles of a random walk from 100 on, with wicks; a longer one begins as a shorter one does."""
    draws = [np.random.default_rng([seed, place]) for place in range(3)]
    close = 100 * np.exp(np.cumsum(draws[0].normal(0, step, rows)))
    opened = np.r_[100.0, close[:-1]]
    high = np.maximum(opened, close) * (1 + np.abs(draws[1].normal(0, step / 2, rows)))
    low = np.minimum(opened, close) * (1 - np.abs(draws[2].normal(0, step / 2, rows)))
    return candles(np.column_stack([opened, high, low, close]).round(4).tolist())


def history(five: pd.DataFrame | None = None, market: str = "XYZUSDT", source: str = "made.csv") -> History:
    """A history of 5-minute candles alone."""
    return History(market, source, empty_candles(), walk() if five is None else five)


def flat_history(values: list[float | None]) -> History:
    """A history that closes at these values, without wicks."""
    return history(closes(values))


def write(folder: Path, text: str = WICKS, name: str = "falls.py") -> Path:
    """A question's file."""
    place = folder / name
    place.write_text(text, encoding="utf-8")
    return place


def question(folder: Path, text: str = WICKS, name: str = "falls.py") -> Question:
    """A question, read from its file."""
    return read_question(write(folder, text, name))
