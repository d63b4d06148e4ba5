"""Tables of closed trades as the episodes that the ledger is fed with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from lib.errors import ParameterError
from lib.learning.lessons.hypotheses import FAMILIES
from lib.market.readings import instants

COLUMNS = ("entry_time", "exit_time", "net_pct", "worst_pct", "best_pct", "trade", "episode")


class Trade(NamedTuple):
    """One closed trade: net return, declared worst loss and best gain (percent, both positive), id, and its value in each family."""

    net: float
    worst: float
    best: float
    name: str
    values: tuple[str, ...]


class Episode(NamedTuple):
    """Trades that overlap in time, all of them closed; times in microseconds."""

    begun: int
    ended: int
    trades: list[Trade]


def episodes_of(stream: str, table: pd.DataFrame) -> Iterator[Episode]:
    """The episodes of a stream's table (COLUMNS, then one column a family of the stream), in its order.

    Raises ParameterError for a table that lacks a column or declares no loss or gain.
    """
    wanted = [*COLUMNS, *FAMILIES[stream]]
    if missing := [name for name in wanted if name not in table]:
        raise ParameterError(f"the trades of {stream} lack {', '.join(missing)}")
    if not len(table):
        return
    if not (table[["worst_pct", "best_pct"]] > 0).to_numpy().all():
        raise ParameterError(f"the trades of {stream} declare a worst loss or best gain that is not above 0")
    values = zip(*(table[name].tolist() for name in FAMILIES[stream]), strict=True)
    columns = (table[name].tolist() for name in ("net_pct", "worst_pct", "best_pct", "trade"))
    trades = [Trade(*row) for row in zip(*columns, values, strict=True)]
    entries, exits = instants(table["entry_time"]).tolist(), instants(table["exit_time"]).tolist()
    numbers = table["episode"].tolist()
    first = 0
    for place in range(1, len(trades) + 1):
        if place == len(trades) or numbers[place] != numbers[first]:
            yield Episode(min(entries[first:place]), max(exits[first:place]), trades[first:place])
            first = place
