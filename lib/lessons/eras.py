"""`trading_data/terms.jsonl`: every change of terms with its date, one JSON object a line; and the eras that follow (docs/definitions.md,
Money).

An era is a stretch of time under one set of terms, and has a ledger of its own. The first one reaches back to the start of the log; each
later one begins at its change, or whoever tries ten exits would get ten budgets of level on the same data. Lines are only ever added.
What would surprise: a folder with a ledger or insights, but without the file, is of before terms were kept, and had the default ones.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pydantic import ValidationError

from lib import paths
from lib.contract.lines import lines_of
from lib.contract.results import Model
from lib.contract.schema import INSIGHTS_FILE
from lib.contract.standing import is_there
from lib.contract.times import iso, parse_instant
from lib.data.atomic import append_line
from lib.errors import DataError, ParameterError
from lib.market.terms import DEFAULT_TERMS, Terms

TERMS_FILE = "terms.jsonl"
#: The ledger of the era at hand; an ended one's has the era's key in its name.
LEDGER_FILE = "lessons.sqlite"


_SHOWN = 200
_PUT_RIGHT = "Put that line right or take it out; a folder's ledgers are kept by what this file says"
_LATER = (
    "A later version, it seems, wrote that line: go on with that version. Without the line, lessons of one set of terms would count as "
    "another's"
)


class Era(NamedTuple):
    """Terms and since when they hold: an ISO instant, "" for since the start of the log."""

    since: str
    terms: Terms

    @property
    def key(self) -> str:
        """A short name, of which no two eras of a folder have the same."""
        began = f"{parse_instant(self.since):%Y%m%dT%H%M%S}-" if self.since else ""
        return f"{began}{self.terms.sha256()[:8]}"

    @property
    def ended_file(self) -> str:
        """The name of its ledger's file once it has ended."""
        return f"{Path(LEDGER_FILE).stem}-{self.key}{Path(LEDGER_FILE).suffix}"

    def words(self) -> str:
        """In one line, for people."""
        return f"{self.key}: since {self.since or 'the start of the log'}: {self.terms.words()}"


#: The era of a folder that knows no other.
FIRST_ERA = Era("", DEFAULT_TERMS)


class _Line(Model):
    """A line of the file: when the terms were found to be others, and these."""

    at: str
    terms: Terms


def _is_later(error: Exception) -> bool:
    """Whether all that is wrong with a line is that it says more than this version knows."""
    return isinstance(error, ValidationError) and {each["type"] for each in error.errors()} == {
        "extra_forbidden"
    }


def eras_of(folder: str | Path | None) -> list[Era]:
    """The eras of a trading_data folder, oldest first; none where nothing was ever noted.

    Raises DataError for a line that is none; one that was torn in the middle by a crash was not noted, and is passed over.
    """
    path = paths.trading_data(folder) / TERMS_FILE
    if not is_there(path):
        return [FIRST_ERA] if _is_older(path.parent) else []
    eras: list[Era] = []
    whole = (line.removesuffix("\n") for line in lines_of(path) if line.endswith("\n"))
    for number, text in enumerate(whole, 1):
        try:
            line = _Line.model_validate_json(text)
            at = iso(parse_instant(line.at))
        except (ValidationError, ParameterError) as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            fix = _LATER if _is_later(error) else _PUT_RIGHT
            raise DataError(
                f"this is no change of terms ({why}): «{shown}»", path=path, line=number, fix=fix
            ) from None
        eras = _followed(eras, line.terms, at)
    return eras


def _followed(eras: Sequence[Era], terms: Terms, at: str) -> list[Era]:
    """The eras with one more change. One that ends at the instant that it began at was none: what came before it goes on."""
    found = [*eras[:-1]] if len(eras) > 1 and eras[-1].since >= at and eras[-1].terms != terms else [*eras]
    if not found or found[-1].terms != terms:
        found.append(Era(at if found else "", terms))
    return found


def _is_older(folder: Path) -> bool:
    return any((folder / name).exists() for name in (LEDGER_FILE, INSIGHTS_FILE))


def eras_with(eras: Sequence[Era], terms: Terms, at: pd.Timestamp) -> list[Era]:
    """The eras if `terms` hold from `at` on, or where the newest ones began later, from then on."""
    return _followed(eras, terms, _date(eras, at))


def era_at(eras: Sequence[Era], at: pd.Timestamp) -> Era:
    """The era of an instant; FIRST_ERA where there is none."""
    found = [era for era in eras if not era.since or parse_instant(era.since) <= at]
    return found[-1] if found else FIRST_ERA


def write_terms(folder: str | Path | None, terms: Terms, at: pd.Timestamp) -> None:
    """Write `terms` down, if they are others than the newest ones, as `eras_with` dates them. Raises DataError, OSError.

    The first line of a folder of before terms were kept says what it was worked with until then.
    """
    path = paths.trading_data(folder) / TERMS_FILE
    known = eras_of(path.parent)
    wanted = [known[0].terms] if known and not path.exists() else []
    wanted += [terms] if not known or known[-1].terms != terms else []
    for each in wanted:
        line = _Line(at=_date(known, at), terms=each)
        append_line(path, json.dumps(line.model_dump(mode="json"), allow_nan=False))


def _date(eras: Sequence[Era], at: pd.Timestamp) -> str:
    return iso(max([at, *(parse_instant(era.since) for era in eras if era.since)]))


def era_named(eras: Sequence[Era], key: str) -> Era:
    """The era of this key, or whose key alone begins with it; raises ParameterError naming those there are."""
    found = [era for era in eras if era.key == key] or [era for era in eras if era.key.startswith(key)]
    if len(found) != 1:
        known = "; ".join(era.words() for era in eras) or "no terms were noted yet"
        raise ParameterError(
            f"--terms {key} names {len(found) or 'none'} of the folder's ledgers. There are {known}"
        )
    return found[0]


def read_era(connection: sqlite3.Connection) -> Era:
    """The era that a ledger's table `era` names; FIRST_ERA where it has none. Raises sqlite3.DatabaseError for what is no era."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'era'").fetchone() is None:
        return FIRST_ERA
    row = connection.execute("SELECT since, terms FROM era").fetchone()
    try:
        return Era(row[0], Terms.model_validate_json(row[1])) if row else FIRST_ERA
    except ValidationError as error:
        raise sqlite3.DatabaseError(f"its terms are none: {error}") from error


def write_era(connection: sqlite3.Connection, era: Era) -> None:
    """Let a ledger name its era; part of the caller's transaction."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS era (one INTEGER PRIMARY KEY CHECK (one = 1), since TEXT, terms TEXT)"
    )
    connection.execute(
        "INSERT OR REPLACE INTO era VALUES (1, ?, ?)", (era.since, era.terms.model_dump_json())
    )
