from __future__ import annotations

import pytest

from lib.contract.lines import LONGEST_ROW, MOST_FIELDS, file_lines, is_no_row, lines_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\nb\r\nc\rd\n", ["a\n", "b\r\n", "c\r", "d\n"]),
        ("\n\na", ["\n", "\n", "a"]),
        # str.splitlines ends a line at each of these.
        (
            "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\nj",
            ["a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\n", "j"],
        ),
    ],
)
def test_lines_end_where_files_end_them(text, lines):
    assert file_lines(text) == lines
    assert "".join(file_lines(text)) == text


@pytest.mark.parametrize(
    ("line", "is_none"),
    [
        ("", False),
        ("," * (MOST_FIELDS - 1), False),
        ("," * MOST_FIELDS, True),
        ("a;" * MOST_FIELDS, True),
        ("a " * MOST_FIELDS, False),
        ("a" * LONGEST_ROW, False),
        ("a" * (LONGEST_ROW + 1), True),
    ],
)
def test_what_no_table_has_is_no_row(line, is_none):
    assert is_no_row(line) is is_none


def test_the_lines_of_a_file_come_one_by_one_and_no_longer_than_a_row(tmp_path):
    path, long = tmp_path / "lines.jsonl", "x" * LONGEST_ROW
    assert [*lines_of(path)] == []
    path.write_bytes(f"\ufeffa\r\n\n{long}\n{long}{long}y\nb\u2028c\n{long}z".encode())
    assert [*lines_of(path)] == ["a\n", "\n", f"{long}\n", f"{long}\n", "b\u2028c\n", long]
    path.write_bytes(b"\xff\ntorn")
    assert [*lines_of(path)] == ["\ufffd\n", "torn"]
