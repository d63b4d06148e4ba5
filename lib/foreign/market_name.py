"""The market that a file's name says: `BINANCE_ETHUSDT.P, 1.csv` is of ETHUSDT.P, `ETH_USDT-1m.csv` of ETHUSDT, `BINANCE.csv` of none.

A market is a coin and what it is priced in, so neither the name of an exchange nor digits alone are one. Spot and perpetual prices are
not one market, and no future of a date is either: what says which stays part of the name (`ETHUSDT_250627`). Futures end on Fridays; any
other day right behind a market is that of the file, and whether a Friday is may be left open.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

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
#: When on its last day a future ends, UTC.
_ENDS = timedelta(hours=8)
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


def market_of_file(name: str, column: str, last: datetime) -> str:
    """The market that a file's name and a column of it say; the name's where that only says more. `column` is "" for none.

    A day behind the market is that of a future, unless a column or a candle after its end (`last`: the newest one's open) says otherwise.
    Raises ParameterError where it may as well be that of the file.
    """
    named = market_of(name)
    own = market_of(column) or column.upper()
    if not named.startswith(own):
        return own
    market, _, day = named.partition("_")
    ends = _expiry(day)
    if ends is None:
        return named
    if own == market or last >= ends + _ENDS:
        return market
    if day.isdigit() and not own and not re.search(r"20\d\d", name.replace(day, "", 1)):
        raise ParameterError(
            f"{visible(name)} may be of the future that ends on {ends:%Y-%m-%d}, or a file of {market} made on that day: "
            f"say it with --symbol {named} or --symbol {market} (in a study `symbol`)"
        )
    return named


def bare_market(name: str) -> str:
    """In capitals without exchange and settlement: `BINANCE:ETHUSDT` is ETHUSDT, and `ETH/USDT:USDT-250627` is ETH/USDT250627."""
    first, _, rest = name.upper().partition(":")
    return first + rest.partition("-")[2] if "/" in first or not rest else rest


def plain_market(name: str) -> str:
    """Capitals and digits alone of a market's bare name."""
    return re.sub(r"[^A-Z0-9]", "", bare_market(name))


def same_market(first: str, second: str) -> bool:
    """Whether two names may be of one market: ETH, ETH/USDT and ETHUSDT may, and no name may be of any; a future of a date, or an option,
    is of none but itself.
    """
    short, long = sorted((plain_market(first), plain_market(second)), key=len)
    return not short or (long.startswith(short) and not re.search(r"\d", long.removeprefix(short)))


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
    if behind and _expiry(behind[0].upper()):
        return f"_{behind[0].upper()}"
    others = [word.lower() for word in (*words[place + 1 :], *words[:place])]
    return next((f"_{word}" for word in others if word in _KINDS), "")


def _expiry(word: str) -> datetime | None:
    """The day, in UTC, on which a future of that name ends; None where it names none."""
    form = next((form for shape, form in _EXPIRIES.items() if shape.fullmatch(word)), "")
    try:
        day = datetime.strptime(word, form).replace(tzinfo=UTC) if form else None
    except ValueError:
        return None
    return day if day and day.weekday() == _FRIDAY else None
