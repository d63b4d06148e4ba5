"""An exchange on localhost that answers as Binance does: candles of one market, refusals on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from runner.fetch.candles import open_exchange

START = pd.Timestamp("2025-01-01T00:00:00Z")
LISTED, TRADED = 1_500, 2_400  # minutes after START: the listing, and how long it has traded by "now"
HALT = range(1_700, 1_705)


class Binance(ThreadingHTTPServer):
    """One market with one candle a minute.

    `refusals` are status codes and bodies (JSON, or a text as it is) to answer first; `gate` is one for every request of any path.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.refusals: list[tuple[int, dict | str]] = []
        self.gate: tuple[int, dict | str] | None = None
        self.gated = 0
        self.asked: list[dict[str, str]] = []


class Answer(BaseHTTPRequestHandler):
    server: Binance

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if self.server.gate:
            self.server.gated += 1
            self.reply(*self.server.gate)
            return
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
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
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


@contextmanager
def running() -> Iterator[Binance]:
    with Binance() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def opened(server: Binance):
    """The ccxt exchange, asking `server`."""
    exchange = open_exchange("binance")
    exchange.urls["api"] = dict.fromkeys(
        exchange.urls["api"], f"http://127.0.0.1:{server.server_port}/api/v3"
    )
    exchange.options["fetchMarkets"] = {"types": ["spot"]}
    exchange.options["fetchCurrencies"] = False
    exchange.rateLimit = 1
    return exchange


def at(minute: float) -> pd.Timestamp:
    return START + pd.Timedelta(minutes=minute)
