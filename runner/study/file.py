"""STUDY.toml: what a study asks. A key that nothing knows is refused, as is a value of another kind; paths are from the file's folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lib.contract.lines import file_lines
from lib.contract.standing import not_a_file, resolved
from lib.contract.times import parse_bound
from lib.errors import MissingDataError, ParameterError
from lib.market.terms import Terms
from runner.config_file import line_of, read_toml
from runner.errors import ConfigError

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,60}")
_PATTERN = rf"^{NAME.pattern}$"

#: What to write where something is missing, or of another kind.
_EXAMPLES = {
    "questions": 'Write questions = ["questions/*.py"]',
    "markets": 'Write a line [[markets]], and below it candles = "FILE"',
    "name": 'Write name = "…", a short one',
}
_REMEDIES = {
    "bool_parsing": "; write true or false, without quotes",
    "bool_type": "; write true or false, without quotes",
    "list_type": '; write a list: ["…"]',
    "float_parsing": "; write a number, without quotes",
    "float_type": "; write a number, without quotes",
}


class _UnknownKey(ValueError):
    """A key of `[[terms]]` that terms do not have."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is no setting of terms; known are {', '.join(Terms.model_fields)}")
        self.key = key


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Market(_Strict):
    """One market: a file of candles (path or address), a data folder, or an exchange's symbol. Exactly one of the three."""

    candles: str = Field(
        "", description="A file of candles: a path, or an fsspec address like s3://bucket/file.csv.gz."
    )
    folder: str = Field("", description="A data folder, as `ribbon backfill` fills it.")
    exchange: str = Field(
        "", description="A ccxt id; its 1-minute candles are fetched once and kept with the study."
    )
    symbol: str = Field(
        "", description="The market: needed with `exchange` (ETH/USDT); else where a file does not say it."
    )
    since: str = Field("", description="First time to fetch from the exchange.")
    until: str = Field("", description="Last time to fetch from it (default: when it is first fetched).")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(map(bool, (self.candles, self.folder, self.exchange))) != 1:
            raise ValueError("a market has exactly one of candles, folder, exchange")
        if self.exchange and not (self.symbol and self.since):
            raise ValueError(
                'exchange needs symbol (like "ETH/USDT") and since (like "2025-05-01T00:00:00Z")'
            )
        if not self.exchange and (self.since or self.until):
            raise ValueError("since and until of a market go with exchange; [[periods]] say what is asked of")
        if self.folder and self.symbol:
            raise ValueError("symbol goes with candles or exchange: a folder's rows name their market")
        return self

    @property
    def is_address(self) -> bool:
        """Whether its candles are named by an fsspec address, not by a path."""
        return "://" in self.candles

    def words(self) -> str:
        """What it is, for messages."""
        return self.candles or self.folder or f"{self.exchange} {self.symbol}"


