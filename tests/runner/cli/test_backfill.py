"""`ribbon backfill`: one JSON object on stdout, words on stderr, clear refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from runner.cli import app
from runner.files.lock import WriterLock


def candle_file(folder: Path, bad: int = 0) -> Path:
    rows = [
        f"2025-01-01T{minute // 60:02d}:{minute % 60:02d}:00Z,100,101.5,99,100.25,3" for minute in range(90)
    ]
    path = folder / "ETHUSDT_perp.csv"
    path.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows, *["x,1,1,1,1,1"] * bad, ""]))
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from runner.main import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_json_on_stdout_and_words_on_stderr(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    done = run(
        "backfill",
        "--candles",
        candle_file(tmp_path, bad=2),
        "--trading-data",
        folder,
        "--policy",
        "rules",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["trading_data"] == str(folder)
    assert told["rows_read"] == 92
    assert told["set_aside"] == {"bad_timestamp": 2}
    assert told["files"]["candlesticks_15min.csv"]["rows"] == 6
    assert told["files"]["candlesticks_15min.csv"]["last"] == "2025-01-01T01:15:00Z"
    assert "set aside: 2 bad_timestamp (first: line 92: bad_timestamp 'x')" in done.stderr
    assert "ema_data_5min.csv" in done.stderr
    assert (
        ",ETHUSDT_perp,90,backfill\n" in (folder / "ema_data_5min.csv").read_text()
    )  # the market from the file's name


def test_what_was_written_is_said_on_stdout_and_steps_are_plain_lines(tmp_path: Path) -> None:
    done = run("backfill", "--candles", candle_file(tmp_path), "--trading-data", tmp_path / "data")
    assert done.returncode == 0
    assert "ema_data_15min.csv          90 added" in done.stdout
    assert "ema_data_15min.csv: 90 rows" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_second_writer_is_refused_with_its_exit_code(tmp_path: Path) -> None:
    with WriterLock(tmp_path / "data" / "ema_data_5min.csv"):
        done = run("backfill", "--candles", candle_file(tmp_path), "--trading-data", tmp_path / "data")
    assert done.returncode == 6
    assert "is being written by process" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "either --candles FILE or --exchange"),
        (("--candles", "a.csv", "--exchange", "binance"), "either"),
        (("--candles", "a.csv", "--policy", "luck"), "unknown policy 'luck'"),
        (("--candles", "a.csv", "--since", "2025-01-01T00:00:00Z"), "--since: not with --candles"),
        (("--candles", "a.csv", "--gaps", "--until", "2025-01-01"), "--until, --gaps: not with --candles"),
        (("--exchange", "binance", "--timezone", "UTC", "--dates", "dmy"), "--timezone, --dates: not with"),
        (("--exchange", "binance"), "needs --symbol"),
        (
            ("--gaps", "--exchange", "binance", "--symbol", "A/B", "--accept-jumps"),
            "--accept-jumps: not with",
        ),
        (
            ("--gaps", "--exchange", "binance", "--symbol", "A/B", "--since", "2099-01-01T00:00:00Z"),
            "is not before",
        ),
        (
            ("--exchange", "binance", "--symbol", "ETH/USDT", "--since", "2099-01-01T00:00:00Z"),
            "is not before",
        ),
        (
            ("--exchange", "nowhere-at-all", "--symbol", "ETH/USDT", "--since", "2025-01-01T00:00:00Z"),
            "unknown exchange 'nowhere-at-all': give a ccxt id such as binance, bybit, okx",
        ),
        *(
            (
                ("--exchange", name, "--symbol", "ETH/USDT", "--since", "2025-01-01T00:00:00Z"),
                f"unknown exchange '{name}': give a ccxt id such as {name.lower()}, ",
            )
            for name in ("Binance", "BINANCE", "KRAKEN")
        ),
    ],
)
def test_bad_options(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(app, ["backfill", "--trading-data", str(tmp_path), *arguments])
    assert isinstance(result.exception, ParameterError)
    assert told in str(result.exception)


@pytest.mark.parametrize(
    ("symbol", "told"), [("BTCUSDT", True), ("ETHUSDT_250627", False), ("eth/usdt", False), ("", False)]
)
def test_another_market_than_the_files_is_taken_as_it_was_said_and_noted(
    tmp_path: Path, symbol: str, told: bool
) -> None:
    options = ["--candles", str(candle_file(tmp_path)), "--trading-data", str(tmp_path / "data"), "--json"]
    done = CliRunner().invoke(app, ["backfill", *options, *(["--symbol", symbol] if symbol else [])])
    notes = json.loads(done.stdout)["notes"]
    assert any("the file says ETHUSDT_perp, and it was taken for BTCUSDT" in note for note in notes) == told


def test_another_market_than_a_files_own_column_names_is_noted(tmp_path: Path) -> None:
    path = candle_file(tmp_path)
    header, *rows = path.read_text().splitlines()
    named = tmp_path / "candles.csv"
    named.write_text("\n".join([f"{header},symbol", *(f"{row},ETHUSDT" for row in rows), ""]))
    for symbol, told in (("BTCUSDT", 1), ("ETHUSDT", 0)):
        options = ["--candles", str(named), "--trading-data", str(tmp_path / symbol), "--symbol", symbol]
        done = CliRunner().invoke(app, ["backfill", *options, "--json"])
        notes = json.loads(done.stdout)["notes"]
        assert sum("the file says ETHUSDT, and it was taken for BTCUSDT" in note for note in notes) == told
