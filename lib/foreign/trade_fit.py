"""How well a column of a foreign table fits a field of ours: by the words of its name, and only if its values can be what the field holds.

A rank is a tuple, the smallest is the best; None: it does not fit.
"""

from __future__ import annotations

from lib.foreign.trade_values import says_zone
from lib.foreign.trade_words import (
    BOUGHT,
    CARRY,
    CURRENCY,
    ENTRY,
    EXIT,
    IN_MONEY,
    MODEL,
    MONEY_OUT,
    NO_TOTAL,
    PERHAPS,
    PRICE,
    PROFIT,
    SHARE,
    SIZE,
    SYMBOL,
    TEXT,
    TIME,
    WHY,
    Column,
)


def fit(field: str, column: Column) -> tuple[int, ...] | None:
    """How well a column fits a field, smallest best; None where it does not."""
    rank = _RANKS[field.removeprefix("entry_").removeprefix("exit_") if field in _SIDED else field](
        field, column
    )
    return None if rank is None else (*rank, len(column.words))


def _side(field: str, column: Column) -> bool:
    """Whether a column is of the side that a field is of: by word, or as the first and second column of one name."""
    mine, other = (ENTRY, EXIT) if field.startswith("entry") else (EXIT, ENTRY)
    if column.has(ENTRY) or column.has(EXIT):
        return column.has(mine) and not column.has(other)
    sides = {BOUGHT[word] for word in column.words if word in BOUGHT}
    if sides:
        return sides == {field.partition("_")[0]}
    return column.twin == field.partition("_")[0]


def _time(field: str, column: Column) -> tuple[int, ...] | None:
    perhaps = column.has(PERHAPS[field.partition("_")[0]]) and not column.has(ENTRY | EXIT)
    if not (_side(field, column) or perhaps) or not column.is_time:
        return None
    zoned = column.share(column.texts.map(says_zone))
    return (1 if perhaps else 0, 0 if column.has(TIME) else 1, 0 if zoned else 1)


def _price(field: str, column: Column) -> tuple[int, ...] | None:
    off = (
        MONEY_OUT
        | PROFIT
        | (IN_MONEY - CURRENCY)
        | SIZE
        | WHY
        | SHARE
        | NO_TOTAL
        | {"stop", "sl", "tp", "target", "leverage"}
    )
    if not _side(field, column) or column.has(off) or column.is_time or not column.is_number:
        return None
    alone = set(column.words) <= ENTRY | EXIT | set(BOUGHT) | {"in", "out", "at"}
    return (0,) if column.has(PRICE) else (1,) if alone or column.has({"avg", "average"}) else None


def _fees(field: str, column: Column) -> tuple[int, ...] | None:
    sided = column.has(ENTRY | EXIT | set(BOUGHT))
    if not column.has(MONEY_OUT) or column.has(CARRY) or not column.is_number or sided == (field == "fees"):
        return None
    if sided and not _side(field, column):
        return None
    return (0 if column.has({"total"}) else 1, 0 if column.has({"cost"}) else 1)


def _pnl(field: str, column: Column) -> tuple[int, ...] | None:
    percent = column.has(SHARE)
    alone = column.words in (("net",), ("gross",))
    if (
        not (column.has(PROFIT) or alone)
        or column.has(NO_TOTAL | ENTRY | WHY | {"target", "tp", "take"})
        or not column.is_number
    ):
        return None
    if percent != (field == "pnl_pct"):
        return None
    order = ({"net"}, {"abs", "realized", "realised"}, {"total"})
    best = next((place for place, words in enumerate(order) if column.has(words)), 3)
    return (best, 1 if column.has({"gross"}) else 0, 1 if column.has({"exit"}) else 0)


