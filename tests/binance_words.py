"""What stand-ins of Binance say alike: the market's description, and a body as JSON or as it is."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

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


class JsonAnswer(BaseHTTPRequestHandler):
    """A handler that says nothing on the terminal."""

    def asked(self) -> tuple[str, dict[str, str]]:
        """The path of the request, and its query."""
        parts = urlsplit(self.path)
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def reply(self, status: int, body: object) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def kline(opened_ms: int, minutes: int, ohlc: list[str]) -> list[object]:
    """A candle as its list: times in ms, prices as texts, a volume that is always the same."""
    return [opened_ms, *ohlc, "12.5", opened_ms + minutes * 60_000 - 1, "0", 1, "0", "0", "0"]
