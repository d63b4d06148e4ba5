"""Candles through ccxt, from a real server on localhost that answers as Binance does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from lib.errors import ParameterError
from runner.collect.exchange import fetch_history, open_exchange
from runner.errors import ExchangeError

START = pd.Timestamp("2025-01-01T00:00:00Z")
LISTED, TRADED = 1_500, 2_400  # minutes after START: the listing, and how long it has traded by "now"
HALT = range(1_700, 1_705)


class Binance(ThreadingHTTPServer):
    """One market with one candle a minute; `refusals` are status codes and bodies to answer first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.refusals: list[tuple[int, dict]] = []
        self.asked: list[dict[str, str]] = []


class Answer(BaseHTTPRequestHandler):
    server: Binance

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.endswith("/exchangeInfo"):
            self.reply(200, {"symbols": [MARKET], "rateLimits": []})
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append(query)
        if self.server.refusals:
            self.reply(*self.server.refusals.pop(0))
            return
        first = max((int(query["startTime"]) - to_ms(START)) // 60_000, LISTED)
        last = min(first + int(query["limit"]), LISTED + TRADED)
        if "endTime" in query:
            last = min(last, (int(query["endTime"]) - to_ms(START)) // 60_000 + 1)
        self.reply(200, [kline(minute) for minute in range(first, last) if minute not in HALT])

    def reply(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


MARKET = {
    "symbol": "ETHUSDT",
    "status": "TRADING",
    "baseAsset": "ETH",
    "quoteAsset": "USDT",
    "baseAssetPrecision": 8,
    "quotePrecision": 8,
    "quoteAssetPrecision": 8,
    "orderTypes": ["LIMIT", "MARKET"],
    "isSpotTradingAllowed": True,
    "isMarginTradingAllowed": False,
    "permissions": ["SPOT"],
    "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.01", "minPrice": "0.01", "maxPrice": "100000"}],
}


def to_ms(time: pd.Timestamp) -> int:
    return round(time.timestamp() * 1_000)


def kline(minute: int) -> list:
    opened, price = to_ms(START) + minute * 60_000, 2000 + minute / 100
    texts = [f"{price:.2f}", f"{price + 1:.2f}", f"{price - 1:.2f}", f"{price + 0.5:.2f}", "12.5"]
    return [opened, *texts, opened + 59_999, "0", 1, "0", "0", "0"]


@pytest.fixture
def server() -> Iterator[Binance]:
    with Binance() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def binance(server: Binance):
    exchange = open_exchange("binance")
    exchange.urls["api"] = dict.fromkeys(
        exchange.urls["api"], f"http://127.0.0.1:{server.server_port}/api/v3"
    )
    exchange.options["fetchMarkets"] = {"types": ["spot"]}
    exchange.options["fetchCurrencies"] = False
    exchange.rateLimit = 1
    yield exchange
    exchange.session.close()


def at(minute: float) -> pd.Timestamp:
    return START + pd.Timedelta(minutes=minute)


def test_pages_gap_and_the_unfinished_candle(server: Binance, binance) -> None:
    passed: list[int] = []
    # It is 3,899 minutes and a half after the start: the candle of minute 3,899 is still open.
    history = fetch_history(binance, "ETH/USDT", START, at(3_899.5), passed.append)
    expected = [minute for minute in range(LISTED, 3_899) if minute not in HALT]
    assert history.candles.index.tolist() == [at(minute) for minute in expected]
    assert history.minutes == 1
    assert history.decimals == 2
    assert history.candles.iloc[0].tolist() == [2015.0, 2016.0, 2014.0, 2015.5, 12.5]
    assert history.set_aside == {"unfinished": 1}
    assert len(server.asked) >= 3
    assert sum(passed) == 3_899


def test_until_ends_it_and_an_empty_stretch_is_stepped_over(binance) -> None:
    history = fetch_history(binance, "ETH/USDT", at(1_600), at(1_610))
    assert history.candles.index.tolist() == [at(minute) for minute in range(1_600, 1_610)]
    with pytest.raises(ExchangeError, match="no candles"):
        fetch_history(binance, "ETH/USDT", START, at(100))


def test_slow_down_is_obeyed_and_tried_again(server: Binance, binance) -> None:
    server.refusals = [
        (429, {"code": -1003, "msg": "Too many requests"}),
        (503, {}),
        (418, {"code": -1003, "msg": "banned"}),
    ]
    history = fetch_history(binance, "ETH/USDT", at(1_600), at(1_610), first_wait=0.01)
    assert len(history.candles) == 10
    assert len(server.asked) == 4


def test_silence_and_refusal_are_errors(server: Binance, binance) -> None:
    server.refusals = [(429, {"code": -1003, "msg": "Too many requests"})] * 6
    with pytest.raises(ExchangeError, match="did not answer 6 times"):
        fetch_history(binance, "ETH/USDT", at(1_600), at(1_610), first_wait=0.001)
    server.refusals = [(400, {"code": -1102, "msg": "Mandatory parameter"})]
    with pytest.raises(ExchangeError, match="refused"):
        fetch_history(binance, "ETH/USDT", at(1_600), at(1_610))
    with pytest.raises(ParameterError, match="knows no ETH/EUR"):
        fetch_history(binance, "ETH/EUR", at(1_600), at(1_610))


def test_an_unknown_exchange_is_refused() -> None:
    with pytest.raises(ParameterError, match="unknown exchange 'nasdaq'"):
        open_exchange("nasdaq")
