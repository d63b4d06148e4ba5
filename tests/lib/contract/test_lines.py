from __future__ import annotations

import pytest

from lib.contract.lines import file_lines


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
