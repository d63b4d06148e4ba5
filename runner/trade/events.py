"""The event log: what was ordered, filled, left and halted, one durable row each. It is the truth about money; all else is told from it.

`trade_events.csv` is a journal (runner.files.journal): whole rows or none, fsynced, one writer. A row that cannot be read, cannot have
happened, or is not as it was written ends the program, because a guess about what is held is worse than none. Numbers are written so that
they read back exactly. Rows of before there were checksums have none; once one has, all that follow do.

A field that is added to Event goes last, behind the checksum in the file, and has a default, which is what a blank stands for: a log of
before it gets the column when it is opened, so that no event ever leaves something out. A log with a column that only a later version knows
is read, but not gone on with.
"""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np

from lib.contract.times import parse_time
from lib.data.formats import instant_text, quoted
from lib.data.records import split_row
from lib.data.slices import BOM
from lib.market.costs import SIGN
from runner.errors import EventLogError
from runner.files.followed import Followed
from runner.files.journal import Journal

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
_NUMBERS = ("size", "price", "fee", "notional", "stop_pct", "target_pct", "hold_minutes")
#: What must be above zero, by kind of event.
_ABOVE_ZERO = {
    "order": ("notional", "stop_pct", "target_pct", "hold_minutes", "valid_until"),
    "fill": ("size", "price", "stop_pct", "target_pct", "hold_minutes"),
    "exit": ("size", "price"),
}
_DIRECTED = ("order", "fill", "exit")
_OF_THE_ACCOUNT = ("open", "halt", "resume")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII)
_CHECK = "check"
COLUMNS = ("seq", *(field.name for field in fields(Event)), _CHECK)
#: The first so many are in every version's file.
_FIRST = 15
#: Characters of a refused row that are shown.
_SHOWN = 160
PUT_BACK = (
    "Put the file back from a copy, or move it away and begin a new account with `ribbon trade --new-account`"
)


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
        read_events(self._journal.path.parent)  # one that is refused stays as it is
        self._journal.__enter__()
        try:
            self._refuse_later()
            self.events = read_events(self._journal.path.parent)
        except BaseException:
            self._journal.close()
            raise
        self._seq = len(self.events)
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def append(self, event: Event) -> None:
        """Durable when this returns. Raises WriteFailedError (nothing was kept), FsyncFailedError (stop), or EventLogError for one that
        cannot have happened: it would be refused by whoever reads it.
        """
        if why := cannot_be(event):
            raise EventLogError(f"{self._journal.path}: not written, because it cannot be: {why}: {event}")
        text = {field.name: _text(field, getattr(event, field.name)) for field in fields(event)}
        text["seq"] = str(self._seq + 1)
        text[_CHECK] = _checksum(text)
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
    """The events of a folder, whoever may be writing them: whole rows only. Raises EventLogError for a row that is none."""
    return EventReader(folder).poll()


class EventReader:
    """Reads the events of a folder, and from then on those that are appended."""

    def __init__(self, folder: Path) -> None:
        self._file = Followed(folder / EVENTS_FILE)
        self._clear()

    def poll(self) -> list[Event]:
        """All events until now. Raises as `read_events`, at each look until the file is another."""
        try:
            anew, lines = self._file.poll()
            if anew:
                self._clear()
            for line in lines:
                self._take(line)
        except EventLogError:
            self._file.begin_anew()
            self._clear()
            raise
        return self._events

    def _clear(self) -> None:
        self._events: list[Event] = []
        self._header: list[str] = []
        self._checked = False

    def _take(self, line: bytes) -> None:
        path = self._file.path
        if not self._header:
            self._header = split_row(_text_of(path, 1, line.removeprefix(BOM)).rstrip("\r"))
            if wrong := [name for name in COLUMNS[:_FIRST] if self._header.count(name) != 1]:
                times = self._header.count(wrong[0])
                raise _refused(path, 1, f"the column {wrong[0]} stands there {times} times", line)
            return
        number = len(self._events) + 1
        fields = split_row(_text_of(path, number + 1, line))
        given = dict(zip(self._header, fields, strict=True)) if len(fields) == len(self._header) else {}
        try:
            _check_row(given, number, self._checked)
            self._events.append(_event(given))
        except ValueError as error:
            raise _refused(path, number + 1, str(error), line) from None
        self._checked = bool(given.get(_CHECK))


