"""Which column holds what, found out from the names and from a sample of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.errors import HeaderError
from lib.foreign.recogniser.columns import ORDERS, ROW_NAMES, by_name, plain
from lib.foreign.recogniser.figures import Style, TwoReadings, TwoWays, is_flag, numbers_of, style_of
from lib.foreign.recogniser.instants import ORDERS as ORDERS_OF_DATES
from lib.foreign.recogniser.instants import form_of, is_clock, is_date, not_a_time, read_instants
from lib.foreign.recogniser.reading import PRICES, Grid
from lib.foreign.recogniser.split import lacking
from lib.market.candles import sound_prices

_MOSTLY = 0.95
_FIRST_COLUMNS = 4
_WORTH = 0.2  #: how far the worth of a minute's volume at its close lies from what was paid, at most


@dataclass(frozen=True)
class Roles:
    """Places of the columns: time (two where date and clock are apart), the four prices, volume and symbol where there are such."""

    time: tuple[int, ...]
    prices: dict[str, int]
    volume: int | None = None
    symbol: int | None = None
    final: int | None = None  #: whether the candle had closed when it was told

    def told(self, grid: Grid) -> dict[str, str]:
        """What is read → the file's name for it."""
        found = {"time": " ".join(grid.name(place) for place in self.time)}
        found |= {name: grid.name(place) for name, place in self.prices.items()}
        return found | ({} if self.volume is None else {"volume": grid.name(self.volume)})

    def unused(self, grid: Grid) -> tuple[str, ...]:
        """Names of the other columns."""
        used = {*self.time, *self.prices.values(), self.volume, self.symbol, self.final}
        return tuple(grid.name(place) for place in range(grid.width) if place not in used)


def find_roles(grid: Grid) -> Roles:
    """The roles of the columns of a sample of rows. Raises HeaderError, or DataError where there are too few."""
    return _by_names(grid) if grid.names else _by_rows(grid)


def _by_names(grid: Grid) -> Roles:
    prices = {name: _only(grid, name) for name in PRICES}
    taken = set(prices.values())
    named = [place for place in by_name(grid.names, "time") if place not in taken]
    closing = by_name(grid.names, "close time")
    others = [place for place in range(grid.width) if place not in taken]
    # A column that is named for the time and cannot be read is refused: any other time beside it may be of anything.
    dated = [place for place in named if plain(grid.names[place]) not in ROW_NAMES]
    time = _time(grid, named)
    if time is None and not dated:
        time = _time(grid, closing) or _unnamed_time(grid, others)
    if time is None:
        if not named:
            raise lacking(grid.path, [*PRICES], _header_line(grid))
        time = (named[0],)
    volume = [place for place in by_name(grid.names, "volume") if place not in (*taken, *time)]
    symbol = [place for place in by_name(grid.names, "symbol") if place not in (*taken, *time, *volume[:1])]
    final = [place for place in by_name(grid.names, "final") if is_flag(grid.column(place)).all()]
    return Roles(
        time,
        prices,
        _traded(grid, volume, prices),
        symbol[0] if symbol else None,
        final[0] if final else None,
    )


def _only(grid: Grid, name: str) -> int:
    found = by_name(grid.names, name)
    if not found:
        raise lacking(grid.path, grid.names, _header_line(grid))
    first = grid.column(found[0])
    for place in found[1:]:
        if not grid.rows or (grid.column(place) != first).any():
            raise HeaderError(
                "the column stands there twice", path=grid.path, line=_header_line(grid) or None, column=grid.names[place],
                fix="--columns names the columns in order, - for those that are not used",
            )  # fmt: skip
    return found[0]


def _header_line(grid: Grid) -> int:
    """The line that the names stand in; 0 where they stand in none."""
    last = grid.header.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


def _traded(grid: Grid, places: list[int], prices: dict[str, int]) -> int | None:
    """The volume, in coins; none where it is 0 throughout beside a count of ticks, as MetaTrader writes it where no exchange is behind."""
    if not places:
        return None
    plains = [plain(name) for name in grid.names]
    if "volccy" in plains and (money := {"volccyquote", "volquote"}.intersection(plains)):
        return _coins(grid, places[0], plains.index("volccy"), plains.index(money.pop()), prices)
    ticks = any("tick" in name.lower() for name in grid.names)
    return None if ticks and not any(text.strip(" 0.,") for text in grid.column(places[0])) else places[0]


