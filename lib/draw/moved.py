"""Whether a trend over cycles moved, so that a picture of it says more than its last point. The frame is that of lib.history.trends."""

from __future__ import annotations

import pandas as pd


def moves(history: pd.DataFrame | None, *columns: str) -> bool:
    """Whether one of the columns moved: a line that lies flat says no more than its last point.

    A column with an interval moved where a value lies outside the newest one's interval, any other where two values differ to two decimals.
    """
    return history is not None and any(_moved_out(history, column) for column in columns)


def _moved_out(history: pd.DataFrame, column: str) -> bool:
    known = history.dropna(subset=[column]) if column in history else history[:0]
    if len(known) and f"{column}_low" in known:
        low, high = known[f"{column}_low"].iloc[-1], known[f"{column}_high"].iloc[-1]
        return bool(((known[column] < low) | (known[column] > high)).any())
    return len(known) > 0 and known[column].astype(float).round(2).nunique() > 1
