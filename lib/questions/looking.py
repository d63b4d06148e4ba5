"""What a notebook asks with: the open part of a folder, and a question asked of it in the notebook's own process.

The boundary is the one that `ribbon ask` wrote down; where nobody asked yet, it is where a first ask now would fix it, and nothing is
written. So a notebook sees nothing that the command would not show.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract.times import iso, parse_instant
from lib.data.window import folder_of
from lib.errors import EmptyWindowError
from lib.market.terms import Terms
from lib.questions.answering import answer_of, compiled
from lib.questions.exploring import Explored, explore
from lib.questions.file import Question
from lib.questions.hints import check_meant, hints
from lib.questions.history import History, boundary_of, folder_history
from lib.questions.peeking import check_peeking
from lib.questions.record import read_record


def open_part(trading_data: str | Path = "", as_of: str = "") -> tuple[History, pd.Timestamp]:
    """A folder's open part, known at `as_of` ("": to its end), and its boundary.

    Raises MissingDataError, EmptyWindowError where nothing of it was known then, DataError.
    """
    folder = folder_of(trading_data or None)
    whole = folder_history(folder)
    recorded = read_record(folder).boundary(whole.market)
    boundary = parse_instant(recorded.boundary) if recorded else boundary_of(whole)
    end = min(boundary, parse_instant(as_of)) if as_of else boundary
    if whole.first > end:
        raise EmptyWindowError(
            f"{folder}: its first row is known at {iso(whole.first)}, and nothing later than {iso(end)} may be looked at. "
            "Give a later as_of"
        )
    return whole.until(end), boundary


def explore_here(
    question: Question, history: History, terms: Terms, boundary: pd.Timestamp, lookback_hours: float = 0.0
) -> Explored:
    """Ask, check for looking ahead, and explore, all in this process; only entries of the newest hours where `lookback_hours` is not 0.

    Raises QuestionError, EmptyWindowError.
    """
    check_meant(question, history, terms)
    said, both = answer_of(question, compiled(question), history.frames)
    checked = check_peeking(question, history.frames, said)
    since = history.newest - pd.Timedelta(hours=lookback_hours) if lookback_hours else None
    return explore(
        question, history, said, terms, boundary, since, checked, hints(question, history, said, both)
    )
