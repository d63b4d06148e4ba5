"""Candles of two lengths in one file are refused: a longer one that passes for a short one knows what is still to come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.errors import DataError
from lib.foreign.ohlcv import read_history

START = pd.Timestamp("2025-01-01T00:00:00Z")
NOW = pd.Timestamp("2025-02-01T00:00:00Z")


def minutes(count: int, seed: int = 1) -> pd.DataFrame:
    """So many 1-minute candles."""
    rng = np.random.default_rng(seed)
    close = (100 + rng.normal(0, 0.05, count).cumsum()).round(2)
    opens = np.append(100.0, close[:-1])
    high, low = np.maximum(opens, close) + 0.02, np.minimum(opens, close) - 0.02
    times = pd.date_range(START, periods=count, freq="min", name="timestamp")
    return pd.DataFrame(
        {"open": opens, "high": high.round(2), "low": low.round(2), "close": close, "volume": 1.0}, times
    )


def longer(candles: pd.DataFrame, step: int) -> pd.DataFrame:
    """The same candles, `step` minutes long."""
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    return candles.resample(f"{step}min").agg(how)


def written(place: Path, *parts: pd.DataFrame) -> Path:
    table = pd.concat(parts)
    table.index = table.index.strftime("%Y-%m-%dT%H:%M:%SZ")
    table.to_csv(place, index_label="timestamp")
    return place


@pytest.mark.parametrize("step", [5, 15])
def test_longer_candles_before_short_ones_are_refused_with_their_line(tmp_path: Path, step: int) -> None:
    all_of_them = minutes(3_000)
    path = written(tmp_path / "ETHUSDT.csv", longer(all_of_them[:1_500], step), all_of_them[1_500:])
    with pytest.raises(DataError) as refused:
        read_history(path, NOW)
    assert refused.value.line == 2
    assert f"are of {step} minutes, and most others of 1 minute" in str(refused.value)
    assert "take the rows of the other out" in str(refused.value)


def test_short_candles_behind_most_longer_ones_are_refused(tmp_path: Path) -> None:
    all_of_them = minutes(5_000)
    path = written(tmp_path / "ETHUSDT.csv", longer(all_of_them[:4_900], 5), all_of_them[4_900:])
    with pytest.raises(DataError, match="are of 1 minute, and most others of 5 minutes"):
        read_history(path, NOW)


def test_longer_candles_of_the_same_minutes_are_refused(tmp_path: Path) -> None:
    candles = minutes(600)
    path = written(tmp_path / "ETHUSDT.csv", longer(candles, 5), candles)
    with pytest.raises(DataError, match=r"line 2: .*are of 5 minutes, and most others of 1 minute"):
        read_history(path, NOW)


def test_a_market_with_minutes_without_trade_is_read(tmp_path: Path) -> None:
    candles = minutes(20_000)
    traded = candles[np.random.default_rng(3).random(len(candles)) < 0.4]
    assert len(read_history(written(tmp_path / "ETHUSDT.csv", traded), NOW).candles) == len(traded)


def test_candles_that_were_still_running_give_way_to_the_final_ones(tmp_path: Path) -> None:
    """Fetched every five minutes, each time with the minute that goes on: repeats of every fifth, none made of others."""
    candles = minutes(600)
    running = candles[::5].assign(close=candles["open"], volume=0.5)
    running["high"] = running[["open", "close"]].max(axis=1)
    running["low"] = running[["open", "close"]].min(axis=1)
    both = pd.concat([running, candles]).sort_index(kind="stable")
    found = read_history(written(tmp_path / "ETHUSDT.csv", both), NOW)
    assert (found.candles["volume"] == 1.0).all() and found.set_aside == {"duplicate": 120}


def test_rows_set_aside_are_named_where_they_hide_the_step(tmp_path: Path) -> None:
    candles = minutes(100)
    times = candles.index.strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [
        ";".join([time, *(f"{value:.2f}" for value in row[:4]), "1"])
        for time, row in zip(times, candles.to_numpy(), strict=True)
    ]
    # Of two lines one with a damaged price: what is left is two minutes apart.
    rows[1::2] = [row.replace(".", "?") for row in rows[1::2]]
    path = tmp_path / "ETHUSDT.csv"
    path.write_text("\n".join(["timestamp;open;high;low;close;volume", *rows, ""]))
    with pytest.raises(
        DataError, match=r"120 s apart, without the 50 rows that were set aside \(first: line 3: bad_value '"
    ):
        read_history(path, NOW)
