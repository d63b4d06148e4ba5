"""`ribbon ask --confirm`: the sealed part opened for one question, once, at a level of its own.

The order is what keeps the promise (docs/guarantees.md, Q1): everything that can refuse a question is tried on the open part; then the
level is written down as spent, durable; only then is a trade of the sealed part looked at; then the answer is written down for good. A kill
between the last two leaves a level spent without an answer, which the same command finds again under what was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib.contract.times import iso, parse_instant
from lib.errors import DataError, ParameterError, QuestionError
from lib.market.terms import Terms
from lib.questions.confirmation import Confirmation, confirmation
from lib.questions.file import Question
from lib.questions.hints import check_meant, hints
from lib.questions.history import LEAST_ROWS, History
from lib.questions.record import Boundary, Confirmed, Opened
from lib.questions.trades import question_trades
from runner.ask.looked import looked_at
from runner.cycle.settings import CycleSettings
from runner.question.process import Said, Say, ask_in_processes
from runner.question.record_file import RecordFile, clock, writing

_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Answered:
    """What a confirmation came to."""

    opened: Opened
    confirmed: Confirmed
    again: bool  #: whether it had been confirmed before, and nothing was asked now


def confirm_in_folder(
    question: Question,
    history: History,
    folder: Path,
    terms: Terms,
    limits: CycleSettings,
    prove: bool = False,
    say: Say = lambda line: None,
) -> Answered:
    """The sealed part's answer to `question`; asked now, or as it came out before.

    Raises QuestionError before a level is spent where the open part shows a fault, ParameterError where nothing is sealed or the market was
    not asked yet, LockedError, WriteFailedError.
    """
    with writing(folder) as file:
        opened = file.record.opening(question.sha256, history.market)
        before = file.record.answer(opened.k) if opened else None
        if opened and before:
            return Answered(opened, before, again=True)
        opened = opened or _open(file, question, history, terms, limits, prove, say)
        found = sealed_answer(question, history, opened, limits, say)
        looked = looked_at(folder, file.record, opened, history)
        confirmed = Confirmed(at=clock(), k=opened.k, sha256=question.sha256, found=found, looked=looked)
        file.append(confirmed)
        return Answered(opened, confirmed, again=False)


def _open(
    file: RecordFile,
    question: Question,
    history: History,
    terms: Terms,
    limits: CycleSettings,
    prove: bool,
    say: Say,
) -> Opened:
    """Spend a level, after all that can refuse the question was tried on the open part."""
    fixed = file.record.boundary(history.market)
    if fixed is None:
        raise ParameterError(
            f"{history.market} was not asked in this folder yet, so it has no boundary. "
            "Explore first: the same command without --confirm"
        )
    boundary = parse_instant(fixed.boundary)
    if history.newest <= boundary:
        raise ParameterError(
            f"nothing is sealed here: the rows of {history.market} end at {iso(history.newest)}, and its boundary is {fixed.boundary}. "
            "Rows that come later are beyond it; until then explore"
        )
    check_meant(question, history, terms)
    part = history.until(boundary)
    if len(part.candles_5min):
        said = ask_in_processes(question, part.candles_5min, limits, prove, say)
        _refuse_silent(question, part, terms, said)
    _tell_namesakes(file, question, say)
    return spend(file, question, history, terms, fixed)


def _refuse_silent(question: Question, part: History, terms: Terms, said: Said) -> None:
    """Raise QuestionError where the open part is long, and the question made no trade in it: a sealed part would hardly hold more."""
    made = question_trades(said.directions, part.rows, part.path, question.exits(terms.exits), terms.costs)
    if made.closed.empty and len(part.candles_5min) >= LEAST_ROWS:
        raise silent(question.path, hints(question, part, said.directions, said.both))


def silent(path: Path, hinted: Sequence[str] = ()) -> QuestionError:
    """The refusal of a question that made no trade in its open part; `hinted`: what may be the cause, in sentences."""
    return QuestionError(
        "it made no trade in the open part, so there is nothing to confirm; nothing was spent",
        path=path,
        fix=" ".join(hinted) or "Explore it until it trades: `ribbon ask` says what it said",
    )


def _tell_namesakes(file: RecordFile, question: Question, say: Say) -> None:
    """That another file of this name has spent a level, before this one spends the next."""
    others = [
        line
        for line in file.record.opened
        if line.question == question.name and line.sha256 != question.sha256
    ]
    if others:
        numbers = ", ".join(str(line.k) for line in others)
        say(
            f"note: another {question.name} was confirmed as number {numbers}. This file is another question: it spends number "
            f"{file.record.next_number}"
        )


def spend(file: RecordFile, question: Question, history: History, terms: Terms, fixed: Boundary) -> Opened:
    """Write down that a level is spent on this question and market; nothing of the sealed part was looked at before."""
    opened = Opened(
        at=clock(),
        k=file.record.next_number,
        question=question.name,
        sha256=question.sha256,
        market=history.market,
        source=history.source,
        boundary=fixed.boundary,
        until=iso(history.newest),
        terms=terms,
    )
    file.append(opened)
    return opened


def sealed_answer(
    question: Question, history: History, opened: Opened, limits: CycleSettings, say: Say
) -> Confirmation:
    """What the sealed part says, under what the opening says: the same however often it is found."""
    until, boundary = parse_instant(opened.until), parse_instant(opened.boundary)
    if history.newest < until:
        raise DataError(
            f"{question.name} was opened on rows up to {opened.until}, and {history.source} ends at {iso(history.newest)}",
            fix=f"Ask from {opened.source} again, with all its rows: its level is spent, and its answer is still due",
        )
    part = history.until(until)
    said = ask_in_processes(question, part.candles_5min, limits, False, say)
    terms, rule = opened.terms, question.exits(opened.terms.exits)
    made = question_trades(
        said.directions, part.rows, part.path, rule, terms.costs, part.first_row_after(boundary)
    )
    days = (part.newest - max(boundary, part.first)) / _DAY
    return confirmation(made.closed, opened.k, opened.boundary, opened.until, days, rule, terms)
