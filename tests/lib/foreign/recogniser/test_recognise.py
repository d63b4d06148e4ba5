"""Every kind of candle file is read to its true rows, or refused with line, text and the option that decides."""

from __future__ import annotations

import bz2
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import DataError, HeaderError, MissingDataError, NaiveTimeError, ParameterError, RibbonError
from lib.foreign.ohlcv import CandleHistory, read_history
from lib.foreign.recogniser.reading import Hints
from tests.lib.foreign.recogniser.dialects import (
    HEADERS,
    NAMES,
    SEPARATORS,
    TIMES,
    Dialect,
    epoch,
    json_rows,
    packed,
    true_table,
)

NOW = pd.Timestamp("2026-01-01T00:00:00Z")
TRUE = true_table()
PLAIN = Dialect()


def read(
    tmp_path: Path, content: bytes | str, hints: Hints | None = None, name: str = "c.csv"
) -> CandleHistory:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_history(path, NOW, hints)


def assert_true(history: CandleHistory, table: pd.DataFrame = TRUE, volume: bool = True) -> None:
    names = [*NAMES] if volume else [*NAMES[:4]]
    pd.testing.assert_frame_equal(history.candles[names], table[names], check_freq=False)


@st.composite
def dialects(draw) -> Dialect:
    separator = draw(st.sampled_from([*SEPARATORS]))
    decimal = draw(st.sampled_from([".", ","]))
    return Dialect(
        time=draw(st.sampled_from([*TIMES])),
        separator=separator,
        decimal=decimal,
        thousands=draw(st.sampled_from(["", {".": ",", ",": "."}[decimal], "\u00a0", "'"])),
        header=draw(st.sampled_from([*HEADERS])),
        newest_first=draw(st.booleans()),
        quoted=draw(st.booleans()),
        line_end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])),
        container=draw(st.sampled_from(["plain", "gzip", "zip"])),
        unused=draw(st.integers(0, 3)),
        apart=draw(st.booleans()),
    )


@settings(max_examples=250)
@given(dialect=dialects())
def test_a_true_table_in_any_dialect_is_read_back(dialect: Dialect, tmp_path_factory) -> None:
    # Without a zone a time is refused, so date and time apart are read with one.
    hints = Hints(timezone="UTC") if dialect.apart else None
    history = read(tmp_path_factory.mktemp("dialect"), dialect.write(TRUE), hints)
    assert_true(history)
    assert history.set_aside == {}
    assert history.reading is not None
    assert history.reading.decimal.startswith("point" if dialect.decimal == "." else "comma")
    assert history.reading.order == ("newest first" if dialect.newest_first else "oldest first")


def each(form: Callable[[pd.Timestamp, Any], str], table: pd.DataFrame = TRUE) -> str:
    """One line a candle."""
    return "".join(form(time, row) + "\n" for time, row in table.iterrows())


def dollars(row: Any) -> str:
    return ",".join(f'"${row[name]:,.2f}"' for name in NAMES[:4])


