"""Rows are cut a block at once where they are plain, and one by one where they are not: with the same outcome."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lib.foreign.recogniser import split
from lib.foreign.recogniser.reading import Columns, Grid, Hints
from lib.foreign.recogniser.split import grid_of
from lib.foreign.recogniser.text import split_text

HEADER = "timestamp,open,high,low,close,volume"


def rows(count: int) -> list[str]:
    return [
        f"2025-05-04T{n // 60:02d}:{n % 60:02d}:00Z,{n}.1,{n}.4,{n}.05,{n}.2,{n * 3}" for n in range(count)
    ]


def grid(lines: list[str], end: str = "\n") -> Grid:
    return grid_of(split_text("\n".join([HEADER, *lines]) + end, ""), Path("made.csv"), Hints())


@pytest.mark.parametrize("at_once", [7, 100, 20_000])
@pytest.mark.parametrize(
    ("place", "text", "kept"),
    [
        (20, '"2025-05-04T00:20:00Z",20.1,20.4,20.05,20.2,60', True),
        (20, "2025-05-04T00:20:00Z,20.1,20.4", False),
        (20, "2025-05-04T00:20:00Z,20.1,20.4,20.05,20.2,60,9", False),
        (20, "2025-05-04T00:20:00Z,20.1,20.4,20.05,20.2", False),
        (99, '"2025-05-04T01:39:00Z,99.1', False),
    ],
)
def test_one_odd_line_costs_itself_at_most(monkeypatch, at_once, place, text, kept):
    monkeypatch.setattr(split, "_AT_ONCE", at_once)
    plain, odd = rows(100), rows(100)
    odd[place] = text
    found, wanted = (
        grid(odd),
        [line.split(",") for number, line in enumerate(plain) if kept or number != place],
    )
    assert list(found.rows) == wanted and len(found.rows) == len(wanted)
    assert found.lines.tolist() == [number + 2 for number in range(100) if kept or number != place]
    assert list(found.malformed) == ([] if kept else [place + 2])


def test_lines_that_are_one_too_long_and_one_too_short_do_not_make_up_for_each_other():
    odd = rows(50)
    odd[10], odd[11] = odd[10] + ",1", odd[11].rpartition(",")[0]
    found = grid(odd)
    assert sorted(found.malformed) == [12, 13] and len(found.rows) == 48


def test_the_last_line_without_end_is_torn_and_blank_lines_are_counted():
    lines = rows(30)
    lines[5] = ""
    found = grid(lines, end="")
    assert found.torn == 31 and list(found.malformed) == [31]
    assert found.lines.tolist() == [number + 2 for number in range(29) if number != 5]


def test_columns_give_back_their_rows():
    table = [[f"{row}{column}" for column in "abc"] for row in range(5)]
    columns = Columns([list(zip(*table[:2], strict=True)), list(zip(*table[2:], strict=True))], 3)
    assert list(columns) == table and columns[3] == table[3] and columns[-1] == table[4]
    assert columns[1:3] == table[1:3] and columns.column(1).tolist() == [row[1] for row in table]
    assert columns.holds("4a", 0) and not columns.holds("4a", 1)
    empty = Columns([], 3)
    assert (len(empty), list(empty), bool(empty)) == (0, [], False)
    assert empty.column(0).tolist() == [] and empty.column(0).dtype == object


def test_a_table_keeps_its_rows_by_column_and_shows_some_of_them():
    found = grid(rows(60))
    assert isinstance(found.rows, Columns)
    some = found.places(np.array([3, 59]))
    assert some.rows == [found.rows[3], found.rows[59]] and some.lines.tolist() == [5, 61]
    assert found.holds("59.4", [1, 2]) and not found.holds(",", range(6)) and some.holds("T00:03", [0])
