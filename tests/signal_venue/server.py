"""The market and the server.

    with SignalVenue(SignalMarket(at)) as venue:
        RIBBON_COLLECT__EXCHANGE_ADDRESS=venue.address ribbon setup …

The price climbs, so that all lines of both ribbons rise. In one 5-minute candle of each hour it falls below the shorter half of the lines,
and in the next it is back above all: at that close the 5-minute ribbon has just become all green while the longer one is, which is the
rule's surest signal. One of these closes is `at`; half a minute behind it the price rises past a standard target.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Any

import numpy as np

from tests.binance_words import MARKET, JsonAnswer, kline

_SLOT, _HOUR = 300.0, 3_600.0
_MINUTES = {"1m": 1, "5m": 5, "15m": 15}


@dataclass(frozen=True)
class SignalMarket:
    """Prices by time. `at`: the 5-minute close of the signal, seconds since 1970; percents are of the price."""

    at: float
    climb_pct: float = 0.01  #: of a 5-minute candle
    fall_pct: float = 0.35
    behind_pct: float = 0.5  #: what it rises by behind the signal

    def price(self, times: np.ndarray) -> np.ndarray:
        """Quote currency at `times` (seconds since 1970), to the cent."""
        since = times - self.at
        trend = self.climb_pct * since / _SLOT + 0.01 * np.sin(since / 11.0)
        # 0 to 1 over the candle that falls, and back over the one that ends at the signal.
        part = ((since + 2 * _SLOT) % _HOUR) / _SLOT
        fallen = np.where(part < 1, part, np.where(part < 2, 2 - part, 0.0))
        risen = np.clip((since - 30) / 60, 0, 1)
        return np.round(2_500 * np.exp((trend - self.fall_pct * fallen + self.behind_pct * risen) / 100), 2)

    def klines(self, minutes: int, first: float, last: float, now: float) -> list[list[Any]]:
        """Candles of so many minutes that open from `first` to `last`, the running one as it is `now`."""
        length = 60 * minutes
        opens = np.arange(np.ceil(first / length) * length, min(last, now) + 0.001, length)
        points = np.minimum(opens[:, None] + np.linspace(0, length, 6 * minutes + 1), now)
        prices = self.price(points)
        rows = zip(opens, prices[:, 0], prices.max(axis=1), prices.min(axis=1), prices[:, -1], strict=True)
        return [
            kline(round(opened * 1_000), minutes, [f"{price:.2f}" for price in of_bar])
            for opened, *of_bar in rows
        ]


class SignalVenue(ThreadingHTTPServer):
    """Runs while it is a context; `address` is what stands for the exchange's own."""

    daemon_threads = True

    def __init__(self, market: SignalMarket) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.market = market
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> SignalVenue:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is part of the tests."""


class _Answer(JsonAnswer):
    server: SignalVenue

    def do_GET(self) -> None:
        path, query = self.asked()
        self.server.asked.append(path)
        if path.endswith("/exchangeInfo"):
            spot = path.startswith("/api/")
            self.reply(200, {"symbols": [MARKET] if spot else [], "rateLimits": []})
        elif path.endswith("/time"):
            self.reply(200, {"serverTime": round(time.time() * 1_000)})
        elif path.endswith("/klines"):
            self.reply(200, self._klines(query))
        else:  # no stream among them: whoever wants one asks instead
            self.reply(404, {"code": -1, "msg": "no such path"})

    def _klines(self, query: dict[str, str]) -> list[list[Any]]:
        minutes, limit, now = _MINUTES[query["interval"]], int(query.get("limit", 500)), time.time()
        length = 60 * minutes
        last = int(query["endTime"]) / 1_000 if "endTime" in query else now
        first = int(query["startTime"]) / 1_000 if "startTime" in query else last - length * limit
        return self.server.market.klines(minutes, first, last, now)[:limit]
