"""What a run says of instants: every table with times among the variables of a notebook and in the files that it wrote.

Runs in the notebook's own process, in a cell put behind its last one, so nothing has to be published for the check: a signal, a series and
a trade are looked at where the notebook keeps them. Left out is what is declared as hindsight (lib.contract.hindsight), names that begin
with `hindsight`, and the samples and decisions of a MarketWindow, which are the data themselves.

A table's rows are dated by `known_at` or `closed_at` where it has one, else by its index of times, else by its first column of times.
"""

from __future__ import annotations

import json
import numbers
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ValidationError

from lib.contract.analyzers import ANALYZER
from lib.contract.envelope import ResultEnvelope
from lib.contract.hindsight import is_hindsight
from lib.contract.standing import file_bytes, file_text
from lib.data.window import MarketWindow

_KNOWN = ("known_at", "closed_at")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_DEPTH = 4  #: how deep containers are looked into
_NOT_DATA = ("In", "exit", "quit")


@dataclass(frozen=True)
class DatedTable:
    """Rows with the instant that each is dated by; times are UTC microseconds, and None where a cell is empty."""

    by: str  #: the column that dates the rows; "" : the index
    index: str  #: the name of an index of times; "" where there is none
    opens: list[int] | None  #: that index
    dates: list[int]
    times: dict[str, list[int | None]]  #: the other columns of times
    values: dict[str, list[Any]]


def hand_over(namespace: Mapping[str, Any], path: str) -> None:
    """Write the dated tables of a notebook's variables to `path`, for the process that checks it."""
    tables = {name: vars(table) for name, table in dated_tables(namespace).items()}
    Path(path).write_text(json.dumps(tables), encoding="utf-8")


def read_handed_over(path: Path) -> dict[str, DatedTable]:
    """What `hand_over` wrote."""
    return {name: DatedTable(**table) for name, table in json.loads(file_text(path)).items()}


def dated_tables(namespace: Mapping[str, Any]) -> dict[str, DatedTable]:
    """The dated tables among variables by name, and among what cells showed without naming it."""
    found: dict[str, DatedTable] = {}
    named = {name: value for name, value in namespace.items() if not name.startswith("_")}
    shown = named.pop("Out", {})
    for name, value in named.items():
        if name not in _NOT_DATA:
            found |= _tables_in(value, name)
    known = {id(value) for value in named.values()}
    for number, value in shown.items() if isinstance(shown, dict) else ():
        if id(value) not in known:
            found |= _tables_in(value, f"output {number}")
    return found


def tables_of_files(folder: Path) -> dict[str, DatedTable]:
    """The dated tables of the CSV and JSON files below a folder; a file that is neither is passed over."""
    found: dict[str, DatedTable] = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".csv", ".json")):
        try:
            content = (
                pd.read_csv(BytesIO(file_bytes(path)))
                if path.suffix == ".csv"
                else _typed(json.loads(file_bytes(path)))
            )
        except ValueError:
            continue
        found |= _tables_in(content, str(path.relative_to(folder)))
    return found


def _typed(content: Any) -> Any:
    """An analyzer's result as its model, which says what of it is hindsight; anything else as it is."""
    try:
        envelope = ResultEnvelope.read(content)
        return ANALYZER[envelope.name].model.read(envelope.result)
    except ValidationError:
        return content


def _tables_in(value: Any, name: str) -> dict[str, DatedTable]:
    found = {}
    for place, frame in _frames(value, name, 0):
        table = _table(frame)
        if table is not None:
            found[place] = table
    return found


