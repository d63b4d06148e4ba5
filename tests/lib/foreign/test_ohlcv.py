"""OHLCV files of others: what is taken, what is set aside with its reason, what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from lib.errors import DataError, HeaderError, MissingDataError, NaiveTimeError
from lib.foreign.ohlcv import read_history

NOW = pd.Timestamp("2025-01-02T00:00:00Z")
HEADER = "timestamp,open,high,low,close,volume"


def row(minute: int, close: float = 100.25) -> str:
    return f"2025-01-01T00:{minute:02d}:00Z,100,101.5,99,{close},3"


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_rows_in_are_candles_and_rows_set_aside(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.csv",
        HEADER,
        row(0),
        row(2),
        *map(row, (20, 21, 22)),
        row(1),  # out of order: taken
        row(1),  # repeated
        "2025-01-01T00:03:00Z,100,101,99",  # another count of fields
        "yesterday,100,101,99,100,1",
        "2025-01-01T00:04:00Z,100,99,101,100,1",  # high below low
        "2025-01-01T00:05:00Z,100,101,99,nan,1",
        "2025-01-01T00:06:00Z,100,101,99,100,-1",
        "2025-01-01T00:07:30Z,100,101,99,100,1",  # off the grid
        "2025-01-01T01:08:00+01:00,100,101,99,100,",  # an offset, and no volume
        "2025-01-01T23:59:30Z,100,101,99,100,1",
        "2025-01-02T00:00:00Z,100,101,99,100,1",  # closes after now
    )
    history = read_history(path, NOW)
    assert [f"{time:%H:%M}" for time in history.candles.index] == [
        "00:00",
        "00:01",
        "00:02",
        "00:08",
        "00:20",
        "00:21",
        "00:22",
    ]
    assert history.candles["close"].tolist() == [100.25, 100.25, 100.25, 100, 100.25, 100.25, 100.25]
    assert history.candles["volume"].isna().tolist() == [False, False, False, True, False, False, False]
    assert history.set_aside == {
        "malformed": 1,
        "bad_timestamp": 1,
        "bad_value": 3,
        "duplicate": 1,
        "off_grid": 2,
        "unfinished": 1,
    }
    assert len(history.candles) + sum(history.set_aside.values()) == 16
    assert history.first_bad == "line 8: duplicate '2025-01-01T00:01:00Z'"
    assert (history.minutes, history.decimals) == (1, 2)


def test_gzip_no_volume_and_a_five_minute_step(tmp_path: Path) -> None:
    path = tmp_path / "c.csv.gz"
    path.write_bytes(
        gzip.compress(
            b"Timestamp,Open,High,Low,Close\n2025-01-01T00:00:00Z,1,1,1,1\n2025-01-01T00:05:00Z,1,1,1,1\n"
        )
    )
    history = read_history(path, NOW)
    assert history.minutes == 5
    assert history.decimals == 0
    assert history.candles["volume"].isna().all()


def test_a_last_line_without_end_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("\n".join([HEADER, row(0), row(1), row(2)[:-1]]))
    assert read_history(path, NOW).set_aside == {"malformed": 1}
    assert len(read_history(path, NOW).candles) == 2


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        (b"", HeaderError, r"c\.csv, line 1: the file is empty\. The first line must name timestamp, open"),
        (b"timestamp,open,high,low\n", HeaderError, "line 1, column close: the column is missing"),
        (
            b"timestamp,open,high,low,close,open\n",
            HeaderError,
            "line 1, column open: the column stands there twice",
        ),
        (b"timestamp,open,high,low,close\n", DataError, "no row is a candle"),
        (b"timestamp,open,high,low,close\nx,1,1,1,1\n", DataError, "line 2: bad_timestamp"),
        (b"timestamp,open,high,low,close\n2025-01-01T00:00:00Z,1,1,1,1\n", DataError, "single candle"),
        (
            b"timestamp,open,high,low,close\n2025-01-01T00:00:00Z,1,1,1,1\n2025-01-01T00:15:00Z,1,1,1,1\n",
            DataError,
            "candles are 900 s apart",
        ),
        (
            b"timestamp,open,high,low,close\n2025-01-01T00:00:00Z,1,1,1,1\n2025-01-01 00:01:00,1,1,1,1\n",
            NaiveTimeError,
            r"line 3, column timestamp: .* RIBBON_TIMEZONE",
        ),
        (b"\x1f\x8b\x08\x00broken", DataError, "cannot be read"),
        (
            b"timestamp,open,high,low,close\n\xff\xfe,1,1,1,1\n",
            DataError,
            "line 2, column timestamp: '\u00ff\u00fe' is no time",
        ),
    ],
)
def test_refusals_name_file_and_line(tmp_path: Path, content: bytes, error: type, told: str) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=told):
        read_history(path, NOW)


def test_a_cut_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEADER, *map(row, range(60))]).encode())[:-20])
    with pytest.raises(DataError, match="cannot be read"):
        read_history(path, NOW)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"nowhere\.csv"):
        read_history(tmp_path / "nowhere.csv", NOW)


def test_a_stray_row_is_not_a_step(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", HEADER, row(0), row(5), row(7), row(10), row(15))
    history = read_history(path, NOW)
    assert history.minutes == 5
    assert history.set_aside == {"off_grid": 1}


def test_candles_far_below_a_dollar_are_told_as_they_stand_in_the_file(tmp_path: Path) -> None:
    rows = [f"2025-01-01T00:0{at}:00Z,0.00001234,0.0000125,0.000012,0.00001241,1234567890" for at in range(3)]
    other = "2025-01-01T00:01:00Z,0.00001234,0.0000126,0.0000121,0.0000125,5"
    with pytest.raises(DataError, match="differ") as told:
        read_history(write(tmp_path / "c.csv", HEADER, *rows, other), NOW)
    assert "0.00001234 0.0000125 0.000012 0.00001241, volume 1234567890" in str(told.value)
