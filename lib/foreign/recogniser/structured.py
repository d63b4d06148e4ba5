"""Candles that are no lines of text: JSON in the shapes that exchanges answer in, and the frames of feather and parquet.

Numbers stay the texts they were, so that 1827.10 is not 1827.1000000000001. pandas reads feather and parquet if pyarrow is installed.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.contract.lines import file_lines
from lib.errors import DataError
from lib.foreign.recogniser.columns import by_name, price_hits
from lib.foreign.recogniser.reading import SHOWN, Grid, Hints
from lib.foreign.recogniser.split import lacking

_FRAMES = {
    b"PAR1": ("parquet", pd.read_parquet),
    b"ARROW1": ("feather", pd.read_feather),
    b"FEA1": ("feather", pd.read_feather),
}
_DEEPEST = 4


def frame_grid(data: bytes, path: Path) -> Grid | None:
    """The table of a feather or parquet file; None for another. Raises DataError where it cannot be read."""
    kind, reader = next((found for magic, found in _FRAMES.items() if data.startswith(magic)), ("", None))
    if reader is None:
        return None
    try:
        frame = reader(BytesIO(data))
    except ImportError as error:
        problem = f"is a {kind} file, which needs pyarrow"
        raise DataError(
            problem, path=path, fix="Install it (`pip install pyarrow`), or save the candles as CSV"
        ) from error
    except (ValueError, OSError) as error:
        raise DataError(
            f"the {kind} file cannot be read ({error})", path=path, fix="Fetch the file again"
        ) from error
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    names = [str(name) for name in frame.columns]
    columns = [_texts(frame.iloc[:, place]) for place in range(len(names))]
    rows = list(map(list, zip(*columns, strict=True)))
    return _grid(path, names, rows, rows, kind)


def _texts(values: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return ["" if pd.isna(value) else value.isoformat() for value in values]
    return [
        "" if pd.isna(value) else repr(value) if isinstance(value, float) else str(value)
        for value in values.tolist()
    ]


def json_grid(text: str, path: Path, hints: Hints) -> Grid | None:
    """The table of a JSON text; None where it is no JSON. Raises DataError where it is, but holds no table, or is cut."""
    start = text.lstrip("\ufeff \r\n\t")
    if not start.startswith(("[", "{")):
        return None
    try:
        found = _loaded(start)
    except (json.JSONDecodeError, RecursionError) as error:
        found = _json_lines(start)
        if found is None:
            line = getattr(error, "lineno", 1)
            problem = f"begins as JSON and does not go on as such ({getattr(error, 'msg', 'too deep')})"
            raise DataError(
                problem, path=path, line=line, fix="If it is cut short, fetch it again"
            ) from error
    return _shaped(found, path, hints)


def _loaded(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, object_hook=_untyped)


def _untyped(given: dict[str, Any]) -> Any:
    """A value without the type that MongoDB puts around it: `{"$date": …}`, `{"$numberDecimal": "1827.29"}`."""
    name = next(iter(given), "")
    return given[name] if len(given) == 1 and name.startswith("$") else given


def _json_lines(text: str) -> list[Any] | None:
    """One list or object a line; of a line that is torn or damaged the text. None where the first or most are none."""
    rows = [_json_line(line) for line in file_lines(text) if line.strip()]
    whole = sum(not isinstance(row, str) for row in rows)
    return rows if len(rows) > 1 and not isinstance(rows[0], str) and whole * 2 >= len(rows) else None


def _json_line(line: str) -> Any:
    try:
        return _loaded(line)
    except (json.JSONDecodeError, RecursionError):
        return line


def _shaped(found: Any, path: Path, hints: Hints) -> Grid:
    lists = _rows_in(found, _DEEPEST)
    if not lists:
        raise DataError(
            "is JSON, but holds no list of candles",
            path=path,
            fix="Give a list of [time, open, high, low, close, volume]",
        )
    lists = [candle for row in lists for candle in _candles_in(row)]
    if isinstance(lists[0], dict):
        names = list(dict.fromkeys(name for row in lists if isinstance(row, dict) for name in row))
        rows = [[_text(row.get(name)) for name in names] if isinstance(row, dict) else None for row in lists]
        return _grid(path, names, rows, lists, "JSON, a list of objects")
    rows = [[_text(value) for value in row] if isinstance(row, list) else None for row in lists]
    width = max(len(row) for row in rows if row is not None)
    if rows[0] is not None and price_hits(rows[0]) == 4:
        return _grid(path, rows[0], rows[1:], lists[1:], "JSON, a list of lists")
    names = [*hints.columns] if len(hints.columns) == width else []
    return _grid(path, names, rows, lists, "JSON, a list of lists")


def _candles_in(row: Any) -> list[Any]:
    """What holds the prices of a row: itself, or objects in it, as in the messages of a stream; with its own time where they have none."""
    if not isinstance(row, dict) or price_hits(list(row)) == 4:
        return [row]
    parts = [each for part in row.values() for each in (part if isinstance(part, list) else [part])]
    candles = [part for part in parts if isinstance(part, dict) and price_hits(list(part)) == 4]
    around = {name: part for name, part in row.items() if not isinstance(part, dict | list)}
    return [part if by_name(list(part), "time") else {**around, **part} for part in candles] or [row]


def _rows_in(found: Any, deep: int) -> list[Any]:
    """The list of lists or objects in an answer: itself, a table of columns turned, or the largest of what an object holds."""
    if isinstance(found, list):
        return found if found and isinstance(found[0], list | dict) else []
    if not isinstance(found, dict) or not deep:
        return []
    names, data, index = (found.get(name) for name in ("columns", "data", "index"))
    if isinstance(names, list) and isinstance(data, list) and price_hits([*map(str, names)]) == 4:
        numbered = isinstance(index, list) and len(index) == len(data)
        return (
            [["index", *names], *([time, *row] for time, row in zip(index, data, strict=True))]
            if numbered
            else [names, *data]
        )
    parts = list(found.values())
    if (
        all(isinstance(part, dict) for part in parts)
        and parts
        and price_hits(list(parts[0])) == 4
        and len(parts) > 1
    ):
        return [{"timestamp": time, **part} for time, part in found.items()]
    columns = {name: list(part.values()) if isinstance(part, dict) else part for name, part in found.items()}
    long = {
        name: part
        for name, part in columns.items()
        if isinstance(part, list) and part and not isinstance(part[0], list | dict)
    }
    if price_hits(list(long)) == 4 and len({len(part) for part in long.values()}) == 1:
        if not by_name(list(long), "time") and isinstance(found[next(iter(long))], dict):
            long = {"timestamp": list(found[next(iter(long))]), **long}
        return [dict(zip(long, row, strict=True)) for row in zip(*long.values(), strict=True)]
    return max((_rows_in(part, deep - 1) for part in parts), key=len, default=[])


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def _shown(given: Any) -> str:
    return (given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))[:SHOWN]


def _grid(path: Path, names: list[str], rows: list[list[str] | None], given: list[Any], layout: str) -> Grid:
    """Rows of the most common length; the others are malformed, by their number, and shown as they were `given`."""
    widths = [len(row) if row is not None else -1 for row in rows]
    width = len(names) or (max(set(widths), key=widths.count) if widths else 0)
    good = [place for place, found in enumerate(widths) if found == width]
    bad = {place + 1: _shown(given[place]) for place, found in enumerate(widths) if found != width}
    if names and price_hits(names) < 4 and not {"open", "high", "low", "close"} <= {*names}:
        raise lacking(path, names, 0)
    kept = [rows[place] for place in good]
    return Grid(
        path,
        names,
        kept,
        np.array(good, dtype=np.int64) + 1,
        layout,
        "names in the file" if names else "no header",
        bad,
        "row",
    )
