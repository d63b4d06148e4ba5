"""Times, prices and sides of the rows of a foreign table of trades, and for each row that is no trade why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
import pandas as pd

from lib.contract.times import NAIVE, OK
from lib.errors import DataError, NaiveTimeError, ParameterError
from lib.foreign.recogniser.when import TWO_WAYS_FIX
from lib.foreign.recording import recording_zone
from lib.foreign.trade_table import TradeTable
from lib.foreign.trade_values import (
    decimal_of,
    directions_of,
    flags_of,
    numbers_of,
    says_zone,
    times_of,
    why_no_time,
    written_otherwise,
)
from lib.foreign.trade_words import words_of

_ZONE_IN_NAME = re.compile(r"\b(?:UTC|GMT)\s*(?P<offset>[+-]\s*\d{1,2}(?::\d\d)?)?", re.IGNORECASE)

_LEAVE_OUT = "Leave --timezone out; if the times are wrong, name another column for them"
#: What a broker's history says of an order that never was a trade, and of one that only waited for its price.
_NEVER = r"(?i)\b(?:cancell?ed|deleted|rejected)\b"
_WAITED = r"(?i)\b(?:buy|sell)[\s_]+(?:stop[\s_]+)?(?:limit|stop)\b"
#: Fields that a table writes its numbers in, all in one way.
_IN_NUMBERS = (
    "entry_price",
    "exit_price",
    "size",
    "notional",
    "fees",
    "entry_fees",
    "exit_fees",
    "funding",
    "pnl",
)
#: Prices of markets lie between these, quote currency; beyond them returns are no numbers any more.
_PRICES = (1e-12, 1e12)


@dataclass(frozen=True)
class Reading:
    """How a table is to be read, beside its columns."""

    zone: tzinfo | None = None  #: of naive times; None: they are an error
    day_first: bool | None = None  #: None: as the dates show
    symbol: str = ""  #: which market; "" where there is one
    direction: str = ""  #: LONG or SHORT where no column says it
    model: str = ""  #: who decided; "" for the table's own column, or `source`
    source: str = "imported"
    unit: float | None = None  #: units that one of the table's sizes is; None: 1, or as the P&L says
    zone_told: bool = False  #: whether `zone` was named for this table


class Cells:
    """The texts of a table by our fields; blank where no column has one."""

    def __init__(self, table: pd.DataFrame, columns: Mapping[str, str]) -> None:
        self.table, self.columns = table, columns
        shown = {decimal_of(self.texts(name)) for name in _IN_NUMBERS} - {""}
        self.decimal = shown.pop() if len(shown) == 1 else ""  #: of numbers whose column leaves it open

    def texts(self, field: str) -> pd.Series:
        name = self.columns.get(field)
        if name is None:
            return pd.Series("", index=self.table.index, dtype=object)
        return self.table[name].astype(object)

    def numbers(self, field: str) -> np.ndarray:
        return numbers_of(self.texts(field), self.decimal)

    def rows(self, places: np.ndarray) -> Cells:
        found = Cells(self.table.iloc[places].reset_index(drop=True), self.columns)
        found.decimal = self.decimal
        return found


def read_fields(
    table: TradeTable, cells: Cells, places: list[str], reading: Reading, now: pd.Timestamp
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Times, prices and directions of all rows; which are open; and for each why it is no trade, as "reason|fix"."""
    fields = pd.DataFrame(index=cells.table.index)
    why = np.full(len(fields), "", dtype=object)
    is_open = _still_open(cells)
    _refuse_idle(table, cells, reading)
    _note(
        why, _never_traded(cells), "bad_value|It is an order that was never executed, no trade: nothing to do"
    )
    for name in ("entry_time", "exit_time"):
        fields[name], problems = _times(table, cells, name, places, reading, is_open)
        for row in np.flatnonzero((problems != OK) & (why == "")):
            why[row] = "|".join(why_no_time(int(problems[row])))
    for name in ("entry_price", "exit_price"):
        fields[name] = cells.numbers(name)
        _note(why, ~(fields[name] > 0), f"bad_value|Its {name} is no price above 0")
        unlike = ~fields[name].between(*_PRICES)
        _note(why, unlike, f"bad_value|Its {name} is none that a market has: see its power of ten")
    if "size" in cells.columns:
        endless = pd.Series(np.isinf(cells.numbers("size")), index=fields.index)
        _note(why, endless, "bad_value|Its size is larger than any number here")
    fields["direction"] = _directions(cells, reading)
    _note(why, fields["direction"] == "", "bad_value|Its direction is neither long nor short, buy nor sell")
    swapped = fields["exit_time"] < fields["entry_time"]
    _note(why, swapped, "bad_value|Its exit lies before its entry: are the two columns swapped?")
    _note(why, fields["exit_time"] > now, "bad_value|Its exit lies in the future: is --timezone right?")
    return fields, is_open & (fields["direction"] != "").to_numpy(), why


