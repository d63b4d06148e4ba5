"""One-minute candles from an exchange through ccxt: page after page, as slowly as the exchange asks.

An answer that says "slow down", or none at all, is tried again with growing waits; any other refusal ends the fetching at once, with its
cause and what to do (causes.py).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import pandas as pd

from lib.contract.times import iso, seconds_to_wait
from lib.contract.visible import visible
from lib.errors import ParameterError
from lib.foreign.ohlcv import CandleHistory, numbers, tidy
from lib.market.candles import sound_candles
from runner.errors import ExchangeError, NoCandlesError
from runner.fetch.causes import CAUSES, cause_of, explained
from runner.fetch.exchange_clock import closed_by
from runner.fetch.row_times import OddTimes, in_another_unit

_PAGE = 1_000
_MINUTE_MS = 60_000
_ATTEMPTS = 6
#: An exchange that asks for a longer pause is not asked again.
_LONGEST_WAIT_S = 60.0
#: Of so many steps that are all of one length or its multiples, it is that of the candles.
_ENOUGH = 12
#: So much of an answer that is none is shown.
_SHOWN = 120
_OTHERWISE = "Ask again later, take another exchange, or a file with --candles"
#: A candle has a time and four prices at least.
_FIELDS = 5
#: An answer that ends this close to the end asked for ends there.
_PAGES_END_MS = 10 * _MINUTE_MS


def open_exchange(name: str, address: str = "", timeout_s: float = 20.0) -> Any:
    """The ccxt exchange of that id, rate limiter on; no key is read. `address`: of a stand-in that is asked in its place, "" for none.

    Raises ParameterError for an unknown name.
    """
    import ccxt  # 1,400 modules: only whoever fetches pays for them

    if name not in ccxt.exchanges:
        near = get_close_matches(name.lower(), ccxt.exchanges, 3) or ["binance", "bybit", "okx"]
        raise ParameterError(f"unknown exchange {name!r}: give a ccxt id such as {', '.join(near)}")
    exchange = getattr(ccxt, name)({"enableRateLimit": True, "timeout": round(timeout_s * 1_000)})
    if not exchange.has.get("fetchOHLCV"):
        raise ParameterError(f"{name} gives no candles: take another exchange, or a file with --candles")
    if address:
        point_at(exchange, address)
    parse = exchange.parse_ohlcvs
    # Of the rows that it gives ccxt leaves out, without a word, those that have no time or one before the time asked for.
    exchange.parse_ohlcvs = lambda rows, market=None, *_, **__: parse(rows, market)
    return exchange


def bare_symbol(symbol: object) -> str:
    """A market's name as a person may write it, too: ETHUSDT of ETH/USDT."""
    return str(symbol).replace("/", "").upper()


def unknown_market(exchange: str, wanted: str, listed: Iterable[str]) -> str:
    """In words that an exchange has no market of this name, with those of its own that are written much alike."""
    symbols = {bare_symbol(each): each for each in listed}
    near = [symbols[name] for name in get_close_matches(bare_symbol(wanted), symbols, 3)]
    told = f"; near it: {', '.join(near)}" if near else ""
    return f"{exchange} knows no {wanted}: write it like ETH/USDT{told}"


def list_only_type_of(exchange: Any, symbol: str) -> None:
    """Let an exchange list markets of the type that `symbol` is of only: what it has of others may be barred from here, and takes time."""
    options = exchange.options.get("fetchMarkets")
    types = options.get("types") if isinstance(options, dict) else None
    if isinstance(types, list) and "spot" in types:
        contracts = [name for name in types if name not in ("spot", "option")]
        options["types"] = contracts if ":" in symbol else ["spot"]
    exchange.options["fetchCurrencies"] = False


def point_at(exchange: Any, address: str) -> None:
    """Let a ccxt exchange, of either kind, ask a stand-in at `address` (http://host:port) with the paths it has."""
    host = urlsplit(address).netloc

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: moved(inner) for name, inner in value.items()}
        parts = urlsplit(str(value))
        scheme = {"https": "http", "wss": "ws"}.get(parts.scheme, parts.scheme)
        return urlunsplit(parts._replace(scheme=scheme, netloc=host))

    exchange.urls["api"] = moved(exchange.urls["api"])


