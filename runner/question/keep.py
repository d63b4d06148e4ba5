"""`ribbon ask --keep` and `--drop`: a question is followed from now on, or no longer.

The order is what keeps the promise (docs/guarantees.md, Q3): what can refuse a question is tried first, then its file is copied into the
folder, then the line is written that spends a level and lets cycles ask it. A kill before the line has spent nothing; the next keeping
finds the copy there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib.contract.times import iso, parse_instant
from lib.contract.words import time_word
from lib.errors import DataError, ParameterError
from lib.lessons.eras import LEDGER_FILE, eras_of
from lib.lessons.followed import followed_now
from lib.lessons.store import LedgerStore
from lib.market.terms import Terms
from lib.questions.file import Question
from lib.questions.hints import check_meant
from lib.questions.history import History
from lib.questions.keeping import Dropped, Kept
from lib.stats.levels import SOUGHT_PCT
from runner.question.copies import write_copy
from runner.question.limits import Limits
from runner.question.process import Say, ask_in_processes
from runner.question.record_file import RecordFile, clock, writing

_HOUR = pd.Timedelta(hours=1)
#: Older candles are those of a folder that nothing is collected into.
_STILL = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Keeping:
    """What a keeping came to."""

    kept: Kept
    again: bool  #: whether it was followed already, and nothing changed


def keep_in_folder(
    question: Question,
    history: History,
    folder: Path,
    terms: Terms,
    limits: Limits,
    prove: bool = False,
    say: Say = lambda line: None,
) -> Keeping:
    """Follow `question` from the next whole hour on.

    Raises QuestionError where it looks ahead or breaks a rule, ParameterError where another file was kept under its name, no candle comes
    into the folder any more, or it is of other terms, LockedError, WriteFailedError; nothing is spent then.
    """
    with writing(folder) as file:
        _refuse_other_terms(folder, terms)
        if (kept := _followed(file, question)) is not None:
            return Keeping(kept, again=True)
        _refuse_still(history, folder)
        _tell_answered(file, question, history, say)
        check_meant(question, history, terms)
        ask_in_processes(question, history.candles_5min, limits, prove, say)
        now = clock()
        kept = Kept(
            at=now,
            k=file.record.next_number,
            question=question.name,
            sha256=question.sha256,
            market=history.market,
            since=iso(next_hour(folder, parse_instant(now))),
            terms=terms,
        )
        write_copy(folder, kept, question)
        file.append(kept)
        return Keeping(kept, again=False)


def drop_in_folder(name: str, folder: Path) -> list[Dropped]:
    """Follow the question of this name no longer, from the next whole hour on. Raises ParameterError where none is followed."""
    with writing(folder) as file:
        found = [line for line in file.record.followed if line.question == name]
        if not found:
            names = ", ".join(line.question for line in file.record.followed) or "none"
            raise ParameterError(f"{name} is not followed in {folder}. Followed are: {names}")
        now = clock()
        until = iso(next_hour(folder, parse_instant(now)))
        dropped = [Dropped(at=now, k=line.k, question=name, until=until) for line in found]
        for line in dropped:
            file.append(line)
        return dropped


def next_hour(folder: Path, now: pd.Timestamp) -> pd.Timestamp:
    """The whole hour after `now` that the folder's ledger has not taken in."""
    head = ledger_head(folder)
    following = now.floor("h") + _HOUR
    return following if head is None else max(following, head + _HOUR)


def ledger_head(folder: Path) -> pd.Timestamp | None:
    """The last whole hour that the folder's ledger has taken in; None where there is none, or one that is to be made anew."""
    try:
        with LedgerStore.read_only(folder / LEDGER_FILE) as store:
            head = store.head() if store else ""
    except DataError:
        return None
    return parse_instant(head) if head else None


def _followed(file: RecordFile, question: Question) -> Kept | None:
    """The keeping of this very question, if it is followed; raises ParameterError where another file was ever kept under its name.

    A prompt names a question by its name alone, and may be held for weeks: so a name stands for one file as long as the folder lives.
    """
    for line in file.record.kept:
        if line.question == question.name and line.sha256 != question.sha256:
            raise ParameterError(
                f"another file was kept as {question.name} in this folder ({line.at}). A changed question is another one: "
                "give it a name of its own"
            )
    return next((line for line in followed_now(file.trading_data) if line.question == question.name), None)


def _refuse_still(history: History, folder: Path) -> None:
    """Raise ParameterError where the newest candle is more than a day old: a level would be spent on what never comes."""
    age = parse_instant(clock()) - history.newest
    if age > _STILL:
        raise ParameterError(
            f"the newest candle of {folder} is of {time_word(iso(history.newest))}, {age.days:,} days ago: nothing comes in that could be "
            f"followed, and nothing was spent. Begin to collect (`ribbon collect --trading-data {folder}`, or `ribbon up`), then keep it"
        )


def _tell_answered(file: RecordFile, question: Question, history: History, say: Say) -> None:
    """What a confirmation of this very question found, before it spends another level."""
    opened = file.record.opening(question.sha256, history.market)
    found = file.record.answer(opened.k) if opened else None
    if found:
        ruled_out = f"; an edge of {SOUGHT_PCT} % is ruled out there" if found.found.ruled_out else ""
        say(
            f"note: it was confirmed as number {found.k}: {found.found.verdict}{ruled_out}. Following it spends another level"
        )


def _refuse_other_terms(folder: Path, terms: Terms) -> None:
    eras = eras_of(folder)
    if eras and eras[-1].terms != terms:
        raise ParameterError(
            f"the lessons of {folder} are of other terms ({eras[-1].terms.words()}) than the settings ({terms.words()}). "
            "Run `ribbon cycle`, from which on the new ones hold; then keep the question"
        )
