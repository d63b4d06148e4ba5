"""The market in a file's name: a coin and what it is priced in, never an exchange, never digits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lib.errors import ParameterError
from lib.foreign.market_name import checked_market, given_market, market_of, market_of_file, same_market

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


def _file(name: str, column: str, last: str = "2025-06-20T00:00") -> str:
    return market_of_file(name, column, datetime.fromisoformat(last).replace(tzinfo=UTC))


def test_a_column_says_it_where_the_name_does_not_and_the_name_may_say_more() -> None:
    assert _file("export.csv", "ETHUSDT") == "ETHUSDT"
    assert _file("ETHUSDT_perp_1m.csv", "ETHUSDT") == "ETHUSDT_perp"
    assert _file("BTCUSDT.csv", "ETH/USDT") == "ETHUSDT"
    assert _file("export.csv", "") == ""


def test_a_friday_behind_the_market_is_a_futures_or_the_files_or_asked_for() -> None:
    """A file of ETHUSDT that was exported on 27 June has the name of the future that ended on that day."""
    for name in ("ETHUSDT_250627.csv", "ETH-USDT-250627.json"):
        with pytest.raises(ParameterError, match=r"2025-06-27.*--symbol ETHUSDT_250627 or --symbol ETHUSDT "):
            _file(name, "")
        assert _file(name, "", "2025-06-27T08:00") == "ETHUSDT"  # no future has a candle then
        assert _file(name, "ETHUSDT") == "ETHUSDT"
        assert _file(name, "ETHUSDT_250627") == "ETHUSDT_250627"
    assert _file("ETHUSDT_250627-1m-2025-06.csv", "", "2025-06-27T07:59") == "ETHUSDT_250627"
    assert _file("BYBIT_ETHUSDT-27JUN25, 5.csv", "") == "ETHUSDT_27JUN25"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("", "ETHUSDT_250627", True),
        ("ETH", "ETHUSDT", True),
        ("ETH/USDT:USDT", "ETHUSDT", True),
        ("BINANCE:ETHUSDT", "ETHUSDT.P", True),
        ("BINANCE:ETHUSDT", "BINANCE:BTCUSDT", False),
        ("ETH/USDT:USDT", "ETH/USDT:USDT-250627", False),
        ("ETH/USDT:USDT-250627", "ETHUSDT_250627", True),
        ("ETHUSDT_250627", "ETHUSDT_250926", False),
        ("ETH", "ETHUSDT-27JUN25", False),
        ("BTC/USD:BTC", "BTC/USD:BTC-241227-60000-C", False),
    ],
)
def test_which_names_may_be_of_one_market(first: str, second: str, same: bool) -> None:
    assert same_market(first, second) == same_market(second, first) == same


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
