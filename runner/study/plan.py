"""What a study comes to: its questions, markets and terms read, boundaries fixed, jobs listed.

What would surprise: a market that the folder of questions does not know yet gets its boundary here, before anything of it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib.contract.standing import expanded, not_a_file, resolved
from lib.contract.times import iso, parse_bound, parse_instant
from lib.errors import MissingDataError, ParameterError
from lib.market.terms import Terms
from lib.questions.file import Question, read_question
from lib.questions.history import History
from lib.questions.record import Boundary, Opened, Record
from lib.questions.study import CellName
from runner.ask.confirm import spend
from runner.ask.explore import neighbour_notes, source_notes
from runner.cycle.settings import CycleSettings
from runner.question.record_file import writing
from runner.study.fetched import fetched_candles
from runner.study.file import Market, Period, StudyFile, study_terms
from runner.study.job import Job, Place, QuestionText, code_version, read_market

_WHOLE = Period(name="all")


@dataclass(frozen=True)
class PlannedMarket:
    """A market as it was found: where its candles are, and where its open part ends."""

    place: Place
    history: History
    fixed: Boundary

    @property
    def boundary(self) -> pd.Timestamp:
        """Where its sealed part begins."""
        return parse_instant(self.fixed.boundary)


@dataclass(frozen=True)
class Plan:
    """A study, read."""

    study: StudyFile
    questions: list[Question]
    markets: list[PlannedMarket]
    terms: dict[str, Terms]
    limits: CycleSettings
    notes: list[str]  #: what else is to be known of its markets, in sentences

    def history(self, market: str) -> History:
        """The candles of one of its markets."""
        return next(each.history for each in self.markets if each.history.market == market)

    def exploring(self) -> list[Job]:
        """A job for each cell of the open parts; those of one market stand together, so that a worker reads it once."""
        return list(self._exploring())

    def _exploring(self) -> Iterator[Job]:
        for market in self.markets:
            for period in self.study.periods or [_WHOLE]:
                end = min(filter(None, (_instant(period.until), market.boundary)))
                rows = market.history.until(end).sha256()
                for name, terms in self.terms.items():
                    for question in self.questions:
                        cell = CellName(question.name, market.history.market, name, period.name)
                        job = self._job(cell, question, market, terms, rows)
                        yield job.model_copy(
                            update={"end": iso(end), "since": period.since, "until": period.until}
                        )

    def confirming(self, opened: Sequence[tuple[Question, PlannedMarket, Opened]]) -> list[Job]:
        """A job for each opened cell of the sealed parts, under the terms that it was opened with."""
        (name,) = self.terms
        return [
            self._job(
                CellName(question.name, market.history.market, name, _WHOLE.name),
                question,
                market,
                line.terms,
                market.history.until(parse_instant(line.until)).sha256(),
            ).model_copy(update={"end": line.until, "boundary": line.boundary, "opened": line})
            for question, market, line in opened
        ]

    def _job(self, cell: CellName, question: Question, market: PlannedMarket, terms: Terms, rows: str) -> Job:
        return Job(
            cell=cell,
            version=code_version(),
            question=QuestionText.of(question),
            market=market.history.market,
            place=market.place,
            rows_sha256=rows,
            boundary=market.fixed.boundary,
            end=market.fixed.boundary,
            terms=terms,
            limits=self.limits,
        )


def read_plan(
    study: StudyFile, path: Path, folder: Path, kept: Path, terms: Terms, limits: CycleSettings
) -> Plan:
    """The plan of a study that was read from `path`; boundaries are `folder`'s, fetched candles go to `kept`.

    Raises as the readers of questions and candles do, ParameterError for two of one name, ConfigError for terms that are none.
    """
    place = resolved(path)
    named = study_terms(study, place, terms)
    questions = _questions(study, place.parent)
    markets = _markets(study, place.parent, kept)
    with writing(folder) as file:
        planned = [PlannedMarket(place, history, file.boundary(history)) for place, history in markets]
        record = file.record
    _refuse_namesakes(record, planned)
    if study.confirm:
        for market in planned:
            if market.history.newest <= market.boundary:
                raise ParameterError(
                    f"nothing is sealed of {market.history.market}: its rows end at its boundary, {market.fixed.boundary}"
                )
    notes = [
        note
        for market in planned
        for note in (
            *source_notes(record, market.fixed, market.history),
            *neighbour_notes(folder, market.fixed, market.history),
        )
    ]
    return Plan(study, questions, planned, named, limits, notes)


def _refuse_namesakes(record: Record, planned: Sequence[PlannedMarket]) -> None:
    """One market under two names would count twice where all are taken together."""
    names = {market.history.market for market in planned}
    for market in planned:
        if same := [line.market for line in record.namesakes(market.history) if line.market in names]:
            raise ParameterError(
                f"{market.history.market} has the prices of {same[0]}: one market counts once, so leave one of them out"
            )


def open_cells(
    plan: Plan, folder: Path, answered: set[tuple[str, str]]
) -> list[tuple[Question, PlannedMarket, Opened]]:
    """Spend a level on each cell of `answered` (question's hash, market) that has none yet, before anything sealed is looked at."""
    found = []
    with writing(folder) as file:
        for question in plan.questions:
            for market in plan.markets:
                name = market.history.market
                if (question.sha256, name) not in answered:
                    continue
                line = file.record.opening(question.sha256, name)
                (terms,) = plan.terms.values()
                found.append(
                    (question, market, line or spend(file, question, market.history, terms, market.fixed))
                )
    return found


def _questions(study: StudyFile, beside: Path) -> list[Question]:
    found: dict[str, Question] = {}
    for pattern in study.questions:
        named = beside / expanded(pattern)
        places = (
            sorted(Path(named.anchor).glob(str(named.relative_to(named.anchor))))
            if set(pattern) & set("*?[")
            else [named]
        )
        if not places:
            raise MissingDataError(
                f"no file is called like {pattern}",
                path=beside,
                fix="A pattern is from the study file's folder",
            )
        for place in places:
            question = read_question(place)
            other = found.setdefault(question.name, question)
            if other.path != question.path:
                raise ParameterError(
                    f"two questions are called {question.name}: {other.path} and {question.path}. Name one anew"
                )
    return list(found.values())


def _markets(study: StudyFile, beside: Path, kept: Path) -> list[tuple[Place, History]]:
    found: dict[str, tuple[Place, History]] = {}
    for market in study.markets:
        place = _place(market, beside, kept)
        history = read_market(place)
        same = next((other for known, other in found.values() if known.candles == place.candles != ""), None)
        if same is not None:
            raise ParameterError(
                f"{market.words()} is named twice: one market counts once, so leave one of them out"
            )
        if history.market in found:
            raise ParameterError(
                f"two markets are called {history.market}, the second is {market.words()}: give it another symbol"
            )
        found[history.market] = place, history
    return list(found.values())


def _place(market: Market, beside: Path, kept: Path) -> Place:
    if market.folder:
        return Place(folder=str(resolved(market.folder, beside)))
    if market.is_address:
        return Place(candles=market.candles, symbol=market.symbol)
    if market.exchange:
        return Place(candles=str(fetched_candles(market, kept)), symbol=market.symbol)
    place = resolved(market.candles, beside)
    if what := not_a_file(place):
        raise MissingDataError(what, path=place, fix="Paths of a study are from its file's folder")
    return Place(candles=str(place), symbol=market.symbol)


def _instant(text: str) -> pd.Timestamp | None:
    return parse_bound(text) if text else None


def localized(job: Job) -> Job:
    """The job with a copy of its candles on this machine, where they have an address: its processes know no address and no key to one."""
    from runner.study.address import local_file

    if "://" not in job.place.candles:
        return job
    return job.model_copy(
        update={"place": job.place.model_copy(update={"candles": str(local_file(job.place.candles))})}
    )
