"""Decisions as they stood at an instant: rows not made yet are left out or poisoned, and so are fills and exits of those that were made.

Source: docs/definitions.md, Known at. A row is rewritten only where something of it was unknown; all others keep their bytes. What would
surprise: a fill that was not known takes `executed` with it, and in a poisoned file the exit times of open trades stay where they were,
after the instant, as a reader must be tempted and not told.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.standing import open_file
from lib.contract.times import microseconds, parse_time
from lib.data.records import split_lines, split_row
from lib.data.slices import read_slice
from runner.lookahead.rows import Mode, poisoned_number, poisoner

_TURNED = {"LONG": "SHORT", "SHORT": "LONG", "TP_HIT": "SL_HIT"}
_EXIT_KNOWN_AFTER = int(schema.EXIT_KNOWN_AFTER_MINUTES * 60_000_000)


def alter_decisions(source: Path, target: Path, as_of: pd.Timestamp, mode: Mode, zone: tzinfo | None) -> int:
    """Write the decisions of `source` as they were known at `as_of` to `target`; returns how many rows told of something later."""
    piece = read_slice(source, None, None, zone)
    records = split_lines(piece.data, len(piece.header.names))
    now, later, gone = microseconds(as_of), 0, False
    with open_file(source) as file, target.open("wb") as out:
        out.write(file.read(piece.header.end))
        for start, end, whole in zip(records.starts, records.ends, records.whole, strict=True):
            data = piece.data[start:end]
            row = _row(data, piece.header.names) if whole else None
            stamp = parse_time(row["timestamp"], zone) if row else None
            gone = gone if stamp is None else stamp > now
            if row is None or stamp is None:
                out.write(b"" if gone and mode == "cut" else data)
                continue
            unknown = set(row) if gone else _unknown_columns(row, stamp, now, zone)
            later += bool(unknown)
            if not (gone and mode == "cut"):
                out.write(_written(row, unknown, mode, gone) if unknown else data)
    return later


def _unknown_columns(row: dict[str, str], stamp: int, now: int, zone: tzinfo | None) -> set[str]:
    """The columns of a decision made at `stamp` that were not known at `now` (both UTC microseconds)."""
    entered = parse_time(row.get("entry_time", ""), zone)
    left = parse_time(row.get("exit_time", ""), zone)
    exited = stamp + _EXIT_KNOWN_AFTER if left is None else left
    unknown: set[str] = set()
    if entered is not None and entered > now:
        unknown |= {*schema.FILL_COLUMNS, *schema.EXIT_COLUMNS, "executed"}
    if exited > now:
        unknown |= set(schema.EXIT_COLUMNS)
    return {name for name in unknown if row.get(name)}


def _row(data: bytes, names: Sequence[str]) -> dict[str, str] | None:
    text = data.decode("utf-8", errors="surrogateescape")
    fields = split_row(text)
    return dict(zip(names, fields, strict=True)) if len(fields) == len(names) else None


def _written(row: dict[str, str], unknown: set[str], mode: Mode, gone: bool) -> bytes:
    if mode == "cut":
        row = row | dict.fromkeys(unknown, "") | ({"executed": "False"} if "executed" in unknown else {})
    else:
        row = _poisoned(row, unknown, gone)
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(row.values())
    return line.getvalue().encode("utf-8", errors="surrogateescape")


def _poisoned(row: dict[str, str], unknown: set[str], gone: bool) -> dict[str, str]:
    numbers = set(schema.DECISION_NUMBERS) - {"confidence"}
    changed = dict(row)
    for name in unknown & numbers:
        changed[name] = poisoned_number(row[name])
    for name in unknown & {"direction", "exit_reason"}:
        changed[name] = _TURNED.get(row[name], "TP_HIT" if name == "exit_reason" and row[name] else row[name])
    if gone:
        states = [name for name in ("state_5min", "state_15min") if name in row]
        turn = poisoner(states)([row[name] for name in states])
        changed |= dict(zip(states, turn, strict=True))
    return changed