def _frames(value: Any, name: str, depth: int) -> Iterator[tuple[str, pd.DataFrame]]:
    if name.rsplit(".", 1)[-1].startswith("hindsight") or depth > _DEPTH:
        return
    if isinstance(value, ResultEnvelope):
        value = ANALYZER[value.name].model.read(value.result)
    if isinstance(value, pd.DataFrame):
        yield name, value
    elif isinstance(value, pd.Series):
        yield name, value.to_frame(name.rsplit(".", 1)[-1])
    elif isinstance(value, MarketWindow):
        for frame in ("candles_1min", "candles_5min", "candles_15min"):
            yield f"{name}.{frame}", getattr(value, frame)
    elif isinstance(value, list | tuple) and value and all(_record(each) is not None for each in value):
        yield name, pd.DataFrame([_record(each) for each in value])
    else:
        parts = _record(value)
        for key, part in (parts or {}).items():
            yield from _frames(part, f"{name}.{key}", depth + 1)


def _record(value: Any) -> dict[str, Any] | None:
    """The parts of a mapping, a model or a dataclass by name, without those declared as hindsight; None of anything else."""
    if isinstance(value, Mapping):
        return {str(key): part for key, part in value.items()}
    if isinstance(value, BaseModel):
        own = type(value).model_fields
        return {key: getattr(value, key) for key, field in own.items() if not is_hindsight(field)}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value) if not is_hindsight(field)}
    return None


def _table(frame: pd.DataFrame) -> DatedTable | None:
    """A frame as a dated table; None if nothing of it is a time."""
    if isinstance(frame.index, pd.MultiIndex):
        frame = frame.reset_index()
    indexed = isinstance(frame.index, pd.DatetimeIndex)
    opens = _microseconds(frame.index.to_series()) if indexed else None
    times: dict[str, list[int | None]] = {}
    values: dict[str, list[Any]] = {}
    for place, column in enumerate(map(str, frame.columns)):
        cells = frame.iloc[:, place]
        stamps = _microseconds(cells)
        if stamps is not None:
            times[column] = stamps
        elif (plain := _plain(cells)) is not None:
            values[column] = plain
    by = next((column for column in _KNOWN if column in times), "")
    if not by and not indexed:
        by = next(iter(times), "")
    dates = times.pop(by) if by else opens
    if dates is None:
        return None
    kept = [row for row, date in enumerate(dates) if date is not None]
    return DatedTable(
        by=by,
        index=str(frame.index.name or "index") if indexed else "",
        opens=[date for date in opens if date is not None] if opens is not None else None,
        dates=[date for date in dates if date is not None],
        times={column: [cells[row] for row in kept] for column, cells in times.items()},
        values={column: [cells[row] for row in kept] for column, cells in values.items()},
    )


def _microseconds(cells: pd.Series) -> list[int | None] | None:
    """The cells as UTC microseconds if they are times or texts of times, else None."""
    if not isinstance(cells.dtype, pd.DatetimeTZDtype) and cells.dtype.kind != "M":
        texts = cells[cells.notna() & (cells != "")] if cells.dtype.kind == "O" else cells.iloc[:0]
        if texts.empty or not all(isinstance(each, str) and _TIME.match(each) for each in texts):
            return None
        cells = pd.to_datetime(cells, utc=True, format="ISO8601", errors="coerce")
    stamps = pd.DatetimeIndex(cells)
    stamps = stamps.tz_localize("UTC") if stamps.tz is None else stamps.tz_convert("UTC")
    return [None if stamp is pd.NaT else int(stamp.value // 1000) for stamp in stamps]


def _plain(cells: pd.Series) -> Sequence[Any] | None:
    """The cells as JSON values, None where one is missing; None if they are no scalars."""
    plain = [_scalar(cell) for cell in cells.tolist()]
    return None if any(cell is NotImplemented for cell in plain) else plain


def _scalar(cell: Any) -> Any:
    if cell is None or cell is pd.NA or cell is pd.NaT or cell != cell:  # NaN is not itself
        return None
    if isinstance(cell, bool | str):
        return cell
    if isinstance(cell, numbers.Real):
        number = float(cell)
        return number if abs(number) < float("inf") else str(number)
    return str(cell) if isinstance(cell, pd.Timedelta | pd.Interval) else NotImplemented
