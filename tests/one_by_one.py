"""Exits found and trades chosen one after another, as plainly as can be: what the ways that take many at once are held against."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market.costs import SIGN
from lib.market.exits import MINUTE, STANDARD, ExitRule, PricePath, hypothetical_exit
from lib.market.readings import instants


def exits_alone(
    entries: pd.DataFrame, path: PricePath, rule: ExitRule = STANDARD, longest_hold: float | None = None
) -> pd.DataFrame:
    """Exits of hypothetical entries (columns direction, entry_time, entry_price), each judged alone, overlapping or not.

    `longest_hold` as in `hypothetical_exit`. Returns a frame on the entries' index: exit_time (NaT while open and of a gap),
    exit_price, exit_reason ("" while open, GAP of a gap), ambiguous.
    """
    rows = zip(entries["direction"], instants(entries["entry_time"]), entries["entry_price"], strict=True)
    found = [
        hypothetical_exit(path, SIGN[direction], int(at), float(price), rule, longest_hold)
        for direction, at, price in rows
    ]
    ended = [pd.NaT if exit is None or exit.is_gap else exit.at for exit in found]
    reasons = ["" if exit is None else exit.reason for exit in found]
    return pd.DataFrame(
        {
            "exit_time": pd.DatetimeIndex(pd.to_datetime(ended, unit="us", utc=True)).as_unit("us"),
            "exit_price": np.array([np.nan if exit is None else exit.price for exit in found], dtype=float),
            "exit_reason": pd.Series(reasons, dtype="str").to_numpy(),
            "ambiguous": np.array([exit is not None and exit.ambiguous for exit in found], dtype=bool),
        },
        index=entries.index,
    )


def chosen_alone(trades: pd.DataFrame, spacing_minutes: float = 20.0) -> pd.DataFrame:
    """The trades that one position at a time allows, in order of entry, at least `spacing_minutes` apart.

    A trade may begin the moment the one before has ended; an open one (exit_time NaT) blocks all that follow.
    """
    entry_at, exit_at = instants(trades["entry_time"]), instants(trades["exit_time"])
    is_open = trades["exit_time"].isna().to_numpy()
    chosen: list[int] = []
    for row in range(len(trades)):
        if chosen:
            before = chosen[-1]
            too_soon = entry_at[row] - entry_at[before] < spacing_minutes * MINUTE
            if is_open[before] or entry_at[row] < exit_at[before] or too_soon:
                continue
        chosen.append(row)
    return trades.iloc[chosen]
