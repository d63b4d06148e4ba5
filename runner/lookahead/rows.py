"""Files of one row a line as they stood at an instant: later rows left out (cut), or kept and made absurd: numbers that jump (poison) or
fall to a tenth (sink).

Streamed line by line, so a file of any size takes little memory, and judged by each row's own time: nothing is assumed about the order,
and nothing of the readers' search is used, as a fault of theirs must not hide itself. A line without a time stays with the one before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Literal

import pandas as pd

from lib.contract import schema
from lib.contract.standing import open_file
from lib.contract.times import iso, microseconds, parse_time
from lib.data.records import split_row
from lib.data.slices import Header, read_tail
from lib.market.ribbon import classify_colour

Mode = Literal["cut", "poison", "sink"]
#: Put before a number it makes it absurd and leaves the order of positive ones as it was: a poisoned candle is still a candle.
_POISON = "9"
_TURNED_COLOURS = {"green": "red", "red": "green"}
_TURNED_STATES = {
    "all_green": "all_red",
    "mixed_green": "mixed_red",
    "mixed": "all_red",
    "mixed_red": "mixed_green",
    "all_red": "all_green",
}
#: Columns that a poisoned row keeps: without them readers would set it aside, and nothing would be poisoned.
_KEPT = ("timestamp", "quality", "classifier", "symbol", "seq", schema.SOURCE_COLUMN)

Change = Callable[[Sequence[str]], list[str]]


def _known_delay(name: str) -> pd.Timedelta:
    """How long after its timestamp a row of the file of this name is known (docs/definitions.md, Known at)."""
    minutes = {file: schema.MINUTES[timeframe] for timeframe, file in schema.CANDLE_FILES.items()}
    return pd.Timedelta(minutes=minutes.get(name, 0))


def alter_rows(source: Path, target: Path, as_of: pd.Timestamp, mode: Mode, zone: tzinfo | None) -> int:
    """Write `source` as it was known at `as_of` to `target`; returns how many rows were later.

    Raises HeaderError for a file without a whole header or without a timestamp column.
    """
    header = read_tail(source, 0).header
    is_later = _clock(header, as_of - _known_delay(source.name), zone)
    change = (
        None if mode == "cut" else poisoner(header.names, sunk_number if mode == "sink" else poisoned_number)
    )
    later, told = 0, False
    with open_file(source) as rows, target.open("wb") as out:
        out.write(rows.read(header.end))
        for row in rows:
            timed = is_later(row)
            told = told if timed is None else timed
            if not told:
                out.write(row)
                continue
            later += timed is not None
            if change is not None:
                out.write(_altered_line(row, change, len(header.names)))
    return later


def _clock(header: Header, limit: pd.Timestamp, zone: tzinfo | None) -> Callable[[bytes], bool | None]:
    """Tells whether a row's timestamp is after `limit`; None where it has none."""
    column, last = header.names.index("timestamp"), microseconds(limit)
    # Whole seconds in UTC compare as texts do; nearly all rows are written so.
    text = iso(limit.floor("s")).encode()

    def is_later(row: bytes) -> bool | None:
        stamp = row.split(b",", column + 1)[column : column + 1]
        if not stamp:
            return None
        if len(stamp[0]) == len(text) and stamp[0].endswith(b"Z") and stamp[0][10:11] == b"T":
            return stamp[0] > text
        time = parse_time(stamp[0].decode("utf-8", errors="replace").strip('" \r\n'), zone)
        return None if time is None else time > last

    return is_later


def _altered_line(row: bytes, change: Change, width: int) -> bytes:
    """A line with its fields changed; one that is no whole row stays as it is."""
    text = row.decode("utf-8", errors="surrogateescape")
    body = text.rstrip("\r\n")
    quoted = '"' in body
    fields = split_row(body) if quoted else body.split(",")
    if len(fields) != width:
        return row
    changed = _csv_line(change(fields)) if quoted else ",".join(change(fields))
    return (changed + text[len(body) :]).encode("utf-8", errors="surrogateescape")


def poisoner(names: Sequence[str], number: Callable[[str], str] | None = None) -> Change:
    """Makes the fields of a row absurd: numbers by `number` (they grow), colours and states turn; times and words stay."""
    changes = [_change_of(name, number or poisoned_number) for name in names]

    def poison(fields: Sequence[str]) -> list[str]:
        return [change(field) if change else field for change, field in zip(changes, fields, strict=True)]

    return poison


def _change_of(name: str, number: Callable[[str], str]) -> Callable[[str], str] | None:
    if name in _KEPT or name.endswith("_time"):
        return None
    if name.endswith("_color"):
        return turned_colour
    if name in ("state", "state_5min", "state_15min"):
        return turned_state
    return number


def poisoned_number(field: str) -> str:
    """A number made absurd, its sign kept; what is no number stays."""
    sign, digits = ("-", field[1:]) if field.startswith("-") else ("", field)
    return f"{sign}{_POISON}{digits}" if digits[:1].isdigit() else field


def sunk_number(field: str) -> str:
    """A tenth of a number, in digits that keep the order of all; what is no number stays."""
    return f"{field}e-1" if field.lstrip("-")[:1].isdigit() and "e" not in field.lower() else field


def turned_colour(field: str) -> str:
    """Green for red and red for green; anything else becomes green, and nothing stays nothing."""
    if not field:
        return field
    if field not in _turned:
        _turned[field] = _TURNED_COLOURS.get(classify_colour(field), "green")
    return _turned[field]


#: A file holds few colours, each many times.
_turned: dict[str, str] = {}


def turned_state(field: str) -> str:
    """The opposite state; unknown stays unknown."""
    return _TURNED_STATES.get(field.strip().lower(), field)


def _csv_line(fields: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()