def _note(why: np.ndarray, rows: pd.Series, text: str) -> None:
    why[rows.to_numpy(bool) & (why == "")] = text


def _never_traded(cells: Cells) -> pd.Series:
    """Rows of orders among the trades, as MetaTrader lists them: cancelled ones, and such that waited and made nothing."""
    said = [cells.texts(name).str.contains(_NEVER) for name in ("status", "exit_reason")]
    made = cells.numbers("pnl")
    waited = cells.texts("direction").str.contains(_WAITED) & (made == 0)
    return ((said[0] | said[1]) & ~(np.nan_to_num(made) != 0)) | waited


def _still_open(cells: Cells) -> np.ndarray:
    """Rows of trades without an exit: the source says so, or neither time nor price of one is there."""
    status = cells.texts("status").str.lower()
    said = (
        (flags_of(status))
        if words_of(cells.columns.get("status", "")) == ("is", "open")
        else status.isin(["open", "active", "partially closed"])
    )
    times, prices = cells.texts("exit_time"), cells.numbers("exit_price")
    lacking = times.isin(["", "0", "-", "null", "None", "NaN", "nan", "NaT"]).to_numpy() & ~(prices > 0)
    return said.to_numpy(bool) | lacking


def zone_of(name: str, reading: Reading) -> tzinfo | None:
    """The zone of a column's naive times: the one that its name says, else the reading's; None where neither says one."""
    named = _ZONE_IN_NAME.search(name)
    return recording_zone(named["offset"] or "UTC") if named else reading.zone


def _times(
    table: TradeTable, cells: Cells, field: str, places: list[str], reading: Reading, is_open: np.ndarray
) -> tuple[pd.DatetimeIndex, np.ndarray]:
    name = cells.columns[field]
    zone = zone_of(name, reading)
    if reading.zone_told and str(zone) != str(reading.zone):
        told = f"its name says the zone of its times, and --timezone another one ({reading.zone})"
        raise DataError(told, path=table.path, column=name, fix=_LEAVE_OUT)
    texts = cells.texts(field)
    if (two := written_otherwise(texts)) is not None:
        odd, other = two
        raise DataError(
            f"{places[odd]}: the time {texts.iloc[odd]!r} is written in another way than {texts.iloc[other]!r} ({places[other]})",
            path=table.path,
            column=name,
            fix=TWO_WAYS_FIX,
        )
    times, problems = times_of(texts, zone, reading.day_first)
    naive = np.flatnonzero((problems == NAIVE) & ~is_open)
    if len(naive):
        raise NaiveTimeError(
            f"{places[naive[0]]}: the time {texts.iloc[naive[0]]!r} has no zone",
            path=table.path,
            column=name,
            fix="Name the zone its times are in: --timezone UTC, Europe/Berlin, or +01:00",
        )
    return times, problems


def _refuse_idle(table: TradeTable, cells: Cells, reading: Reading) -> None:
    """Raises DataError where each time says its zone and an option says another one, so that nobody takes it for done."""
    texts = pd.concat([cells.texts(name) for name in ("entry_time", "exit_time")])
    texts = texts[texts != ""]
    if reading.zone_told and str(reading.zone) != "UTC" and len(texts) and texts.map(says_zone).all():
        told = (
            f"each time says its own zone, as {texts.iloc[0]!r}, and --timezone another one ({reading.zone})"
        )
        raise DataError(told, path=table.path, column=cells.columns["entry_time"], fix=_LEAVE_OUT)


def _directions(cells: Cells, reading: Reading) -> pd.Series:
    if reading.direction and (name := cells.columns.get("direction") or cells.columns.get("closing_side")):
        raise ParameterError(
            f"--direction {reading.direction.lower()}: column {name!r} says the direction of each trade. Leave the option out, or the "
            "column with --column direction="
        )
    if "direction" in cells.columns:
        texts, words = cells.texts("direction"), words_of(cells.columns["direction"])
        if words in (("is", "short"), ("short",), ("is", "long"), ("long",)):
            sides = ("SHORT", "LONG") if "short" in words else ("LONG", "SHORT")
            return flags_of(texts).map({True: sides[0], False: sides[1]}).fillna("").astype("str")
        return directions_of(texts)
    if "closing_side" in cells.columns:
        return directions_of(cells.texts("closing_side"), of_exit=True)
    size = cells.numbers("size")
    if reading.direction:
        return pd.Series(reading.direction, index=cells.table.index, dtype="str")
    return pd.Series(
        np.select([size > 0, size < 0], ["LONG", "SHORT"], ""), index=cells.table.index, dtype="str"
    )
