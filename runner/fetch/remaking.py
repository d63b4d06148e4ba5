"""Samples computed from a candle that had not yet grown to what it is: taken away, so that they are made anew from there on.

A sample is computed if it stands at the close of a candle of the folder and has that close as its price. Where one of those to be made anew
was watched instead, all stay: a chart showed them, whatever the candle says.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contract.times import parse_times, times_index
from runner.fetch.merging import Merged
from runner.files.journal import Journal

#: What is said where samples stay.
KEPT = "samples from the first corrected candle on were watched, not computed, so they stay as they are"


def remove_computed(journal: Journal, merged: Merged, minutes: int) -> pd.DatetimeIndex | None:
    """Take away the samples from the close of the first corrected candle on; their times, or None where they were watched and stay."""
    none = pd.DatetimeIndex([], tz="UTC").as_unit("us")
    if merged.corrected.empty:
        return none
    length = pd.Timedelta(minutes=minutes)
    since = merged.corrected[0] + length
    rows = journal.rows()
    fields = [journal.fields(row) or {} for row in rows]
    times, _ = parse_times(np.array([row.get("timestamp", "") for row in fields], dtype=object), None)
    index = times_index(times)
    late = np.flatnonzero(index >= since)
    if not len(late):
        return none
    prices = pd.to_numeric(pd.Series([fields[row].get("price", "") for row in late]), errors="coerce")
    closes = merged.before["close"].set_axis(merged.before.index + length).reindex(index[late])
    if not np.isclose(prices.to_numpy(float), closes.to_numpy(float), rtol=1e-12, atol=0.0).all():
        return None
    journal.replace(rows[: late[0]])
    return index[late]
