"""Candles of an exchange (on localhost): fetched once, kept as a file that a study reads, and refused by name where they cannot be had."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.errors import ParameterError
from lib.foreign.ohlcv import read_history
from runner.study import fetched
from runner.study.fetched import fetched_candles
from runner.study.file import Market
from tests.runner.fetch import fake_binance
from tests.runner.fetch.fake_binance import at


def market(since: float, until: float) -> Market:
    spans = {"since": at(since), "until": at(until)}
    return Market(
        exchange="binance",
        symbol="ETH/USDT",
        **{name: time.strftime("%Y-%m-%dT%H:%M:%SZ") for name, time in spans.items()},
    )


def test_they_are_fetched_once_and_read_as_a_file_is(tmp_path, monkeypatch):
    with fake_binance.running() as server:
        exchange = fake_binance.opened(server)
        monkeypatch.setattr(fetched, "open_exchange", lambda name: exchange)
        place = fetched_candles(market(1_600, 1_650), tmp_path / "markets")
        asked = len(server.asked)
        assert (
            fetched_candles(market(1_600, 1_650), tmp_path / "markets") == place
            and len(server.asked) == asked
        )
        exchange.session.close()
    assert place.name == "binance_ETHUSDT_1m_2025-01-02T024000Z_2025-01-02T033000Z.csv"
    read = read_history(place, pd.Timestamp("2025-02-01", tz="UTC"))
    assert read.candles.index.tolist() == [at(minute) for minute in range(1_600, 1_650)]
    assert read.candles.iloc[0].tolist() == [2016.0, 2017.0, 2015.0, 2016.5, 12.5]


def test_a_stretch_that_ends_before_it_begins_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="is not before"):
        fetched_candles(market(1_600, 1_500), tmp_path)
