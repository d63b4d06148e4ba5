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
    "timestamp unix unixtime unixtimestamp opentime opentimestamp timestampms datetime datetimeutc time timeutc date dateutc gmttime "
    "localtime utctime candlebegintime candlebegintimegmt starttime start startat begin timeperiodstart periodstart openat timeopen opened "
    "bartime ts t mts dt epoch dateandtime zeit datum zeitstempel dtyyyymmdd tradetime timestart day opendate opentimeutc unixms unixs "
    "timekey index"
)
#: Names of the time at which a candle closed: read where a file has no other.
_CLOSE_NAMES = _words("closetime timeclose closetimestamp closedat endtime end timeperiodend")
_NAMES = {
    "open": _words(
        "open o openprice priceopen opening first eröffnung eröffn eroeffnung ouverture ouv apertura abertura"
    ),
    "high": _words("high h highprice pricehigh max hoch höchst haut alto máximo maximo massimo hi"),
    "low": _words("low l lowprice pricelow min tief tiefst bas bajo mínimo minimo lo"),
    "close": _words(
        "close c closeprice priceclose closing last closelast schluss cierre clôture fermeture fechamento chiusura settle price "
        "zuletzt dernier ultimo último"
    ),
    "volume": _words(
        "volume v vol volumebase basevolume volumefrom basevol quantity amount size volumen umsatz volumetraded tradedvolume"
    ),
}
_CLOCK_NAMES = _words("time clock hour zeit uhrzeit timeutc hhmmss hhmm")
_SYMBOL_NAMES = _words("symbol pair market ticker instrument tic instid coin")
#: Counts of ticks or trades, and volumes in the other currency: no volume of the market's own.
_NO_VOLUME = re.compile(r"tick|quote|count|trades|taker|usd|eur|ma\b|avg|sma")
#: Orders of rows without names, behind their time; exchanges differ.
ORDERS = (
    ("open", "high", "low", "close"),
    ("low", "high", "open", "close"),
    ("open", "close", "high", "low"),
    ("-", "close", "high", "low", "open"),
)


def plain(name: str) -> str:
    """A name without what exports decorate it with: `<OPEN>`, `1. open` and `Open (USD)` are open."""
    return re.sub(r"^\d+\.\s*|\([^)]*\)|[^\w]|_", "", name.strip().lower())


def _price_name(name: str) -> str:
    """A name without the currency behind it: `open_usd`."""
    return plain(re.sub(r"[\s_-](?:usdt?|eur|gbp|btc)$", "", name.strip(), flags=re.IGNORECASE))


def price_hits(fields: Sequence[str]) -> int:
    """How many of the four prices a line names."""
    names = {_price_name(field) for field in fields}
    return sum(not names.isdisjoint(_NAMES[price]) for price in ("open", "high", "low", "close"))


def by_name(names: Sequence[str], role: str) -> list[int]:
    """Places of the columns that may hold `role` by their names: those of the best name there is, an exact one before one in capitals."""
    named = plain if role == "volume" else _price_name
    plains = [named(name) for name in names]
    if role in _NAMES:
        for alias in _NAMES[role]:
            found = [place for place, name in enumerate(plains) if name == alias]
            exact = [place for place in found if names[place].strip() == alias]
            if found:
                return exact if len(exact) == 1 else found
        return _further_volumes(plains) if role == "volume" else []
    aliases = {
        "time": TIME_NAMES,
        "close time": _CLOSE_NAMES,
        "clock": _CLOCK_NAMES,
        "symbol": _SYMBOL_NAMES,
    }[role]
    return [place for alias in aliases for place, name in enumerate(plains) if name == alias]


def _further_volumes(plains: list[str]) -> list[int]:
    """`Volume ETH` before `Volume USDT`: the first whose name says no more than that it is one."""
    found = [place for place, name in enumerate(plains) if name.startswith("vol")]
    own = [place for place in found if not _NO_VOLUME.search(plains[place])]
    return (own or found)[:1]
