"""Which column of a foreign table of trades means what: guessed from names and contents, shown, and corrected by a person.

A name is cut into words (avgEntryPrice, "Entry Price (USDT)" and opentime alike), and a column counts for a field only if its values can be
what the field holds. A guess is no knowledge: whoever imports shows it before anything is written.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from lib.data.trade_values import directions_of, flags_of, looks_like_time, numbers_of, says_zone
from lib.errors import ParameterError

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

_ENTRY = {"entry", "open", "opened", "opening", "enter", "entered"}
_EXIT = {"exit", "close", "closed", "closing", "exited"}
_BOUGHT = {"buy": "entry", "sell": "exit"}
_TIME = {"time", "date", "datetime", "timestamp", "ts", "at", "when", "on"}
_PRICE = {"price", "rate", "px", "level", "quote"}
_MONEY_OUT = {"fee", "fees", "commission", "commissions", "comm"}
_CARRY = {"swap", "swaps", "funding", "rollover", "taxes"}
_PROFIT = {"pnl", "pl", "profit", "gain", "result", "profitloss", "return", "returns"}
_SHARE = {"pct", "percent", "percentage", "ratio", "roi", "roe", "return", "returns"}
_NO_TOTAL = {"unrealized", "unrealised", "mfe", "mae", "max", "min", "cum", "cumulative", "running", "balance", "equity", "drawdown",
             "runup", "high", "low", "initial", "requested", "expected", "planned", "r"}  # fmt: skip
_SIZE = {
    "size",
    "sz",
    "qty",
    "quantity",
    "amount",
    "volume",
    "vol",
    "contracts",
    "units",
    "lots",
    "lot",
    "shares",
    "filled",
}
_IN_MONEY = {"usd", "usdt", "usdc", "value", "notional", "stake", "margin", "cost", "turnover", "quote"}
_SYMBOL = {
    "symbol",
    "pair",
    "market",
    "instrument",
    "coin",
    "ticker",
    "asset",
    "contract",
    "contracts",
    "item",
    "product",
}
_MODEL = {"model", "strategy", "bot", "agent", "system"}
_WHY = {"reason", "type", "tag", "signal", "comment", "cause", "trigger"}
_TEXT = {"reasoning", "rationale", "justification", "thesis", "note", "notes", "explanation"}
_OTHER = {"id", "ticket", "trade", "order", "no", "number", "side", "direction", "position", "is", "short", "long", "stop", "loss", "take",
          "target", "sl", "tp", "net", "gross", "abs", "total", "realized", "realised", "avg", "average", "mean", "confidence", "conf",
          "probability", "status", "state", "deal", "human", "leverage", "currency", "in", "out"}  # fmt: skip
_VOCABULARY = frozenset().union(
    _ENTRY,
    _EXIT,
    _TIME,
    _PRICE,
    _MONEY_OUT,
    _CARRY,
    _PROFIT,
    _SHARE,
    _SIZE,
    _IN_MONEY,
    _SYMBOL,
    _MODEL,
    _WHY,
    _TEXT,
    _OTHER,
    _BOUGHT,
)


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The words of a column's name in lower case: camel case, separators and known compounds cut, what stands in brackets left out."""
    plain = (
        re.sub(r"\((?!%)[^)]*\)", " ", name).replace("%", " pct ").replace("#", " number ").replace("&", "")
    )
    plain = re.sub(r"\bP\s*/?\s*L\b", "pnl", plain).replace("PnL", "pnl").replace("Pnl", "Pnl")
    plain = re.sub(r"\b([ST])\s*/\s*([LP])\b", r"\1\2", plain)
    plain = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", plain).lower()
    return tuple(part for word in re.findall(r"[a-z]+", plain) for part in _cut(word))


def _cut(word: str) -> list[str]:
    """A word as known words, if it is made of nothing else: opentime is open, time."""
    if word in _VOCABULARY:
        return [word]
    for length in range(len(word) - 1, 1, -1):
        if word[:length] in _VOCABULARY and (rest := _cut(word[length:])) and set(rest) <= _VOCABULARY:
            return [word[:length], *rest]
    return [word]


def is_known_name(name: str) -> bool:
    """Whether a column's name has a word that means something here."""
    return len(name) < 60 and bool(set(words_of(name)) & _VOCABULARY)


