"""What the first line of a file says, be it torn, and whether anything stands behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.files.header import holds_rows, read_header


@pytest.mark.parametrize(
    ("written", "columns"),
    [
        (b"timestamp,open\n1,2\n", ["timestamp", "open"]),
        (b"timestamp,open\r\n1,2\r\n", ["timestamp", "open"]),
        (b"\xef\xbb\xbftimestamp,open\r\n1,2\r\n", ["timestamp", "open"]),
        (b"timestamp,open", []),
        (b"timestamp,open\r", []),
        (b"timestamp,open\r1,2\n", []),
        (b'timestamp,"open\r\n1,2\r\n', ["timestamp", "open"]),
        ("timestamp,größe\n".encode(), ["timestamp", "größe"]),
        (b"timestamp,gr\xf6\xdfe\n", ["timestamp", "gr\ufffd\ufffde"]),
        (b"", []),
    ],
)
def test_a_header_is_read_once_its_line_has_an_end(
    tmp_path: Path, written: bytes, columns: list[str]
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(written)
    assert read_header(path) == columns


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        (None, False),
        (b"", False),
        (b"timestamp,open\n", False),
        (b"timestamp,open\n1", True),
        (b"timestamp,open\n1,2\n", True),
        (b"timestamp,op", True),
    ],
)
def test_a_torn_row_counts_and_a_header_alone_does_not(
    tmp_path: Path, written: bytes | None, holds: bool
) -> None:
    path = tmp_path / "rows.csv"
    if written is not None:
        path.write_bytes(written)
    assert holds_rows(path) is holds
