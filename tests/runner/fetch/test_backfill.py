"""Backfill: files worked out by hand, twice is once, two parts are one whole, gaps stay gaps, real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.data.loaders import load_candles, load_samples
from lib.errors import DataError, MixedDecisionsError
from lib.foreign.ohlcv import CandleHistory, read_history, tidy
from lib.market.ribbon import states_from_colours
from lib.market.terms import DEFAULT_TERMS
from runner.errors import LockedError
from runner.fetch.backfill import backfill, refuse_if_written
from runner.files.lock import WriterLock

NOW = pd.Timestamp("2026-01-01T00:00:00Z")
START = pd.Timestamp("2025-01-01T00:02:00Z")
FILES = ("candlesticks_1min", "candlesticks_5min", "candlesticks_15min", "ema_data_5min", "ema_data_15min")


def walk(minutes: int, seed: int = 1, step: int = 1) -> pd.DataFrame:
    """A random walk of candles with two decimals."""
    random = np.random.default_rng(seed)
    close = np.round(2000 + random.normal(0, 2, minutes).cumsum(), 2)
    opened = np.concatenate([[2000.0], close[:-1]])
    index = pd.date_range(
        START.floor(f"{step}min"), periods=minutes, freq=f"{step}min", unit="us", name="timestamp"
    )
    high, low = np.maximum(opened, close) + 0.5, np.minimum(opened, close) - 0.5
    return pd.DataFrame(
        {"open": opened, "high": high, "low": low, "close": close, "volume": 1.25}, index=index
    )


def history(candles: pd.DataFrame, minutes: int = 1) -> CandleHistory:
    return tidy(candles, minutes, NOW, {})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


def test_files_by_hand(tmp_path: Path) -> None:
    candles = walk(20)  # 00:02 … 00:21
    outcome = backfill(history(candles), tmp_path, "test", DEFAULT_TERMS, "ETHUSDT", quiet=True)
    assert sorted(contents(tmp_path)) == sorted(f"{name}.csv" for name in FILES)
    five = (tmp_path / "candlesticks_5min.csv").read_text().splitlines()
    part = candles.loc["2025-01-01T00:05:00Z":"2025-01-01T00:09:00Z"]
    numbers = f"{part['open'].iloc[0]:.2f},{part['high'].max():.2f},{part['low'].min():.2f},{part['close'].iloc[-1]:.2f},6.25"
    assert five[1] == f"2025-01-01T00:05:00Z,{numbers}"
    assert [line[11:16] for line in five[1:]] == ["00:05", "00:10", "00:15"]  # 00:00 and 00:20 miss minutes
    # No 15 minutes are whole: a header, so that readers find an empty table.
    assert (tmp_path / "candlesticks_15min.csv").read_text() == "timestamp,open,high,low,close,volume\n"
    samples = (tmp_path / "ema_data_5min.csv").read_text().splitlines()
    assert len(samples) == 21
    assert samples[1].split(",")[:2] == [
        "2025-01-01T00:03:00Z",
        f"{candles['close'].iloc[0]:.2f}",
    ]  # known at the close
    assert outcome.files["ema_data_5min.csv"] == {
        "rows": 20,
        "filled": 0,
        "skipped": 0,
        "first": "2025-01-01T00:03:00Z",
        "last": "2025-01-01T00:22:00Z",
    }


def test_twice_is_once(tmp_path: Path) -> None:
    candles = walk(8000)
    backfill(history(candles), tmp_path, "test", DEFAULT_TERMS, rules=True, quiet=True)
    first = contents(tmp_path)
    outcome = backfill(history(candles), tmp_path, "test", DEFAULT_TERMS, rules=True, quiet=True)
    assert contents(tmp_path) == first
    assert first["claude_decisions.csv"].count(b"\n") > 5
    assert all(file["rows"] == file["filled"] == 0 for file in outcome.files.values())
    assert outcome.files["ema_data_15min.csv"]["skipped"] == 8000


@pytest.mark.parametrize("cuts", [(1500,), (1003,), (700, 701, 2222)])
def test_parts_give_the_files_of_the_whole(tmp_path: Path, cuts: tuple[int, ...]) -> None:
    candles = walk(9000).drop(walk(9000).index[1200:1290])  # with a gap
    backfill(history(candles), tmp_path / "whole", "test", DEFAULT_TERMS, rules=True, quiet=True)
    for start, end in zip((0, *cuts), (*cuts, len(candles)), strict=True):
        backfill(
            history(candles.iloc[max(start - 50, 0) : end]),
            tmp_path / "parts",
            "test",
            DEFAULT_TERMS,
            rules=True,
            quiet=True,
        )
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")
    assert (tmp_path / "whole" / "claude_decisions.csv").read_text().count("\n") > 10


def test_gaps_stay_gaps_and_can_be_filled_later(tmp_path: Path) -> None:
    candles = walk(3000)
    gap = candles.index[1000:1100]
    backfill(history(candles.drop(gap)), tmp_path, "test", DEFAULT_TERMS, quiet=True)
    one, _ = load_candles(tmp_path, "1min", None, None)
    assert not one.index.isin(gap).any()
    samples = contents(tmp_path)["ema_data_5min.csv"]
    outcome = backfill(history(candles), tmp_path, "test", DEFAULT_TERMS, quiet=True)
    assert outcome.files["candlesticks_1min.csv"]["filled"] == 100
    assert outcome.files["ema_data_5min.csv"]["rows"] == 0
    assert contents(tmp_path)["ema_data_5min.csv"] == samples  # a sample that nobody took stays missing
    whole = tmp_path / "whole"
    backfill(history(candles), whole, "test", DEFAULT_TERMS, quiet=True)
    for name in FILES[:3]:
        assert (tmp_path / f"{name}.csv").read_bytes() == (whole / f"{name}.csv").read_bytes()


def test_no_file_depends_on_later_candles(tmp_path: Path) -> None:
    candles = walk(9000)
    backfill(history(candles), tmp_path / "long", "test", DEFAULT_TERMS, rules=True, quiet=True)
    backfill(
        history(candles.iloc[:8000]), tmp_path / "short", "test", rules=True, quiet=True, terms=DEFAULT_TERMS
    )
    for name, short in contents(tmp_path / "short").items():
        lines = short.decode().splitlines()
        if name == "claude_decisions.csv":  # its last trade may still have been open
            lines = lines[:-1]
        assert (tmp_path / "long" / name).read_text().splitlines()[: len(lines)] == lines


def test_five_minute_source_writes_no_minute_file(tmp_path: Path) -> None:
    backfill(history(walk(100, step=5), 5), tmp_path, "test", DEFAULT_TERMS, quiet=True)
    assert sorted(contents(tmp_path)) == sorted(f"{name}.csv" for name in FILES[1:])


def test_refusals_come_before_the_first_byte(tmp_path: Path) -> None:
    with WriterLock(tmp_path / "ema_data_15min.csv"):
        with pytest.raises(LockedError, match="ema_data_15min"):
            backfill(history(walk(50)), tmp_path, "test", DEFAULT_TERMS, quiet=True)
        with pytest.raises(LockedError):
            refuse_if_written(tmp_path)
    assert contents(tmp_path) == {}
    (tmp_path / "claude_decisions.csv").write_text(
        "timestamp,direction,entry_recommended,confidence,entry_price,executed,reasoning,exit_price,exit_reason,pnl_pct\n"
        "2025-10-19T14:35:22Z,LONG,YES,0.87,3875.25,True,wick,3881.50,TP_HIT,+0.16\n"
    )
    with pytest.raises(DataError):  # either its columns or its kind: rules cannot follow
        backfill(history(walk(50)), tmp_path, "test", DEFAULT_TERMS, rules=True, quiet=True)
    assert list(contents(tmp_path)) == ["claude_decisions.csv"]


def test_rules_do_not_go_beside_a_traders_decisions(tmp_path: Path) -> None:
    backfill(history(walk(8000)), tmp_path, "test", DEFAULT_TERMS, rules=True, quiet=True)
    path = tmp_path / "claude_decisions.csv"
    path.write_text(path.read_text().replace(",rules,", ",claude,"))
    with pytest.raises(MixedDecisionsError, match="kind live; rules"):
        backfill(history(walk(8000)), tmp_path, "test", DEFAULT_TERMS, rules=True, quiet=True)


def test_real_fifteen_minute_candles_row_for_row(shared_data: Path, tmp_path: Path) -> None:
    source = read_history(shared_data / "ETHUSDT_spot_5m_2024-01-01_2024-09-06.csv.gz", NOW)
    backfill(source, tmp_path, "spot", DEFAULT_TERMS, quiet=True)
    ours = pd.read_csv(tmp_path / "candlesticks_15min.csv")
    theirs = pd.read_csv(shared_data / "ETHUSDT_spot_15m_2024-01-01_2024-09-06.csv.gz")
    assert len(ours) == 23_923
    pd.testing.assert_frame_equal(
        ours.drop(columns="volume"), theirs.drop(columns="volume"), check_exact=True
    )
    np.testing.assert_array_equal(ours["volume"].round(6), theirs["volume"].round(6))
    assert (tmp_path / "ema_data_5min.csv").read_text().count("\n") == 71_770


@pytest.mark.slow
def test_real_minutes(shared_data: Path, tmp_path: Path) -> None:
    source = read_history(shared_data / "ETHUSDT_perp_1m_2025-05-04_2025-06-15.csv.gz", NOW)
    outcome = backfill(source, tmp_path, "perp", DEFAULT_TERMS, "ETHUSDT", rules=True, quiet=True)
    assert outcome.files["candlesticks_1min.csv"]["rows"] == 60_191
    assert outcome.files["claude_decisions.csv"]["rows"] > 1_000
    samples, counts = load_samples(tmp_path, "5min", None, None)
    assert counts.ok == counts.rows_in == 60_191
    assert (samples["quality"] == "frozen").sum() == 0
    ok = samples[samples["quality"] == "ok"]
    assert (states_from_colours(ok) == ok["state"]).all()
    # 435 closed candles of 5 minutes: the first bar, 15:30, counts though its candle is not whole.
    assert ok.index[0] == pd.Timestamp("2025-05-04T15:30:00Z") + pd.Timedelta(minutes=5 * 435)


@pytest.mark.faults
def test_after_a_kill_at_any_byte_a_rerun_gives_the_same_files(tmp_path: Path) -> None:
    candles, random = walk(8000), np.random.default_rng(7)
    backfill(history(candles), tmp_path, "test", DEFAULT_TERMS, rules=True, quiet=True)
    whole = contents(tmp_path)
    for _ in range(5):
        for name, content in whole.items():
            (tmp_path / name).write_bytes(content[: random.integers(0, len(content) + 1)])
        backfill(history(candles), tmp_path, "test", DEFAULT_TERMS, rules=True, quiet=True)
        assert contents(tmp_path) == whole
