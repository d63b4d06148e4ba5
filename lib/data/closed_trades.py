"""Closed trades of a foreign table as a decisions frame: one executed decision a trade, made and filled at its entry.

Nothing is repaired: a row that cannot be a trade is set aside with its place, its text and what would help. What would surprise: a trade's
id is made of its content, so the same trade is known again, whatever file it comes in and whatever model is named for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import NAIVE, OK, iso
from lib.data.decisions import empty_decisions
from lib.data.recording import recording_zone
from lib.data.trade_columns import NEEDED, words_of
from lib.data.trade_money import SourceCheck, TradeMoney, check_sides, check_source, size_unit
from lib.data.trade_table import BadRow, TradeTable
from lib.data.trade_values import directions_of, exit_reason_of, flags_of, numbers_of, times_of, why_no_time
from lib.errors import DataError, HeaderError, NaiveTimeError, ParameterError

_ZONE_IN_NAME = re.compile(r"\b(?:UTC|GMT)\s*(?P<offset>[+-]\s*\d{1,2}(?::\d\d)?)?", re.IGNORECASE)
SYMBOL = "symbol"


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


@dataclass(frozen=True)
class ClosedTrades:
    """The trades as a decisions frame in order of entry, and what was left out."""

    decisions: pd.DataFrame  #: schema.DECISION_COLUMNS and `symbol`
    check: SourceCheck
    places: list[str]  #: of each decision
    bad: list[BadRow]
    open_trades: int
    other_symbols: int
    notes: list[str]


def closed_trades(
    table: TradeTable, columns: Mapping[str, str], reading: Reading, now: pd.Timestamp
) -> ClosedTrades:
    """The closed trades of a table whose `columns` say which field stands where; `now`: no exit can be later.

    Raises HeaderError for a field that no column has, ParameterError for what must be told, NaiveTimeError, and DataError where the
    table's P&L contradicts its sides or sizes.
    """
    _need(table, columns, reading)
    chosen, symbol, others = _one_market(table, columns, reading.symbol)
    cells = _Cells(table.table[chosen].reset_index(drop=True), columns)
    places = [place for place, keep in zip(table.places, chosen, strict=True) if keep]
    numbers = [number for number, keep in enumerate(chosen) if keep]
    notes: list[str] = []
    fields, is_open, why = _fields(table, cells, places, reading, now)
    fields["decision_id"] = _ids(fields, cells, symbol)
    repeated = (
        (why == "") & ~is_open & fields["decision_id"].where((why == "") & ~is_open).duplicated().to_numpy()
    )
    why[repeated] = "duplicate|It stands in the file before; nothing to do"
    bad = [
        BadRow(places[row], table.row_text(numbers[row]), *why[row].split("|", 1))
        for row in np.flatnonzero((why != "") & ~is_open)
    ]
    good = np.flatnonzero((why == "") & ~is_open)
    good = good[np.argsort(fields["entry_time"].iloc[good].to_numpy(), kind="stable")]
    money = _money(fields.iloc[good], cells.rows(good), columns, reading, notes)
    check = check_source(money, _named(columns.get("pnl", "")))
    frame = _decisions(
        fields.iloc[good].reset_index(drop=True), cells.rows(good), money, check, reading, symbol
    )
    return ClosedTrades(
        frame,
        check,
        [places[row] for row in good],
        [*table.malformed, *bad],
        int(is_open.sum()),
        others,
        notes,
    )


class _Cells:
    """The texts of a table by our fields; blank where no column has one."""

    def __init__(self, table: pd.DataFrame, columns: Mapping[str, str]) -> None:
        self.table, self.columns = table, columns

    def texts(self, field: str) -> pd.Series:
        name = self.columns.get(field)
        if name is None:
            return pd.Series("", index=self.table.index, dtype=object)
        return self.table[name].astype(object)

    def numbers(self, field: str) -> np.ndarray:
        return numbers_of(self.texts(field))

    def rows(self, places: np.ndarray) -> _Cells:
        return _Cells(self.table.iloc[places].reset_index(drop=True), self.columns)


def _need(table: TradeTable, columns: Mapping[str, str], reading: Reading) -> None:
    lacking = [field for field in NEEDED if field not in columns]
    if not lacking and not ({"direction", "closing_side", "size"} & set(columns) or reading.direction):
        lacking = ["direction"]
    if not lacking:
        return
    fills = (
        "; each row seems to be one order or fill, and closed trades are needed" if len(lacking) > 2 else ""
    )
    ways = " or --direction long" if "direction" in lacking else ""
    raise HeaderError(
        f"no column was found for {', '.join(lacking)}{fills}. It has {', '.join(table.table.columns)}",
        path=table.path,
        fix=f"Say which it is: --column {lacking[0]}=COLUMN{ways}",
    )


def _one_market(table: TradeTable, columns: Mapping[str, str], wanted: str) -> tuple[np.ndarray, str, int]:
    """Which rows are of the market asked for, its name, and how many rows are of others."""
    every = np.ones(len(table.table), dtype=bool)
    if SYMBOL not in columns:
        return every, wanted, 0
    names = table.table[columns[SYMBOL]]
    found = names[names != ""].value_counts()
    told = ", ".join(f"{name} ({count})" for name, count in found.items())
    if wanted:
        fitting = [name for name in found.index if _plain(name) == _plain(wanted)]
        fitting = fitting or [name for name in found.index if _plain(name).startswith(_plain(wanted))]
        if len(fitting) != 1:
            raise ParameterError(
                f"--symbol {wanted}: {table.path} has {told or 'no symbol'}; name one of them"
            )
        chosen = (names == fitting[0]).to_numpy()
        return chosen, str(fitting[0]), int((~chosen).sum())
    if len({_plain(name) for name in found.index}) > 1:
        raise ParameterError(
            f"{table.path} has trades of several markets: {told}. Choose one with --symbol NAME"
        )
    return every, str(found.index[0]) if len(found) else "", 0


def same_market(first: str, second: str) -> bool:
    """Whether two names may be of one market: ETH, ETH/USDT and ETHUSDT may."""
    plain = sorted((_plain(first), _plain(second)), key=len)
    return plain[1].startswith(plain[0])


def _plain(symbol: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", symbol.upper().partition(":")[0])


def _fields(
    table: TradeTable, cells: _Cells, places: list[str], reading: Reading, now: pd.Timestamp
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Times, prices and directions of all rows; which are open; and for each why it is no trade, as "reason|fix"."""
    fields = pd.DataFrame(index=cells.table.index)
    why = np.full(len(fields), "", dtype=object)
    is_open = _still_open(cells)
    for name in ("entry_time", "exit_time"):
        fields[name], problems = _times(table, cells, name, places, reading, is_open)
        for row in np.flatnonzero((problems != OK) & (why == "")):
            why[row] = "|".join(why_no_time(int(problems[row])))
    for name in ("entry_price", "exit_price"):
        fields[name] = cells.numbers(name)
        _note(why, ~(fields[name] > 0), f"bad_value|Its {name} is no price above 0")
    fields["direction"] = _directions(cells, reading)
    _note(why, fields["direction"] == "", "bad_value|Its direction is neither long nor short, buy nor sell")
    swapped = fields["exit_time"] < fields["entry_time"]
    _note(why, swapped, "bad_value|Its exit lies before its entry: are the two columns swapped?")
    _note(why, fields["exit_time"] > now, "bad_value|Its exit lies in the future: is --timezone right?")
    return fields, is_open & (fields["direction"] != "").to_numpy(), why