@dataclass(frozen=True)
class _Column:
    """A column's name, its words, and what its values can be."""

    name: str
    words: tuple[str, ...]
    again: bool  #: the second column of this name
    texts: pd.Series

    def has(self, *groups: Iterable[str]) -> bool:
        return all(set(self.words) & set(group) for group in groups)

    def share(self, good: np.ndarray | pd.Series) -> bool:
        return len(self.texts) > 0 and float(np.mean(good)) >= 0.8

    @property
    def is_number(self) -> bool:
        return self.share(np.isfinite(numbers_of(self.texts)))

    @property
    def is_time(self) -> bool:
        return self.share(self.texts.map(looks_like_time))

    @property
    def is_direction(self) -> bool:
        return self.share(directions_of(self.texts) != "")

    @property
    def is_flag(self) -> bool:
        return self.share(flags_of(self.texts).notna())


def guess_columns(table: pd.DataFrame) -> dict[str, str]:
    """Field → column, for the fields that some column seems to hold."""
    columns = [_column(name, table[name]) for name in table.columns]
    columns = [column for column in columns if len(column.texts)]
    found: dict[str, str] = {}
    for field in FIELDS:
        ranks = [(rank, column) for column in columns if (rank := _rank(field, column)) is not None]
        ranks = [(rank, column) for rank, column in ranks if column.name not in found.values()]
        if ranks:
            found[field] = min(ranks, key=lambda each: each[0])[1].name
    return _settled(found)


def _column(name: str, texts: pd.Series) -> _Column:
    filled = texts[texts != ""].head(500)
    return _Column(name, words_of(name), name.endswith(" (2)"), filled.reset_index(drop=True))


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


