"""The lines of a text as files, editors and Python count them: ended by a newline, a carriage return, or both.

What would surprise: `str.splitlines` ends a line at eight more marks (form feed, U+0085, U+2028 and others). They stand inside a text like
any other, so a table cut there loses whole rows, and a line that is named by number is another one than the editor shows.

A line may be as long as whoever damaged the file made it: three million commas are three million fields to take apart, compare and look up
by name. No table has such a row, so it is looked at by its length and its marks alone, and set aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from lib.contract.standing import is_there, open_file

#: Characters of the longest line that may be a row, and fields of the widest one.
LONGEST_ROW = 1 << 20
MOST_FIELDS = 5_000
_MARKS = ",;\t|"


def file_lines(text: str) -> list[str]:
    """The lines of `text`, each with its end as it stands there; the last one may have none."""
    return StringIO(text, newline="").readlines()


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a file one after another, each that is whole with a newline as its end, however large the file; none of no file.

    An editor's mark before the first is left out, and so is what a line has beyond LONGEST_ROW. Raises OSError.
    """
    if not is_there(path):
        return
    with open_file(path, "r", encoding="utf-8-sig", errors="replace") as file:
        while line := file.readline(LONGEST_ROW):
            end = line
            while len(end) == LONGEST_ROW and not end.endswith("\n"):
                end = file.readline(LONGEST_ROW)
            yield line if line.endswith("\n") or not end.endswith("\n") else f"{line}\n"


def is_no_row(line: str) -> bool:
    """Whether a line is longer, or of more fields, than the row of any table."""
    if len(line) < MOST_FIELDS:  # so it has fewer fields too
        return False
    return len(line) > LONGEST_ROW or any(line.count(mark) >= MOST_FIELDS for mark in _MARKS)