def _note(why: np.ndarray, rows: pd.Series, text: str) -> None:
    why[rows.to_numpy(bool) & (why == "")] = text


def _still_open(cells: _Cells) -> np.ndarray:
    """Rows of trades without an exit: the source says so, or neither time nor price of one is there."""
    status = cells.texts("status").str.lower()
    said = (
        (flags_of(status))
        if words_of(cells.columns.get("status", "")) == ("is", "open")
        else status.isin(["open", "active"])
    )
    times, prices = cells.texts("exit_time"), cells.numbers("exit_price")
    lacking = times.isin(["", "0", "-", "null", "None", "NaN", "nan", "NaT"]).to_numpy() & ~(prices > 0)
    return said.to_numpy(bool) | lacking


def _times(
    table: TradeTable, cells: _Cells, field: str, places: list[str], reading: Reading, is_open: np.ndarray
) -> tuple[pd.DatetimeIndex, np.ndarray]:
    name = cells.columns[field]
    zone = reading.zone
    if zone is None and (named := _ZONE_IN_NAME.search(name)):
        zone = recording_zone(named["offset"] or "UTC")
    times, problems = times_of(cells.texts(field), zone, reading.day_first)
    naive = np.flatnonzero((problems == NAIVE) & ~is_open)
    if len(naive):
        raise NaiveTimeError(
            f"{places[naive[0]]}: the time {cells.texts(field).iloc[naive[0]]!r} has no zone",
            path=table.path,
            column=name,
            fix="Name the zone its times are in: --timezone UTC, Europe/Berlin, or +01:00",
        )
    return times, problems


