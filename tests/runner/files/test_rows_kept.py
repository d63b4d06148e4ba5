"""Tables whose files hold odd rows, or nothing yet: every row stays, in its order, of one market and one kind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.contract import schema
from lib.errors import DataError, MixedDecisionsError, NaiveTimeError
from runner.files import tables
from runner.files.journal import Journal
from runner.files.present import last_time, prices_since, watched_in
from runner.files.tables import (
    WriteCounts,
    candles_journal,
    correct_candles,
    decisions_journal,
    write_candles,
)
from tests.builders import write_samples
from tests.runner.files.test_tables import candles, decision, decisions, samples

FIRST = "2025-01-01T00:00:00Z"
HEAD = "timestamp,open,high,low,close,volume\n"


@pytest.mark.parametrize("count", [20, 21])
def test_a_few_times_without_zone_at_the_end_are_damage_and_more_are_refused(
    tmp_path: Path, count: int
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"timestamp,price\n{FIRST},1\n" + "2025-01-01 00:00:10,1\n" * count)
    with Journal(path, ("timestamp", "price")) as journal:
        if count == 20:
            assert last_time(journal) == pd.Timestamp(FIRST)
        else:
            with pytest.raises(NaiveTimeError, match="column timestamp: its times have no zone"):
                last_time(journal)


def test_watched_are_the_candles_whose_source_is_not_the_backfill(tmp_path: Path) -> None:
    path = tmp_path / "candlesticks_5min.csv"
    path.write_text(f"{HEAD}{FIRST},1,1,1,1,1\n")
    with candles_journal(tmp_path, "5min") as journal:
        assert watched_in(journal).equals(pd.DatetimeIndex([], tz="UTC").as_unit("us"))
    rows = f"{FIRST},1,1,1,1,1,{schema.BACKFILL_SOURCE}\n2025-01-01T00:05:00Z,1,1,1,1,1,\n"
    path.write_text(HEAD.replace("\n", f",{schema.SOURCE_COLUMN}\n") + rows)
    with candles_journal(tmp_path, "5min") as journal:
        assert watched_in(journal).tolist() == [pd.Timestamp("2025-01-01T00:05Z")]


def test_prices_are_named_by_their_time(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(f"timestamp,price\n{FIRST},1\n")
    with Journal(tmp_path / "rows.csv", ("timestamp", "price")) as journal:
        assert prices_since(journal, pd.Timestamp(0, tz="UTC")).index.name == "timestamp"


def test_an_older_decisions_file_gets_the_later_columns(tmp_path: Path) -> None:
    old = [name for name in schema.DECISION_COLUMNS if name not in schema.LATER_DECISION_COLUMNS]
    (tmp_path / schema.DECISIONS_FILE).write_text(",".join(old) + "\n")
    with decisions_journal(tmp_path, decisions(decision(FIRST))) as journal:
        assert set(schema.LATER_DECISION_COLUMNS) <= set(journal.header)


def test_no_rows_make_an_empty_table(tmp_path: Path) -> None:
    none = decisions(decision(FIRST)).iloc[:0]
    write_samples(tmp_path, "5min", samples(1).iloc[:0], "ETHUSDT")
    assert write_candles(tmp_path, "5min", candles(0).iloc[:0], 2) == WriteCounts()
    tables.write_decisions(tmp_path, none)
    (tmp_path / "imported").mkdir()
    with decisions_journal(tmp_path / "imported", none) as journal:
        tables.insert_decisions(journal, none)
    made = sorted(tmp_path.rglob("*.csv"))
    assert len(made) == 4 and all(len(path.read_text().splitlines()) == 1 for path in made)


def test_the_number_of_a_sample_grows_over_all_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_ROWS_AT_ONCE", 2)
    write_samples(tmp_path, "5min", samples(5), "ETHUSDT")
    lines = (tmp_path / "ema_data_5min.csv").read_text().splitlines()[1:]
    assert [line.split(",")[-2] for line in lines] == ["1", "2", "3", "4", "5"]


def test_samples_that_name_no_symbol_follow_those_of_one(tmp_path: Path) -> None:
    write_samples(tmp_path, "5min", samples(3), "ETHUSDT")
    assert write_samples(tmp_path, "5min", samples(5), "") == WriteCounts(rows=2, skipped=3)


def test_only_candles_put_in_between_count_as_filled(tmp_path: Path) -> None:
    assert write_candles(tmp_path, "5min", candles(0, 5), 2) == WriteCounts(rows=2)
    assert write_candles(tmp_path, "5min", candles(10), 2) == WriteCounts(rows=1)


def test_inserted_decisions_are_of_the_files_kind(tmp_path: Path) -> None:
    tables.write_decisions(tmp_path, decisions(decision(FIRST, "rules")))
    other = decisions(decision(FIRST, decision_id="a", reason_code=schema.IMPORTED))
    with decisions_journal(tmp_path, other) as journal, pytest.raises(MixedDecisionsError):
        tables.insert_decisions(journal, other)


def test_a_first_row_without_a_time_stays_first(tmp_path: Path) -> None:
    path = tmp_path / "candlesticks_5min.csv"
    path.write_text(f"{HEAD}never,1,1,1,1,1\n2025-01-01T00:10:00Z,101,101,101,101,1.5\n")
    assert write_candles(tmp_path, "5min", candles(5, 10), 2) == WriteCounts(filled=1, skipped=1)
    starts = [line.split(",")[0] for line in path.read_text().splitlines()[1:]]
    assert starts == ["never", "2025-01-01T00:05:00Z", "2025-01-01T00:10:00Z"]


def test_a_correction_takes_the_first_row_of_its_time_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "candlesticks_5min.csv"
    rows = [
        f"{FIRST},1,1,1,1,1",
        "2025-01-01T00:05:00Z,2,2,2,2,2",
        f"{FIRST},3,3,3,3,3",
        "never,4,4,4,4,4",
        "x",
    ]
    path.write_text(HEAD + "\n".join(rows) + "\n")
    with candles_journal(tmp_path, "5min") as journal:
        assert correct_candles(journal, candles(0, 30), 2) == 1
        after = path.read_text().splitlines()[1:]
        assert after[0].startswith(f"{FIRST},100.00,") and after[1:] == rows[1:]
        inode = path.stat().st_ino
        assert correct_candles(journal, candles(30), 2) == 0
    assert path.stat().st_ino == inode


def test_another_market_shows_in_the_closes(tmp_path: Path) -> None:
    write_candles(tmp_path, "5min", candles(0, 5), 2)
    with pytest.raises(DataError, match="another market") as found:
        write_candles(tmp_path, "5min", candles(0, 5, price=103.0), 2)
    assert "column close" in str(found.value)
