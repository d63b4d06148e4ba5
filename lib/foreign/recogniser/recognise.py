"""The steps, one after the other: container → text → rows → columns → numbers → times; each says what it took the file for.

`recognise` gives the rows as numbers and instants with the reason of each that is none. What they are as candles (order, repeats, the
clock's grid) is the business of lib.foreign.ohlcv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract.times import AMBIGUOUS, EARLY, EARLY_WORDS, NAIVE, OK
from lib.errors import DataError
from lib.foreign.market_name import bare_market, market_of
from lib.foreign.recogniser.columns import money_volumes, says_close
from lib.foreign.recogniser.container import unpack
from lib.foreign.recogniser.figures import (
    Style,
    TwoReadings,
    TwoWays,
    is_no,
    is_nothing,
    numbers_of,
    style_of,
)
from lib.foreign.recogniser.instants import Instants, not_a_time
from lib.foreign.recogniser.reading import PRICES, FileReading, Grid, Hints
from lib.foreign.recogniser.roles import Roles, find_roles
from lib.foreign.recogniser.split import grid_of
from lib.foreign.recogniser.structured import frame_grid, json_grid
from lib.foreign.recogniser.text import decode, split_text
from lib.foreign.recogniser.when import TWICE_FIX, read_when
from lib.market.candles import sound_candles

_SAMPLE = 400
SPREADSHEET_FIX = (
    "A spreadsheet that saved the file took numbers for other numbers or for dates, and what they were is lost: export it again, "
    "and do not save it from a spreadsheet"
)
#: What a spreadsheet makes of 12.05 where that may be a day or a month: 12/mai, May-12, dez/22, 12/05/25.
_DATE_OF_NUMBER = re.compile(
    r"\d{1,2}[-/. ][^\W\d]{3,4}\.?|[^\W\d]{3,4}\.?[-/. ]\d{2,4}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
)
_SYMBOL_SIGNS = str.maketrans("", "", "/-_ ")


@dataclass(frozen=True)
class Recognised:
    """The rows of a file: instants in UTC microseconds, values (columns open … volume), and a reason for each row that is no candle."""

    grid: Grid
    roles: Roles
    instants: np.ndarray
    values: pd.DataFrame
    reasons: np.ndarray
    reading: FileReading
    notes: tuple[str, ...] = ()  #: what was not read, and the option that decides


def recognise(path: Path, hints: Hints) -> Recognised:
    """Read a candle file of any kind.

    Raises MissingDataError, HeaderError, NaiveTimeError or DataError with line, column, the text that was there, and the fix or the option.
    """
    grid, container, encoding = _grid(path, hints)
    if not grid.rows:
        if grid.names:
            find_roles(grid)
        problem = f"no row is a candle ({_why_empty(grid)})"
        raise DataError(problem, path=path, fix="Give 1-minute or 5-minute candles")
    step = max(1, len(grid.rows) // _SAMPLE)
    looked_at = grid.places(np.arange(0, len(grid.rows), step))
    roles = find_roles(looked_at)
    style = _style(grid, roles, hints)
    values = _values(grid, roles, style)
    when = read_when(grid, roles, hints)
    reasons = _reasons(grid, roles, values, when.instants)
    if not (reasons == "").any():
        raise _nothing_right(grid, roles, reasons)
    if not hints.stamped and grid.names and says_close(grid.name(roles.time[0])):
        raise grid.error(
            "and the others are close times by the column's name", int((reasons == "").argmax()), roles.time[0],
            "Read it so with --stamped close; with --stamped open where it is the open after all",
        )  # fmt: skip
    reading = FileReading(
        container, encoding, grid.layout, style.words(), grid.header, roles.told(grid), roles.unused(grid),
        when.instants.form, when.zone, "stamped at the close" if hints.stamped == "close" else "stamped at the open",
        _order(when.instants.values[reasons == ""]), _symbol(grid, roles),
    )  # fmt: skip
    notes = _notes(grid, roles) + when.notes()
    return Recognised(grid, roles, when.instants.values, values, reasons, reading, notes)


def _grid(path: Path, hints: Hints) -> tuple[Grid, str, str]:
    """The rows, what they were packed in, and their encoding; the file's bytes and lines end with it."""
    contents = unpack(path)
    grid, encoding = frame_grid(contents.data, path), ""
    if grid is None:
        text, encoding = decode(contents.data, path)
        grid = json_grid(text, path, hints) or grid_of(split_text(text, encoding), path, hints)
    return grid, contents.container, encoding


def _notes(grid: Grid, roles: Roles) -> tuple[str, ...]:
    """That a volume in money is none of the market's own: dividing it by some price of the candle would be a guess."""
    money = money_volumes(grid.names)
    if roles.volume is not None or not money:
        return ()
    names = ", ".join(["time", *PRICES, "volume"])
    return (
        f"{grid.name(money[0])!r} is money, not the market's own volume, so candles have none; "
        f"if it is its own, say so with --columns ({names}; - for others)",
    )


