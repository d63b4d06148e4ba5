"""One job of a study: a question, a market, terms and a stretch in; one small record out. It runs anywhere, and nothing is written.

Its id is a hash of what decides its answer: the question's text, the market with its candles, the boundary, the stretch and the terms. Not
in it are where the candles lie, what terms and periods are called, and the limits. What would surprise: a job says which candles it is of
by their hash, so a machine that has others under the same name refuses it; and the version of the code stands in the record, not in the
id, so that another version does the job again in the same folder.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from lib.contract.standing import file_bytes, not_a_folder
from lib.contract.times import parse_bound, parse_instant
from lib.errors import DataError, EmptyWindowError, MissingDataError, RibbonError
from lib.market.terms import Terms
from lib.paths import repository_root
from lib.questions.file import OwnExits, Question
from lib.questions.history import History
from lib.questions.record import Opened
from lib.questions.replication import end_log_e
from lib.questions.study import CellName, JobRecord
from runner.ask.confirm import sealed_answer
from runner.ask.explore import Stretch, explore_market
from runner.ask.market import market_history
from runner.cycle.settings import CycleSettings
from runner.study.address import local_file

#: What of the house decides an answer.
_DECIDING = ("lib", "runner/ask", "runner/study/job.py")


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuestionText(_Frozen):
    """A question as it travels: its text, so that no other machine needs its file."""

    name: str = Field(description="What the question is called.")
    claim: str = Field(description="What its file says it claims.")
    sha256: str = Field(description="Hash of its file.")
    text: str = Field(description="All that its file holds.")
    stop_pct: float | None = Field(
        None, description="Stop of its own exits, percent; null where it has none of its own."
    )
    target_pct: float | None = Field(None, description="Target of its own, percent; null without one.")
    hold_minutes: float | None = Field(
        None, description="Longest hold of its own, minutes; null where that of the terms counts."
    )

    @classmethod
    def of(cls, question: Question) -> QuestionText:
        """That of a question."""
        own = {} if question.own_exits is None else vars(question.own_exits)
        return cls(
            name=question.name, claim=question.claim, sha256=question.sha256, text=question.text, **own
        )

    def question(self) -> Question:
        """The question again; it names its file without a folder, so that what is said of it is the same everywhere."""
        own = None if self.stop_pct is None else OwnExits(self.stop_pct, self.target_pct, self.hold_minutes)
        return Question(self.name, self.claim, self.sha256, self.text, Path(f"{self.name}.py"), own)


class Place(_Frozen):
    """Where the candles of a market are: a file (path or fsspec address) or a data folder."""

    candles: str = Field("", description="A file of candles: its path, or an fsspec address.")
    folder: str = Field("", description="A data folder, where there is no file.")
    symbol: str = Field("", description="The market, where the file does not say it.")


class Job(_Frozen):
    """A job, as it is sent to whoever runs it."""

    cell: CellName = Field(description="Its place in the table.")
    version: str = Field(description="Version of the code that sends it.")
    question: QuestionText = Field(description="What is asked, whole.")
    market: str = Field(description="The market that it is asked of.")
    place: Place = Field(description="Where the candles are.")
    rows_sha256: str = Field(description="Hash of the market's candles up to the end of what is asked of.")
    boundary: str = Field(description="Where the market's sealed part begins, ISO 8601 in UTC.")
    end: str = Field(description="End of the candles that count, ISO 8601 in UTC.")
    since: str = Field("", description="Only entries after this time count; empty: all.")
    until: str = Field(
        "", description="Only what was known until this time counts; empty: up to the boundary."
    )
    terms: Terms = Field(description="What it is judged under.")
    limits: CycleSettings = Field(description="What its processes may take.")
    opened: Opened | None = Field(None, description="The level that was spent; null where the job explores.")

    @property
    def id(self) -> str:
        """A name for what decides its answer."""
        opened = None if self.opened is None else [self.opened.k, self.opened.boundary, self.opened.until]
        decides = [
            *(self.question.name, self.question.sha256, self.market, self.rows_sha256, self.boundary),
            *(self.end, self.since, self.until, self.terms.sha256(), opened),
        ]
        return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:16]


def run_job(job: Job) -> JobRecord:
    """Run it here. What is off with the question or the data is a record too, with the reason."""
    made = {"id": job.id, "version": code_version()}
    try:
        part = _part(job)
        return _answered(job, part, made)
    except EmptyWindowError as error:
        return JobRecord(**made, state="nothing", reason=str(error))
    except RibbonError as error:
        return JobRecord(**made, state="refused", reason=str(error))


def run_text(text: str) -> str:
    """`run_job` from JSON to JSON: what a worker is given and gives back, on one line."""
    return run_job(Job.model_validate_json(text)).model_dump_json()


def _answered(job: Job, part: History, made: dict[str, str]) -> JobRecord:
    question = job.question.question()
    if job.opened is not None:
        found = sealed_answer(question, part, job.opened, job.limits, lambda line: None)
        return JobRecord(**made, state="answered", log_e=found.log_e, confirmed=found)
    since, until = (parse_bound(text) if text else None for text in (job.since, job.until))
    boundary = parse_instant(job.boundary)
    explored = explore_market(question, part, job.terms, boundary, Stretch(since, until), job.limits)
    log_e = end_log_e(explored.trades, question.exits(job.terms.exits), job.terms)
    return JobRecord(**made, state="answered", log_e=round(log_e, 6), explored=explored.record)


def _part(job: Job) -> History:
    """The candles that it is of; raises DataError where this machine has others."""
    for known in (True, False):  # a folder may have grown since it was read
        if not known:
            _history.cache_clear()
        part = _history(job.place).until(parse_instant(job.end))
        if part.market == job.market and part.sha256() == job.rows_sha256:
            if part.candles_5min.empty:
                raise EmptyWindowError(f"no row of {job.market} was known at {job.end}: its rows begin later")
            return part
    raise DataError(
        f"{job.place.candles or job.place.folder} holds other candles of {job.market} here than where the study was begun",
        fix="Give every machine the same file: a shared folder, or an address",
    )


@lru_cache(maxsize=1)
def _history(place: Place) -> History:
    return read_market(place)


def read_market(place: Place) -> History:
    """All candles of a market. Raises as runner.ask.market does."""
    if place.folder:
        folder = Path(place.folder)
        if what := not_a_folder(folder):
            raise MissingDataError(f"{what} here", path=folder, fix="Share it with every machine")
        return market_history(folder, None, "", _now())
    return market_history(Path(), local_file(place.candles), place.symbol, _now())


@cache
def code_version() -> str:
    """A name for the code that decides answers: that of the release, and a hash of its text."""
    from importlib.metadata import version

    digest, root = hashlib.sha256(), repository_root()
    for name in _DECIDING:
        place = root / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{path.relative_to(root).as_posix()}\n".encode() + file_bytes(path))
    return f"{version('ribbon-lab')}+{digest.hexdigest()[:12]}"


def _now() -> pd.Timestamp:
    return pd.Timestamp.now("UTC").as_unit("us")
