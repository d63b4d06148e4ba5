"""Own trades as the ledger keeps them: the rows of its table `trades`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lib.market.readings import instants

#: Exit and entry (microseconds), episode, net percent, confidence, direction, setup, id.
TradeRow = tuple[int, int, int, float, float | None, str, str, str]


def trade_row(row: Mapping[str, Any]) -> TradeRow:
    """A trade as the stream of own trades hands it out (lib.lessons.streams.hour), times in microseconds."""
    confidence = row["confidence"]
    return (
        row["exit_time"],
        row["entry_time"],
        row["episode"],
        row["net_pct"],
        None if isnan(confidence) else confidence,
        row["direction"],
        row["setup"],
        row["trade"],
    )


def trade_rows(trades: pd.DataFrame) -> Iterator[TradeRow]:
    """The trades of the stream's table."""
    times = {name: instants(trades[name]) for name in ("exit_time", "entry_time")}
    return map(trade_row, trades.assign(**times).astype({"confidence": float}).to_dict("records"))


class TradeCounts(NamedTuple):
    """Own trades taken in up to an instant: how many, the first entry (0 without one), and the end of each episode; microseconds."""

    trades: int
    begun: int
    ended_at: np.ndarray


def count_trades(connection: sqlite3.Connection, as_of: int) -> TradeCounts:
    """The counts of the own trades taken in up to `as_of` (microseconds)."""
    query = "SELECT COUNT(*), COALESCE(MIN(entry), 0) FROM trades WHERE at <= ?"
    trades, begun = connection.execute(query, (as_of,)).fetchone()
    ends = connection.execute("SELECT MAX(at) FROM trades WHERE at <= ? GROUP BY episode", (as_of,))
    return TradeCounts(trades, begun, np.fromiter((end for (end,) in ends), dtype=np.int64))


def newest_trade(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """Exit and entry (microseconds) of the own trade that was taken in last; None without one."""
    return connection.execute("SELECT at, entry FROM trades ORDER BY seq DESC LIMIT 1").fetchone()
