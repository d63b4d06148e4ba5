"""Settings: addresses of the two charts, refusals."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from runner.collect.settings import CollectSettings


def test_addresses():
    settings = CollectSettings()
    assert settings.chart_url("5min") == "https://www.tradingview.com/chart/?interval=5"
    layout = CollectSettings(url="https://example.org/chart/AbC/?symbol=BINANCE%3AETHUSDT&interval=60#x")
    assert (
        layout.chart_url("15min") == "https://example.org/chart/AbC/?symbol=BINANCE%3AETHUSDT&interval=15#x"
    )
    placed = CollectSettings(url="https://example.org/{interval}m", url_15min="https://example.org/other")
    assert [placed.chart_url(name) for name in ("5min", "15min")] == [
        "https://example.org/5m",
        "https://example.org/other",
    ]


def test_every_field_is_documented():
    assert all(field.description for field in CollectSettings.model_fields.values())


@pytest.mark.parametrize(
    "given",
    [
        {"url": "file:///x"},
        {"timeframes": ("1min",)},
        {"timeframes": ("5min", "5min")},
        {"timeframes": ()},
        {"beat_s": 0},
        {"typo": 1},
        {"symbol": ""},
        {"source": "browser"},
        {"exchange": "Binance!"},
        {"exchange_address": "https://api.binance.com"},
        {"exchange_address": "127.0.0.1:80"},
    ],
)
def test_refusals(given):
    with pytest.raises(ValidationError):
        CollectSettings(**given)


def test_names():
    assert CollectSettings(symbol="ETHUSDT").shown_symbol == "ETHUSDT"
    assert (
        CollectSettings(symbol="ETHUSDT", page_symbol="BINANCE:ETHUSDT.P").shown_symbol == "BINANCE:ETHUSDT.P"
    )
    for named in ("ETH/USDT", "eth/usdt", "ethusdt"):  # as `ribbon backfill` takes them
        assert CollectSettings(symbol=named, source="exchange").market == "ETHUSDT"
    assert CollectSettings(symbol="ETHUSDT").market == "ETHUSDT"
    assert CollectSettings(exchange_address="http://127.0.0.1:81/").exchange_address == "http://127.0.0.1:81"
    assert CollectSettings(profile="~/x").profile_folder.is_absolute()