def _refused(path: Path, line: int, why: str, text: bytes) -> EventLogError:
    shown = text.decode(errors="backslashreplace").rstrip("\r")
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return EventLogError(
        f"{path}, line {line}: this is no event ({why}): «{shown}», so nobody knows what is held. {PUT_BACK}"
    )


def _text_of(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise _refused(path, number, f"byte {error.start + 1} of it is no text", line) from None


def _check_row(given: dict[str, str], number: int, checked: bool) -> None:
    """Raises ValueError for a row that is not the next one, or not as it was written; `checked`: the row before has a checksum."""
    if not given:
        raise ValueError("another number of fields than the header")
    if given["seq"] != str(number):
        raise ValueError(f"its seq is not {number}")
    check = given.get(_CHECK, "")
    if not check and checked:
        raise ValueError("it has no checksum, and the rows before it have")
    if check and check != (own := _checksum(given)):
        raise ValueError(f"its checksum is {check}, and its text makes {own}: it is not what was written")


def _checksum(text: dict[str, str]) -> str:
    """CRC-32 of the fields that say something, so that a column that comes later changes no older row's."""
    held = {name: value for name, value in text.items() if value and name != _CHECK}
    return f"{crc32(json.dumps(held, sort_keys=True).encode()):08x}"


def _event(given: dict[str, str]) -> Event:
    """The event of a row's fields. Raises ValueError for one that cannot be."""
    known = [field for field in fields(Event) if field.name in given]
    event = Event(**{field.name: _value(field, given[field.name]) for field in known})
    if why := cannot_be(event):
        raise ValueError(why)
    return event


def cannot_be(event: Event) -> str:
    """Why no such thing can have happened, whatever was before it; "" if it can."""
    kind, named = event.kind, event.kind not in _OF_THE_ACCOUNT
    missing = ", ".join(name for name in _ABOVE_ZERO.get(kind, ()) if not getattr(event, name) > 0)
    odd = ", ".join(name for name in _NUMBERS if not np.isfinite(getattr(event, name)))
    below = ", ".join(name for name in _NUMBERS if name != "fee" and getattr(event, name) < 0)
    no_direction = event.direction not in SIGN and bool(event.direction or kind in _DIRECTED)
    faults = {
        f"{odd} is no number": bool(odd),
        f"a {kind} without {missing}": bool(missing),
        f"{below} is below zero": bool(below),
        f"a {kind} {'without a' if named else 'with a'} decision_id": named != bool(event.decision_id),
        f"{event.direction!r} is no direction": no_direction,
        "it has no time": event.at <= 0,
        "its fee is more than what was traded": abs(event.fee) > event.size * event.price,
        "it had expired before it was ordered": kind == "order" and event.valid_until < event.at,
        "a halt without a reason": kind == "halt" and not event.reason,
        "an account on paper without equity": kind == "open" and not (event.price or event.reason),
    }
    return next((why for why, is_so in faults.items() if is_so), "")


def _text(field: Field, value: object) -> str:
    if value == field.default:
        return ""
    if field.name in _TIMES:
        return instant_text(value)
    return str(value)


def _value(field: Field, text: str) -> object:
    if not text and field.default is not MISSING:
        return field.default
    if field.name in _TIMES:
        at = parse_time(text, None)
        if at is None:
            raise ValueError(f"{field.name} is no time")
        return at
    if field.type == "float":
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{field.name} is no number")
        return float(text)
    if field.name == "kind" and text not in Kind.__args__:
        raise ValueError(f"unknown kind {text!r}")
    return text
