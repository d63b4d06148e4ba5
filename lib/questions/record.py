"""`trading_data/questions/record.jsonl`: what was ever asked of a folder, one JSON object a line; lines are only added.

A *boundary* fixes where a market's sealed part begins; *asked* is one look at the open part; *opened* spends a level on one question's look
at the sealed part, before it is looked at; *confirmed* says what came out; *replication* spends one on several markets together, before
they are looked at; *kept* and *dropped* begin and end following (lib.questions.keeping). What would surprise: a question that was opened
and has no answer yet was cut off in between; its answer is found again under what `opened` says, at the level that was spent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from lib.contract.results import Model
from lib.contract.standing import file_bytes, is_there
from lib.contract.times import parse_instant
from lib.errors import DataError
from lib.market.terms import Terms
from lib.questions.confirmation import Confirmation
from lib.questions.history import History
from lib.questions.keeping import Dropped, Kept
from lib.questions.times import Time

FOLDER, FILE = "questions", "record.jsonl"
#: Prices of one market are the same text; those of two agree to so many digits once in tens of thousands of rows.
_SAME_PRICE = 1e-9


class Boundary(Model):
    """Where the sealed part of a market begins, fixed at the first ask."""

    kind: Literal["boundary"] = Field("boundary", description="What the line is.")
    at: Time = Field(description="When it was written, ISO 8601 in UTC, by the machine's clock.")
    market: str = Field(description="The market that it is of.")
    source: str = Field(description="Where its candles were from: a file's name, or folder.")
    boundary: Time = Field(description="What was known later than this instant is sealed, ISO 8601 in UTC.")
    first: Time = Field(description="When the first row there was became known, ISO 8601 in UTC.")
    newest: Time = Field(description="When the last row there was became known, ISO 8601 in UTC.")
    rows: int = Field(description="5-minute candles there were.")
    price: float = Field(
        gt=0,
        description="Close of the row at the boundary: by it the same market is known under another name.",
    )


class Asked(Model):
    """One look at the open part."""

    kind: Literal["asked"] = Field("asked", description="What the line is.")
    at: Time = Field(description="When it was asked, ISO 8601 in UTC, by the machine's clock.")
    question: str = Field(description="The question's name.")
    sha256: str = Field(description="Hash of the question's file.")
    market: str = Field(description="The market that it was asked of.")
    source: str = Field(description="Where its candles were from: a file's name, or folder.")
    since: Time = Field(description="Start of what was asked of, ISO 8601 in UTC.")
    until: Time = Field(description="End of what was asked of, ISO 8601 in UTC.")
    trades: int = Field(description="Closed trades that it made there.")
    net_mean_pct: float | None = Field(
        description="Net mean of an episode there, percent; null without a trade."
    )


class Opened(Model):
    """A level spent on one question's look at the sealed part of one market."""

    kind: Literal["opened"] = Field("opened", description="What the line is.")
    at: Time = Field(description="When it was opened, ISO 8601 in UTC, by the machine's clock.")
    k: int = Field(ge=1, description="Number of the level, from 1; no number is given twice.")
    question: str = Field(description="The question's name.")
    sha256: str = Field(description="Hash of the question's file.")
    market: str = Field(description="The market that it was asked of.")
    source: str = Field(description="Where its candles were from: a file's name, or folder.")
    boundary: Time = Field(description="Trades entered later than this instant count, ISO 8601 in UTC.")
    until: Time = Field(description="When the last row there was became known, ISO 8601 in UTC.")
    terms: Terms = Field(description="The terms that it is judged under.")


class Confirmed(Model):
    """What the sealed part said of an opened question, for good."""

    kind: Literal["confirmed"] = Field("confirmed", description="What the line is.")
    at: Time = Field(description="When it was found, ISO 8601 in UTC, by the machine's clock.")
    k: int = Field(ge=1, description="Number of the level that was spent.")
    sha256: str = Field(description="Hash of the question's file.")
    found: Confirmation = Field(description="The verdict with its figures.")
    looked: list[str] = Field(
        description="Who of the folder had looked at the sealed part otherwise by then, in words."
    )


class Replication(Model):
    """A level spent on whether a question holds in several markets together, before their sealed parts are looked at."""

    kind: Literal["replication"] = Field("replication", description="What the line is.")
    at: Time = Field(description="When it was spent, ISO 8601 in UTC, by the machine's clock.")
    k: int = Field(ge=1, description="Number of the replications' level, from 1; no number is given twice.")
    question: str = Field(description="The question's name.")
    sha256: str = Field(description="Hash of the question's file.")
    markets: list[str] = Field(description="The markets, in alphabetical order.")


AnyLine = Boundary | Asked | Opened | Confirmed | Replication | Kept | Dropped
Line = Annotated[AnyLine, Field(discriminator="kind")]
_LINE: TypeAdapter[AnyLine] = TypeAdapter(Line)


