"""The first line of a journal's file: which columns an older version's file lacks, and how it gets them.

Columns are only ever added, behind those there are. So a file that lacks some that came later is of an older version, and one that lacks
any other is no such file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from lib.contract.standing import is_there, open_file
from lib.data.records import HEADER_GONE, begins_as_a_row, split_row
from lib.data.slices import BOM
from lib.errors import HeaderError


def read_header(path: Path) -> list[str]:
    """The columns of a file, an editor's mark before them left out; none where its first line has no end yet."""
    with open_file(path) as file:
        line = file.readline()
    told = line.removeprefix(BOM).decode(errors="replace").rstrip("\r\n")
    return split_row(told) if line.endswith(b"\n") else []


def holds_rows(path: Path) -> bool:
    """Whether a file holds anything behind its header, be it a torn row; a file that is not there holds nothing."""
    if not is_there(path):
        return False
    with open_file(path) as file:
        header = file.readline()
        return bool(file.read(1)) or (not header.endswith(b"\n") and bool(header))


def lacking_columns(
    path: Path, present: list[str], columns: Sequence[str], later: Collection[str]
) -> list[str]:
    """Those of `columns` that a file with the columns `present` lacks, all of them of `later`.

    Raises HeaderError where another one is missing, or one stands there twice.
    """
    lacking = [name for name in columns if name not in present]
    missing = [name for name in lacking if name not in later]
    if missing:
        raise HeaderError(
            f"the file has no column {', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}, so rows of this kind cannot follow",
            path=path,
            line=1,
            column=missing[0],
            fix=HEADER_GONE
            if begins_as_a_row(present)
            else "Write into another folder, or move this file away",
        )
    repeated = next((name for name in present if present.count(name) > 1), None)
    if repeated:
        raise HeaderError(
            "the column stands there twice", path=path, line=1, column=repeated, fix="Rename one"
        )
    return lacking


def with_columns(data: bytes, columns: Sequence[str]) -> bytes:
    """A file's bytes, whole rows only, with further columns: blank in every row, so that one with too few fields keeps being one."""
    head, end, rows = data.partition(b"\n")
    name_end = len(head.rstrip(b"\r"))
    head = b",".join([head[:name_end], *(name.encode() for name in columns)]) + head[name_end:]
    return head + end + re.sub(rb"\r?\n", lambda found: b"," * len(columns) + found[0], rows)