def _directions(cells: _Cells, reading: Reading) -> pd.Series:
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
    if not (size < 0).any():
        raise HeaderError(
            "no column says long or short, and no size is below zero",
            fix="Say it: --column direction=COLUMN or --direction long",
        )
    return pd.Series(
        np.select([size > 0, size < 0], ["LONG", "SHORT"], ""), index=cells.table.index, dtype="str"
    )


def _ids(fields: pd.DataFrame, cells: _Cells, symbol: str) -> pd.Series:
    """A name for each trade, made of its content: the same content, the same name."""
    times = [
        [iso(time) if pd.notna(time) else "" for time in fields[name]] for name in ("entry_time", "exit_time")
    ]
    rows = zip(
        *times, fields["direction"], fields["entry_price"], fields["exit_price"], np.abs(cells.numbers("size")),
        cells.texts("id"), cells.texts("model"), [symbol] * len(fields), strict=True,
    )  # fmt: skip
    names = [hashlib.sha256("|".join(map(str, row)).encode()).hexdigest()[:16] for row in rows]
    return pd.Series([f"import-{name}" for name in names], index=fields.index, dtype="str")


def _named(column: str) -> str:
    return next((word for word in ("net", "gross") if word in words_of(column)), "")


def _money(
    fields: pd.DataFrame, cells: _Cells, columns: Mapping[str, str], reading: Reading, notes: list[str]
) -> TradeMoney:
    entry, size = fields["entry_price"].to_numpy(), np.abs(cells.numbers("size"))
    size = np.where(size > 0, size, np.nan)
    if "size" not in columns:
        size = np.abs(cells.numbers("notional")) / entry
    sign = np.where(fields["direction"] == "LONG", 1.0, -1.0)
    leaving = fields["exit_price"].to_numpy()
    nothing = np.full(len(entry), np.nan)
    found = TradeMoney(sign, entry, leaving, size, nothing, nothing, cells.numbers("pnl"))
    check_sides(found)
    unit = reading.unit or size_unit(found)
    if unit == "money":
        notes.append(f"{columns.get('size')!r} is money, not units: only so its P&L fits")
        size = size / entry
    elif reading.unit is None and unit != 1.0:
        raise DataError(
            f"its P&L is {unit:g} times what prices and size make: one of its sizes seems to be {unit:g} units",
            fix=f"Say it with --contract-size {unit:g}, or --contract-size 1 if the sizes are units all the same",
        )
    else:
        size = size * unit
    commissions = _commissions(cells, columns, size, entry, leaving, notes)
    return TradeMoney(sign, entry, leaving, size, commissions, cells.numbers("funding"), cells.numbers("pnl"))


