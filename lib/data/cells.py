"""The cells of whole records become columns: texts as they are, numbers and further times checked one by one.

A number column is parsed at once where nothing in it is doubtful, cell by cell where something is; the values are the same.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from io import BytesIO

import numpy as np
import pandas as pd

from lib.contract import times
from lib.data.records import Records
from lib.data.slices import Slice, naive_time

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_ITS_MARKS = re.compile(r"[0-9.eE+-]*")


@dataclass(frozen=True)
class Layout:
    """The columns to read of one kind of file (those the header lacks are left out), and what its values must be."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    off: Callable[[pd.DataFrame], np.ndarray]  #: table of sound cells → (n,) bool: rows with a bad value
    times: tuple[str, ...] = ()  #: further times, blank where missing
    identity: str | None = None  #: column that tells rows of equal time apart; without one, times must differ
    alike: Callable[[pd.DataFrame], bool] = lambda table: (
        True
    )  #: whether `off` judges no row by how many others are like it


def table_of(
    piece: Slice, records: Records, layout: Layout, zone: tzinfo | None
) -> tuple[pd.DataFrame, np.ndarray]:
    """The whole records' columns, and the rows with a cell that is not what its column holds."""
    names = piece.header.names
    texts = [name for name in ("timestamp", *layout.texts, *layout.times) if name in names]
    numbers = [name for name in layout.numbers if name in names]
    places = {name: names.index(name) for name in (*texts, *numbers)}
    table = None if records.quoted else _plain(records, places, set(numbers))
    if table is None:
        table = pd.DataFrame(_cells(records, places), dtype="str")
    off = np.zeros(len(table), dtype=bool)
    for name in numbers:
        if table[name].dtype != np.float64:
            table[name], wrong = _numbers(table[name])
            off |= wrong
    if numbers:
        off |= np.isinf(table[numbers].to_numpy(float)).any(axis=1)
    for name in layout.times:
        if name in places:
            table[name], wrong = _further_times(piece, table[name], zone)
            off |= wrong
    return table, off


def _plain(records: Records, places: dict[str, int], numbers: set[str]) -> pd.DataFrame | None:
    """Columns of unquoted records in one parse; None if a number column holds something else."""
    data = records.data
    if not records.whole.all() or len(data) != (records.ends - records.starts).sum():
        bounds = zip(records.starts[records.whole], records.ends[records.whole], strict=True)
        data = b"".join(data[start:end] for start, end in bounds)
    if not data:
        return pd.DataFrame({name: pd.Series(dtype=float if name in numbers else "str") for name in places})
    columns = sorted(places, key=places.__getitem__)
    try:
        table = pd.read_csv(
            BytesIO(data),
            header=None,
            names=columns,
            usecols=[places[name] for name in columns],
            index_col=False,
            dtype={name: float if name in numbers else "str" for name in columns},
            quoting=csv.QUOTE_NONE,
            keep_default_na=False,
            na_values={name: [""] for name in numbers},
            encoding_errors="replace",
            engine="c",
            low_memory=False,
        )
    except ValueError:
        return None
    values = table[sorted(numbers)].to_numpy(float)
    # pandas takes a column of True and False for one of 1 and 0, so a column that looks like it is read strictly.
    doubtful = ((values == 0) | (values == 1) | np.isnan(values)).all(axis=0) & ~np.isnan(values).all(axis=0)
    return None if doubtful.any() else table


def _cells(records: Records, places: dict[str, int]) -> dict[str, list[str]]:
    rows = records.fields
    if not records.quoted:
        bounds = zip(records.starts[records.whole], records.ends[records.whole], strict=True)
        lines = (records.data[start:end].decode("utf-8", errors="replace") for start, end in bounds)
        rows = [line.rstrip("\r\n").split(",") for line in lines]
    return {name: [row[column] for row in rows] for name, column in places.items()}


def _numbers(texts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Texts → f64 (NaN where blank) and the rows that hold something that is no number."""
    stripped = [text.strip() for text in texts.tolist()]
    if _ITS_MARKS.fullmatch("".join(stripped)):
        with suppress(ValueError):  # of these marks Python takes the same texts for a number
            return np.array([float(text or "nan") for text in stripped]), np.zeros(len(stripped), dtype=bool)
    fits = [_NUMBER.fullmatch(text) is not None for text in stripped]
    values = np.array(
        [float(text) if fit else np.nan for text, fit in zip(stripped, fits, strict=True)], dtype=float
    )
    wrong = np.array([text != "" and not fit for text, fit in zip(stripped, fits, strict=True)], dtype=bool)
    return values, wrong


def _further_times(
    piece: Slice, texts: pd.Series, zone: tzinfo | None
) -> tuple[pd.DatetimeIndex, np.ndarray]:
    values, problems = times.parse_times(texts.to_numpy(object), zone)
    blank = (texts.str.strip() == "").to_numpy()
    naive = np.flatnonzero(problems == times.NAIVE)
    if len(naive) > 1 and len(naive) * 2 >= (~blank).sum():
        raise naive_time(piece.path, texts.iloc[naive[0]], None, column=str(texts.name))
    return times.times_index(values), (problems != times.OK) & ~blank
