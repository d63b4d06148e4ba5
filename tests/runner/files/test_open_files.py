"""Files that are opened are closed, and a candle file says where candles are from if it began so."""

from __future__ import annotations

from pathlib import Path

import psutil

from lib.contract import schema
from runner.files.journal import Journal
from runner.files.tables import candles_journal


def test_a_file_that_is_replaced_many_times_is_open_once(tmp_path: Path) -> None:
    process = psutil.Process()
    with Journal(tmp_path / "rows.csv", ("timestamp",)) as journal:
        journal.append(["a"])
        before = process.num_fds()
        for number in range(5):
            journal.replace([str(number)])
        assert process.num_fds() == before
    assert process.num_fds() == before - 2  # the file and its lock


def test_only_a_new_candle_file_gets_the_column_of_the_source(tmp_path: Path) -> None:
    for source in (True, False):
        folder = tmp_path / str(source)
        folder.mkdir()
        for again in (source, True):
            with candles_journal(folder, "5min", again) as journal:
                journal.begin()
                assert (schema.SOURCE_COLUMN in journal.header) == source
