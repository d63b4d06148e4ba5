"""Candle gaps filled in from an exchange: only what lacks, in time order, marked, and never beside a collector."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contract.times import iso
from lib.data.loaders import load_candles
from lib.errors import DataError, MissingDataError, ParameterError
from lib.foreign.ohlcv import tidy
from lib.market.candles import resample
from lib.market.terms import DEFAULT_TERMS
from runner.errors import ExchangeError, LockedError
from runner.fetch.backfill import backfill
from runner.fetch.gaps import fill_gaps
from runner.files.lock import WriterLock
from runner.files.tables import append_candles, candles_journal, write_candles
from tests.runner.fetch.fake_binance import at, minute_kline

FIRST, LAST = 1_800, 2_100  # minutes: twenty quarters of an hour


def true_candles(minutes: int) -> pd.DataFrame:
    """The exchange's candles from FIRST to LAST."""
    rows = [[float(text) for text in minute_kline(minute)[1:6]] for minute in range(FIRST, LAST)]
    index = pd.DatetimeIndex([at(minute) for minute in range(FIRST, LAST)], name="timestamp").as_unit("us")
    ones = pd.DataFrame(rows, columns=["open", "high", "low", "close", "volume"], index=index)
    return ones if minutes == 1 else resample(ones, 1, minutes)


def collected(folder: Path, lacking: slice, with_source: bool = True, factor: float = 1.0) -> None:
    """A folder as a collector leaves it, with a gap."""
    for name, minutes in (("5min", 5), ("15min", 15)):
        candles = true_candles(minutes)
        gap = (candles.index >= at(lacking.start)) & (candles.index < at(lacking.stop))
        kept = candles[~gap].drop(columns="closed_at") * factor
        with candles_journal(folder, name, with_source) as journal:
            append_candles(journal, kept.assign(source="chart") if with_source else kept, 2)


def rows(folder: Path, timeframe: str = "5min") -> list[str]:
    return (folder / f"candlesticks_{timeframe}.csv").read_text().splitlines()


@pytest.mark.parametrize("with_source", [True, False])
def test_what_lacks_is_filled_in_and_marked(binance, server, tmp_path, with_source):
    collected(tmp_path, slice(1_890, 1_920), with_source)
    before = rows(tmp_path)
    summary = fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), quiet=True)
    assert summary["files"] == {
        "candlesticks_5min.csv": {"lacking": 6, "filled": 6},
        "candlesticks_15min.csv": {"lacking": 2, "filled": 2},
    }
    for name, minutes in (("5min", 5), ("15min", 15)):
        candles, counts = load_candles(tmp_path, name, None, None)
        assert counts.ok == counts.rows_in
        true = true_candles(minutes)
        assert candles.index.equals(true.index)
        np.testing.assert_allclose(
            candles[["open", "high", "low", "close", "volume"]],
            true[["open", "high", "low", "close", "volume"]],
        )
    sources = [row.rpartition(",")[2] for row in rows(tmp_path)]
    own = "chart" if with_source else ""
    assert sources == ["source", *[own] * 18, *["binance"] * 6, *[own] * 36]
    kept = [row for row, source in zip(rows(tmp_path), sources, strict=True) if source != "binance"]
    assert kept == (before if with_source else [before[0] + ",source", *(row + "," for row in before[1:])])
    # Only the gap was asked for, not the rest.
    asked = [int(query["startTime"]) for query in server.asked]
    assert min(asked) >= round(at(1_870).timestamp() * 1_000)


def test_again_there_is_nothing_to_do(binance, server, tmp_path):
    collected(tmp_path, slice(1_890, 1_920))
    fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), quiet=True)
    before, asked = rows(tmp_path), len(server.asked)
    summary = fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), quiet=True)
    assert (rows(tmp_path), len(server.asked), summary["spans"]) == (before, asked, [])


def test_what_lacks_at_the_end_and_from_a_time_on(binance, tmp_path):
    collected(tmp_path, slice(2_040, LAST))
    summary = fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST - 2), quiet=True)
    assert summary["files"]["candlesticks_5min.csv"] == {
        "lacking": 11,
        "filled": 11,
    }  # the last one had not closed
    fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), at(FIRST - 30), quiet=True)
    candles, _ = load_candles(tmp_path, "5min", None, None)
    assert len(candles) == 66


def test_five_minutes_without_a_trade_on_the_exchange_are_flat(binance, tmp_path):
    collected(tmp_path, slice(1_890, 1_895))
    with candles_journal(tmp_path, "5min") as journal:
        assert len(journal.rows()) == 59
    summary = fill_gaps(
        binance, "ETH/USDT", tmp_path, at(LAST), at(1_695), quiet=True
    )  # nothing was traded from 1,700 to 1,705
    lacking = summary["files"]["candlesticks_5min.csv"]
    assert (lacking["lacking"], lacking["filled"]) == (22, 22)
    candles, _ = load_candles(tmp_path, "5min", None, None)
    close = 2000 + 1_699 / 100 + 0.5
    assert candles.loc[at(1_700), ["open", "high", "low", "close", "volume"]].tolist() == pytest.approx(
        [*[close] * 4, 0]
    )


def test_another_market_is_refused(binance, tmp_path):
    collected(tmp_path, slice(1_890, 1_920), factor=1.5)
    before = rows(tmp_path)
    with pytest.raises(DataError, match="another market"):
        fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), quiet=True)
    assert rows(tmp_path) == before


