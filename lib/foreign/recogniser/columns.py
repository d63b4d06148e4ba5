"""Which column is which: by the names that exports have for it, and without names by what the rows hold.

Names are compared without case, blanks, signs and the angle brackets of MetaTrader. Of several orders that rows without names may be in,
the one in which every low is the lowest and every high the highest is the right one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Every name under which exports have a column, best first; the first that reads as a time is the time.
TIME_NAMES = _words(
    "timestamp unix unixtime unixtimestamp opentime opentimestamp timestampms datetime time date gmttime "
    "localtime utctime candlebegintime candlebegintimegmt starttime start startat begin timeperiodstart periodstart openat timeopen opened "
    "bartime ts t mts dt epoch dateandtime zeit datum zeitstempel dtyyyymmdd tradetime timestart day opendate unixms unixs "
    "timekey dates data fecha index"
)
#: Those that may number the rows instead.
ROW_NAMES = _words("index t")
#: Names of the time at which a candle closed: read where a file has no other.
_CLOSE_NAMES = _words("closetime timeclose closetimestamp closedat endtime end timeperiodend")
_NAMES = {
    "open": _words(
        "open o openprice priceopen opening first eröffnung eröffn eroeffnung ouverture ouv apertura abertura pxopen"
    ),
    "high": _words(
        "high h highprice pricehigh max hoch höchst haut plushaut alto máximo maximo máxima maxima massimo hi pxhigh"
    ),
    "low": _words(
        "low l lowprice pricelow min tief tiefst bas plusbas bajo mínimo minimo mínima minima lo pxlow"
    ),
    "close": _words(
        "close c closeprice priceclose closing last closelast schluss cierre clôture fermeture fechamento chiusura settle price "
        "zuletzt dernier ultimo último pxlast"
    ),
    "volume": _words(
        "volume v vol volumebase basevolume volumefrom basevol quantity amount size volumen umsatz volumetraded tradedvolume pxvolume"
    ),
}
_CLOCK_NAMES = _words("time clock hour zeit uhrzeit hora heure timeutc hhmmss hhmm")
#: Whether a candle had closed when it was told.
_FINAL_NAMES = _words("confirm confirmed isfinal final isclosed closed complete completed iscomplete x")
_SYMBOL_NAMES = _words("symbol pair market ticker instrument tic instid coin")
#: Counts of ticks or trades, and means: no volume.
_NO_VOLUME = re.compile(r"tick|count|trades|taker|ma\b|avg|sma")
#: A volume in the currency that the market is priced in: what was paid, not what was traded.
_MONEY = re.compile(r"quote|turnover|usd|eur|currency|volumeto$|(?:gbp|jpy|krw|try|brl|aud|cad|chf|inr|dai)$")
#: Orders of rows without names, behind their time; exchanges differ.
ORDERS = (
    ("open", "high", "low", "close"),
    ("low", "high", "open", "close"),
    ("open", "close", "high", "low"),
    ("-", "close", "high", "low", "open"),
)


def says_close(name: str) -> bool:
    """Whether a column of times is named for the close of candles: `close_time`, `date_close`, `Closed at`, `end`."""
    return re.search(r"clos|^end|end$", plain(name)) is not None


def plain(name: str) -> str:
    """A name without what exports decorate it with: `<OPEN>`, `1. open`, `Open (USD)` and `Open [USD]` are open."""
    return re.sub(r"^\d+\.\s*|\([^)]*\)|\[[^\]]*\]|[^\w]|_", "", name.strip().lower())


def _price_name(name: str) -> str:
    """A name without the currency behind it: `open_usd`."""
    return plain(re.sub(r"[\s_-](?:usdt?|eur|gbp|btc)$", "", name.strip(), flags=re.IGNORECASE))


def price_hits(fields: Sequence[str]) -> int:
    """How many of the four prices a line names."""
    names = {_price_name(field) for field in fields}
    return sum(not names.isdisjoint(_NAMES[price]) for price in ("open", "high", "low", "close"))


def by_name(names: Sequence[str], role: str) -> list[int]:
    """Places of the columns that may hold `role` by their names: those of the best name there is, an exact one before one in capitals."""
    plains = [_volume_name(name) if role == "volume" else _price_name(name) for name in names]
    if role in _NAMES:
        for alias in _NAMES[role]:
            found = [place for place, name in enumerate(plains) if name == alias]
            exact = [place for place in found if names[place].strip() == alias]
            if found:
                return exact if len(exact) == 1 else found
        return _further_volumes(plains)[:1] if role == "volume" else []
    aliases = {
        "time": TIME_NAMES,
        "close time": _CLOSE_NAMES,
        "clock": _CLOCK_NAMES,
        "symbol": _SYMBOL_NAMES,
        "final": _FINAL_NAMES,
    }[role]
    if role == "time":  # `timestamp_utc`; what the zone is, is looked at where times are read
        plains = [name.removesuffix("utc").removesuffix("gmt") or name for name in plains]
    return [place for alias in aliases for place, name in enumerate(plains) if name == alias]


def money_volumes(names: Sequence[str]) -> list[int]:
    """Places of the columns whose name says that they are a volume in money: `Volume USDT`, `Volume (USD)`, `quote_volume`."""
    whole = [_whole(name) for name in names]
    return [place for place, name in enumerate(whole) if _is_money(name)]


def _volume_name(name: str) -> str:
    """`plain`; blank for money, which no parentheses make the market's own volume."""
    return "" if _is_money(_whole(name)) else plain(name)


def _is_money(whole: str) -> bool:
    return ("vol" in whole or "turnover" in whole) and _MONEY.search(whole) is not None


def _whole(name: str) -> str:
    """A name with what stands in its parentheses: `Volume (USD)` is volumeusd."""
    return re.sub(r"[^\w]|_", "", name.lower())


def _further_volumes(plains: list[str]) -> list[int]:
    """`Volume ETH`: those whose name says no more than that they are one."""
    return [
        place for place, name in enumerate(plains) if name.startswith("vol") and not _NO_VOLUME.search(name)
    ]
