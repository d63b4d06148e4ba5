"""Folders that questions are asked in, and what a kill at a step leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lib.market.terms import DEFAULT_TERMS
from lib.questions.answering import answer_of, compiled
from lib.questions.file import Question
from lib.questions.frames import question_frames
from lib.questions.history import History
from lib.questions.peeking import check_peeking
from runner.ask.confirm import Answered, confirm_in_folder
from runner.ask.explore import Stretch, explore_in_folder
from runner.cycle.settings import CycleSettings
from runner.question.process import Said
from tests.lib.questions.made import history, walk

LIMITS = CycleSettings()


def absurd(shown: History, after: pd.Timestamp) -> History:
    """The same history with absurd prices in all that became known later than `after`."""
    five = shown.candles_5min.copy()
    late = (five["closed_at"] > after).to_numpy()
    factor = np.where(np.arange(late.sum()) % 3 == 0, 7.0, 3.0)[:, None]
    five.loc[late, ["open", "high", "low", "close"]] = (
        five.loc[late, ["open", "high", "low", "close"]].to_numpy() * factor
    )
    return History(shown.market, shown.source, shown.candles_1min, five)


def longer(shown: History, rows: int) -> History:
    """The same market with more rows behind it."""
    return history(walk(len(shown.candles_5min) + rows), shown.market, shown.source)


def explored(question: Question, folder: Path, shown: History, stretch: Stretch | None = None):
    """What exploring in a folder gives: the record, and the folder's."""
    found, record = explore_in_folder(question, shown, folder, DEFAULT_TERMS, stretch or Stretch(), LIMITS)
    return found.record, record


def confirmed(question: Question, folder: Path, shown: History) -> Answered:
    """What confirming in a folder gives."""
    return confirm_in_folder(question, shown, folder, DEFAULT_TERMS, LIMITS)


def asked_here(question: Question, candles_5min: pd.DataFrame, *_: object, first: int = 0) -> Said:
    """What runner.question.process gives, in this process: two fresh ones take seconds each time."""
    directions, frames = compiled(question), question_frames(candles_5min)
    said, both = answer_of(question, directions, frames)
    return Said(said, check_peeking(question, frames, said, 20, first=first), both)