MS, S = json_rows(TRUE), json_rows(TRUE, "s")
GERMAN = Dialect(separator="semicolon", decimal=",", header="none").text(TRUE)
BYBIT = {"symbol": "ETHUSDT", "list": [[*map(str, row), "1"] for row in MS[::-1]]}
KRAKEN = [[row[0], *map(str, row[1:5]), str((row[2] + row[3]) / 2), str(row[5]), 17] for row in S]
COLUMNS = {name: [row[place] for row in S] for place, name in enumerate("tohlcv")}
YFINANCE = "Price,Close,High,Low,Open,Volume\nTicker,ETH-USD,ETH-USD,ETH-USD,ETH-USD,ETH-USD\nDatetime,,,,,\n"
KINDS: dict[str, bytes | str] = {
    "a list of lists": json.dumps(MS),
    "numbers as texts": json.dumps([[str(value) for value in row] for row in MS]),
    "a list of objects": json.dumps([dict(zip(("time", *NAMES), row, strict=True)) for row in S]),
    "one object a line": "\n".join(
        json.dumps(dict(zip(("openTime", *NAMES), row, strict=True))) for row in MS
    ),
    "an answer of Bybit": json.dumps({"retCode": 0, "result": BYBIT}),
    "columns of an answer": json.dumps({"s": "ok", **COLUMNS}),
    "a frame of pandas as JSON": TRUE.reset_index().to_json(date_format="iso"),
    "a frame of pandas as CSV": TRUE.to_csv(),
    "a frame whose index has no name": TRUE.rename_axis(None).to_csv(),
    "a frame with row numbers": TRUE.reset_index().to_csv(),
    "a frame of R": '"time" "open" "high" "low" "close" "volume"\n'
    + each(lambda time, row: f'"7" "{time:%Y-%m-%dT%H:%M:%SZ}" {" ".join(map(str, row))}'),
    "yfinance": YFINANCE
    + each(
        lambda time, row: (
            f"{time:%Y-%m-%d %H:%M}+00:00,{row.close},{row.high},{row.low},{row.open},{row.volume}"
        )
    ),
    "coinbase: low, high, open, close": each(
        lambda time, row: f"{epoch(time, 's')},{row.low},{row.high},{row.open},{row.close},{row.volume}"
    ),
    "bitfinex: open, close, high, low": each(
        lambda time, row: f"{epoch(time, 'ms')},{row.open},{row.close},{row.high},{row.low},{row.volume}"
    ),
    "kraken's answer, a mean price before the volume": json.dumps(
        {"error": [], "result": {"XETHZUSD": KRAKEN, "last": 1}}
    ),
    "gate: volume in dollars first": each(
        lambda time, row: (
            f"{epoch(time, 's')},{row.volume * 1800},{row.close},{row.high},{row.low},{row.open},{row.volume},true"
        )
    ),
    "milliseconds, then microseconds": each(
        lambda time, row: f"{epoch(time, 'ms')},{','.join(map(str, row))}", TRUE.iloc[:15]
    )
    + each(lambda time, row: f"{epoch(time, 'us')},{','.join(map(str, row))}", TRUE.iloc[15:]),
    "lines before the names": "Exported by nobody\n# 1 minute\n\n" + PLAIN.text(TRUE),
    "a comma behind each row": PLAIN.text(TRUE).replace("\n", ",\n"),
    "blank lines": PLAIN.text(TRUE).replace("\n", "\n\n"),
    "carriage returns doubled": PLAIN.text(TRUE).replace("\n", "\r\r\n"),
    "blanks around fields": PLAIN.text(TRUE).replace(",", " , "),
    "Dukascopy": "Gmt time,Open,High,Low,Close,Volume\n"
    + each(lambda time, row: f"{time:%d.%m.%Y %H:%M:%S}.000,{','.join(map(str, row))}"),
    "a currency's sign": "Date,Open,High,Low,Close,Volume\n"
    + each(lambda time, row: f"{time:%Y-%m-%dT%H:%MZ},{dollars(row)},{row.volume}"),
    "German names in Windows-1252": ("Zeit;Eröffnung;Hoch;Tief;Schluss;Volumen\n" + GERMAN).encode("cp1252"),
    "bzip2": bz2.compress(PLAIN.write(TRUE)),
    "xz": lzma.compress(PLAIN.write(TRUE)),
    "a gzip in a zip": packed(Dialect(container="gzip").write(TRUE), "zip"),
    "names of studies twice": Dialect(unused=2).text(TRUE),
    "offset with a colon": PLAIN.text(TRUE).replace("Z,", "+00:00,"),
    "each line one quoted field": each(
        lambda time, row: f'"{time:%Y-%m-%dT%H:%MZ},{",".join(map(str, row))}"'
    ),
    "a spreadsheet's marks of text": each(
        lambda time, row: f"'{time:%Y-%m-%dT%H:%MZ},'" + ",'".join(map(str, row))
    ),
    "such marks at prices alone": each(
        lambda time, row: f"{time:%Y-%m-%dT%H:%MZ},'" + ",'".join(map(str, row))
    ),
    "single quotes": each(lambda time, row: f"'{time:%Y-%m-%dT%H:%MZ}','" + "','".join(map(str, row)) + "'"),
    "a price for the close, as investing.com": "Date,Price,Open,High,Low,Vol.\n"
    + each(
        lambda time, row: (
            f"{time:%Y-%m-%dT%H:%MZ},{row.close},{row.open},{row.high},{row.low},{row.volume / 1000:.6f}K"
        )
    ),
    "CoinAPI: the times of trades beside those of the minute": ";".join(
        ["time_period_start", "time_open", *(f"price_{name}" for name in NAMES[:4]), "volume_traded\n"]
    )
    + each(lambda time, row: f"{time:%Y-%m-%dT%H:%M}Z;{time:%Y-%m-%dT%H:%M}:07Z;{';'.join(map(str, row))}"),
    "Stooq: day and clock as digits": "<TICKER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n"
    + each(lambda time, row: f"ETHUSD,{time:%Y%m%d},{time:%H%M%S}Z,{','.join(map(str, row))}"),
    "times as keys": json.dumps(
        {
            "Series": {
                f"{time:%Y-%m-%d %H:%M:%S}Z": {
                    f"{place}. {name}": str(row[name]) for place, name in enumerate(NAMES)
                }
                for time, row in TRUE.iterrows()
            }
        }
    ),
    "messages of a stream": "\n".join(
        json.dumps({"e": "kline", "k": dict(zip("tohlcv", row, strict=True))}) for row in MS
    ),
    "units behind the names": "Time (UTC),Open (USD),High (USD),Low (USD),Close (USD),Volume (ETH)\n"
    + each(lambda time, row: f"{time:%Y-%m-%d %H:%M},{','.join(map(str, row))}"),
    "a currency behind the names": "date,open_usd,high_usd,low_usd,close_usd,volume_eth\n"
    + Dialect(header="none").text(TRUE),
    "carets": PLAIN.text(TRUE).replace(",", "^"),
    "a table of a database": "+---+\n| timestamp | open | high | low | close | volume |\n+---+\n"
    + each(lambda time, row: f"| {time:%Y-%m-%dT%H:%MZ} | {' | '.join(map(str, row))} |"),
    "whole minutes only": PLAIN.text(TRUE).replace(":00Z", "Z"),
}


@pytest.mark.parametrize("kind", [*KINDS])
def test_a_kind_is_read_to_its_true_rows(tmp_path: Path, kind: str) -> None:
    assert_true(read(tmp_path, KINDS[kind]))


def test_what_it_took_the_file_for_is_said(tmp_path: Path) -> None:
    dialect = Dialect(
        "ms", "semicolon", ",", ".", "capitals", True, encoding="utf-16", container="gzip", unused=1
    )
    reading = read(tmp_path, dialect.write(TRUE)).reading
    assert reading is not None
    assert reading.words() == (
        "gzip; UTF-16; semicolon; decimal comma, point between thousands; names in line 1; Date: epoch in ms (UTC), stamped at the open; "
        "newest first; volume: Volume; unused: EMA"
    )
    assert reading.as_dict()["columns"] == {
        "time": "Date", "open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume"
    }  # fmt: skip
    json.dumps(reading.as_dict(), allow_nan=False)


