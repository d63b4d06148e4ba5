"""Independent observations: trades that overlap in time share their market, so they count once (docs/evidence-method.md, Observations)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib.contract.schema import EXIT_KNOWN_AFTER_MINUTES


def assign_episodes(entry_time: Any, exit_time: Any) -> np.ndarray:
    """Number of the episode of each trade: connected components of overlapping holding intervals, from 0 in time order.

    Takes two aligned sequences of times in any order and returns int64 in theirs. An exit at the instant of the next
    entry does not overlap; entries at one instant always do. A missing exit counts as entry + 45 min (docs/definitions.md,
    Known at), one before its entry as at the entry. Raises ValueError for a missing entry.
    """
    entries, exits = _times(entry_time), _times(exit_time)
    if len(entries) != len(exits):
        raise ValueError(f"{len(entries)} entries but {len(exits)} exits")
    if entries.hasnans:
        raise ValueError("a trade without entry time has no episode")
    if not len(entries):
        return np.empty(0, dtype=np.int64)
    starts = entries.as_unit("us").asi8
    missing = np.asarray(exits.isna())
    ends = np.where(missing, starts + int(EXIT_KNOWN_AFTER_MINUTES * 60_000_000), exits.as_unit("us").asi8)
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum(ends, starts)[order]
    reach = np.maximum.accumulate(ends)
    begins = np.r_[True, (starts[1:] >= reach[:-1]) & (starts[1:] > starts[:-1])]
    episodes = np.empty(len(order), dtype=np.int64)
    episodes[order] = np.cumsum(begins) - 1
    return episodes


def _times(given: Any) -> pd.DatetimeIndex:
    known = isinstance(getattr(given, "dtype", None), pd.DatetimeTZDtype)
    return pd.DatetimeIndex(given if known else pd.to_datetime(given, utc=True))


def episode_means(episode: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean of the `values` (n) of each `episode` (n integers), in ascending order of episodes; NaN values are left out.

    Sums are compensated (Kahan, 1965), as pandas' means of groups are.
    """
    known = ~np.isnan(values)
    values = values[known]
    numbers, group, counts = np.unique(episode[known], return_inverse=True, return_counts=True)
    if len(numbers) == len(values):
        return (values + 0.0)[np.argsort(group)]
    rows = np.argsort(group, kind="stable")
    turn = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    sums, lost = np.zeros(len(counts)), np.zeros(len(counts))
    for number in range(counts.max(initial=0)):
        row = rows[turn == number]
        into = group[row]
        added = values[row] - lost[into]
        total = sums[into] + added
        lost[into] = total - sums[into] - added
        sums[into] = total
    return sums / counts