def _size(field: str, column: Column) -> tuple[int, ...] | None:
    in_money = column.has(IN_MONEY - CURRENCY) or column.has(SIZE, CURRENCY)
    wanted = in_money if field == "notional" else column.has(SIZE) and not in_money
    off = MONEY_OUT | CARRY | PROFIT | NO_TOTAL | SHARE | PRICE | {"leverage"}
    if not wanted or column.has(off) or column.is_time or not column.is_number:
        return None
    return (
        1 if column.has(ENTRY | EXIT) else 0,
        0 if column.has({"qty", "quantity", "size", "amount"}) else 1,
    )


def _direction(field: str, column: Column) -> tuple[int, ...] | None:
    closing = (
        column.has({"closing", "close"}) and not column.texts.str.contains("long|short", case=False).any()
    )
    if column.is_flag and column.words in (("is", "short"), ("short",), ("is", "long"), ("long",)):
        return (0,) if field == "direction" else None
    sided = column.has({"side", "direction"})
    if column.is_number and not sided:  # a size of 1 is no side
        return None
    if not column.is_direction or closing != (field == "closing_side"):
        return None
    return (0 if column.has({"side", "direction", "position"}) else 1,)


def _text(words: set[str], off: set[str] = frozenset(), first: set[str] = frozenset()):
    """A rank by words for columns of texts."""

    def rank(field: str, column: Column) -> tuple[int, ...] | None:
        if not column.has(words) or column.has(off) or column.is_number or column.is_time or column.is_flag:
            return None
        return (0 if column.has(first) else 1,)

    return rank


def _reasoning(field: str, column: Column) -> tuple[int, ...] | None:
    if column.has(ENTRY) and column.has({"tag", "reason", "signal"}):
        return (1,) if not column.is_number else None
    return _text(TEXT, EXIT)(field, column)


def _stop(field: str, column: Column) -> tuple[int, ...] | None:
    named = _number((({"sl"},), ({"stop"}, {"loss"}), ({"stop"}, {"price"})), SHARE | PROFIT | {"initial"})
    return (0,) if column.words == ("stop",) and column.is_number else named(field, column)


def _number(words: tuple[set[str], ...], off: set[str] = frozenset()):
    """A rank by words, all groups of them, for columns of numbers."""

    def rank(field: str, column: Column) -> tuple[int, ...] | None:
        fits = any(column.has(*group) for group in words)
        return (0,) if fits and not column.has(off) and column.is_number and not column.is_time else None

    return rank


def _funding(field: str, column: Column) -> tuple[int, ...] | None:
    rank = _number(((CARRY,),), {"rate"})(field, column)
    return None if rank is None else (1 if column.has({"taxes"}) else 0,)


def _reason(field: str, column: Column) -> tuple[int, ...] | None:
    rank = _text(WHY, ENTRY | SYMBOL | {"order", "enter"})(field, column)
    if rank is None or column.is_direction:
        return None
    if column.has(EXIT) or column.words[:1] == ("sell",):
        return (0,)
    return (1,) if column.has({"reason", "comment", "why"}) else None


def _id(field: str, column: Column) -> tuple[int, ...] | None:
    named = column.has({"id", "ticket", "number"}) or column.words in (("trade",), ("position",), ("deal",))
    if not named or column.is_time or column.has(MODEL | SYMBOL) or not column.texts.is_unique:
        return None
    return (0 if column.has({"trade", "ticket", "position"}) else 1,)


def _status(field: str, column: Column) -> tuple[int, ...] | None:
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
    "funding": _funding,
    "confidence": _number((({"confidence", "conf", "probability"},),)),
    "exit_reason": _reason,
    "reasoning": _reasoning,
    "stop_price": _stop,
    "target_price": _number((({"tp"},), ({"take"}, {"profit"}), ({"target"},), ({"profit"}, {"target"})), SHARE),
    "model": _text(MODEL, {"version"}),
    "symbol": _text(SYMBOL, WHY | MONEY_OUT | PROFIT | IN_MONEY | {"currency"}, {"symbol", "pair"}),
    "id": _id,
    "status": _status,
}  # fmt: skip