WHOLE = true_table(price=104_000.0).round(0).assign(volume=3.0)
GROUPED = "timestamp;open;high;low;close\n" + each(
    lambda time, row: ";".join([f"{time:%Y-%m-%dT%H:%MZ}", *(f"{row[name]:,.0f}" for name in NAMES[:4])]),
    WHOLE,
)
SHORT_DATES = "timestamp,open,high,low,close\n" + "".join(
    f"05/04/2025 15:{minute} UTC,1,1,1,1\n" for minute in range(10, 15)
)
CLOSES = "timestamp,open,high,low,close\n2025-05-04T15:33:59.999Z,1,1,1,1\n2025-05-04T15:34:59.999Z,1,1,1,1\n"
NAIVE = "timestamp,open,high,low,close\n2025-05-04 15:33:00,1,1,1,1\n2025-05-04 15:34:00,1,1,1,1\n"
BROKER = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\n2025.05.04\t15:33:00\t1\t1\t1\t1\n2025.05.04\t15:34:00\t1\t1\t1\t1\n"
TWICE = "timestamp,open,high,low,close,close\n2025-05-04T15:33Z,1,1,1,1,2\n2025-05-04T15:34Z,1,1,1,1,2\n"
DOUBTS = {
    "decimals": (
        GROUPED,
        r"line 2, column open: '104,000' can be read with decimals and with thousands\. .*--decimal \. or --decimal ,",
        Hints(decimal="."),
    ),
    "dates": (
        SHORT_DATES,
        r"line 2, column timestamp: '05/04/2025 15:10 UTC' can be read in several ways\. .*--dates dmy or --dates mdy",
        Hints(dates="dmy"),
    ),
    "closes": (
        CLOSES,
        r"line 2, column timestamp: '2025-05-04T15:33:59.999Z' .*close times.* --stamped close",
        Hints(stamped="close"),
    ),
    "zone": (
        NAIVE,
        r"line 2, column timestamp: the time '2025-05-04 15:33:00' has no zone\. .*--timezone",
        Hints(timezone="UTC"),
    ),
    "broker": (
        BROKER,
        r"column <DATE>: the time '2025.05.04 15:33:00' has no zone\. MetaTrader writes its broker's server time",
        Hints(timezone="+03:00"),
    ),
    "columns": (
        TWICE,
        r"line 1, column close: the column stands there twice\. --columns",
        Hints(columns=("time", *NAMES[:4], "-")),
    ),
}


@pytest.mark.parametrize("doubt", [*DOUBTS])
def test_two_readings_are_refused_with_line_text_and_option(tmp_path: Path, doubt: str) -> None:
    content, told, decides = DOUBTS[doubt]
    with pytest.raises(DataError, match=told):
        read(tmp_path, content)
    assert len(read(tmp_path, content, decides).candles) >= 2


def test_the_option_decides_what_is_read(tmp_path: Path) -> None:
    assert_true(read(tmp_path, GROUPED, Hints(decimal=".")), WHOLE, volume=False)
    assert read(tmp_path, GROUPED, Hints(decimal=",")).candles["open"].iloc[0] == 104.0
    close = read(tmp_path, CLOSES, Hints(stamped="close")).candles
    assert close.index[0] == pd.Timestamp("2025-05-04T15:33:00Z")
    broker = read(tmp_path, BROKER, Hints(timezone="+03:00")).candles
    assert broker.index[0] == pd.Timestamp("2025-05-04T12:33:00Z")
    assert read(tmp_path, SHORT_DATES, Hints(dates="mdy")).candles.index[0] == pd.Timestamp(
        "2025-05-04T15:10Z"
    )
    assert read(tmp_path, SHORT_DATES, Hints(dates="dmy")).candles.index[0] == pd.Timestamp(
        "2025-04-05T15:10Z"
    )
    odd = PLAIN.text(TRUE).replace("timestamp,open,high,low,close,volume", "a,b,c,d,e,f")
    assert_true(read(tmp_path, odd, Hints(columns=("time", *NAMES))))


