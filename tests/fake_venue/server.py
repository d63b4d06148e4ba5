"""The stand-in as a server in a thread: REST and websocket on one port; what goes wrong is switched on from outside."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from tests.fake_venue.market import VenueMarket

SYMBOLS = ("ETHUSDT", "BTCUSDT", "ETHBTC")
_MINUTES = {"1m": 1, "5m": 5, "15m": 15}


@dataclass
class Faults:
    """What goes wrong. All times in seconds."""

    status: int = 0  #: of every answer but the stream's; 0: none
    body: str = '{"code": -1, "msg": "no"}'
    hang_s: float = 0.0  #: before each answer
    lag_s: float = 0.0  #: what is told is so old
    stands_since: float = 0.0  #: and no newer than this
    clock_off_s: float = 0.0  #: of the exchange's own clock
    silent: bool = False  #: the stream tells nothing more
    stuck: bool = False  #: the stream tells the same again and again
    refuse_stream: bool = False
    break_stream: bool = False  #: connections end
    frame: object = None  #: what the stream tells in place of a minute
    delisted: tuple[str, ...] = ()


class FakeVenue:
    """`address` for `exchange_address`; `faults` may be changed at any time."""

    def __init__(self, seed: int = 1, moves: Sequence[tuple[float, float, float]] = ()) -> None:
        self.market = VenueMarket(time.time(), seed, moves)
        self.faults = Faults()
        self.asked: list[str] = []
        self.streams = 0
        self.address = ""

    def now(self) -> float:
        """The market's time, as far as it is told."""
        told = time.time() - self.faults.lag_s
        return min(told, self.faults.stands_since) if self.faults.stands_since else told

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/v3/exchangeInfo", self._markets)
        app.router.add_get("/api/v3/time", self._time)
        app.router.add_get("/api/v3/klines", self._candles)
        app.router.add_get("/ws{rest:.*}", self._stream)
        return app

    async def _refused(self, request: web.Request) -> web.Response | None:
        self.asked.append(request.path)
        await asyncio.sleep(self.faults.hang_s)
        if not self.faults.status:
            return None
        return web.Response(status=self.faults.status, text=self.faults.body, content_type="application/json")

    async def _markets(self, request: web.Request) -> web.Response:
        refused = await self._refused(request)
        listed = [_market(name) for name in SYMBOLS if name not in self.faults.delisted]
        return refused or web.json_response({"symbols": listed, "rateLimits": []})

    async def _time(self, request: web.Request) -> web.Response:
        refused = await self._refused(request)
        told = round((time.time() + self.faults.clock_off_s) * 1_000)
        return refused or web.json_response({"serverTime": told})

    async def _candles(self, request: web.Request) -> web.Response:
        if refused := await self._refused(request):
            return refused
        query = request.query
        if query["symbol"] in self.faults.delisted:
            return web.json_response({"code": -1121, "msg": "Invalid symbol."}, status=400)
        now, limit = self.now(), int(query.get("limit", 500))
        since = int(query.get("startTime", 0)) / 1_000
        if "endTime" in query:
            now = min(now, int(query["endTime"]) / 1_000)
        rows = self.market.candles(_MINUTES[query["interval"]], since, now, limit, "startTime" not in query)
        return web.json_response([_kline(row, _MINUTES[query["interval"]]) for row in rows])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self.faults.refuse_stream:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.streams += 1
        tell = asyncio.ensure_future(self._tell(socket))
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await socket.send_json({"result": None, "id": json.loads(message.data).get("id")})
        finally:
            tell.cancel()
        return socket

    async def _tell(self, socket: web.WebSocketResponse) -> None:
        last: dict[str, object] | None = None
        while not socket.closed:
            await asyncio.sleep(0.5)
            if self.faults.break_stream:
                await socket.close()
            if self.faults.silent or socket.closed:
                continue
            if last is None or not self.faults.stuck:
                last = _push(self.market.candle(int(self.now()) // 60 * 60, 1, self.now()))
            await socket.send_json(last if self.faults.frame is None else self.faults.frame)


def _market(name: str) -> dict[str, object]:
    quote = "BTC" if name == "ETHBTC" else "USDT"
    return {
        "symbol": name,
        "status": "TRADING",
        "baseAsset": name.removesuffix(quote),
        "quoteAsset": quote,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "permissions": ["SPOT"],
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.01", "minPrice": "0.01", "maxPrice": "100000"}
        ],
    }


def _kline(row: list[float], minutes: int) -> list[object]:
    opened = round(row[0]) * 1_000
    return [
        opened,
        *(f"{value:.2f}" for value in row[1:5]),
        f"{row[5]:.6f}",
        opened + minutes * 60_000 - 1,
        "0",
        1,
        "0",
        "0",
        "0",
    ]


def _push(row: list[float]) -> dict[str, object]:
    opened = round(row[0]) * 1_000
    texts = dict(zip("ohlc", (f"{value:.2f}" for value in row[1:5]), strict=True))
    candle = {
        "t": opened,
        "T": opened + 59_999,
        "s": "ETHUSDT",
        "i": "1m",
        **texts,
        "v": f"{row[5]:.6f}",
        "x": False,
    }
    return {"e": "kline", "E": round(time.time() * 1_000), "s": "ETHUSDT", "k": candle}


@contextmanager
def running(
    port: int = 0, seed: int = 1, moves: Sequence[tuple[float, float, float]] = ()
) -> Iterator[FakeVenue]:
    """The stand-in, serving until the context ends."""
    venue, ready, loop = FakeVenue(seed, moves), threading.Event(), asyncio.new_event_loop()
    runner = web.AppRunner(venue.application(), shutdown_timeout=0.1)

    async def serve() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        venue.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def work() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    if not ready.wait(30):
        raise RuntimeError("the stand-in did not start")
    try:
        yield venue
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
