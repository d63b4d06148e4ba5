"""`ribbon backfill` on files as people have them: what it says of them, what it asks for, and the folder it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from lib.data.loaders import load_candles
from lib.errors import DataError, ParameterError
from lib.foreign.ohlcv import read_history
from runner.cli import app

PRICES = ["open", "high", "low", "close"]


def run(file: Path, folder: Path, *options: str):
    return CliRunner().invoke(
        app, ["backfill", "--candles", str(file), "--trading-data", str(folder), "--json", *options]
    )


def told(file: Path, folder: Path, *options: str) -> tuple[dict, str]:
    result = run(file, folder, *options)
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout), result.stderr


def minutes(path: Path, first: int = 0, last: int = 60, price: float = 100.0) -> Path:
    rows = [
        f"2025-01-01T{minute // 60:02d}:{minute % 60:02d}:00Z,{price},{price + 1},{price - 1},{price},3"
        for minute in range(first, last)
    ]
    path.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows, ""]))
    return path


@pytest.fixture(scope="module")
def true(shared_data: Path) -> pd.DataFrame:
    """The real minutes."""
    now = pd.Timestamp("2026-01-01T00:00:00Z")
    return read_history(shared_data / "ETHUSDT_perp_1m_2025-05-04_2025-06-15.csv.gz", now).candles


def assert_true(folder: Path, true: pd.DataFrame, rows: int) -> None:
    one, counts = load_candles(folder, "1min", None, None)
    assert counts.ok == counts.rows_in == rows
    names = [*PRICES, "volume"]
    pd.testing.assert_frame_equal(one[names], true.loc[one.index, names], check_freq=False, check_names=False)


def test_what_the_file_was_taken_for_is_said(tmp_path: Path) -> None:
    found, words = told(minutes(tmp_path / "BINANCE_ETHUSDT, 1.csv"), tmp_path / "data")
    assert "taken for plain; comma; decimal point; names in line 1; timestamp: ISO-8601" in words
    assert "60 rows read of ETHUSDT" in words
    assert found["symbol"] == "ETHUSDT"
    assert found["reading"]["layout"] == "comma"
    assert found["reading"]["columns"]["volume"] == "volume"
    assert found["candles"] == {"flat": 0, "minutes_missing": 0, "corrected": 0, "kept": 0}


def test_an_exchanges_name_is_no_market_and_one_is_demanded_where_the_folder_holds_data(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    found, words = told(minutes(tmp_path / "BINANCE.csv"), folder)
    assert found["symbol"] == ""
    assert "note: no market is named" in words
    nameless = minutes(tmp_path / "COINBASE, 1.csv", 60, 90)
    result = run(nameless, folder)
    assert isinstance(result.exception, ParameterError)
    assert "COINBASE, 1.csv does not say which market it is of" in str(result.exception)
    assert "--symbol" in str(result.exception)
    assert told(nameless, folder, "--symbol", "ETHUSDT")[0]["symbol"] == "ETHUSDT"


def test_two_markets_named_alike_do_not_mix(shared_cases: Path, true: pd.DataFrame, tmp_path: Path) -> None:
    names = shared_cases / "candles" / "names"
    found, _ = told(names / "BINANCE_ETHUSDT, 1.csv", tmp_path)
    assert found["symbol"] == "ETHUSDT"
    result = run(names / "BINANCE_BTCUSDT, 1.csv", tmp_path)
    assert isinstance(result.exception, DataError)
    assert "holds samples of ETHUSDT, not of BTCUSDT" in str(result.exception)
    # Said wrongly on purpose, the prices still tell.
    forced = run(names / "BINANCE_BTCUSDT, 1.csv", tmp_path, "--symbol", "ETHUSDT")
    assert "--accept-jumps" in str(forced.exception)
    assert_true(tmp_path, true, 150)


def test_a_jump_is_told_with_its_line_and_both_prices(tmp_path: Path) -> None:
    file = minutes(tmp_path / "ETHUSDT.csv", 0, 30)
    rest = minutes(tmp_path / "rest.csv", 30, 60, 125.0).read_text().split("\n", 1)[1]
    file.write_text(file.read_text() + rest)
    result = run(file, tmp_path / "data")
    assert isinstance(result.exception, DataError)
    assert "line 32: at 2025-01-01T00:30:00Z the open is 125, +25.0 % from the close before it (100)" in str(
        result.exception
    )
    assert told(file, tmp_path / "data", "--accept-jumps")[0]["rows_read"] == 60


def test_the_last_candle_of_a_day_was_still_running(
    shared_cases: Path, true: pd.DataFrame, tmp_path: Path
) -> None:
    seam = shared_cases / "candles" / "seam"
    told(seam / "ETHUSDT_monday.csv", tmp_path)
    found, words = told(seam / "ETHUSDT_tuesday.csv", tmp_path)
    assert found["candles"]["corrected"] == 1
    assert (
        "1 candle differs from what the folder holds: 1 had not grown there and are set right, 0 had not here"
        in words
    )
    assert_true(tmp_path, true, 400)


def test_minutes_without_a_trade(shared_cases: Path, true: pd.DataFrame, tmp_path: Path) -> None:
    file = shared_cases / "candles" / "no_trade_minutes" / "ETHUSDT_1m.csv"
    found, words = told(file, tmp_path)
    one, _ = load_candles(tmp_path, "1min", None, None)
    flat = one[~one.index.isin(read_history(file, pd.Timestamp("2026-01-01T00:00:00Z")).candles.index)]
    assert len(flat) == found["candles"]["flat"] > 50
    assert (flat["volume"] == 0).all() and (flat["high"] == flat["low"]).all()
    assert found["candles"]["minutes_missing"] == 0
    assert found["bars_not_made"] == {"5min": 0, "15min": 0}
    assert f"{len(flat)} flat candles made, of volume 0" in words
    before = one["close"].shift()[flat.index]
    assert flat["open"].tolist() == before.tolist()


def test_missing_minutes_are_said_with_the_candles_they_cost(tmp_path: Path) -> None:
    file = minutes(tmp_path / "ETHUSDT.csv", 0, 120)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:41], *lines[61:], ""]))  # twenty minutes
    found, words = told(file, tmp_path / "data")
    assert found["candles"]["minutes_missing"] == 20
    assert "missing: 20 minutes; candles not made for that: 4 of 5min, 2 of 15min" in words


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--stamped", "middle"), "--stamped 'middle': it is open or close"),
        (("--decimal", "x"), "--decimal"),
        (("--dates", "dym"), "--dates"),
        (("--columns", "a,b"), "--columns names time,open"),
        (("--timezone", "Nowhere"), "unknown time zone 'Nowhere'"),
    ],
)
def test_options_that_are_none(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = run(minutes(tmp_path / "ETHUSDT.csv"), tmp_path / "data", *options)
    assert isinstance(result.exception, ParameterError)
    assert said in str(result.exception)