class StudyTerms(_Strict):
    """Terms to ask under: those in force, with what is given here in their place."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(pattern=_PATTERN, description="What the table calls them.")

    @model_validator(mode="after")
    def _of_terms(self) -> Self:
        for key in self.model_extra or {}:
            if key not in Terms.model_fields:
                raise _UnknownKey(key)
        return self


class Period(_Strict):
    """A stretch to ask of; it only narrows the open part."""

    name: str = Field(pattern=_PATTERN, description="What the table calls it.")
    since: str = Field("", description="Only entries after this time.")
    until: str = Field("", description="Only what was known until this time.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        ends = [parse_bound(text) if text else None for text in (self.since, self.until)]
        if all(ends) and ends[0] >= ends[1]:
            raise ValueError(f"since {self.since} is not before until {self.until}")
        return self


class StudyFile(_Strict):
    """A study."""

    name: str = Field("", pattern=rf"^({NAME.pattern})?$", description="Its name (default: the file's).")
    confirm: bool = Field(
        False, description="Ask the sealed parts, once; every cell spends a level for good."
    )
    questions: list[str] = Field(min_length=1, description="Question files, or patterns like questions/*.py.")
    markets: list[Market] = Field(min_length=1, description="What each question is asked of.")
    terms: list[StudyTerms] = Field([], description="Without any: the terms in force, called `standard`.")
    periods: list[Period] = Field([], description="Without any: the whole open part, called `all`.")

    @field_validator("terms", "periods")
    @classmethod
    def _named_once(cls, given: list[Any]) -> list[Any]:
        names = [each.name for each in given]
        if len(set(names)) < len(names):
            raise ValueError(f"two have one name: {', '.join(sorted(names))}")
        return given

    @model_validator(mode="after")
    def _confirmed_plainly(self) -> Self:
        if self.confirm and (len(self.terms) > 1 or self.periods):
            raise ValueError(
                "confirm asks each whole sealed part once: give one [[terms]] at most, and no [[periods]]"
            )
        return self


def read_study(path: Path) -> StudyFile:
    """The study of a file. Raises MissingDataError without one, ConfigError with the line and the remedy for what is off."""
    place = resolved(path)
    if what := not_a_file(place):
        raise MissingDataError(what, path=place, fix="docs/guide/studies.md shows one")
    values, text = read_toml(place)
    try:
        study = StudyFile.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{place}, {_wrong(error, text)}") from None
    except ParameterError as error:  # a time of a period
        raise ConfigError(f"{place}: {error}") from None
    name = study.name or place.stem.lower()
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"{place}: {name!r} is no name of a study: set name to small letters, digits, - . _"
        )
    return study.model_copy(update={"name": name})


def study_terms(study: StudyFile, path: Path, terms: Terms) -> dict[str, Terms]:
    """The terms of a study by name: those in force, `terms`, with what the file at `path` gives in their place.

    Raises ConfigError with the line for what makes no terms.
    """
    if not study.terms:
        return {"standard": terms}
    found = {}
    for number, given in enumerate(study.terms):
        try:
            found[given.name] = Terms.model_validate(terms.model_dump() | (given.model_extra or {}))
        except ValidationError as error:
            first = error.errors()[0]
            keys = tuple(map(str, first["loc"]))
            line = _line(read_toml(path)[1], ("terms", *keys), number)
            where = ".".join(("terms", str(number), *keys))
            raise ConfigError(f"{path}, line {line}: {where}: {wrong_words(first)}") from None
    return found


def _wrong(error: ValidationError, text: str) -> str:
    """The first mistake: its line, key, what stood there, and what is wrong with it."""
    first = error.errors()[0]
    keys = tuple(str(key) for key in first["loc"] if not isinstance(key, int))
    if isinstance(unknown := first.get("ctx", {}).get("error"), _UnknownKey):
        keys += (unknown.key,)
    number = next((key for key in first["loc"] if isinstance(key, int)), 0)
    line = _line(text, keys, number)
    where = ".".join(str(key) for key in first["loc"]) or "the file"
    known = (
        StudyFile.model_fields
        if len(keys) == 1
        else Market.model_fields
        if keys[:1] == ("markets",)
        else Period.model_fields
    )
    fix = f"; known are {', '.join(known)}" if first["type"] == "extra_forbidden" else ""
    return f"line {line}: {where}: {wrong_words(first)}{fix}"


def wrong_words(first: Any) -> str:
    """What pydantic found wrong, with what stood there and what to write."""
    if first["type"] == "missing":
        return f"it must be there, and is not. {_EXAMPLES.get(str(first['loc'][-1]), 'docs/guide/studies.md shows one')}"
    given = "" if isinstance(first["input"], dict | list) else f" (it says {first['input']!r})"
    remedy = _REMEDIES.get(first["type"], "")
    return f"{first['msg'].removeprefix('Value error, ')}{given}{remedy}"


def _line(text: str, keys: tuple[str, ...], number: int) -> int:
    """The line of a key; of a key in the `number`-th table of an array (from 0), looked for behind that table's head."""
    if not keys:
        return 1
    heads = [at for at, line in enumerate(file_lines(text)) if re.match(rf"\s*\[\[\s*{keys[0]}\s*\]\]", line)]
    if number >= len(heads):
        return line_of(text, keys)
    begin, end = heads[number], heads[number + 1] if number + 1 < len(heads) else None
    for at, line in enumerate(file_lines(text)[begin:end], begin + 1):
        if keys[1:] and re.match(rf"\s*{re.escape(keys[-1])}\s*=", line):
            return at
    return begin + 1