def _commissions(
    cells: _Cells,
    columns: Mapping[str, str],
    size: np.ndarray,
    entry: np.ndarray,
    leaving: np.ndarray,
    notes: list[str],
) -> np.ndarray:
    """Fees of both sides, above 0 where paid; fees that are shares of the value, as Freqtrade's, made money."""
    if "fees" in columns:
        paid = cells.numbers("fees")
    else:
        sides = []
        for field, price in (("entry_fees", entry), ("exit_fees", leaving)):
            values = cells.numbers(field)
            if field in columns and _is_share(values, columns[field]):
                notes.append(f"{columns[field]!r} is a share of the value, not money")
                values = values * size * price
            sides.append(values)
        paid = np.where(
            np.isfinite(sides[0]) | np.isfinite(sides[1]),
            np.nan_to_num(sides[0]) + np.nan_to_num(sides[1]),
            np.nan,
        )
    known = paid[np.isfinite(paid)]
    if len(known) and (known < 0).sum() > (known > 0).sum():
        notes.append("fees below zero are what was paid")
        return -paid
    return paid


def _is_share(values: np.ndarray, name: str) -> bool:
    known = values[np.isfinite(values)]
    words = words_of(name)
    if {"ratio", "pct", "rate", "percent"} & set(words):
        return True
    return (
        len(known) > 0
        and float(np.abs(known).max()) < 0.01
        and (words[0] == "fee" or len(np.unique(known)) == 1)
    )


def _decisions(
    fields: pd.DataFrame, cells: _Cells, money: TradeMoney, check: SourceCheck, reading: Reading, symbol: str
) -> pd.DataFrame:
    frame = empty_decisions().reindex(range(len(fields)))
    value = money.entry * money.size
    for name in ("entry_time", "exit_time", "direction", "entry_price", "exit_price", "decision_id"):
        frame[name] = fields[name]
    frame["timestamp"] = fields["entry_time"]
    frame["pnl_pct"] = money.sign * (money.exit / money.entry - 1) * 100
    frame["size"], frame["fees"] = money.size, np.where(np.isfinite(money.size), check.fees, np.nan)
    frame["net_pnl_pct"] = (money.gross - frame["fees"]) / value * 100
    texts = {name: cells.texts(name) for name in ("exit_reason", "reasoning", "model")}
    words = texts["exit_reason"].map(exit_reason_of)
    kept = texts["exit_reason"].where((words == "OTHER") | (texts["exit_reason"].str.len() > 24), "")
    frame["exit_reason"] = words.astype("str")
    frame["reasoning"] = [
        "; ".join(part for part in (why, f"exit: {text}" if text else "") if part)[:500]
        for why, text in zip(texts["reasoning"], kept, strict=True)
    ]
    own = texts["model"].where(texts["model"] != "", reading.source)
    frame["model"] = reading.model or own.astype("str")
    frame["confidence"] = _confidence(cells.numbers("confidence"))
    for name in ("stop_price", "target_price"):
        price = cells.numbers(name)
        frame[name] = np.where(np.abs(price / money.entry - 1) < 0.5, price, np.nan)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = frame[name].fillna("")
    return frame.assign(entry_recommended="YES", executed=True, reason_code=schema.IMPORTED, symbol=symbol)


def _confidence(values: np.ndarray) -> np.ndarray:
    """0 to 1; percentages divided; nothing where a table has one value throughout that says nothing, as 0."""
    known = values[np.isfinite(values)]
    if not len(known) or not known.any():
        return np.full(len(values), np.nan)
    values = values / 100 if known.max() > 1 else values
    return np.where((values >= 0) & (values <= 1), values, np.nan)
