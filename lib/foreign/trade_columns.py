"""Which column of a foreign table of trades means what: guessed from names and contents, shown, and corrected by a person.

A name is cut into words (avgEntryPrice, "Entry Price (USDT)" and opentime alike), and a column counts for a field only if its values can be
what the field holds. A guess is no knowledge: whoever imports shows it before anything is written.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import pandas as pd

from lib.errors import ParameterError
from lib.foreign.trade_fit import fit
from lib.foreign.trade_words import Column, words_of

#: Our fields, in the order that they are shown in, with what each holds.
FIELDS = {
    "entry_time": "when the trade was opened",
    "entry_price": "price it was opened at",
    "exit_time": "when it was closed; blank: still open",
    "exit_price": "price it was closed at",
    "direction": "long or short, buy or sell",
    "closing_side": "the closing order's side: a sell closes a long",
    "size": "units traded; below zero: short, where no column says the direction",
    "notional": "size in money, where no column has units",
    "fees": "fees of both sides, in money",
    "entry_fees": "fee of the entry, in money or as a share of the value",
    "exit_fees": "fee of the exit, in money or as a share of the value",
    "funding": "swap or funding as booked: what was paid is below zero",
    "pnl": "profit or loss in money, as the source has it, net or gross",
    "pnl_pct": "the same in percent or as a share, net",
    "confidence": "0 to 1, or in percent",
    "exit_reason": "why it was closed",
    "reasoning": "why it was opened",
    "stop_price": "price of the stop",
    "target_price": "price of the target",
    "model": "who decided",
    "symbol": "the market",
    "id": "the source's own number of the trade",
    "status": "open or closed",
}
NEEDED = ("entry_time", "entry_price", "exit_time", "exit_price")


def guess_columns(table: pd.DataFrame) -> dict[str, str]:
    """Field → column, for the fields that some column seems to hold."""
    twins = {name: "exit" for name in table.columns if name.endswith(" (2)")}
    twins |= {name.removesuffix(" (2)"): "entry" for name in twins}
    columns = [_column(name, table[name], twins.get(name, "")) for name in table.columns]
    columns = [column for column in columns if len(column.texts)]
    found: dict[str, str] = {}
    for field in FIELDS:
        ranks = [(rank, column) for column in columns if (rank := fit(field, column)) is not None]
        ranks = [(rank, column) for rank, column in ranks if column.name not in found.values()]
        if ranks:
            found[field] = min(ranks, key=lambda each: each[0])[1].name
    return _settled(found)


def _column(name: str, texts: pd.Series, twin: str) -> Column:
    filled = texts[texts != ""].head(500)
    return Column(name, words_of(name), twin, filled.reset_index(drop=True))


def _settled(found: dict[str, str]) -> dict[str, str]:
    """One column where two would say the same: units before money, a total before its parts, a side before a closing one."""
    for better, worse in (
        ("size", "notional"),
        ("fees", "entry_fees"),
        ("fees", "exit_fees"),
        ("direction", "closing_side"),
    ):
        if better in found:
            found.pop(worse, None)
    return found


def named_columns(corrections: Iterable[str]) -> set[str]:
    """The columns that a person names, as FIELD=COLUMN."""
    return {text.partition("=")[2].strip() for text in corrections} - {""}


def corrected(guess: Mapping[str, str], corrections: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """The guess with what a person says, as FIELD=COLUMN; FIELD= takes no column. Raises ParameterError naming what there is."""
    columns, known = dict(guess), list(names)
    told: dict[str, str] = {}  #: column → the field that it was named for
    for text in corrections:
        field, equals, name = (part.strip() for part in text.partition("="))
        if not equals or field not in FIELDS:
            raise ParameterError(
                f"--column {text!r}: write FIELD=COLUMN, FIELD being one of {', '.join(FIELDS)}"
            )
        if name and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ParameterError(f"--column {text!r}: no column {name!r}; {hint}there are {', '.join(known)}")
        if name and told.setdefault(name, field) != field:
            raise ParameterError(
                f"--column {text!r}: {name!r} was named for {told[name]} already, and one column cannot be both. "
                "A table that lacks one of the two, as a list of closing orders does, holds no trades to import"
            )
        columns.pop(field, None)
        if name:
            columns = {other: column for other, column in columns.items() if column != name}
            columns[field] = name
        if field in ("direction", "closing_side"):
            columns.pop({"direction": "closing_side", "closing_side": "direction"}[field], None)
    return {field: columns[field] for field in FIELDS if field in columns}
