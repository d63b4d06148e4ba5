"""A folder whose market gives a question an edge, and what hourly cycles do with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.lessons.compiling import lessons_at
from lib.lessons.lesson import Lesson
from lib.market.terms import DEFAULT_TERMS
from lib.questions.file import Question, read_question
from lib.questions.history import folder_history
from runner.question import keep
from runner.question.follow import follow_questions
from runner.question.keep import Keeping, keep_in_folder
from tests.builders import START, candles, samples, write_samples
from tests.lib.lessons.streams.made import _write
from tests.runner.ask.made import LIMITS

HOUR = pd.Timedelta(hours=1)
#: Rows before anything is kept: nine days.
BEFORE = 9 * 288
KEPT_AT = START + pd.Timedelta(minutes=5 * BEFORE) - pd.Timedelta(minutes=40)
SINCE = KEPT_AT.floor("h") + HOUR
FALLS = '''"""A fall of 0.25 % in one candle comes back at once. Source: the tests."""

from lib.questions.saying import say


def directions(candles, ribbon_5min, ribbon_15min):
    change = candles["close"].pct_change() * 100
    return say(long=change < -0.25, short=change > 9)
'''
#: It speaks where nothing happens.
QUIET = FALLS.replace("change < -0.25", "candles.index.minute == 40")
PEEKS = FALLS.replace(".pct_change()", ".pct_change().shift(-1)")


def market(rows: int, seed: int = 1) -> pd.DataFrame:
    """5-minute candles that stand still but for one fall an hour, of which nine in ten come back in the next candle."""
    random = np.random.default_rng(seed)
    lost, steps = random.random(rows) < 0.1, random.normal(0, 0.0002, rows)
    place = np.arange(rows) % 12
    steps[place == 2] = -0.003
    steps[place == 3] = np.where(lost[place == 3], -0.003, 0.0045)
    steps[place == 4] = np.where(lost[place == 4], 0.003, -0.0015)
    close = 100 * np.exp(np.cumsum(steps))
    opened = np.r_[100.0, close[:-1]]
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    return candles(np.column_stack([opened, high, low, close]).round(4).tolist())


def folder_of(place: Path, rows: int = BEFORE) -> Path:
    """A data folder of that market's first rows; more may be written over it as time goes on."""
    place.mkdir(parents=True, exist_ok=True)
    for timeframe, name in schema.SAMPLE_FILES.items():
        if not (place / name).exists():
            write_samples(place, timeframe, samples([(0, 100.0, "mixed")]), "XYZUSDT")
    for name in schema.CANDLE_FILES.values():
        if not (place / name).exists():
            (place / name).write_text(",".join(schema.CANDLE_COLUMNS) + "\n", encoding="utf-8")
    shown = market(BEFORE + 288 * 6).iloc[:rows]
    _write(
        place / schema.CANDLE_FILES["5min"], shown.drop(columns="closed_at").reset_index(names="timestamp")
    )
    return place


def question_of(place: Path, text: str = FALLS, name: str = "falls") -> Question:
    """A question's file outside the folder."""
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return read_question(path)


def kept(question: Question, folder: Path) -> Keeping:
    """What keeping gives."""
    return keep_in_folder(question, folder_history(folder), folder, DEFAULT_TERMS, LIMITS)


def cycle(folder: Path, hours: float, ask: bool = True):
    """What a cycle does of it, so many hours after SINCE: the ask, the ledger, the lessons."""
    as_of = SINCE + hours * HOUR + pd.Timedelta(seconds=7)
    folder_of(folder, BEFORE + int((hours * HOUR + (SINCE - KEPT_AT)) / pd.Timedelta(minutes=5)) + 1)
    asked = follow_questions(folder, as_of, LIMITS) if ask else []
    return asked, lessons_at(folder, iso(as_of), keep=True)


def lesson_of(lessons, name: str = "falls") -> Lesson | None:
    """The lesson of a followed question."""
    return next((lesson for lesson in lessons.lessons if lesson.value.startswith(f"{name}-")), None)


def clock_at(monkeypatch, at: pd.Timestamp) -> None:
    """Let the record's clock say `at`."""
    monkeypatch.setattr(keep, "clock", lambda: iso(at))