def fetch_history(
    exchange: Any,
    symbol: str,
    since: pd.Timestamp,
    until: pd.Timestamp,
    advance: Callable[[int], object] = lambda minutes: None,
    first_wait: float = 1.0,
) -> CandleHistory:
    """1-minute candles that opened from `since` on and closed by `until` and by its own clock; `advance` is told the minutes passed.

    Raises ExchangeError when the exchange refuses or stays silent, ParameterError when it does not know the symbol.
    """
    position, end = _milliseconds(since.ceil("min")), _milliseconds(until)
    if "/" in symbol:  # an exchange's own name may be one of any type
        list_only_type_of(exchange, symbol)
    rows: list[list[float]] = []
    odd, begun = OddTimes(), time.time()
    while position + _MINUTE_MS <= end:
        asked = time.time()
        answer = _ask(exchange, symbol, position, first_wait)
        answered = (asked, time.time())
        if unit := in_another_unit(answer):
            raise _fault(exchange, "unit", f"{symbol}: {unit}")
        before = odd.counts["bad_timestamp"]
        page = odd.without(answer)
        if not page and (began := no_answer(exchange)):
            raise _fault(exchange, "unreadable", f"the answer begins {began!r}")
        if answer and odd.counts["bad_timestamp"] - before == len(answer):
            began = answer_began(exchange) or odd.first
            raise _no_candles(exchange, symbol, odd, f"the answer begins {began!r}")
        fresh = [row for row in page if position <= row[0] < end]
        rows += fresh
        # An empty page is a stretch without trading, or one before the listing: step over it.
        following = fresh[-1][0] + _MINUTE_MS if fresh else position + _PAGE * _MINUTE_MS
        advance((min(following, end) - position) // _MINUTE_MS)
        position = following
    if not rows and odd:
        raise _no_candles(exchange, symbol, odd, f"the first is {odd.first}")
    closed, note = closed_by(exchange, until, begun, answered)
    if not rows:
        raise NoCandlesError("; ".join([f"{exchange.id} has no candles of {symbol} in that time", *note]))
    history = _history(rows, closed, exchange.id, symbol)
    if odd:
        history = _beside_odd(history, odd.counts)
    return replace(history, notes=(*note, *_what_lacks(history, exchange.id, since, _milliseconds(closed))))


def _fault(exchange: Any, name: str, told: str) -> ExchangeError:
    cause = CAUSES[name]
    return ExchangeError(f"{exchange.id} {cause.words}. {cause.fix} ({told})")


def answer_began(exchange: Any) -> str:
    """How the last answer begins, so that it can be shown; "" where it is not known."""
    return visible(str(getattr(exchange, "last_http_response", None) or "").strip()[:_SHOWN])


def _no_candles(exchange: Any, symbol: str, odd: OddTimes, shown: str) -> ExchangeError:
    fix = f"{CAUSES['clock'].fix}, or take a file with --candles" if odd.counts["ahead"] else _OTHERWISE
    return ExchangeError(
        f"{exchange.id}: no row of {symbol} that it told is a candle ({odd.told}); {shown}. {fix}"
    )


def no_answer(exchange: Any) -> str:
    """How the last answer begins, where it holds no list of candles, an empty one included: ccxt makes none of it and says nothing."""
    text = str(getattr(exchange, "last_http_response", None) or "").strip()
    try:
        lists = not text or _lists_candles(json.loads(text))
    except (ValueError, RecursionError):
        lists = False
    return "" if lists else answer_began(exchange)


def _lists_candles(value: Any) -> bool:
    """Whether somewhere in an answer is a list that is empty, or whose first entry has the fields of a candle."""
    if isinstance(value, list):
        first = value[0] if value else None
        return not value or (isinstance(first, list | dict) and len(first) >= _FIELDS)
    return isinstance(value, dict) and any(_lists_candles(inner) for inner in value.values())


def _beside_odd(history: CandleHistory, odd: dict[str, int]) -> CandleHistory:
    """Candles beside which rows had times that cannot be: nobody knows which minutes those are of, so none that lacks is a flat one."""
    assert history.lines is not None
    lines = 2 * history.lines
    aside = history.set_aside | {reason: number for reason, number in odd.items() if number}
    damaged = np.unique([*2 * history.damaged, *(lines + 1)])
    return replace(history, set_aside=aside, lines=lines, damaged=damaged)


def _what_lacks(history: CandleHistory, name: str, since: pd.Timestamp, end: int) -> tuple[str, ...]:
    """What was asked for and is not there; an exchange that keeps only its newest candles answers with those whatever it is asked."""
    index = history.candles.index
    if index.empty:
        return ()
    return _lacks_before(index, name, since, end) + _lacks_behind(index, name, end)


def _lacks_behind(index: pd.DatetimeIndex, name: str, end: int) -> tuple[str, ...]:
    if end - _milliseconds(index[-1]) - _MINUTE_MS < _PAGES_END_MS:
        return ()
    until = iso(pd.Timestamp(end, unit="ms", tz="UTC"))
    told = f"asked until {until}, the last candle is of {iso(index[-1])}: {name} has none behind it"
    return (
        f"{told}; the market may have ended or been halted, or the exchange left its answer short: ask again later",
    )


def _lacks_before(index: pd.DatetimeIndex, name: str, since: pd.Timestamp, end: int) -> tuple[str, ...]:
    if index[0] <= since.ceil("min"):
        return ()
    told = f"asked from {iso(since)}, the first candle is of {iso(index[0])}"
    newest = len(index) < _PAGE and end - _milliseconds(index[-1]) <= _PAGES_END_MS
    if not newest:
        return (f"{told}: {name} has none before",)
    kept = f"this exchange keeps {len(index):,} candles, unless the market is no older"
    return (f"{told}: {kept}; take another one, or a file with --candles",)


def _history(rows: list[list[float]], until: pd.Timestamp, name: str, symbol: str) -> CandleHistory:
    table = pd.DataFrame(rows, columns=["timestamp", "open", "high", "low", "close", "volume"])
    opens = pd.DatetimeIndex(pd.to_datetime(table["timestamp"], unit="ms", utc=True)).as_unit("us")
    candles = numbers(table).set_axis(opens)
    sound = sound_candles(candles)
    # Each row by its number, so that no candle is made where the exchange gave one that cannot be.
    order = np.argsort(candles.index.asi8[sound], kind="stable")
    number = np.arange(len(candles), dtype=np.int64)
    aside = {"bad_value": int((~sound).sum())}
    _refuse_longer(opens, name, symbol)
    history = tidy(candles[sound].iloc[order], 1, until, aside, lines=number[sound][order], word="")
    if history.candles.index.empty and set(history.set_aside) - {"unfinished"}:
        told = ", ".join(f"{count:,} {reason}" for reason, count in history.set_aside.items())
        raise ExchangeError(
            f"{name}: no row of {symbol} that it told is a candle ({told}); the first is {visible(str(rows[0]))}. {_OTHERWISE}"
        )
    return replace(history, damaged=number[~sound])


def _refuse_longer(opens: pd.DatetimeIndex, name: str, symbol: str) -> None:
    """Raises ExchangeError where the rows are no minutes but longer candles: what lies between them is then not without a trade."""
    apart = np.diff(np.unique(opens.as_unit("us").asi8)) // 60_000_000
    if len(apart) < _ENOUGH or apart.min() < 2 or (apart % apart.min()).any():
        return
    if 2 * (apart == apart.min()).sum() > len(apart):
        raise ExchangeError(
            f"{name} was asked for 1-minute candles of {symbol}, and its rows are {apart.min()} minutes apart. "
            "Take another exchange, or a file with --candles"
        )


def _ask(exchange: Any, symbol: str, position: int, first_wait: float) -> list[list[float]]:
    import ccxt

    wait = first_wait
    for attempt in range(_ATTEMPTS):
        try:
            return exchange.fetch_ohlcv(symbol, "1m", position, _PAGE)
        except ccxt.BadSymbol as error:
            if not exchange.markets:  # it listed none at all: what came was no list of markets
                raise ExchangeError(explained(exchange.id, ValueError("no list of markets"))) from error
            if symbol in exchange.markets:  # listed, and none of its candles are told any more
                at = iso(pd.Timestamp(position, unit="ms", tz="UTC"))
                raise ExchangeError(
                    f"{exchange.id} lists {symbol}, but refuses its candles from {at} on: it may have been taken off while it was asked. "
                    f"Ask up to there with --until {at}, or take another exchange"
                ) from error
            raise ParameterError(unknown_market(exchange.id, symbol, exchange.markets)) from error
        except Exception as error:  # ccxt raises whatever it stumbles over in an answer that is none
            told = explained(exchange.id, error)
            if not CAUSES[cause_of(exchange.id, error)].passes:
                raise ExchangeError(told) from error
            asked_to_wait = _retry_after_s(exchange)
            if asked_to_wait > _LONGEST_WAIT_S:  # asking on meanwhile is what leads to a ban
                raise ExchangeError(f"{told}; it asks to wait {asked_to_wait:,.0f} s") from error
            if attempt + 1 == _ATTEMPTS:
                raise ExchangeError(f"{told}; asked {_ATTEMPTS} times") from error
            time.sleep(max(wait, asked_to_wait))
            wait *= 2
    raise AssertionError("unreachable")


def _retry_after_s(exchange: Any) -> float:
    """Seconds that the newest answer asks to wait (its header Retry-After); 0 where it does not say."""
    headers = getattr(exchange, "last_response_headers", None) or {}
    found = next((str(value) for name, value in headers.items() if str(name).lower() == "retry-after"), "")
    return seconds_to_wait(found, time.time())


def _milliseconds(time: pd.Timestamp) -> int:
    return round(time.timestamp() * 1_000)
