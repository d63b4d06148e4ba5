"""Tables of closed trades as the episodes that the ledger is fed with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.errors import ParameterError
from lib.lessons.hypotheses import FAMILIES
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


@dataclass
class Cell:
    """A value's trades within one episode."""

    n: int = 0
    wins: int = 0
    net: float = 0.0
    gains: float = 0.0
    worst: float = 0.0
    best: float = 0.0
    names: list[str] = field(default_factory=list)

    @property
    def mean(self) -> float:
        """Mean net return, percent."""
        return self.net / self.n


def episodes_of(stream: str, table: pd.DataFrame) -> Iterator[Episode]:
    """The episodes of a stream's table (COLUMNS, then one column a family of the stream), in its order.

    Raises ParameterError for a table that lacks a column, a net return, or the largest loss or gain.
    """
    wanted = [*COLUMNS, *FAMILIES[stream]]
    if missing := [name for name in wanted if name not in table]:
        raise ParameterError(f"the trades of {stream} lack {', '.join(missing)}")
    if not len(table):
        return
    if not (table[["worst_pct", "best_pct"]] > 0).to_numpy().all():
        raise ParameterError(f"the trades of {stream} declare a worst loss or best gain that is not above 0")
    if not np.isfinite(table["net_pct"]).all():
        raise ParameterError(
            f"the trades of {stream} lack net returns: only what is closed and priced is evidence"
        )
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


def cells_of(episode: Episode, place: int) -> dict[str, Cell]:
    """An episode's trades by their value in the family of that place; trades without one left out."""
    cells: dict[str, Cell] = {}
    for trade in episode.trades:
        if not (value := trade.values[place]):
            continue
        cell = cells.setdefault(value, Cell())
        cell.n += 1
        cell.wins += trade.net > 0
        cell.net += trade.net
        cell.gains += max(trade.net, 0.0)
        cell.worst, cell.best = max(cell.worst, trade.worst), max(cell.best, trade.best)
        cell.names.append(trade.name)
    return cells
