"""The money columns of a foreign table of trades: sizes in units, fees and funding in money."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.contract.visible import visible
from lib.errors import DataError
from lib.foreign.market_name import MONEY
from lib.foreign.trade_coins import costs_in_coins, inverse_pnl, refuse_coins
from lib.foreign.trade_money import TradeMoney, check_sides, size_unit
from lib.foreign.trade_rows import Cells, Reading
from lib.foreign.trade_words import words_of

#: A currency's sign or name beside a number.
_IN_MONEY = rf"(?i)[$€£¥]|\d\s*(?:{'|'.join(MONEY)})\s*$"


def read_money(
    fields: pd.DataFrame, cells: Cells, reading: Reading, market: str, notes: list[str]
) -> TradeMoney:
    """The money of the trades whose times and prices are in `fields`; what a person should know of it goes into `notes`.

    Raises DataError where the P&L contradicts the sides, or the sizes as units and none is told, or is of a coin, and where texts say that
    a figure is something else than its column.
    """
    columns = cells.columns
    refuse_coins(cells, market)
    _refuse_shares(cells)
    entry, size = fields["entry_price"].to_numpy(), np.abs(cells.numbers("size"))
    size = np.where(size > 0, size, np.nan)
    if "size" not in columns:
        size = np.abs(cells.numbers("notional")) / entry
    sign = np.where(fields["direction"] == "LONG", 1.0, -1.0)
    leaving = fields["exit_price"].to_numpy()
    nothing = np.full(len(entry), np.nan)
    found = TradeMoney(sign, entry, leaving, size, nothing, nothing, cells.numbers("pnl"))
    check_sides(found, columns.get("direction", ""))
    unit = reading.unit or size_unit(found)
    if unit == "money":
        notes.append(f"{columns.get('size')!r} is money, not units: only so its P&L fits")
        size = size / entry
    elif unit == "inverse":
        raise inverse_pnl(cells)
    elif reading.unit is None and unit != 1.0:
        raise DataError(
            f"its P&L is {unit:g} times what prices and size make: one of its sizes seems to be {unit:g} units",
            fix=f"Say it with --contract-size {unit:g}, or --contract-size 1 if the sizes are units all the same",
        )
    else:
        size = size * unit
    commissions = _commissions(cells, columns, size, entry, leaving, notes)
    commissions = _without_coins(commissions, cells, ("fees", "entry_fees", "exit_fees"), market, notes)
    funding = _without_coins(cells.numbers("funding"), cells, ("funding",), market, notes)
    money = TradeMoney(sign, entry, leaving, size, commissions, funding, cells.numbers("pnl"))
    check_sides(money, columns.get("direction", ""))  # once more: with fees, small moves speak too
    return money


def _refuse_shares(cells: Cells) -> None:
    """Raises DataError for percent signs in a column of money or units, and for money in one of units."""
    for field in ("size", "notional", "pnl", "fees", "entry_fees", "exit_fees", "funding"):
        texts = cells.texts(field)
        shares = texts[texts.str.contains("%", regex=False)]
        money = texts[texts.str.contains(_IN_MONEY)] if field == "size" else shares
        for odd, what in ((shares, "a share"), (money, "money")):
            if not odd.empty:
                raise _other(cells.columns[field], field, str(odd.iloc[0]), what)


def _other(name: str, field: str, text: str, what: str) -> DataError:
    means = {"money": "notional", "a share": "pnl_pct" if field == "pnl" else ""}[what]
    says = f"--column {means}={name}" if means else f"leave it out with --column {field}="
    wanted = "units" if field == "size" else "money"
    return DataError(
        f"column {name!r} is taken for {field}, and {visible(text[:60])!r} is {what}, no {wanted}",
        fix=f"Say what it is: {says}, or write it in {wanted}",
    )


def _commissions(
    cells: Cells,
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


def _without_coins(
    paid: np.ndarray, cells: Cells, fields: tuple[str, ...], market: str, notes: list[str]
) -> np.ndarray:
    """Fees or funding, NaN where they are in a coin."""
    coins = costs_in_coins(cells, fields, market)
    if coins is None:
        return paid
    foreign = (coins != "").to_numpy() & np.isfinite(paid)
    if foreign.any():
        told = ", ".join(coins[foreign].unique()[:3])
        what = "funding" if fields == ("funding",) else "fees"
        notes.append(
            f"{what} of {int(foreign.sum()):,} trades are in {told}, not in the market's money: not taken"
        )
    return np.where(foreign, np.nan, paid)


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