def _why_empty(grid: Grid) -> str:
    return grid.first_malformed() or "there are none"


def _style(grid: Grid, roles: Roles, hints: Hints) -> Style:
    places = [roles.prices[name] for name in PRICES] + [
        place for place in (roles.volume,) if place is not None
    ]
    if grid.commas and not hints.decimal and not grid.holds(",", places):
        return Style()  # as style_of says it of all texts at once
    try:
        return style_of([grid.column(place) for place in places], grid.commas, hints.decimal)
    except TwoReadings as doubt:
        fix = "Say which sign stands before decimals: --decimal . or --decimal ,"
        raise grid.error(
            "can be read with decimals and with thousands", doubt.row, places[doubt.column], fix
        ) from None
    except TwoWays as ways:
        (column, row), (other, at) = ways.fewer, ways.more
        told = f"{grid.column(places[other])[at]!r} ({grid.word} {int(grid.lines[at])})"
        raise grid.error(
            f"has another sign before decimals than {told}", row, places[column], SPREADSHEET_FIX
        ) from None


def _values(grid: Grid, roles: Roles, style: Style) -> pd.DataFrame:
    values = {name: numbers_of(grid.column(roles.prices[name]), style) for name in PRICES}
    values["volume"] = np.full(len(grid.rows), np.nan)
    if roles.volume is not None:
        texts = grid.column(roles.volume)
        volume = numbers_of(texts, style, large=True)
        # A volume that is no number, or below 0, is told apart from none by an infinity, which no candle has.
        odd = np.flatnonzero(~(volume >= 0))
        volume[odd] = np.where(is_nothing(texts[odd]), np.nan, np.inf)
        values["volume"] = volume
    return pd.DataFrame(values)


def _reasons(grid: Grid, roles: Roles, values: pd.DataFrame, instants: Instants) -> np.ndarray:
    problems = instants.problems
    timed = np.select(
        [problems == OK, problems == AMBIGUOUS, problems == NAIVE, problems == EARLY],
        ["", "ambiguous_time", "naive_time", "too_early"],
        "bad_timestamp",
    )
    reasons = np.where((timed == "") & ~sound_candles(values), "bad_value", timed)
    if roles.final is None:
        return reasons
    return np.where((reasons == "") & is_no(grid.column(roles.final)), "unfinished", reasons)


def _nothing_right(grid: Grid, roles: Roles, reasons: np.ndarray) -> DataError:
    """No row is a candle: the first row's fault, with its text and what would mend it."""
    reason = str(reasons[0])
    line = f"{grid.word} {int(grid.lines[0])}: {reason}"
    if reason == "bad_value":
        dates = [place for place in roles.prices.values() if _DATE_OF_NUMBER.fullmatch(grid.rows[0][place])]
        if dates:
            problem = f"is a date in place of a price, and no row is a candle ({line})"
            return grid.error(problem, 0, dates[0], SPREADSHEET_FIX)
        return grid.error(
            f"makes no candle, and no other row is one either ({line})", 0, roles.prices["open"],
            "Prices are above 0, high is the highest, low the lowest; --columns names the columns if they were mistaken",
        )  # fmt: skip
    if reason == "unfinished" and roles.final is not None:
        problem = f"says that the candle was still running, and no row is one that had closed ({line})"
        return grid.error(
            problem, 0, roles.final, "If the column means something else, leave it out with --columns"
        )
    if reason == "ambiguous_time":
        problem = f"happens twice, because clocks are set back there, and no row is a candle ({line})"
        return grid.error(problem, 0, roles.time[-1], TWICE_FIX[0].upper() + TWICE_FIX[1:])
    text, fix = grid.column(roles.time[0])[0], "Write times like 2025-05-04T15:33:00Z, or as an epoch"
    why, fix = (EARLY_WORDS, fix) if reason == "too_early" else not_a_time(text, fix)
    problem = f"{why}, and no row is a candle ({line})"
    return grid.error(problem, 0, roles.time[0], f"{fix}; --columns names the columns")


def _order(instants: np.ndarray) -> str:
    steps = np.diff(instants)
    return "oldest first" if (steps >= 0).all() else "newest first" if (steps <= 0).all() else "in no order"


def _symbol(grid: Grid, roles: Roles) -> str:
    """The market that a column names; raises DataError where it names several."""
    if roles.symbol is None:
        return ""
    texts = grid.column(roles.symbol)
    spelt: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        spelt.setdefault(text.upper().translate(_SYMBOL_SIGNS), text)
    named = [text for market, text in spelt.items() if market]
    if len(named) > 1:
        row = int(np.flatnonzero(texts == named[1])[0])
        fix = "One market, one folder: give a file of each"
        raise grid.error(f"is another market than {named[0]!r} before it", row, roles.symbol, fix)
    return market_of(named[0]) or bare_market(named[0]).translate(_SYMBOL_SIGNS) if named else ""
