"""The websocket of an exchange, by ccxt's pro part: the newest minute, or the newest trade, as it is pushed; in a thread of its own.

What would surprise: that a stream answers says nothing. ccxt's may go silent without an error, or hand out the same cache for ever (issues
22412 and 22194 of ccxt). So all that counts is when the data last changed; whoever reads decides by that age, and may ask for a new
connection. Nothing rests on the stream alone: it only tells the price between two answers.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from runner.errors import ExchangeError
from runner.fetch.candles import point_at
from runner.fetch.causes import error_line
from runner.venue_feed.minutes import Minute
from runner.venue_feed.venue import minute_of

#: Pauses between two connections that failed, seconds.
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
#: How long a stream may take to end.
_ENDS_S = 5.0


class Pushed(NamedTuple):
    """What the stream told last: minutes, or the price of the newest trade with its time (seconds since 1970); `age_s` since it changed."""

    minutes: tuple[Minute, ...]
    trade: tuple[float, float] | None
    age_s: float


class StreamTold(NamedTuple):
    """What there is to say of a stream: its kind (minutes, trades, or "" for none), connections begun, what ended the last one."""

    kind: str = ""
    connections: int = 0
    fault: str = ""


class Stream:
    """Watches one market; `begin` it, `newest` at any time, `renew` where it is not believed, `close` at the end."""

    def __init__(self, name: str, market: dict[str, Any], address: str = "") -> None:
        self._name, self._market, self._address = name, market, address
        self._told: tuple[tuple[Minute, ...], tuple[float, float] | None] | None = None
        self._changed = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.connections = 0  #: begun so far
        self.fault = ""  #: what ended the last one

    @staticmethod
    def kind(name: str) -> str:
        """What the exchange streams of a market: "minutes", "trades", or "" for nothing; a name ccxt does not stream has none."""
        import ccxt.pro

        if name not in ccxt.pro.exchanges:
            return ""
        has = getattr(ccxt.pro, name)().has
        return "minutes" if has.get("watchOHLCV") else "trades" if has.get("watchTrades") else ""

    def begin(self) -> None:
        """Connect, and again whenever a connection ends."""
        self._thread = threading.Thread(target=self._run, name=f"{self._name} stream", daemon=True)
        self._thread.start()

    def newest(self) -> Pushed | None:
        """What was told last; None before anything was."""
        told = self._told
        return None if told is None else Pushed(*told, time.monotonic() - self._changed)

    def renew(self) -> None:
        """Give this connection up and make another."""
        if self._loop is not None and self._work is not None and not self._ended.is_set():
            self._told = None
            self._loop.call_soon_threadsafe(self._work.cancel)

    def close(self) -> None:
        """End it."""
        self._ended.set()
        if self._loop is not None and self._work is not None and self._thread is not None:
            try:
                self._loop.call_soon_threadsafe(self._work.cancel)
            except RuntimeError:  # its loop has ended by itself
                return
            self._thread.join(_ENDS_S)

    def _run(self) -> None:
        asyncio.run(self._connections())

    async def _connections(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._stumbled)
        wait = _FIRST_WAIT_S
        while not self._ended.is_set():
            begun, self.connections = time.monotonic(), self.connections + 1
            self._work = asyncio.ensure_future(self._watch())
            await asyncio.wait([self._work])
            if self._work.cancelled():
                wait = _FIRST_WAIT_S
                continue
            self.fault = error_line(self._work.exception() or ExchangeError("the stream ended"))
            wait = _FIRST_WAIT_S if time.monotonic() - begun > _LONGEST_WAIT_S else wait
            self._work = asyncio.ensure_future(asyncio.sleep(wait))
            await asyncio.wait([self._work])
            wait = min(2 * wait, _LONGEST_WAIT_S)

    def _stumbled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A frame that ccxt cannot take in breaks no connection, and would be told as a traceback; it is silent from then on."""
        error = context.get("exception")
        self.fault = error_line(error if isinstance(error, Exception) else ExchangeError(context["message"]))

    async def _watch(self) -> None:
        """One connection, until it breaks."""
        import ccxt.pro

        exchange = getattr(ccxt.pro, self._name)({"enableRateLimit": True, "newUpdates": True})
        try:
            if self._address:
                point_at(exchange, self._address)
            exchange.set_markets([self._market])
            symbol = self._market["symbol"]
            if exchange.has.get("watchOHLCV"):
                await self._follow(lambda: exchange.watch_ohlcv(symbol, "1m"), self._take_minutes)
            else:
                await self._follow(lambda: exchange.watch_trades(symbol), self._take_trades)
        finally:
            await exchange.close()

    async def _follow(self, watch: Callable[[], Any], take: Callable[[list[Any]], None]) -> None:
        while True:
            take(await watch())

    def _take_minutes(self, rows: list[Any]) -> None:
        told = tuple(minute for row in rows[-2:] if (minute := minute_of(row)) is not None)
        if told:
            self._note(told, None)

    def _take_trades(self, trades: list[Any]) -> None:
        held = self._told[1] if self._told else None
        # Trades come late and out of order; the newest by its own time is the price.
        found = [
            (each["timestamp"] / 1_000, float(each["price"])) for each in trades if each.get("timestamp")
        ]
        newest = max([*found, *([held] if held else [])], default=None, key=lambda each: each[0])
        if newest is not None:
            self._note((), newest)

    def _note(self, minutes: tuple[Minute, ...], trade: tuple[float, float] | None) -> None:
        if self._told != (minutes, trade):
            self._told, self._changed = (minutes, trade), time.monotonic()
