"""Tables of closed trades as the episodes that the ledger is fed with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import isfinite
from operator import itemgetter
from typing import Any, NamedTuple

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
    times = {name: instants(table[name]).tolist() for name in ("entry_time", "exit_time")}
    columns = [times.get(name) or table[name].tolist() for name in wanted]
    yield from episodes_of_rows(
        stream, [dict(zip(wanted, row, strict=True)) for row in zip(*columns, strict=True)]
    )


def episodes_of_rows(stream: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Episode]:
    """The episodes of rows as a stream hands them out (lib.lessons.streams.hour), times in microseconds; raises as `episodes_of`."""
    if any(not row["worst_pct"] > 0 or not row["best_pct"] > 0 for row in rows):
        raise ParameterError(f"the trades of {stream} declare a worst loss or best gain that is not above 0")
    if not all(isfinite(row["net_pct"]) for row in rows):
        raise ParameterError(
            f"the trades of {stream} lack net returns: only what is closed and priced is evidence"
        )
    families = tuple(FAMILIES[stream])
    for _, members in groupby(rows, itemgetter("episode")):
        found = list(members)
        trades = [
            Trade(
                row["net_pct"],
                row["worst_pct"],
                row["best_pct"],
                row["trade"],
                tuple(row[name] for name in families),
            )
            for row in found
        ]
        yield Episode(min(row["entry_time"] for row in found), max(row["exit_time"] for row in found), trades)


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
