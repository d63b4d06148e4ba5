"""An exchange on localhost that answers as Binance does: candles of one market, refusals on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import ThreadingHTTPServer

import pandas as pd

from runner.fetch.candles import open_exchange
from tests.binance_words import MARKET, JsonAnswer, kline

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
        self.clock_off_s = 0.0
        self.asked: list[dict[str, str]] = []


class Answer(JsonAnswer):
    server: Binance

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(time.time() + self.server.clock_off_s, usegmt=True)

    def do_GET(self) -> None:
        path, query = self.asked()
        if self.server.gate:
            self.server.gated += 1
            self.reply(*self.server.gate)
            return
        if path.endswith("/exchangeInfo"):
            self.reply(200, {"symbols": [MARKET], "rateLimits": []})
            return
        if path.endswith("/time"):
            self.reply(200, {"serverTime": round((time.time() + self.server.clock_off_s) * 1_000)})
            return
        self.server.asked.append(query)
        if self.server.refusals:
            self.reply(*self.server.refusals.pop(0))
            return
        first = max((int(query["startTime"]) - to_ms(START)) // 60_000, LISTED)
        last = min(first + int(query["limit"]), LISTED + TRADED)
        if "endTime" in query:
            last = min(last, (int(query["endTime"]) - to_ms(START)) // 60_000 + 1)
        self.reply(200, [minute_kline(minute) for minute in range(first, last) if minute not in HALT])


def to_ms(time: pd.Timestamp) -> int:
    return round(time.timestamp() * 1_000)


def minute_kline(minute: int) -> list[object]:
    price = 2000 + minute / 100
    ohlc = [f"{each:.2f}" for each in (price, price + 1, price - 1, price + 0.5)]
    return kline(to_ms(START) + minute * 60_000, 1, ohlc)


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
