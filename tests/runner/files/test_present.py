"""What a file holds: its times, candles and prices, whatever rows stand among them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from runner.files.journal import Journal
from runner.files.present import candles_in, last_time, prices_since, time_range

HEADER = "timestamp,price\n"
ROWS = [f"2025-01-01T00:00:{second:02}Z,{100 + second / 10}" for second in (0, 10, 20, 30)]


def at(second: int) -> pd.Timestamp:
    return pd.Timestamp(f"2025-01-01T00:00:{second:02}Z")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Samples, and among them a row without a time, one without a price and one that is no text."""
    odd = ["never,7", "2025-01-01T00:00:25Z,dear"]
    path = tmp_path / "rows.csv"
    path.write_bytes(HEADER.encode() + "\n".join([*ROWS[:3], *odd, ROWS[3]]).encode() + b"\n\xff\xfe,9\n")
    with Journal(path, ("timestamp", "price")) as opened:
        yield opened


def test_prices_are_those_later_than_the_start_in_the_order_of_time(journal: Journal) -> None:
    found = prices_since(journal, at(0))
    assert found.tolist() == [101.0, 102.0, 103.0]
    assert found.index.equals(pd.DatetimeIndex([at(10), at(20), at(30)], name="timestamp").as_unit("us"))
    assert len(prices_since(journal, at(0) - pd.Timedelta(microseconds=1))) == 4
    assert prices_since(journal, at(30)).empty


def test_first_and_last_time_are_those_of_rows_that_have_one(journal: Journal) -> None:
    assert (time_range(journal), last_time(journal)) == ((at(0), at(30)), at(30))


def test_a_row_that_is_no_text_is_a_row_still(journal: Journal) -> None:
    assert list(journal.rows_from_start()) == journal.rows()
    assert journal.rows()[-1] == "\ufffd\ufffd,9"


def test_candles_are_each_time_once_and_sorted_by_it(tmp_path: Path) -> None:
    path = tmp_path / "candles.csv"
    rows = [
        "2025-01-01T00:05:00Z,1,1,1,2,",
        "2025-01-01T00:00:00Z,1,1,1,1,",
        "2025-01-01T00:05:00Z,1,1,1,3,",
        "x,1,1,1,1,",
    ]
    rows += ["2025-01-01T00:10:00Z,1,1,1,dear,", "2025-01-01T00:15:00Z,1"]
    path.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows, ""]))
    with Journal(path, ("timestamp",)) as journal:
        found = candles_in(journal)
    assert found["close"].to_dict() == {
        pd.Timestamp("2025-01-01T00:00Z"): 1.0,
        pd.Timestamp("2025-01-01T00:05Z"): 2.0,
    }
