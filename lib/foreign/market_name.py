"""The market that a file's name says: `BINANCE_ETHUSDT.P, 1.csv` is of ETHUSDT.P, `ETH_USDT-1m.csv` of ETHUSDT, `BINANCE.csv` of none.

A market is a coin and what it is priced in, so neither the name of an exchange nor digits alone are one. Spot and perpetual prices are
not one market, and no future of a date is either: what says which stays part of the name (`ETHUSDT_250627`). Futures end on Fridays; any
other day right behind a market is that of the file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from lib.contract.visible import visible
from lib.errors import ParameterError

_LONGEST = 40
#: What markets are priced in; a longer one before one that it ends with.
MONEY = (
    "USDT",
    "USDC",
    "FDUSD",
    "TUSD",
    "BUSD",
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "KRW",
    "TRY",
    "BRL",
    "AUD",
    "CHF",
    "CAD",
    "DAI",
)
_COINS = ("BTC", "ETH", "BNB")
_TOGETHER = re.compile(rf"(?P<base>[A-Z0-9]{{2,12}}?)(?P<quote>{'|'.join((*MONEY, *_COINS))})")
#: The day that a future ends, as its name has it: Binance's and OKX's 250627, Bybit's 27JUN25.
_EXPIRIES = {re.compile(r"(?a)\d{6}"): "%y%m%d", re.compile(r"(?a)\d{1,2}[A-Z]{3}\d\d"): "%d%b%y"}
_FRIDAY = 4
_KINDS = ("spot", "perp", "swap", "futures")
_NO_BASE = {
    *("BINANCE", "BINANCEUS", "BYBIT", "KRAKEN", "COINBASE", "BITSTAMP", "BITFINEX", "BITGET", "BITMEX", "OKX", "OKEX", "KUCOIN"),
    *("GATE", "GATEIO", "GEMINI", "HUOBI", "HTX", "MEXC", "POLONIEX", "DERIBIT", "PHEMEX", "DYDX", "BINGX", "CRYPTO", "UPBIT"),
    *("INDEX", "CSV", "OHLCV", "KLINES", "CANDLES", "DATA", "MINUTE", "HISTORY", "EXPORT", *(kind.upper() for kind in _KINDS)),
}  # fmt: skip


def market_of(name: str) -> str:
    """The market in a file's name, in capitals but for its kind; "" where it says none."""
    words = [word for word in re.split(r"[^\w.]+|_+|\.(?!P(?![A-Za-z]))", name) if word]
    plain = [word.removesuffix(".P").upper() for word in words]
    for place, word in enumerate(plain):
        found = _TOGETHER.fullmatch(word)
        if found and _is_base(found["base"]):
            return word + _kind(words, place)
    for quotes in (MONEY, _COINS):
        for place in range(1, len(plain)):
            meant = quotes is MONEY or (words[place] + words[place - 1]).isupper()
            if meant and plain[place] in quotes and _is_base(plain[place - 1]):
                return plain[place - 1] + plain[place] + _kind(words, place)
    return ""


def market_of_file(name: str, column: str) -> str:
    """The market that a file's name and a column of it say; the name's where that only says more. `column` is "" for none."""
    named = market_of(name)
    own = market_of(column) or column.upper()
    return named if named.startswith(own) else own


def given_market(text: str) -> str:
    """The market that a person names: `eth/usdt` is ETHUSDT. Raises ParameterError for none, and as `checked_market`."""
    name = text.strip().replace("/", "")
    if not name:
        raise ParameterError("--symbol names no market: give one such as ETHUSDT, or leave it out")
    return checked_market((market_of(name) or name.upper()) if name.islower() else name)


def checked_market(name: str) -> str:
    """`name`, which is written into every row. Raises ParameterError where it cannot be seen whole or is too long to be a market's."""
    if visible(name) != name or len(name) > _LONGEST:
        shown = visible(name[:_LONGEST])
        raise ParameterError(
            f"'{shown}' is no name of a market: at most {_LONGEST} marks that can be seen, e.g. ETHUSDT. Say it with --symbol"
        )
    return name


def _is_base(word: str) -> bool:
    return word not in _NO_BASE and not word.isdigit() and len(word) > 1


def _kind(words: list[str], place: int) -> str:
    """What the name says of the market's kind: `.P` or a future's day right behind it, or spot or perpetual wherever it does."""
    if words[place].endswith(".P"):
        return ".P"
    behind = words[place + 1 :]
    if behind and behind[0].upper() in (*MONEY, *_COINS):  # ETH/USDT:USDT-250627
        behind = behind[1:]
    if behind and _is_expiry(behind[0].upper()):
        return f"_{behind[0].upper()}"
    others = [word.lower() for word in (*words[place + 1 :], *words[:place])]
    return next((f"_{word}" for word in others if word in _KINDS), "")


def _is_expiry(word: str) -> bool:
    form = next((form for shape, form in _EXPIRIES.items() if shape.fullmatch(word)), "")
    try:
        return bool(form) and datetime.strptime(word, form).replace(tzinfo=UTC).weekday() == _FRIDAY
    except ValueError:
        return False
