"""The market in a file's name: a coin and what it is priced in, never an exchange, never digits."""

from __future__ import annotations

import pytest

from lib.errors import ParameterError
from lib.foreign.market_name import checked_market, given_market, market_of, market_of_file

NAMES = {
    "BINANCE_ETHUSDT.P, 1.csv": "ETHUSDT.P",
    "KRAKEN_ETHUSD, 1.csv": "ETHUSD",
    "ETHUSDT-1m-2025-05.zip": "ETHUSDT",
    "Binance_ETHUSDT_2025_minute.csv": "ETHUSDT",
    "ETH_USDT-1m.json": "ETHUSDT",
    "ETHUSD_M1_202505041533_202505071012.csv": "ETHUSD",
    "ETHUSDT_perp_1m_2025-05-04.csv.gz": "ETHUSDT_perp",
    "ETHUSDT_spot_5m.csv.gz": "ETHUSDT_spot",
    "COINBASE_BTC-USD.csv": "BTCUSD",
    "OKX_ETH-USDT-SWAP.csv": "ETHUSDT_swap",
    "1000PEPEUSDT-1m.csv": "1000PEPEUSDT",
    "ethusdt.csv": "ETHUSDT",
    "backfill-eth-usdt.csv": "ETHUSDT",
    "ETHBTC.csv": "ETHBTC",
    "ETH_BTC.csv": "ETHBTC",
    "ETH_USDT_USDT-1m-futures.feather": "ETHUSDT_futures",
    "binance_spot_ETHUSDT_1m.csv": "ETHUSDT_spot",
    "ETHUSDT_250627-1m-2025-06.csv": "ETHUSDT_250627",
    "BTCUSD_240329.csv": "BTCUSD_240329",
    "ETH-USDT-250627.json": "ETHUSDT_250627",
    "ETH/USDT:USDT-250627": "ETHUSDT_250627",
    "BYBIT_ETHUSDT-27JUN25, 5.csv": "ETHUSDT_27JUN25",
    "ETHUSDT_250626.csv": "ETHUSDT",  # a Thursday: the file's day
    "ETHUSDT-1m-250627.csv": "ETHUSDT",
    "ETHUSDT_259999.csv": "ETHUSDT",
    "\u00c9THUSDT.csv": "",
    "BINANCE.csv": "",
    "COINBASE, 1.csv": "",
    "BYBIT_USDT.csv": "",
    "20250504.csv": "",
    "1746372780.csv": "",
    "my eth data.csv": "",
    "candles.csv": "",
}


@pytest.mark.parametrize("name", [*NAMES])
def test_a_name(name: str) -> None:
    assert market_of(name) == NAMES[name]


def test_a_column_says_it_where_the_name_does_not_and_the_name_may_say_more() -> None:
    assert market_of_file("export.csv", "ETHUSDT") == "ETHUSDT"
    assert market_of_file("ETHUSDT_perp_1m.csv", "ETHUSDT") == "ETHUSDT_perp"
    assert market_of_file("BTCUSDT.csv", "ETH/USDT") == "ETHUSDT"
    assert market_of_file("export.csv", "") == ""


@pytest.mark.parametrize("name", ["ETH\x1b[31mUSDT", "ETH\u202eUSDT", "ETH\nUSDT", "E\udcff", "A" * 41])
def test_what_is_no_name_is_refused_where_rows_would_hold_it(name):
    with pytest.raises(ParameterError, match="is no name of a market") as refused:
        checked_market(name)
    assert str(refused.value).isprintable() and len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "name", ["", "ETHUSDT.P", "BTC/USD:BTC-241227-60000-C", "1000PEPEUSDT", "币安人生USDT"]
)
def test_names_of_markets_are_taken_as_they_are(name):
    assert checked_market(name) == name


def test_a_market_that_a_person_names_is_the_one_of_the_files():
    """Else a folder that was begun with eth/usdt refuses its next file as another market's."""
    named = {"eth/usdt": "ETHUSDT", " ETH/USDT ": "ETHUSDT", "ethusdt_perp": "ETHUSDT_perp", "hype": "HYPE"}
    assert {text: given_market(text) for text in named} == named
    assert given_market("ETHUSDT.P") == "ETHUSDT.P"
    for nothing in ("", "  ", "/"):
        with pytest.raises(ParameterError, match="names no market"):
            given_market(nothing)
