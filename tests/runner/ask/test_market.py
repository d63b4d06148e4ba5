"""The history of a file: its name and its market as they can be kept."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.errors import ParameterError
from lib.questions.record import read_record
from runner.ask.market import market_history
from tests.lib.questions.made import question, walk
from tests.runner.ask.made import asked_here, explored


@pytest.fixture
def candles(tmp_path):
    """A file of candles whose name is no UTF-8, as one that came from another machine."""
    place = tmp_path / b"ethusdt \xfc\x1b[31m.csv".decode("utf-8", "surrogateescape")
    rows = walk().reset_index(names="timestamp")[["timestamp", "open", "high", "low", "close", "volume"]]
    rows.to_csv(place, index=False)
    return place


def test_a_file_of_any_name_is_asked_and_its_record_read_back(tmp_path, candles, monkeypatch):
    monkeypatch.setattr("runner.ask.explore.ask_in_processes", asked_here)
    found = market_history(tmp_path, candles, "", pd.Timestamp.now("UTC"))
    assert (found.market, found.source) == ("ETHUSDT", r"ethusdt \udcfc\x1b[31m.csv")
    explored(question(tmp_path), tmp_path / "data", found)
    _, record = explored(question(tmp_path), tmp_path / "data", found)
    assert read_record(tmp_path / "data").lines == record.lines and len(record.lines) == 3


def test_a_market_that_cannot_be_seen_is_refused(tmp_path, candles):
    with pytest.raises(ParameterError, match="is no name of a market"):
        market_history(tmp_path, candles, "ETH\u202eUSDT", pd.Timestamp.now("UTC"))