def _time(grid: Grid, places: list[int]) -> tuple[int, ...] | None:
    """The first of the columns that reads as times with their zone, else as times, else a date with a clock beside it."""
    forms = {place: form_of(grid.column(place)) for place in places}
    for place in places:
        if forms[place] == "epoch" or (forms[place] and _says_zone(grid, place, forms[place])):
            return (place,)
    for place in places:
        if forms[place]:
            return (place,)
    dates = [place for place in places if is_date(grid.column(place))]
    clocks = [place for place in range(grid.width) if place not in dates and is_clock(grid.column(place))]
    clocks = [place for place in clocks if not grid.names or place in by_name(grid.names, "clock")]
    return (dates[0], clocks[0]) if dates and clocks else None


def _unnamed_time(grid: Grid, places: list[int]) -> tuple[int, ...] | None:
    """The time where no column is named for one: the only column that reads as times. Raises DataError where several do and differ."""
    found = [place for place in places if form_of(grid.column(place))]
    for place in found[1:]:
        if (grid.column(place) != grid.column(found[0])).any():
            problem = f"may be the time of the candle, and so may {grid.name(found[0])}"
            raise grid.error(
                problem,
                0,
                place,
                "Name the columns: --columns time,open,high,low,close,volume (- for others)",
            )
    return _time(grid, found or places)


def _says_zone(grid: Grid, place: int, form: str) -> bool:
    order = ORDERS_OF_DATES.get(form, ("",))[0]  # whichever it is, the zone stays
    return read_instants(grid.column(place), form, order, None).zoned or names_utc(grid.name(place))


def names_utc(name: str) -> bool:
    """Whether the name of a column says that its times are in UTC."""
    return any(word in name.lower() for word in ("utc", "gmt"))


def _by_rows(grid: Grid) -> Roles:
    """Without names: the first column that is a time, then the prices in the order in which they make candles."""
    first = range(min(_FIRST_COLUMNS, grid.width))
    time = next(((place,) for place in first if form_of(grid.column(place))), None)
    if time is None and len(first) > 1 and is_date(grid.column(0)) and is_clock(grid.column(1)):
        time = (0, 1)
    if time is None:
        fix = "Name the columns: --columns time,open,high,low,close,volume (- for those that are not used)"
        why, mend = not_a_time(grid.column(0)[0], "")
        fix = f"{mend}. {fix}" if mend else fix
        raise grid.error(f"{why}, and no line names the columns", 0, 0, fix, HeaderError)
    prices, behind = _order(grid, time[-1] + 1)
    volume = behind if behind < grid.width else None
    if volume is not None and volume + 1 < grid.width and _within(grid, volume, prices):
        volume += 1  # what lies between low and high is the mean price of the minute
    if volume is not None and volume + 4 == grid.width and is_flag(grid.column(volume + 3)).all():
        return Roles(time, prices, _coins(grid, volume, volume + 1, volume + 2, prices), final=volume + 3)
    return Roles(time, prices, volume)


def _coins(grid: Grid, first: int, second: int, money: int, prices: dict[str, int]) -> int:
    """Of OKX's volumes the one in coins: the second where its worth at the close is the money, else the first.

    The first is in contracts where the market is a swap, and the second is money where it is none.
    """
    coins, paid = (numbers_of(grid.column(place), Style()) for place in (second, money))
    worth = coins * _numbers(grid, prices)["close"].to_numpy()
    known = (worth > 0) & (paid > 0)
    return second if known.any() and np.median(np.abs(paid / worth - 1)[known]) < _WORTH else first


def _order(grid: Grid, start: int) -> tuple[dict[str, int], int]:
    """The places of the prices, and the column behind them: the order in which most rows are candles.

    Two orders in which a row is one give the same candle, so there is nothing to choose between.
    """
    best, most = None, 0.0
    for names in ORDERS:
        if start + len(names) > grid.width:
            continue
        places = {name: start + place for place, name in enumerate(names) if name != "-"}
        share = float(sound_prices(_numbers(grid, places)).mean())
        if best is None or share > most:
            best, most = (places, start + len(names)), share
    if best is None:
        fix = "Give open, high, low and close"
        raise grid.error("is the last column, with fewer than four prices before it", 0, grid.width - 1, fix)
    return best


def _numbers(grid: Grid, places: dict[str, int]) -> pd.DataFrame:
    texts = {name: grid.column(places[name]) for name in PRICES}
    try:
        style = style_of(list(texts.values()), grid.commas, "")
    except (TwoReadings, TwoWays):
        style = Style()  # whichever it is, the greater number stays the greater
    return pd.DataFrame({name: numbers_of(column, style) for name, column in texts.items()})


def _within(grid: Grid, place: int, prices: dict[str, int]) -> bool:
    values = _numbers(grid, prices)
    other = numbers_of(grid.column(place), Style())
    return bool(((other >= values["low"]) & (other <= values["high"])).mean() >= _MOSTLY)