DAILY = "timestamp,open,high,low,close\n" + "".join(
    f"2025-05-{day:02d}T00:00Z,1,1,1,1\n" for day in range(1, 9)
)
REFUSED: list[tuple[bytes | str, type[DataError], str]] = [
    (b"<!DOCTYPE html><html>404</html>", DataError, "line 1: is a web page or XML"),
    (b"%PDF-1.7", DataError, "is a PDF"),
    (b"\x00\x01\x02\x03" * 100, DataError, "zero bytes"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n", DataError, "pointer that Git LFS .*git lfs pull"),
    (b"\0" * 50_000, DataError, "NUL bytes where text .*Fetch or copy it again"),
    (b"PAR1....", DataError, "parquet"),
    (b"<table><tr>", DataError, "is a web page or XML"),
    (b"\0" * 257 + b"ustar" + b"x" * 300, DataError, "is a tar archive"),
    ("timestamp,open,high,low,close\n2025-05-04T15:33:07Z,1,1,1,1\n2025-05-04T15:34:07Z,1,1,1,1\n", DataError,
     "line 2, column timestamp: '2025-05-04T15:33:07Z' is no full minute"),
    (b"[[1746372780000, 1, 2", DataError, "begins as JSON"),
    (b'{"code": -1121, "msg": "Invalid symbol."}', DataError, "holds no list of candles"),
    (b"hello\nworld\n", HeaderError, "line 1: 'hello' is no row of a candle"),
    (b"timestamp,open,high,low\n2025-05-04T15:33Z,1,1,1\n", HeaderError, "line 1, column close: the column is missing"),
    (b"open,high,low,close,volume\n1,1,1,1,1\n1,1,1,1,1\n", HeaderError, "column timestamp: the column is missing"),
    (b"a,b,c,d,e\n1,2,3,4,5\n", HeaderError, "line 1: these names are none that are known: 'a,b,c,d,e'.*--columns"),
    (b"1,2,3,4,5\n", DataError, "is no time that I know"),
    ("time,bidopen,bidhigh,bidlow,bidclose,askopen\n" + "2025-05-04T15:33Z,1,1,1,1,2\n2025-05-04T15:34Z,1,1,1,1,2\n", HeaderError,
     "line 1: these names are none that are known: 'time,bidopen"),
    ("Date;Open;High;Low;Close\n" + "2025-05-04;1;1;1;1\n" * 3, DataError, "line 2, column Date: '2025-05-04' is no time"),
    (Dialect(decimal=",").text(TRUE).replace('"', ""), HeaderError, "Decimal commas must be quoted"),
    ("timestamp,open,high,low,close,symbol\n2025-05-04T15:33Z,1,1,1,1,ETHUSDT\n2025-05-04T15:34Z,1,1,1,1,BTCUSDT\n", DataError,
     "line 3, column symbol: 'BTCUSDT' is another market than 'ETHUSDT'"),
    (DAILY, DataError, "24 hours apart"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind", "told"), REFUSED, ids=[told[:30] for _, _, told in REFUSED])
def test_what_is_no_candle_file_is_refused_in_words_that_fit(
    tmp_path: Path, content: bytes | str, kind: type, told: str
) -> None:
    with pytest.raises(kind, match=told) as caught:
        read(tmp_path, content)
    assert "Fetch the file again" not in str(caught.value)
    assert "{" not in str(caught.value)


def test_a_close_time_is_not_taken_for_want_of_a_zone(tmp_path: Path) -> None:
    rows = each(
        lambda time, row: (
            f"{time:%Y-%m-%d %H:%M:%S},{','.join(map(str, row))},{int(epoch(time, 'ms')) + 59_999}"
        )
    )
    text = "open_time,open,high,low,close,volume,close_time\n" + rows
    with pytest.raises(NaiveTimeError, match="line 2, column open_time"):
        read(tmp_path, text)
    assert_true(read(tmp_path, text, Hints(timezone="UTC")))
    only = each(lambda time, row: f"{int(epoch(time, 'ms')) + 59_999},{','.join(map(str, row))}")
    with pytest.raises(DataError, match="close times"):
        read(tmp_path, "close_time,open,high,low,close,volume\n" + only)
    assert_true(read(tmp_path, "close_time,open,high,low,close,volume\n" + only, Hints(stamped="close")))


@pytest.mark.parametrize("name", ["close_time", "date_close", "Closed at", "end_date", "period end"])
def test_full_minutes_under_a_name_of_closes_are_read_with_the_option_alone(
    tmp_path: Path, name: str
) -> None:
    def rows(minutes: int) -> str:
        return each(
            lambda time, row: (
                f"{time + pd.Timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ},{','.join(map(str, row))}"
            )
        )

    text = f"{name},open,high,low,close,volume\n"
    with pytest.raises(DataError, match=f"line 2, column {name}.*--stamped close"):
        read(tmp_path, text + rows(1))
    assert_true(read(tmp_path, text + rows(1), Hints(stamped="close")))
    assert_true(read(tmp_path, text + rows(0), Hints(stamped="open")))


def test_a_stop_at_the_full_minute_is_read_by_the_option_alone(tmp_path: Path) -> None:
    later = TRUE.set_axis(TRUE.index + pd.Timedelta(minutes=1))
    assert_true(read(tmp_path, PLAIN.text(later), Hints(stamped="close")))


def test_columns_may_name_date_and_clock_apart(tmp_path: Path) -> None:
    odd = "a,b,c,d,e,f,g,h\n" + each(
        lambda time, row: f"7,{time:%Y.%m.%d},{time:%H:%M},{','.join(map(str, row))}"
    )
    hints = Hints(timezone="UTC", columns=("-", "date", "clock", *NAMES))
    assert_true(read(tmp_path, odd, hints))


def test_a_zip_of_two_and_a_workbook_and_a_folder(tmp_path: Path) -> None:
    for names, told in (
        (("a.csv", "b.csv"), r"the zip holds 2 files: a\.csv, b\.csv"),
        (("xl/workbook.xml",), "an Excel workbook. Save the sheet as CSV"),
        (("mimetype", "content.xml", "styles.xml"), "a spreadsheet of LibreOffice. Save the sheet as CSV"),
        (("Index/Document.iwa", "preview.jpg"), "a spreadsheet of Numbers. Save the sheet as CSV"),
    ):
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w") as archive:
            for name in names:
                archive.writestr(name, PLAIN.text(TRUE))
        with pytest.raises(DataError, match=told):
            read(tmp_path, memory.getvalue())
    with pytest.raises(DataError, match="zip cannot be read: it is damaged"):
        read(tmp_path, memory.getvalue()[:40])
    with pytest.raises(MissingDataError, match="this is a folder"):
        read_history(tmp_path, NOW)


def test_damage_costs_its_rows_only_and_is_told_with_its_text(tmp_path: Path) -> None:
    lines = PLAIN.text(TRUE).splitlines()
    lines[5] = lines[5].replace("Z,", ",")  # one time without its zone
    lines[7] = lines[7].replace("2025", "2\r025")  # a carriage return in a row
    lines[9] += '"' + "x" * 140_000 + '"'  # a field larger than any
    lines[11] = lines[11].replace(lines[11].split(",")[4], "oops")
    lines[13] += ',"'
    history = read(tmp_path, "\n".join([*lines, ""]))
    assert_true(history, TRUE.drop(TRUE.index[[4, 6, 8, 10, 12]]))
    assert history.set_aside == {"bad_timestamp": 1, "bad_value": 1, "malformed": 3, "naive_time": 1}
    assert history.first_bad == f"line 6: naive_time {lines[5].split(',')[0]!r}"
    assert len(history.candles) + sum(history.set_aside.values()) == 41


@pytest.mark.parametrize("damage", ["1,8.27", "7.63,561", "1,827,5", "1.8.27", "x"])
@pytest.mark.parametrize("separator", [*SEPARATORS])
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_damaged_number_does_not_decide_how_all_are_written(
    tmp_path: Path, damage: str, separator: str, decimal: str
) -> None:
    lines = Dialect(separator=separator, decimal=decimal, quoted=True).text(TRUE).splitlines()
    fields = lines[9].split(f'"{SEPARATORS[separator]}"')
    lines[9] = f'"{SEPARATORS[separator]}"'.join([*fields[:3], damage, *fields[4:]])
    history = read(tmp_path, "\n".join([*lines, ""]))
    assert_true(history, TRUE.drop(TRUE.index[8]))
    assert history.first_bad == f"line 10: bad_value {damage!r} in low"


def test_volume_of_zeros_is_one_and_a_count_of_ticks_is_none(tmp_path: Path) -> None:
    still = TRUE.assign(volume=0.0)
    assert_true(read(tmp_path, PLAIN.text(still)), still)
    ticks = PLAIN.text(still).replace("volume", "volume,tickvol", 1).replace("0.000\n", "0.000,17\n")
    assert read(tmp_path, ticks).candles["volume"].isna().all()


def test_rows_that_got_a_column_later_are_set_aside_as_before(tmp_path: Path) -> None:
    lines = PLAIN.text(TRUE).splitlines()
    history = read(tmp_path, "\n".join([*lines[:11], *(f"{line},1" for line in lines[11:]), ""]))
    assert_true(history, TRUE.iloc[:10])
    assert history.set_aside == {"malformed": 30}


def test_a_bad_value_is_told_with_its_column(tmp_path: Path) -> None:
    text = PLAIN.text(TRUE).replace(f",{TRUE.close.iloc[3]:.2f},", ",oops,", 1)
    assert read(tmp_path, text).first_bad == "line 5: bad_value 'oops' in close"


def test_a_time_before_any_market_is_none(tmp_path: Path) -> None:
    lines = PLAIN.text(TRUE).splitlines()
    for place, time in (
        (5, "1970-01-01T00:00:00Z"),
        (7, "1970-01-21T02:08:00Z"),
        (9, "2009-01-02T23:59:00Z"),
    ):
        lines[place] = ",".join([time, *lines[place].split(",")[1:]])
    history = read(tmp_path, "\n".join([*lines, ""]))
    assert_true(history, TRUE.drop(TRUE.index[[4, 6, 8]]))
    assert history.set_aside == {"too_early": 3}
    assert history.first_bad == "line 6: too_early '1970-01-01T00:00:00Z'"
    first = TRUE.iloc[:5].set_axis(pd.date_range("2009-01-03T00:00Z", periods=5, freq="1min", unit="us"))
    assert len(read(tmp_path, PLAIN.text(first)).candles) == 5
    for start in ("1970-01-01T00:00Z", "1970-01-21T02:08Z", "2009-01-02T23:00Z"):
        early = TRUE.set_axis(pd.date_range(start, periods=40, freq="1min", unit="us"))
        with pytest.raises(DataError, match=r"line 2, column timestamp: .*lies before 2009-01-03"):
            read(tmp_path, PLAIN.text(early))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("garbage", "line 5: malformed 'garbage'"),
        ("2025-05-14T15:36:00Z,1,2", "line 5: malformed '2025-05-14T15:36:00Z,1,2'"),
        ("2025-12-31T23:59:30Z,1800,1801,1799,1800,1", "line 5: off_grid '2025-12-31T23:59:30Z'"),
        ("2026-01-01T00:00:00Z,1800,1801,1799,1800,1", "line 5: unfinished '2026-01-01T00:00:00Z'"),
        (PLAIN.text(TRUE).splitlines()[2], "line 5: duplicate '2025-05-14T15:34:00Z'"),
        ("x\x1b[2J", r"line 5: malformed 'x\x1b[2J'"),
    ],
)
def test_the_first_row_set_aside_is_told_with_its_text(tmp_path: Path, line: str, told: str) -> None:
    lines = PLAIN.text(TRUE).splitlines()
    assert read(tmp_path, "\n".join([*lines[:4], line, *lines[4:], ""])).first_bad == told


def test_a_torn_line_of_json_is_set_aside_with_its_text(tmp_path: Path) -> None:
    lines = [json.dumps(row) for row in json_rows(TRUE)]
    history = read(tmp_path, "\n".join([*lines[:20], lines[20][:25]]), name="c.jsonl")
    assert_true(history, TRUE.iloc[:20])
    assert (history.set_aside, history.first_bad) == (
        {"malformed": 1},
        f"row 21: malformed {lines[20][:25]!r}",
    )


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
def test_a_mark_inside_a_text_ends_no_line(tmp_path: Path, mark: str) -> None:
    rows = [[*row, f"a{mark}b"] for row in json_rows(TRUE)]
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    history = read(tmp_path, text, name="c.jsonl")
    assert_true(history, TRUE)
    assert not history.set_aside


@pytest.mark.parametrize(
    "name",
    ["Volume USDT", "Volume (USD)", "quote_volume", "volumeto", "Volume EUR", "Turnover", "Volume TRY"],
)
def test_a_volume_in_money_alone_is_no_volume_and_is_told(tmp_path: Path, name: str) -> None:
    money = PLAIN.text(TRUE).replace("volume", name, 1)
    history = read(tmp_path, money)
    assert history.candles["volume"].isna().all()
    (note,) = history.notes
    assert repr(name) in note and "--columns" in note
    assert_true(read(tmp_path, money, Hints(columns=("time", *NAMES))))
    for own in ("Volume ETH", "volume", "Volume (ETH)", "Volume"):  # before it or behind
        both = each(
            lambda time, row: f"{time:%Y-%m-%dT%H:%MZ},{','.join(map(str, row))},{row.volume * 1_800}"
        )
        history = read(tmp_path, f"timestamp,open,high,low,close,{own},{name}\n{both}")
        assert_true(history)
        assert history.notes == ()
        turned = each(
            lambda time, row: f"{time:%Y-%m-%dT%H:%MZ},{row.volume * 1_800},{','.join(map(str, row))}"
        )
        assert_true(read(tmp_path, f"timestamp,{name},open,high,low,close,{own}\n{turned}"))


@settings(max_examples=150)
@given(dialect=dialects(), seed=st.integers(0, 2**32 - 1), many=st.booleans())
def test_whatever_bytes_come_it_is_read_or_refused(
    dialect: Dialect, seed: int, many: bool, tmp_path_factory
) -> None:
    random = np.random.default_rng(seed)
    data = bytearray(dialect.write(TRUE.iloc[:12]))
    for place in random.integers(0, len(data), 200 if many else 3):
        data[place] = random.integers(0, 256)
    cut = bytes(data[: random.integers(1, len(data))]) if seed % 2 else bytes(data)
    try:
        history = read(tmp_path_factory.mktemp("bytes"), cut)
    except RibbonError as error:
        assert "{" not in str(error) or "{" in cut.decode(errors="replace")
    else:
        assert (history.candles["low"] > 0).all() and history.candles.index.is_monotonic_increasing


def test_words_that_are_no_choice_are_refused() -> None:
    for hints in ({"stamped": "middle"}, {"decimal": "x"}, {"dates": "dym"}, {"columns": ("time", "open")}):
        with pytest.raises(ParameterError, match="--"):
            Hints(**hints)  # type: ignore[arg-type]


def test_half_the_times_without_zone_are_no_damage(tmp_path: Path) -> None:
    text = PLAIN.text(TRUE)
    with pytest.raises(NaiveTimeError):
        read(tmp_path, text.replace("Z,", ",", 20))


def test_feather_and_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    for name in ("to_feather", "to_parquet"):
        memory = io.BytesIO()
        getattr(TRUE.reset_index(), name)(memory)
        assert_true(read(tmp_path, memory.getvalue()))


def timed(first: Callable[[pd.Timestamp], str], name: str = "Date") -> Callable[[str, Callable], str]:
    """A file whose `name` is written by `first`, with a further column of a name and a way of writing."""

    def text(other: str, second: Callable[[pd.Timestamp], str]) -> str:
        rows = each(lambda time, row: f"{first(time)},{','.join(map(str, row))},{second(time)}")
        return f"{name},open,high,low,close,volume,{other}\n{rows}"

    return text


LATER, HOUR = pd.Timedelta(minutes=7), pd.Timedelta(hours=1)


@pytest.mark.parametrize(
    "second",
    [lambda time: f"{time + LATER:%Y-%m-%dT%H:%M:%SZ}", lambda time: epoch(time + LATER, "s")],
    ids=["iso", "epoch"],
)
def test_another_columns_times_never_stand_in_for_a_time_that_cannot_be_read(
    tmp_path: Path, second: Callable[[pd.Timestamp], str]
) -> None:
    for written, told in (
        (lambda time: f"{time:%d%m%y %H%M}", r"line 2, column Date: '140525 1533' is no time"),
        (lambda time: str((time - TRUE.index[0]).seconds // 60), "line 2, column Date: '0' is no time"),
    ):
        with pytest.raises(DataError, match=told):
            read(tmp_path, timed(written)("downloaded_at", second))
    numbered = timed(lambda time: str((time - TRUE.index[0]).seconds // 60), "index")
    assert_true(read(tmp_path, numbered("kline_begin", lambda time: f"{time:%Y-%m-%dT%H:%M:%SZ}")))
    begun = timed(lambda time: f"{time:%Y-%m-%dT%H:%M:%SZ}", "kline_begin")
    with pytest.raises(DataError, match=r"line 2, column kline_end: .* and so may kline_begin.*--columns"):
        read(tmp_path, begun("kline_end", second))


def test_a_brazilian_export_is_read_by_its_names(tmp_path: Path) -> None:
    """Newest first, day and time apart, in Windows-1252, with decimal commas."""
    rows = [
        f"{time:%d/%m/%Y};{time:%H:%M};" + ";".join(f"{value:.3f}".replace(".", ",") for value in values)
        for time, values in zip(TRUE.index, TRUE[[*NAMES]].to_numpy(), strict=True)
    ]
    path = tmp_path / "ETHUSDT.csv"
    head = "Data;Hora;Abertura;Máxima;Mínima;Fechamento;Volume"
    path.write_bytes("\r\n".join([head, *rows[::-1], ""]).encode("cp1252"))
    found = read_history(path, NOW, Hints(timezone="UTC", dates="dmy"))
    assert_true(found)
    assert found.reading is not None and found.reading.columns["time"] == "Data Hora"


@pytest.mark.parametrize("header", [True, False])
def test_prices_that_a_spreadsheet_took_for_thousands_are_refused(tmp_path: Path, header: bool) -> None:
    """12.593 became 12593 where a point stands between thousands, and 12.59 stayed as it was: neither is a price any more."""
    rows = [
        f"{time:%Y-%m-%d %H:%M}Z;"
        + ";".join(
            (f"{1_000 * price:.0f}" if row % 4 else f"{price:.2f}")
            for price in (12.593, 12.596, 12.59, 12.595)
        )
        + ";1632,5"
        for row, time in enumerate(TRUE.index)
    ]
    text = "\n".join(["time;open;high;low;close;volume"] * header + rows) + "\n"
    for hints in (Hints(), Hints(decimal=",")):
        with pytest.raises(
            DataError,
            match=r"'12.59' has another sign before decimals than '1632,5' \(line \d\).*spreadsheet",
        ):
            read(tmp_path, text, hints)


@pytest.mark.parametrize("text", ["12/fev", "Feb-12", "dez/22", "12/02/2025"])
def test_prices_that_a_spreadsheet_took_for_dates_are_told_as_that(tmp_path: Path, text: str) -> None:
    rows = "".join(f"{time:%Y-%m-%d %H:%M}Z;{text};{text};{text};{text};1\n" for time in TRUE.index)
    with pytest.raises(
        DataError, match=rf"line 2, column open: '{text}' is a date in place of a price.*spreadsheet"
    ):
        read(tmp_path, "time;open;high;low;close;volume\n" + rows)


ISO_TIME, DOTTED = (lambda time: f"{time:%Y-%m-%d %H:%M:%S}"), (lambda time: f"{time:%d.%m.%Y %H:%M:%S}")


@pytest.mark.parametrize("most", ["iso", "dotted", "half"])
@pytest.mark.parametrize(
    "other",
    [DOTTED, lambda time: f"{time:%d/%m/%Y %H:%M:%S}", lambda time: epoch(time, "ms"), TIMES["month"]],
    ids=["dotted", "slashes", "epoch", "month"],
)
def test_times_that_are_written_in_two_ways_are_refused(
    tmp_path: Path, most: str, other: Callable[[pd.Timestamp], str]
) -> None:
    """A spreadsheet that takes 12/05 for 5 December leaves 13/05 as it is: half of the file is then of another month."""
    swapped = TRUE.set_axis(TRUE.index + pd.Timedelta(days=199))
    cut = {"iso": 30, "dotted": 10, "half": 20}[most]
    table = pd.concat([swapped.iloc[:cut], TRUE.iloc[cut:]])
    write = [ISO_TIME] * cut + [other] * (len(TRUE) - cut)
    rows = "".join(
        f"{how(time)},{','.join(map(str, values))}\n"
        for how, (time, values) in zip(write, table[[*NAMES]].iterrows(), strict=True)
    )
    told = r"line \d+, column timestamp: '.*' is written in another way than '.*' \(line \d+\).*spreadsheet"
    with pytest.raises(DataError, match=told):
        read(tmp_path, "timestamp,open,high,low,close,volume\n" + rows, Hints(timezone="UTC"))


@pytest.mark.parametrize(
    "written",
    [
        lambda time: f"{time:%Y-%m-%d %H:%M:%S}+00",
        lambda time: f"{time + 2 * HOUR:%a %b %d %Y %H:%M:%S} GMT+0200 (Central European Summer Time)",
        lambda time: f"{time:%d.%m.%Y %H:%M} (UTC)",
    ],
)
def test_a_zone_that_each_time_names_is_said(tmp_path: Path, written: Callable[[pd.Timestamp], str]) -> None:
    local = timed(written)("local_time", ISO_TIME).replace("Date,", "time,")
    found = read(tmp_path, local)
    assert_true(found)
    assert found.reading is not None and found.reading.zone == "zone in each"


def test_a_column_that_is_named_for_utc_goes_before_a_local_one(tmp_path: Path) -> None:
    berlin = timed(lambda time: f"{time + 2 * HOUR:%Y-%m-%d %H:%M:%S}", "local_time")(
        "timestamp_utc", ISO_TIME
    )
    assert_true(read(tmp_path, berlin))
    assert_true(read(tmp_path, berlin, Hints(timezone="UTC")))
    with pytest.raises(
        DataError, match=r"line 2, column timestamp_utc: .* --timezone says Europe/Berlin.*--columns"
    ):
        read(tmp_path, berlin, Hints(timezone="Europe/Berlin"))
    assert_true(read(tmp_path, berlin, Hints(timezone="Europe/Berlin", columns=("time", *NAMES, "-"))))


@pytest.mark.parametrize(("clock", "start"), [("%H%M%S", "09:33"), ("%H%M%S", "00:00"), ("%H%M", "00:50")])
def test_clocks_that_lost_their_zeros_are_read(tmp_path: Path, clock: str, start: str) -> None:
    """A spreadsheet, or pandas, makes 93300 of 093300, and 0 of 000000."""
    table = true_table(start=f"2025-05-14T{start}:00Z")
    rows = each(
        lambda time, row: f"{time:%Y%m%d};{int(time.strftime(clock))};{';'.join(map(str, row))}", table
    )
    text = "<DATE>;<TIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>\n" + rows
    assert_true(read(tmp_path, text, Hints(timezone="UTC")), table)


def test_one_market_may_be_spelt_in_several_ways(tmp_path: Path) -> None:
    spelt = iter(["ETH/USDT", "ethusdt", "ETH-USDT"] * len(TRUE))
    rows = each(lambda time, row: f"{time:%Y-%m-%dT%H:%M:%SZ},{','.join(map(str, row))},{next(spelt)}")
    found = read(tmp_path, "timestamp,open,high,low,close,volume,symbol\n" + rows)
    assert_true(found)
    assert found.reading is not None and found.reading.symbol == "ETHUSDT"
    other = rows.replace("ethusdt", "ETH/USDT:USDT", 1)
    with pytest.raises(DataError, match=r"'ETH/USDT:USDT' is another market than 'ETH/USDT'"):
        read(tmp_path, "timestamp,open,high,low,close,volume,symbol\n" + other)


def candle(time: pd.Timestamp, row: Any, names: str = "ohlcv") -> dict[str, Any]:
    return dict(zip(names, (str(row[name]) for name in NAMES), strict=True))


def rows_as(form: Callable[[pd.Timestamp, Any], Any]) -> list[Any]:
    return [form(time, row) for time, row in TRUE.iterrows()]


FORMS_OF_JSON: dict[str, Callable[[], str]] = {
    "a frame as split": lambda: json.dumps(
        {
            "columns": [*NAMES],
            "index": [int(epoch(time, "ms")) for time in TRUE.index],
            "data": TRUE[[*NAMES]].to_numpy().tolist(),
        }
    ),
    "a frame as split, its times inside": lambda: json.dumps(
        {"columns": ["time", *NAMES], "data": json_rows(TRUE)}
    ),
    "documents of MongoDB": lambda: "".join(
        json.dumps(
            {"_id": {"$oid": "1"}, "t": {"$date": {"$numberLong": epoch(time, "ms")}}}
            | {name: {"$numberDecimal": text} for name, text in candle(time, row).items()}
        )
        + "\n"
        for time, row in TRUE.iterrows()
    ),
    "lists of candles in messages": lambda: "".join(
        json.dumps({"topic": "kline.1", "data": [candle(time, row) | {"start": int(epoch(time, "ms"))}]})
        + "\n"
        for time, row in TRUE.iterrows()
    ),
    "prices in an object beside their time": lambda: json.dumps(
        {
            "candles": rows_as(
                lambda time, row: {
                    "time": f"{time:%Y-%m-%dT%H:%M:%S.000000000Z}",
                    "volume": str(row["volume"]),
                    "mid": {name: value for name, value in candle(time, row).items() if name != "v"},
                }
            )
        }
    ),
}


@pytest.mark.parametrize("form", [*FORMS_OF_JSON])
def test_json_of_programs_is_read(tmp_path: Path, form: str) -> None:
    assert_true(read(tmp_path, FORMS_OF_JSON[form](), name="c.json"))


@pytest.mark.parametrize("name", ["x", "confirm", "complete", "isFinal"])
def test_a_candle_that_is_said_to_be_running_is_none(tmp_path: Path, name: str) -> None:
    rows = rows_as(
        lambda time, row: candle(time, row) | {"t": int(epoch(time, "ms")), name: time != TRUE.index[-1]}
    )
    found = read(tmp_path, json.dumps(rows))
    assert_true(found, TRUE.iloc[:-1])
    assert found.set_aside == {"unfinished": 1}
    told = rf"column {name}: row 1: 'False' says that the candle was still running.*--columns"
    with pytest.raises(DataError, match=told):
        read(tmp_path, json.dumps([row | {name: False} for row in rows]))


def test_a_file_of_bytes_and_one_of_the_future_are_told_as_that(tmp_path: Path) -> None:
    frame = tmp_path / "frame.pkl"
    TRUE.to_pickle(frame)
    with pytest.raises(DataError, match=r"frame\.pkl: is no text"):
        read_history(frame, NOW)
    later = TRUE.set_axis(TRUE.index + pd.Timedelta(days=2_000))
    with pytest.raises(DataError, match=r"40 unfinished; first: line 2: unfinished '2030-11-04T15:33:00Z'"):
        read(tmp_path, PLAIN.text(later))


SHEET_TIMES = {
    "in one column": ("timestamp,open,high,low,close\n", "45302.000694", "45302.001389", "2024-01-11 00:01:00 there"),
    "with a comma": ("Zeit;open;high;low;close\n", "45302,000694", "45302,001389", "2024-01-11 00:01:00 there"),
    "date and time apart": ("date,time,open,high,low,close\n", "45302,0.000694", "45302,0.001389", "there"),
    "without names": ("", "45302.000694", "45302.001389", "2024-01-11 00:01:00 there"),
}  # fmt: skip


@pytest.mark.parametrize("kind", [*SHEET_TIMES])
def test_a_spreadsheets_number_of_a_day_is_told_as_that(tmp_path, kind):
    header, first, second, told = SHEET_TIMES[kind]
    mark = ";" if ";" in header else ","
    rows = (mark.join((time, "2600", "2601", "2599", "2600")) for time in (first, second))
    with pytest.raises(
        DataError, match=f"a spreadsheet's number for a time .*{told}.*yyyy-mm-dd hh:mm:ss.*--columns"
    ):
        read(tmp_path, header + "".join(f"{row}\n" for row in rows))


@pytest.mark.parametrize(
    ("text", "market"),
    [
        ("BINANCE:ETHUSDT", "ETHUSDT"),
        ("ETH/USDT:USDT", "ETHUSDT"),
        ("ETH/USDT:USDT-250627", "ETHUSDT_250627"),
        ("CME:ES1!", "ES1!"),
    ],
)
def test_the_market_of_a_column_has_neither_an_exchanges_name_nor_what_it_is_settled_in(
    tmp_path, text, market
):
    found = read(
        tmp_path,
        f"timestamp,open,high,low,close,symbol\n2025-05-04T15:33Z,1,1,1,1,{text}\n2025-05-04T15:34Z,1,1,1,1,{text}\n",
    )
    assert found.reading is not None and found.reading.symbol == market


def with_zone(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


IDLE = {
    "zone of times with theirs": (with_zone, Hints(timezone="Europe/Berlin"), "names its zone.*--timezone says Europe/Berlin"),
    "zone of epochs": (lambda time: str(int(time.timestamp())), Hints(timezone="+03:00"), "names its zone"),
    "order of dates with theirs": (with_zone, Hints(dates="dmy"), "has no order dmy.*say ymd"),
    "order of a dotted date": (lambda time: f"{time:%d.%m.%Y %H:%M}Z", Hints(dates="mdy"), "has no order mdy.*say dmy"),
    "order of a date that ends with its year": (lambda time: f"{time:%d/%m/%Y %H:%M}Z", Hints(dates="ymd"), "has no order ymd.*dmy or mdy"),
}  # fmt: skip


@pytest.mark.parametrize("kind", [*IDLE])
def test_an_option_that_the_times_contradict_is_refused_and_not_passed_over(tmp_path, kind):
    time, hints, told = IDLE[kind]
    with pytest.raises(DataError, match=f"line 2, column timestamp: .*{told}"):
        read(tmp_path, timed(time, "timestamp")("other", ISO_TIME), hints)
    assert_true(
        read(tmp_path, timed(with_zone, "timestamp")("other", ISO_TIME), Hints(timezone="UTC", dates="ymd"))
    )


@pytest.mark.parametrize(
    "names",
    [
        "",
        "ts,o,h,l,c,vol,volCcy,volCcyQuote,confirm",
        "open_time,open,high,low,close,vol,vol_ccy,vol_quote,confirm",
    ],
)
@pytest.mark.parametrize("market", ["a swap's contracts", "a spot market's money"])
def test_candles_of_okx_have_their_volume_in_coins_and_the_last_may_still_run(
    tmp_path: Path, market: str, names: str
) -> None:
    """Three volumes, of which either of the first two is in coins, and whether the candle had closed; as JSON there are no names."""

    def volumes(row: Any) -> list[str]:
        money = row.volume * row.close
        swap = market == "a swap's contracts"
        three = (row.volume * 10, row.volume, money) if swap else (row.volume, money, money)
        return [f"{value:.6f}" for value in three]

    rows = [
        [epoch(at, "ms"), *(f"{row[name]:.2f}" for name in NAMES[:4]), *volumes(row), "1"]
        for at, row in TRUE.iterrows()
    ]
    rows[-1][-1] = "0"
    answer = json.dumps({"code": "0", "msg": "", "data": rows[::-1]})
    table = "".join(f"{line}\n" for line in [names, *map(",".join, rows)])
    history = read(tmp_path, table if names else answer)
    assert_true(history, TRUE.iloc[:-1])
    assert history.set_aside == {"unfinished": 1}
