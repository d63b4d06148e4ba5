"""`ribbon ask`: one question on the open part of one market.

`explore_market` is one job, whole and by itself: a question, a history, terms and a stretch in; one record out; nothing written.
`explore_in_folder` is the command's: the boundary fixed at the first ask, the job, a line in the folder's record.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib import paths
from lib.contract.times import iso, parse_instant
from lib.contract.words import time_word
from lib.errors import EmptyWindowError
from lib.market.terms import Terms
from lib.questions.exploring import Explored, explore
from lib.questions.file import Question
from lib.questions.hints import check_meant, hints
from lib.questions.history import History
from lib.questions.record import Asked, Boundary, Record, read_record
from runner.cycle.settings import CycleSettings
from runner.question.process import Say, ask_in_processes
from runner.question.record_file import clock, writing

#: Folders beside this one that are looked through for the same market.
_MOST_NEIGHBOURS = 200
#: Of those that asked it so many are named.
_MOST_NAMED = 3


@dataclass(frozen=True)
class Stretch:
    """What of the open part is asked; None: from its start, to its end."""

    since: pd.Timestamp | None = None
    until: pd.Timestamp | None = None


def explore_market(
    question: Question,
    history: History,
    terms: Terms,
    boundary: pd.Timestamp,
    stretch: Stretch | None = None,
    limits: CycleSettings | None = None,
    prove: bool = False,
    notes: tuple[str, ...] = (),
    say: Say = lambda line: None,
) -> Explored:
    """Explore `question` on what of `history` was known at the boundary: run, checked for peeking, made into one record.

    Raises QuestionError (lib.questions), EmptyWindowError where the open part holds no row of the stretch.
    """
    stretch = stretch or Stretch()
    end = boundary if stretch.until is None else min(stretch.until, boundary)
    if stretch.until is not None and history.first > stretch.until:
        raise EmptyWindowError(
            f"{history.source}: its first row of {history.market} is known at {iso(history.first)}, later than --until "
            f"{iso(stretch.until)}. Give a later --until"
        )
    if history.first > end:
        raise EmptyWindowError(
            f"{history.source}: its rows of {history.market} begin at {iso(history.first)}, and what was known later than {iso(end)} "
            "is sealed. `--confirm` asks the sealed part, once; a folder of its own fixes another boundary"
        )
    part = history.until(end)
    check_meant(question, part, terms)
    said = ask_in_processes(question, part.candles_5min, limits or CycleSettings(), prove, say)
    told = (*notes, *hints(question, part, said.directions, said.both))
    return explore(question, part, said.directions, terms, boundary, stretch.since, said.checked, told)


def explore_in_folder(
    question: Question,
    history: History,
    folder: Path,
    terms: Terms,
    stretch: Stretch,
    limits: CycleSettings,
    prove: bool = False,
    say: Say = lambda line: None,
) -> tuple[Explored, Record]:
    """Explore and write down that it was asked; the record with that line. Raises as `explore_market`, LockedError, WriteFailedError."""
    with writing(folder) as file:
        fixed = file.boundary(history)
        before = Record(file.record.lines)
    boundary = parse_instant(fixed.boundary)
    notes = [*source_notes(before, fixed, history), *neighbour_notes(folder, fixed, history)]
    if stretch.until is not None and stretch.until > boundary:
        notes.append(
            f"The open part ends at {time_word(fixed.boundary)}: what --until asks for beyond it is sealed and was not looked at."
        )
    found = explore_market(question, history, terms, boundary, stretch, limits, prove, tuple(notes), say)
    with writing(folder) as file:
        file.append(_asked(found, history))
        return found, file.record


def _asked(found: Explored, history: History) -> Asked:
    record = found.record
    return Asked(
        at=clock(),
        question=record.question,
        sha256=record.sha256,
        market=record.market,
        source=history.source,
        since=record.since,
        until=record.until,
        trades=record.trades.total,
        net_mean_pct=record.trades.net_mean_pct,
    )


def source_notes(record: Record, fixed: Boundary, history: History) -> list[str]:
    """That the same market was asked from somewhere else, or under another name, where its sealed part may have been seen."""
    others = sorted({line.source for line in record.asked if line.market == history.market} | {fixed.source})
    others = [source for source in others if source != history.source]
    said = []
    if others:
        said.append(
            f"{history.market} was asked here from {', '.join(others)} as well: one market has one boundary, {fixed.boundary}, "
            "wherever its rows are from."
        )
    return said + [
        f"{history.market} has the prices of {line.market}, which was asked here from {line.source} with its boundary at {line.boundary}: "
        f"if it is the same market, give it one name with --symbol (in a study `symbol`); what was seen before {line.boundary} is seen."
        for line in record.namesakes(history)
    ]


def neighbour_notes(folder: Path, fixed: Boundary, history: History) -> list[str]:
    """That folders beside this one asked the same market over the same time, where its sealed part may have been seen; a sentence."""
    own, found = folder.resolve(), []
    for place in dict.fromkeys([*_beside(own), paths.repository_root() / "trading_data"]):
        if place == own:
            continue
        other = _boundary_there(place, history.market)
        if (
            other
            and parse_instant(other.first) < history.newest
            and parse_instant(other.newest) > history.first
        ):
            found.append((place, other.boundary))
    if not found:
        return []
    last = max((parse_instant(boundary) for _, boundary in found))
    latest = time_word(iso(last))
    if len(found) == 1:
        who = f"{found[0][0]} has"
    else:
        names = ", ".join(place.name for place, _ in found[:_MOST_NAMED])
        more = f" and {len(found) - _MOST_NAMED:,} more" if len(found) > _MOST_NAMED else ""
        who = f"{len(found):,} other folders ({names}{more}) have"
    whose = "its" if len(found) == 1 else "the latest"
    return [
        f"{who} asked {history.market} over the same time, with {whose} boundary at {latest}: "
        + (
            f"what was seen there before {latest} is seen, though it be sealed here."
            if last > parse_instant(fixed.boundary)
            else "what was confirmed there is seen, though it be sealed here."
        )
    ]


def _beside(own: Path) -> list[Path]:
    try:
        return sorted(place for place in own.parent.iterdir() if place.is_dir())[:_MOST_NEIGHBOURS]
    except OSError:  # not for this user to look at
        return []


def _boundary_there(place: Path, market: str) -> Boundary | None:
    try:
        return read_record(place).boundary(market)
    except Exception:  # a neighbour's file is the neighbour's business
        return None
