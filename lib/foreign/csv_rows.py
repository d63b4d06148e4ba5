"""CSV files that others wrote, plain or gzipped: the header, the rows that are whole, and the lines that are not.

A last line without newline is taken as torn, because a number cut short looks like a number.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from lib.contract.lines import is_no_row
from lib.contract.standing import not_a_file, open_file, refuse_stand_in
from lib.data.records import split_row
from lib.errors import DataError, HeaderError, MissingDataError

#: So much of a line is shown.
_SHOWN = 60
#: Bytes by which a file is told from what only stands in its place.
_BEGINS = 4_096


@dataclass(frozen=True)
class Foreign:
    """Rows as texts (columns = header), the line number of each, and of rows with another count of fields line and text."""

    path: Path
    table: pd.DataFrame
    lines: np.ndarray
    malformed: dict[int, str]

    def first_bad(self, reasons: np.ndarray) -> str:
        """ "line 7: bad_value '…'": the first line set aside with its text, "" for none. `reasons`: one a row, "" for a good one."""
        bad = [
            (int(self.lines[place]), str(reasons[place]), _shown(self.table.iloc[place]))
            for place in np.flatnonzero(reasons != "")[:1]
        ]
        bad += [(line, "malformed", text) for line, text in [*self.malformed.items()][:1]]
        return "line {}: {} {!r}".format(*min(bad)) if bad else ""

    def set_aside(self, reasons: np.ndarray) -> dict[str, int]:
        """How many rows were set aside, by reason."""
        names, numbers = np.unique(reasons[reasons != ""], return_counts=True)
        counts = {str(name): int(number) for name, number in zip(names, numbers, strict=True)}
        return ({"malformed": len(self.malformed)} if self.malformed else {}) | counts


def _shown(fields: Iterable[str]) -> str:
    return ",".join(fields)[:_SHOWN]


def read_foreign(path: Path, required: tuple[str, ...], multiline: bool = False) -> Foreign:
    """Read a CSV file; `multiline` where quoted texts may hold newlines.

    Raises MissingDataError, HeaderError (a required column missing, or any column twice) or DataError, naming file and line.
    """
    if what := not_a_file(path):
        raise MissingDataError(what, path=path, fix="Check the path; plain CSV and .gz can be read")
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    malformed: dict[int, str] = {}
    line = 1
    try:
        with _opened(path) as file:
            for line, fields, torn in _fields(file, multiline):
                if not header:
                    header = _checked_header(fields, path, required)
                elif len(fields) == len(header) and not torn:
                    rows.append(fields)
                    lines.append(line)
                elif fields:
                    malformed[line] = _shown(fields)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"cannot be read: it is cut short or damaged ({error})",
            path=path,
            line=line,
            fix="Fetch the file again",
        ) from error
    except UnicodeDecodeError as error:
        problem = f"cannot be read: byte {error.object[error.start]:#04x} is no UTF-8"
        raise DataError(problem, path=path, line=line + 1, fix="Save the file as UTF-8") from error
    except csv.Error as error:
        raise DataError(
            f"cannot be read ({error})", path=path, line=line + 1, fix="Mend that line"
        ) from error
    if not header:
        raise HeaderError("the file is empty", path=path, line=1, fix=_wanted(required))
    return Foreign(
        path, pd.DataFrame(rows, columns=header, dtype=object), np.array(lines, dtype=int), malformed
    )


def _opened(path: Path) -> TextIO:
    with open_file(path) as file:
        begins = file.read(_BEGINS)
    if begins.startswith(b"\x1f\x8b"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    refuse_stand_in(begins, path)
    return open_file(path, "r", encoding="utf-8-sig", newline="")


def _fields(file: TextIO, multiline: bool) -> Iterator[tuple[int, list[str], bool]]:
    """Line number, fields, and whether the line had no end. One reader a line, so that a stray quote swallows one row only."""
    if not multiline:
        for line, text in enumerate(file, start=1):
            start = text[:_SHOWN].strip()
            yield line, split_row(text.rstrip("\r\n")) or [start] * bool(start), not text.endswith("\n")
        return
    ended, overlong = [True], dict[int, str]()

    def watched() -> Iterator[str]:
        for line, text in enumerate(file, start=1):
            ended[0] = text.endswith("\n")
            if is_no_row(text):
                overlong[line] = text[:_SHOWN]
                text = "\n"
            yield text

    reader = csv.reader(watched())
    for fields in reader:
        yield reader.line_num, fields, not ended[0]
    for line, start in overlong.items():
        yield line, [start], False


def _checked_header(fields: list[str], path: Path, required: tuple[str, ...]) -> list[str]:
    header = [name.strip() for name in fields]
    for name in (*required, *header):
        if header.count(name) != 1:
            problem = "is missing" if name not in header else "stands there twice"
            raise HeaderError(f"the column {problem}", path=path, line=1, column=name, fix=_wanted(required))
    return header


def _wanted(required: tuple[str, ...]) -> str:
    return f"The first line must name {', '.join(required)}"
