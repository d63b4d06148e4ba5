"""Closes of bars, of candles and, where those were not whole, of samples; the newest candles of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from runner.files import present, tables
from runner.files.journal import Journal

START = pd.Timestamp("2026-01-05T00:02:00Z")
BAR = pd.Timedelta(minutes=5)


@pytest.fixture
def files(tmp_path: Path):
    """Three hours of samples, one a minute, and 5-minute candles of which some were not whole."""
    times = pd.date_range(START, periods=180, freq="1min", unit="us")
    prices = np.round(2500 + np.random.default_rng(1).normal(0, 1, 180).cumsum(), 2)
    rows = [f"{time:%Y-%m-%dT%H:%M:%SZ},{price:.2f}" for time, price in zip(times, prices, strict=True)]
    (tmp_path / "samples.csv").write_text("\n".join(["timestamp,price", *rows]) + "\n")
    series = pd.Series(prices, index=times)
    closes = series.groupby((series.index - pd.Timedelta(microseconds=1)).floor(BAR)).last()
    whole = [
        place for place in range(1, 34) if place not in (7, 20)
    ]  # the first is not whole, nor are two, nor the last ones
    lines = [
        f"{closes.index[place]:%Y-%m-%dT%H:%M:%SZ},1,9999,1,{closes.iloc[place]:.2f},1" for place in whole
    ]
    (tmp_path / "candlesticks_5min.csv").write_text(
        "\n".join(["timestamp,open,high,low,close,volume", *lines]) + "\n"
    )
    with (
        Journal(tmp_path / "samples.csv", ["timestamp", "price"]) as samples,
        tables.candles_journal(tmp_path, "5min") as candles,
    ):
        yield samples, candles, closes


def test_closes_are_those_of_candles_and_where_they_lack_of_samples(files):
    samples, candles, closes = files
    end = START + pd.Timedelta(minutes=179)
    found = present.closes_before(end, 5, samples, candles)
    expected = closes[closes.index < (end - pd.Timedelta(microseconds=1)).floor(BAR)]
    pd.testing.assert_series_equal(
        found, expected, check_names=False, check_freq=False, check_index_type=False
    )


def test_samples_are_read_no_further_than_candles_lack(files, monkeypatch):
    samples, candles, closes = files
    read = []
    since = present.prices_since
    monkeypatch.setattr(
        present, "prices_since", lambda journal, start: read.append(start) or since(journal, start)
    )
    monkeypatch.setattr(present, "_BARS_BACK", 10)
    present.closes_before(closes.index[33] + BAR, 5, samples, candles)
    assert read == []
    present.closes_before(closes.index[34] + 2 * BAR, 5, samples, candles)
    assert read == [closes.index[34]]


def test_the_newest_candles(files):
    _, candles, closes = files
    found = present.newest_candles(candles, 3)
    assert found["close"].tolist() == closes.iloc[31:34].tolist()
    assert len(present.newest_candles(candles, 1_000)) == len(present.candles_in(candles))
