"""What only stands in the place of a file that somebody brings is told as that, whichever reader meets it."""

from __future__ import annotations

import pytest

from lib.errors import DataError
from lib.foreign.csv_rows import read_foreign
from lib.foreign.recogniser.reading import Hints
from lib.foreign.recogniser.recognise import recognise
from lib.foreign.trade_table import read_trade_table


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n",
            "pointer that Git LFS .*git lfs pull",
        ),
        (b"\0" * 50_000, "NUL bytes where text .*Fetch or copy it again"),
    ],
)
def test_what_stands_in_place_of_a_file_is_told_as_that(tmp_path, content, told):
    (path := tmp_path / "trades.csv").write_bytes(content)
    for read in (
        lambda: read_foreign(path, ("timestamp",)),
        lambda: read_trade_table(path, lambda name: True),
        lambda: recognise(path, Hints()),
    ):
        with pytest.raises(DataError, match=told):
            read()