class Record:
    """The lines of a folder's record, in their order."""

    def __init__(self, lines: Sequence[AnyLine] = ()) -> None:
        self.lines = list(lines)

    @property
    def asked(self) -> list[Asked]:
        """Every look at an open part."""
        return [line for line in self.lines if isinstance(line, Asked)]

    @property
    def opened(self) -> list[Opened]:
        """Every level that was spent on a look at a sealed part."""
        return [line for line in self.lines if isinstance(line, Opened)]

    def why_not(self, line: AnyLine) -> str:
        """Why a line cannot follow what is there, "" if it can: a number is given once, and what answers one was asked under it."""
        if isinstance(line, Boundary | Asked):
            return ""
        if any(_same_number(found, line) for found in self.lines):
            return f"number {line.k} was given before"
        if isinstance(line, Confirmed):
            asked = next((found for found in self.opened if found.k == line.k), None)
            if asked is None or asked.sha256 != line.sha256:
                return f"number {line.k} was not spent on that question"
        if isinstance(line, Dropped) and not any(found.k == line.k for found in self.kept):
            return f"number {line.k} was not spent on following a question"
        return ""

    @property
    def kept(self) -> list[Kept]:
        """Every level that was spent on following."""
        return [line for line in self.lines if isinstance(line, Kept)]

    @property
    def followed(self) -> list[Kept]:
        """The questions that are kept and were not dropped."""
        return [line for line in self.kept if self.dropped(line.k) is None]

    def dropped(self, k: int) -> Dropped | None:
        """The end of following at number k; None while it goes on."""
        return next((line for line in self.lines if isinstance(line, Dropped) and line.k == k), None)

    @property
    def next_number(self) -> int:
        """The number that the next confirmed or followed question spends."""
        return 1 + max((line.k for line in (*self.opened, *self.kept)), default=0)

    def boundary(self, market: str) -> Boundary | None:
        """A market's boundary: the first line that fixes one."""
        return next(
            (line for line in self.lines if isinstance(line, Boundary) and line.market == market), None
        )

    def opening(self, sha256: str, market: str) -> Opened | None:
        """The level that was spent on a question of a market, if one was."""
        return next((line for line in self.opened if (line.sha256, line.market) == (sha256, market)), None)

    def answer(self, k: int) -> Confirmed | None:
        """What came out at number k; None while nothing has."""
        return next((line for line in self.lines if isinstance(line, Confirmed) and line.k == k), None)

    @property
    def replications(self) -> list[Replication]:
        """Every level that was spent on a replication."""
        return [line for line in self.lines if isinstance(line, Replication)]

    def replication(self, sha256: str, markets: Sequence[str]) -> Replication | None:
        """The level that was spent on a question over these markets, if one was."""
        wanted = (sha256, sorted(markets))
        return next((line for line in self.replications if (line.sha256, line.markets) == wanted), None)

    def namesakes(self, history: History) -> list[Boundary]:
        """Boundaries of other names whose price at their instant is that of `history`: the same market, called otherwise."""
        closes = history.rows["close"]
        found = []
        for line in self.lines:
            if isinstance(line, Boundary) and line.market != history.market:
                at = parse_instant(line.boundary)
                if at in closes.index and abs(closes[at] / line.price - 1) < _SAME_PRICE:
                    found.append(line)
        return found

    def tried(self, market: str) -> int:
        """How many different questions were asked of a market's open part."""
        return len({line.sha256 for line in self.asked if line.market == market})


def _same_number(found: AnyLine, line: AnyLine) -> bool:
    """Whether two lines claim one number: of a kind, or as the two that spend levels of one share."""
    if isinstance(found, Boundary | Asked) or isinstance(line, Boundary | Asked) or found.k != line.k:
        return False
    return found.kind == line.kind or {found.kind, line.kind} == {"opened", "kept"}


def record_path(trading_data: Path) -> Path:
    """The file of a data folder."""
    return trading_data / FOLDER / FILE


def read_record(trading_data: Path) -> Record:
    """What a folder keeps; nothing where nobody asked. A last line without its end was cut by a kill and was not written.

    Raises DataError for a line that is none.
    """
    path = record_path(trading_data)
    if not is_there(path):
        return Record()
    *texts, _ = file_bytes(path).split(b"\n")
    record = Record()
    for number, text in enumerate(texts, 1):
        try:
            line = _LINE.validate_json(text, extra="ignore")
            why = record.why_not(line)
        except ValidationError as error:
            why = error.errors()[0]["msg"]
        if why:
            raise DataError(
                f"this is no line of the record ({why}): `{text[:60].decode(errors='replace')}`",
                path=path,
                line=number,
                fix="It says which levels are spent: put the line back as it was, from a copy of the folder",
            )
        record.lines.append(line)
    return record


def line_text(line: AnyLine) -> str:
    """A line as it is written."""
    return json.dumps(line.model_dump(mode="json"), allow_nan=False)
