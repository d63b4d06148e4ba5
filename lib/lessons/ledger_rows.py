"""Whether the rows of a ledger can be what a ledger writes: of their types, in their ranges, about hypotheses that there are.

A ledger decides what Claude is told, so a row that was damaged is neither believed nor passed over: the file as a whole is unusable then,
and is made anew from the data (lib.lessons.advance). The newest row of each hypothesis must say what the kept state says of it too.
"""

from __future__ import annotations

import json
import math
import sqlite3
from typing import Any, get_args

from pydantic import ValidationError

from lib.contract.schema import SIGNATURES
from lib.contract.times import parse_instant
from lib.errors import ParameterError
from lib.lessons.evidence import Evidence, Status, Why
from lib.lessons.hypotheses import is_value, parse_id
from lib.lessons.ledger import Ledger
from lib.lessons.streams.models import Carry

#: No return of a trade, in percent, is larger; nor is the logarithm of an e-value.
_MOST_PCT, _MOST_LOG = 1_000.0, 1e9
#: What rounding may leave of a mean that is 0.
_ROUNDING = 1e-9


def _whole(name: str, least: int = 0) -> str:
    return f"typeof({name}) = 'integer' AND {name} >= {least}"


def _real(name: str, least: float = -_MOST_PCT, most: float = _MOST_PCT) -> str:
    return f"typeof({name}) = 'real' AND {name} BETWEEN {least!r} AND {most!r}"


def _or_none(name: str, least: float = -_MOST_PCT, most: float = _MOST_PCT) -> str:
    return f"({name} IS NULL OR {_real(name, least, most)})"


def _one_of(name: str, words: tuple[str, ...]) -> str:
    return f"{name} IN ({', '.join(repr(word) for word in words)})"


#: What holds of each row, by table; the first column names it.
_ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "hypotheses": ("k", (_whole("k", 1), "typeof(id) = 'text'", _whole("registered"))),
    "changes": (
        "seq",
        (
            "k IN (SELECT k FROM hypotheses)",
            *map(_whole, ("at", "since", "proven", "large", "n", "wins", "episodes", "beyond")),
            _one_of("status", get_args(Status)),
            _one_of("why", get_args(Why)),
            "wins <= n AND (trade_mean IS NULL) = (n = 0) AND (mean IS NULL) = (episodes = 0)",
            *map(_or_none, ("mean", "trade_mean")),
            *(_or_none(name, -_ROUNDING) for name in ("mean_gain", "mean_loss")),
            _real("sd", 0.0),
            *(_real(name, -_MOST_LOG, _MOST_LOG) for name in ("log_e", "doubt")),
        ),
    ),
    "observations": (
        "seq",
        (
            "typeof(grp) = 'text' AND typeof(trades) = 'text'",
            _one_of("typeof(pair) || pair", ("integer0", "integer1")),
            _whole("at"),
            _real("x"),
            *(_real(name, 0.0) for name in ("worst", "best")),
            _real("tempering", 1.0, _MOST_LOG),
        ),
    ),
    "trades": (
        "seq",
        (
            *map(_whole, ("at", "entry", "episode")),
            "entry <= at AND typeof(trade) = 'text'",
            _real("net"),
            _or_none("confidence", 0.0, 1.0),
            _one_of("direction", ("LONG", "SHORT", "")),
            _one_of("setup", ("", *SIGNATURES)),
        ),
    ),
}
_NEWEST = (
    "SELECT h.id, h.k, h.registered, c.status, c.n, c.wins, c.proven, c.large FROM hypotheses h LEFT JOIN changes c "
    "ON c.seq = (SELECT seq FROM changes WHERE k = h.k ORDER BY at DESC, seq DESC LIMIT 1) ORDER BY h.k"
)


def check_rows(connection: sqlite3.Connection, known: bool = False) -> None:
    """Raises sqlite3.DatabaseError, which names table, row and what is wrong, for rows that no ledger writes.

    `known`: nobody has written since all rows were looked at (lib.lessons.ledger_file), so that the newest ones and the state suffice.
    """
    if not known:
        _check_all(connection)
    _check_state(connection)


def _check_all(connection: sqlite3.Connection) -> None:
    for table, (name, rules) in _ROWS.items():
        off = " OR ".join(f"NOT COALESCE({rule}, 0)" for rule in rules)
        row = connection.execute(f"SELECT * FROM {table} WHERE {off} LIMIT 1").fetchone()
        if row is not None:
            broken = [
                rule
                for rule in rules
                if connection.execute(
                    f"SELECT NOT COALESCE({rule}, 0) FROM {table} WHERE {name} = ?", row[:1]
                ).fetchone()[0]
            ]
            raise _damaged(table, row[0], f"{row[1:]} breaks {broken[0][:80]}")
        last, count = connection.execute(f"SELECT MAX({name}), COUNT(*) FROM {table}").fetchone()
        if (last or 0) != count:
            raise _damaged(table, last, f"{last - count} rows before it are missing")
    for (group,) in connection.execute("SELECT DISTINCT grp FROM observations"):
        parts = group.split(".")
        if len(parts) != 3 or not is_value(*parts):
            raise _damaged("observations", group, "there is no such group")


def _check_state(connection: sqlite3.Connection) -> None:
    found = connection.execute("SELECT head, choices, carry, ledger FROM state").fetchone()
    if found is None:
        return
    head, choices, carry, ledger = found
    try:
        parse_instant(head)
        Carry.model_validate(_finite_json(carry))
        entries = Ledger.from_dict(_finite_json(ledger)).entries
        for entry in entries.values():
            _check_entry(entry)
    except (ValueError, KeyError, TypeError, AttributeError, ParameterError, ValidationError) as error:
        raise sqlite3.DatabaseError(f"its state is none: {error!r}") from error
    if not isinstance(choices, int) or choices < 0:
        raise _damaged("state", 1, f"{choices!r} choices")
    kept = {name: _figures(entry) for name, entry in entries.items()}
    for name, *figures in connection.execute(_NEWEST):
        if parse_id(name) is None:
            raise _damaged("hypotheses", figures[0], f"{name!r} is no hypothesis")
        if kept.pop(name, None) != figures:
            raise _damaged("changes", name, "the newest row and the state say different things")
    if kept:
        raise _damaged("hypotheses", next(iter(kept)), "the state knows it, and the table does not")


def _check_entry(entry: Evidence) -> None:
    """Raises ValueError for sums that no trades make."""
    most = _MOST_PCT * max(entry.n, entry.episodes, 1)
    sums = (entry.total, entry.trade_total, entry.gains)
    bound = all(abs(value) <= most for value in sums) and 0 <= entry.squares <= most * _MOST_PCT
    if not bound or entry.episodes < 0 or len(entry.sums) != len(entry.mixture.start()):
        raise ValueError(f"{entry.hypothesis.id}: sums that no trades make")


def _figures(entry: Evidence) -> list[Any]:
    row = entry.snapshot()
    return [row.k, row.registered, row.status, row.n, row.wins, row.proven, row.large]


def _finite_json(text: str) -> Any:
    """JSON in which each number is one. Raises ValueError, TypeError."""

    def number(digits: str) -> float:
        if not math.isfinite(found := float(digits)):
            raise ValueError(f"{digits} is no number")
        return found

    return json.loads(text, parse_float=number, parse_constant=number)


def _damaged(table: str, row: object, why: str) -> sqlite3.DatabaseError:
    return sqlite3.DatabaseError(f"table {table}, row {row}: {why}")
