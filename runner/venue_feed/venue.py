"""One market of one exchange through ccxt's public endpoints: its minutes, its clock, whether it is traded. No key is read.

Of the exchange's list of markets one is kept: thousands of them are what ccxt needs most memory for. Every call is bounded; one that hangs
is left behind and counts as no answer. The stream beside it is runner.venue_feed.stream.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from lib.data import formats
from lib.errors import ParameterError
from runner.collect.settings import CollectSettings
from runner.errors import ExchangeError
from runner.fetch.candles import (
    answer_began,
    bare_symbol,
    list_only_type_of,
    no_answer,
    open_exchange,
    unknown_market,
)
from runner.fetch.causes import cause_of, error_line, explained
from runner.fetch.exchange_clock import clock_off
from runner.fetch.row_times import FIRST_MARKET_MS, in_another_unit
from runner.processes.bounded import BoundedCalls, CallTimeout
from runner.venue_feed.minutes import LENGTH_S, NOWHERE, Minute
from runner.venue_feed.words import FeedFault

#: Longest wait for one answer, and for the list of all markets, seconds.
_ANSWER_S, _LIST_S = 5.0, 20.0
_PAGE, _MOST_PAGES = 1_000, 50
#: Bars of a longer candle that one answer holds with every exchange that is known here, or fewer.
_BARS = 1_000

T = TypeVar("T")


class Venue:
    """The market that `settings` name. `open` first; raises ParameterError and ExchangeError there, FeedFault later."""

    def __init__(self, settings: CollectSettings) -> None:
        self.name = settings.exchange
        self._settings = settings
        self._calls = BoundedCalls(f"{settings.exchange} candles")
        self._answered = (0.0, 0.0)  #: when the last answer was asked for and there, by this machine's clock
        self.exchange: Any = None
        self.market: dict[str, Any] = {}  #: the one market, as ccxt tells it

    @property
    def symbol(self) -> str:
        """The market as ccxt writes it, ETH/USDT."""
        return str(self.market["symbol"])

    @property
    def decimals(self) -> int:
        """Decimals of a price, by the market's tick; 0 where it is not told."""
        tick = (self.market.get("precision") or {}).get("price")
        if tick is None:
            return 0
        whole = float(tick).is_integer() and tick >= 1 and self.exchange.precisionMode != 4
        return int(tick) if whole else formats.price_decimals(np.array([float(tick)]))

    def open(self) -> None:
        """Find the market. Raises ParameterError where there is no such exchange or market, ExchangeError where none answers."""
        self.exchange = open_exchange(self.name, self._settings.exchange_address, _ANSWER_S)
        self.exchange.timeout = round(_LIST_S * 1_000)
        try:
            self.market = self._find(self._listed())
        except FeedFault as fault:
            raise ExchangeError(fault.detail) from fault
        self.exchange.timeout = round(_ANSWER_S * 1_000)
        self.exchange.set_markets([self.market])

    def minutes(self, since: float) -> list[Minute]:
        """The minutes from `since` (seconds since 1970) to the running one, page after page; as few as the exchange gives.

        A row of an answer that says of no instant which minute it is one of comes as one that opened below 0.
        """
        found: dict[int, Minute] = {}
        position = round(since) * 1_000
        for _ in range(_MOST_PAGES):
            page = self._candles("1m", position, _PAGE)
            told = [minute for row in page if (minute := minute_of(row)) is not None]
            placed = [row for row in told if row.opened * 1_000 >= FIRST_MARKET_MS]
            if not placed:
                self._refuse_page(page)
            rows = [row for row in placed if row.opened * 1_000 >= position]
            new = [row for row in rows if row.opened not in found]
            found |= {row.opened: row for row in rows}
            found |= {
                -number: NOWHERE._replace(opened=-number) for number in range(1, len(page) - len(placed) + 1)
            }
            if not new or new[-1].opened + LENGTH_S * 1.5 > time.time():
                break
            position = (new[-1].opened + LENGTH_S) * 1_000
        return sorted(found.values())

    def bars(self, timeframe: str) -> list[list[float]]:
        """The newest candles of 5 or 15 minutes, the running one included, as [opened in milliseconds, open, high, low, close, volume]."""
        return self._candles(timeframe.removesuffix("in"), None, _BARS)

    def clock_off(self) -> tuple[float, float] | None:
        """By how many seconds this machine's clock is ahead of the exchange's, and how far off that may be; None where no time is told."""
        return clock_off(self.exchange, self._answered, self._ask)

    def traded(self) -> bool:
        """Whether the exchange still lists the market, and as one that is traded."""
        try:
            return self._find(self._listed()).get("active") is not False
        except ParameterError:
            return False

    def close(self) -> None:
        """Give back the connections."""
        session = getattr(self.exchange, "session", None)
        if session is not None:
            session.close()

    def _candles(self, code: str, since: int | None, limit: int) -> list[list[Any]]:
        page = self._ask(lambda: self.exchange.fetch_ohlcv(self.symbol, code, since, limit))
        if unit := in_another_unit(page):
            raise FeedFault("unit", unit)
        return page

    def _refuse_page(self, page: list[list[Any]]) -> None:
        """An answer without a candle may be a portal's page, of which ccxt makes candles of nothing."""
        if began := no_answer(self.exchange) or (answer_began(self.exchange) if page else ""):
            raise FeedFault("unreadable", f"the answer begins {began!r}")

    def _listed(self) -> list[dict[str, Any]]:
        list_only_type_of(self.exchange, self._settings.symbol)
        return self._ask(self.exchange.fetch_markets, _LIST_S)

    def _find(self, listed: list[dict[str, Any]]) -> dict[str, Any]:
        wanted = self._settings.symbol.upper()
        named = [each for each in listed if each["symbol"] == wanted]
        named += [each for each in listed if wanted in (str(each["id"]).upper(), bare_symbol(each["symbol"]))]
        if named:
            return named[0]
        if not listed:
            raise ExchangeError(explained(self.name, ValueError("no list of markets")))
        raise ParameterError(unknown_market(self.name, wanted, [each["symbol"] for each in listed]))

    def _ask(self, asked: Callable[[], T], limit_s: float = _ANSWER_S) -> T:
        if self._calls.busy:
            raise FeedFault("silent", "an earlier request still hangs")
        begun = time.time()
        try:
            found = self._calls.run(asked, limit_s + 1.0)
            self._answered = (begun, time.time())
            return found
        except CallTimeout:
            raise FeedFault("silent", f"no answer within {limit_s + 1.0:g} s") from None
        except Exception as error:  # ccxt raises whatever it stumbles over in an answer that is none
            told = explained(self.name, error) if limit_s == _LIST_S else error_line(error)
            raise FeedFault(cause_of(self.name, error), told) from error


def minute_of(row: list[Any]) -> Minute | None:
    """A candle of ccxt's as a minute, NaN where a value is missing or no number; None without a time or any value."""
    try:
        opened = round(row[0]) // 1_000
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    values = [_number(value) for value in row[1:6]]
    values += [math.nan] * (5 - len(values))
    return None if all(map(math.isnan, values)) else Minute(opened, *values)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