def test_a_running_collector_is_refused(binance, server, tmp_path):
    collected(tmp_path, slice(1_890, 1_920))
    before = rows(tmp_path)
    for name in ("ema_data_15min.csv", "candlesticks_5min.csv"):
        with WriterLock(tmp_path / name), pytest.raises(LockedError, match="is being written by process"):
            fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), quiet=True)
    assert (rows(tmp_path), server.asked) == (before, [])


def test_an_exchange_that_refuses_leaves_the_files_alone(binance, server, tmp_path):
    collected(tmp_path, slice(1_890, 1_920))
    before = rows(tmp_path)
    server.refusals = [(400, {"code": -1102, "msg": "Mandatory parameter"})]
    with pytest.raises(ExchangeError, match="does not take this request"):
        fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), quiet=True)
    assert rows(tmp_path) == before


def test_an_empty_folder(binance, tmp_path):
    with pytest.raises(MissingDataError, match="no candle yet"):
        fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), quiet=True)


def test_a_file_without_the_column_goes_on_being_appended_to(tmp_path):
    candles = true_candles(5)
    write_candles(tmp_path, "5min", candles.iloc[:5], 2)
    write_candles(tmp_path, "5min", candles.iloc[5:8], 2)
    assert rows(tmp_path)[0] == "timestamp,open,high,low,close,volume"
    write_candles(tmp_path, "5min", candles.iloc[8:9].assign(source="chart"), 2)
    write_candles(tmp_path, "5min", candles.iloc[9:10], 2)
    assert [row.rpartition(",")[2] for row in rows(tmp_path)] == ["source", *[""] * 8, "chart", ""]
    loaded, counts = load_candles(tmp_path, "5min", None, None)
    assert len(loaded) == counts.ok == 10


def test_malformed_rows_stay_malformed_when_the_column_is_added(tmp_path):
    candles = true_candles(5)
    write_candles(tmp_path, "5min", candles.iloc[:5], 2)
    path = tmp_path / "candlesticks_5min.csv"
    path.write_text(path.read_text() + "2025-01-02T06:25:00Z,1,1,1,1\n")
    write_candles(tmp_path, "5min", candles.iloc[5:6].assign(source="chart"), 2)
    _, counts = load_candles(tmp_path, "5min", None, None)
    assert (counts.ok, counts.rows_in) == (6, 7)


def test_a_history_backfilled_into_a_collected_file_says_so(tmp_path):
    collected(tmp_path, slice(1_890, 1_920))
    history = tidy(true_candles(1), 1, at(LAST), {})
    backfill(history, tmp_path, "test", DEFAULT_TERMS, quiet=True)
    sources = pd.Series([row.rpartition(",")[2] for row in rows(tmp_path)[1:]])
    assert sources.value_counts().to_dict() == {"chart": 54, "backfill": 6}


@pytest.mark.parametrize("factor", [1_000, 50])
def test_candles_of_times_that_cannot_be_are_no_gap_that_stays(binance, server, tmp_path, factor):
    """Only what an exchange has not is left as a gap without a word."""
    collected(tmp_path, slice(1_890, 1_920))
    answer = [[row[0] * factor, *row[1:]] for row in map(minute_kline, (1_890, 1_891))]
    server.refusals = [(200, answer)]
    with pytest.raises(ExchangeError, match=rf"(?s)^(?=.*--candles).*{answer[0][0]}, 20"):
        fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST), quiet=True)


def test_the_exchange_says_which_candles_have_closed(binance, server, tmp_path):
    """To a clock that is ahead a running candle looks like a whole one."""
    collected(tmp_path, slice(2_040, LAST))
    server.clock_off_s = at(LAST - 2).timestamp() + 0.5 - time.time()
    summary = fill_gaps(binance, "ETH/USDT", tmp_path, at(LAST + 30), quiet=True)
    assert summary["files"]["candlesticks_5min.csv"] == {"lacking": 11, "filled": 11}
    (note,) = summary["notes"]
    assert f"ahead of binance's, so candles are taken until {iso(at(LAST - 2))}" in note and "NTP" in note


@pytest.mark.parametrize(
    ("held", "asked", "same"),
    [
        *(("ETHUSDT", "ETH/USDT", True), ("ETHUSDT.P", "ETH/USDT:USDT", True), ("ETH-USD", "ETH/USD", True)),
        *(("ETHUSDT", "ETH/USDC", False), ("ETHUSDT", "ETH/USD", False), ("BTCUSDT", "ETH/USDT", False)),
    ],
)
def test_the_folders_samples_say_which_market_it_is_of(binance, server, tmp_path, held, asked, same):
    """Prices of ETH in one dollar and another differ by less than two exchanges' of one market."""
    collected(tmp_path, slice(1_890, 1_920))
    backfill(
        tidy(true_candles(1), 1, at(LAST), {}), tmp_path / "other", "test", DEFAULT_TERMS, held, quiet=True
    )
    (tmp_path / "other" / "ema_data_5min.csv").rename(tmp_path / "ema_data_5min.csv")
    if same:
        with suppress(ParameterError, ExchangeError):  # of what this exchange does not list
            fill_gaps(binance, asked, tmp_path, at(LAST), quiet=True)
        return
    with pytest.raises(DataError, match=f"samples of {held}, and {asked} is another market"):
        fill_gaps(binance, asked, tmp_path, at(LAST), quiet=True)
    assert server.asked == []
