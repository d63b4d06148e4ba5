"""The event log: what was ordered, filled, left and halted, one durable row each. It is the truth about money; all else is told from it.

`trade_events.csv` is a journal (runner.files.journal): whole rows or none, fsynced, one writer. A row that cannot be read in its middle
ends the program, because a guess about what is held is worse than none. Numbers are written so that they read back exactly.

A field that is added to Event goes last and has a default, which is what a blank stands for: a log of before it gets the column when it is
opened, so that no event ever leaves something out. A log with a column that only a later version knows is read, but not gone on with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from lib.contract.times import parse_time
from lib.data.formats import instant_texts, quoted
from runner.errors import EventLogError
from runner.files.journal import Journal
from runner.trade.known import stamp

EVENTS_FILE = "trade_events.csv"

Kind = Literal["open", "order", "fill", "void", "leave", "exit", "halt", "resume"]


@dataclass(frozen=True)
class Event:
    """One thing that happened. Times in microseconds since 1970 UTC, 0 where there is none; money in quote currency."""

    kind: Kind
    at: int
    decision_id: str = ""
    direction: str = ""
    size: float = 0.0  #: units of the instrument
    price: float = 0.0  #: of a fill or an exit; of `open` the equity begun with
    fee: float = 0.0  #: of this side
    notional: float = 0.0  #: of an order: the value it may buy or sell
    stop_pct: float = 0.0
    target_pct: float = 0.0
    hold_minutes: float = 0.0
    valid_until: int = 0
    reason: str = ""  #: of `open`: the account at an exchange; "" on paper
    row: str = (
        ""  #: of an order: its decision row as CSV text, so that a crash before it was written loses nothing
    )


_TIMES = ("at", "valid_until")
COLUMNS = ("seq", *(field.name for field in fields(Event)))
#: The first so many are in every version's file.
_FIRST = 15


def event_journal(folder: Path) -> Journal:
    """The journal under a folder's event log."""
    return Journal(folder / EVENTS_FILE, COLUMNS, later=COLUMNS[_FIRST:])


class EventLog:
    """The open log of a folder; holds its lock. `events` are those that were there when it was opened."""

    def __init__(self, folder: Path) -> None:
        self._journal = event_journal(folder)
        self.events: list[Event] = []
        self._seq = 0

    def __enter__(self) -> EventLog:
        self._journal.__enter__()
        try:
            self._refuse_later()
            self.events = _parse_events(self._journal.rows(), self._journal)
        except BaseException:
            self._journal.close()
            raise
        self._seq = len(self.events)
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def append(self, event: Event) -> None:
        """Durable when this returns. Raises WriteFailedError (nothing was kept) or FsyncFailedError (stop)."""
        text = {field.name: _text(field, getattr(event, field.name)) for field in fields(event)}
        text["seq"] = str(self._seq + 1)
        self._journal.append([",".join(quoted(text[name]) for name in self._journal.header)])
        self._seq += 1

    def _refuse_later(self) -> None:
        unknown = [name for name in self._journal.header if name not in COLUMNS]
        if unknown:
            raise EventLogError(
                f"{self._journal.path}, line 1: a later version wrote this log, whose column {unknown[0]} this one does not know, so what "
                "is held could be misread. Go on with the later version"
            )


def read_events(folder: Path) -> list[Event]:
    """The events of a folder whose log somebody else may be writing: whole rows only."""
    path = folder / EVENTS_FILE
    if not path.is_file():
        return []
    *lines, _ = path.read_text(encoding="utf-8").split("\n")
    journal = Journal(path, lines[0].split(",") if lines else COLUMNS)
    return _parse_events(lines[1:], journal)


def _parse_events(rows: Sequence[str], journal: Journal) -> list[Event]:
    """Rows as events. Raises EventLogError for a row that is none, or is not the next one."""
    found = []
    for number, row in enumerate(rows, start=1):
        given = journal.fields(row)
        try:
            if given is None or int(given["seq"]) != number:
                raise ValueError("another number of fields, or not the next seq")
            found.append(
                Event(
                    **{
                        field.name: _value(field, given[field.name])
                        for field in fields(Event)
                        if field.name in given or field.name in COLUMNS[:_FIRST]
                    }
                )
            )
        except (ValueError, KeyError) as error:
            raise EventLogError(
                f"{journal.path}, line {number + 1}: this is no event ({error}), so nobody knows what is held. "
                "Put the file back from a copy, or move it away and begin with a new account"
            ) from None
    return found


def _text(field: Field, value: object) -> str:
    if value == field.default:
        return ""
    if field.name in _TIMES:
        return instant_texts(pd.DatetimeIndex([stamp(value)]))[0] if value else ""
    return repr(float(value)) if isinstance(value, float) else str(value)


def _value(field: Field, text: str) -> object:
    if not text and field.default is not MISSING:
        return field.default
    if field.name in _TIMES:
        at = parse_time(text, None) if text else 0
        if at is None:
            raise ValueError(f"{field.name} is no time")
        return at
    if field.type == "float":
        number = float(text)
        if not np.isfinite(number):
            raise ValueError(f"{field.name} is no number")
        return number
    if field.name == "kind" and text not in Kind.__args__:
        raise ValueError(f"unknown kind {text!r}")
    return text