def corrected(guess: Mapping[str, str], corrections: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """The guess with what a person says, as FIELD=COLUMN; FIELD= takes no column. Raises ParameterError naming what there is."""
    columns, known = dict(guess), list(names)
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
        columns.pop(field, None)
        if name:
            columns = {other: column for other, column in columns.items() if column != name}
            columns[field] = name
        if field in ("direction", "closing_side"):
            columns.pop({"direction": "closing_side", "closing_side": "direction"}[field], None)
    return {field: columns[field] for field in FIELDS if field in columns}


def _rank(field: str, column: _Column) -> tuple[int, ...] | None:
    """How well a column fits a field, smallest best; None where it does not."""
    rank = _RANKS[field.removeprefix("entry_").removeprefix("exit_") if field in _SIDED else field](
        field, column
    )
    return None if rank is None else (*rank, len(column.words))


def _side(field: str, column: _Column) -> bool:
    """Whether a column is of the side that a field is of: by word, or as the first and second column of one name."""
    mine, other = (_ENTRY, _EXIT) if field.startswith("entry") else (_EXIT, _ENTRY)
    if column.has(_ENTRY) or column.has(_EXIT):
        return column.has(mine) and not column.has(other)
    sides = {_BOUGHT[word] for word in column.words if word in _BOUGHT}
    if sides:
        return sides == {field.partition("_")[0]}
    return column.again == field.startswith("exit") and set(column.words) <= _TIME | _PRICE


def _time(field: str, column: _Column) -> tuple[int, ...] | None:
    if not _side(field, column) or (column.is_number and not column.is_time) or not column.is_time:
        return None
    zoned = column.share(column.texts.map(says_zone))
    return (0 if column.has(_TIME) else 1, 0 if zoned else 1)


def _price(field: str, column: _Column) -> tuple[int, ...] | None:
    off = (
        _MONEY_OUT
        | _PROFIT
        | _IN_MONEY
        | _SIZE
        | _WHY
        | _SHARE
        | _NO_TOTAL
        | {"stop", "sl", "tp", "target", "leverage"}
    )
    if not _side(field, column) or column.has(off) or column.is_time or not column.is_number:
        return None
    alone = set(column.words) <= _ENTRY | _EXIT
    return (0,) if column.has(_PRICE) else (1,) if alone or column.has({"avg", "average"}) else None


def _fees(field: str, column: _Column) -> tuple[int, ...] | None:
    sided = column.has(_ENTRY | _EXIT | set(_BOUGHT))
    if not column.has(_MONEY_OUT) or not column.is_number or sided == (field == "fees"):
        return None
    if sided and not _side(field, column):
        return None
    return (0 if column.has({"total"}) else 1, 0 if column.has({"cost"}) else 1)


def _pnl(field: str, column: _Column) -> tuple[int, ...] | None:
    percent = column.has(_SHARE)
    if (
        not column.has(_PROFIT)
        or column.has(_NO_TOTAL | _ENTRY | _WHY | {"target", "tp", "take"})
        or not column.is_number
    ):
        return None
    if percent != (field == "pnl_pct"):
        return None
    order = ({"net"}, {"abs", "realized", "realised"}, {"total"})
    best = next((place for place, words in enumerate(order) if column.has(words)), 3)
    return (best, 1 if column.has({"gross"}) else 0, 1 if column.has({"exit"}) else 0)


def _size(field: str, column: _Column) -> tuple[int, ...] | None:
    wanted = column.has(_IN_MONEY) if field == "notional" else column.has(_SIZE) and not column.has(_IN_MONEY)
    off = _MONEY_OUT | _PROFIT | _NO_TOTAL | _SHARE | _PRICE | {"leverage"}
    if not wanted or column.has(off) or column.is_time or not column.is_number:
        return None
    return (
        1 if column.has(_ENTRY | _EXIT) else 0,
        0 if column.has({"qty", "quantity", "size", "amount"}) else 1,
    )


def _direction(field: str, column: _Column) -> tuple[int, ...] | None:
    closing = (
        column.has({"closing", "close"}) and not column.texts.str.contains("long|short", case=False).any()
    )
    if column.is_flag and column.words in (("is", "short"), ("short",), ("is", "long"), ("long",)):
        return (0,) if field == "direction" else None
    if not column.is_direction or closing != (field == "closing_side"):
        return None
    return (0 if column.has({"side", "direction", "position"}) else 1,)


def _text(words: set[str], off: set[str] = frozenset(), first: set[str] = frozenset()):
    """A rank by words for columns of texts."""

    def rank(field: str, column: _Column) -> tuple[int, ...] | None:
        if not column.has(words) or column.has(off) or column.is_number or column.is_time or column.is_flag:
            return None
        return (0 if column.has(first) else 1,)

    return rank


def _number(words: tuple[set[str], ...], off: set[str] = frozenset()):
    """A rank by words, all groups of them, for columns of numbers."""

    def rank(field: str, column: _Column) -> tuple[int, ...] | None:
        fits = any(column.has(*group) for group in words)
        return (0,) if fits and not column.has(off) and column.is_number and not column.is_time else None

    return rank


def _reason(field: str, column: _Column) -> tuple[int, ...] | None:
    rank = _text(_WHY, _ENTRY | _SYMBOL | {"order", "enter"})(field, column)
    if rank is None or column.is_direction:
        return None
    if column.has(_EXIT) or column.words[:1] == ("sell",):
        return (0,)
    return (1,) if column.has({"reason", "comment"}) else None


def _id(field: str, column: _Column) -> tuple[int, ...] | None:
    named = column.has({"id", "ticket", "number"}) or column.words in (("trade",), ("position",), ("deal",))
    if not named or column.is_time or column.has(_MODEL | _SYMBOL) or not column.texts.is_unique:
        return None
    return (0 if column.has({"trade", "ticket", "position"}) else 1,)


def _status(field: str, column: _Column) -> tuple[int, ...] | None:
    if column.words == ("is", "open"):
        return (0,)
    words = column.texts.str.lower().str.contains("open|closed|active")
    return (1,) if column.has({"status", "state"}) and column.share(words) else None


_SIDED = ("entry_time", "exit_time", "entry_price", "exit_price", "entry_fees", "exit_fees")
_RANKS = {
    "time": _time,
    "price": _price,
    "fees": _fees,
    "size": _size,
    "notional": _size,
    "pnl": _pnl,
    "pnl_pct": _pnl,
    "direction": _direction,
    "closing_side": _direction,
    "funding": _number(((_CARRY,),), {"rate"}),
    "confidence": _number((({"confidence", "conf", "probability"},),)),
    "exit_reason": _reason,
    "reasoning": _text(_TEXT, _EXIT),
    "stop_price": _number((({"sl"},), ({"stop"}, {"loss"}), ({"stop"}, {"price"})), _SHARE | _PROFIT | {"initial"}),
    "target_price": _number((({"tp"},), ({"take"}, {"profit"}), ({"target"},), ({"profit"}, {"target"})), _SHARE),
    "model": _text(_MODEL, {"version"}),
    "symbol": _text(_SYMBOL, _WHY | {"currency"}, {"symbol", "pair"}),
    "id": _id,
    "status": _status,
}  # fmt: skip
