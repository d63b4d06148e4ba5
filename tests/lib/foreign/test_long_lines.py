"""A line of millions of commas is no row: each reader sets it aside, counts it, and takes nothing of it apart.

Fields are counted, not time.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lib.data.loaders import load_candles
from lib.data.records import split_row
from lib.errors import DataError, HeaderError
from lib.foreign.csv_rows import read_foreign
from lib.foreign.recogniser import split
from lib.foreign.recogniser.reading import Hints
from lib.foreign.recogniser.recognise import recognise
from lib.foreign.trade_table import read_trade_table

LONG = 3_000_000
HEADER = "timestamp,open,high,low,close,volume"
ROWS = [f"2026-01-05T00:{n:02d}:00Z,100,101,99,100.5,{n}" for n in range(0, 60, 5)]
TRADES = "entry_time,exit_time,side,entry_price,exit_price"
TRADE = "2026-01-05T00:00:00Z,2026-01-05T00:30:00Z,long,100,101"
WIDE = ["," * LONG, ROWS[0] + "," * LONG, "9" * LONG, ";" * LONG, "\t" * LONG, '"' + "a," * LONG]


@pytest.fixture
def fields(monkeypatch):
    """How many fields were made of lines, by the ways that readers here make them."""
    made = [0]
    reader, cut = csv.reader, split.fields_of

    def counted(*given, **how):
        class Counted:
            def __init__(self) -> None:
                self.reader = reader(*given, **how)

            def __iter__(self):
                return self

            def __next__(self):
                found = next(self.reader)
                made[0] += len(found)
                return found

            line_num = property(lambda self: self.reader.line_num)

        return Counted()

    def cut_counted(text, mark):
        found = cut(text, mark)
        made[0] += len(found or [])
        return found

    monkeypatch.setattr(csv, "reader", counted)
    monkeypatch.setattr(split, "fields_of", cut_counted)
    return made


def written(path: Path, header: str, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in (header, *lines)))
    return path


@pytest.mark.parametrize("wide", WIDE, ids=lambda line: repr(line[:3]))
def test_in_a_candle_file_of_any_kind(tmp_path, fields, wide):
    found = recognise(written(tmp_path / "a.csv", HEADER, [*ROWS[:4], wide, *ROWS[4:]]), Hints())
    assert len(found.grid.lines) == len(ROWS) and found.grid.malformed == {6: wide[:60]}
    assert fields[0] < 10_000


@pytest.mark.parametrize("wide", WIDE, ids=lambda line: repr(line[:3]))
def test_in_a_table_of_trades(tmp_path, fields, wide):
    asked = []
    path = written(tmp_path / "t.csv", TRADES, [TRADE, wide, TRADE.replace("long", "short")])
    found = read_trade_table(path, lambda name: asked.append(name) or name in TRADES.split(","))
    assert found.table["side"].tolist() == ["long", "short"] and found.places == ["line 2", "line 4"]
    (bad,) = found.malformed
    assert (bad.place, bad.text, bad.reason) == ("line 3", wide[:160], "malformed") and "longer" in bad.fix
    assert fields[0] + len(asked) < 1_000


@pytest.mark.parametrize("multiline", [False, True])
@pytest.mark.parametrize("wide", WIDE[:3], ids=lambda line: repr(line[:3]))
def test_in_a_recording(tmp_path, fields, wide, multiline):
    path = written(tmp_path / "r.csv", HEADER, [ROWS[0], wide, ROWS[1]])
    found = read_foreign(path, ("timestamp",), multiline)
    assert found.table["volume"].tolist() == ["0", "5"] and found.malformed == {3: wide[:60]}
    assert fields[0] < 100


def test_in_a_folders_own_file(tmp_path, fields):
    for wide in (ROWS[3] + "," * LONG, ROWS[3] + "0" * LONG):  # the second has as many fields as a row
        written(tmp_path / "candlesticks_5min.csv", HEADER, [*ROWS[:3], wide, *ROWS[4:]])
        candles, counts = load_candles(tmp_path, "5min", None, None)
        assert (len(candles), counts.set_aside) == (len(ROWS) - 1, {"malformed": 1})
    assert split_row("," * LONG) == [] and fields[0] < 100


def test_as_a_header_it_is_refused_with_its_beginning(tmp_path, fields):
    names = ",".join(f"name{n}" for n in range(LONG // 8))  # all of them different
    path = written(tmp_path / "candlesticks_5min.csv", f"{HEADER},{names}", ROWS)
    with pytest.raises(
        HeaderError, match="the header is longer, or of more columns, than that of any table: 'timestamp,open"
    ):
        load_candles(tmp_path, "5min", None, None)
    with pytest.raises(HeaderError, match="the column is missing"):
        read_foreign(path, ("timestamp",))
    with pytest.raises(HeaderError, match="no line names the columns"):
        read_trade_table(path, lambda name: name in TRADES.split(","))
    alone = written(tmp_path / "alone.csv", names, [])
    with pytest.raises(DataError, match=r"line 1.*'name0,name1.* than the row of any table"):
        recognise(alone, Hints())
    assert fields[0] < 1_000


def test_empty_fields_at_the_end_of_a_row_are_taken_off_once_each(tmp_path):
    path = written(tmp_path / "t.csv", TRADES, [TRADE + "," * 4_000] * 500)
    assert len(read_trade_table(path, lambda name: name in TRADES.split(",")).table) == 500
