"""Episodes that are finished: trades that overlap in time, handed out once all of them are closed (EVIDENCE_METHOD section 2)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.analysis.streams.models import LONGEST_EPISODE, LONGEST_WAIT, Carry
from lib.market.readings import instants


def finished(stream: str, trades: pd.DataFrame, hour: int, carry: Carry) -> pd.DataFrame:
    """The rows of `trades` that belong to finished episodes not handed out before, with `episode`; the carry moves on.

    `trades` (entry_time, exit_time; NaT while it is not known) hold everything that entered since the carry's newest one. Chains are cut
    at LONGEST_EPISODE; a trade that is open for LONGEST_WAIT is left out.
    """
    entries = instants(trades["entry_time"])
    is_open = trades["exit_time"].isna().to_numpy() | (instants(trades["exit_time"]) > hour)
    fresh = entries > carry.settled.get(stream, -1)
    lost = fresh & is_open & (entries <= hour - LONGEST_WAIT)
    # One that was lost before is older than what has been handed out since, or is counted when the next episode passes it.
    chosen = np.flatnonzero(fresh & ~lost)
    chosen = chosen[np.argsort(entries[chosen], kind="stable")]
    exits = np.where(is_open, np.iinfo(np.int64).max, instants(trades["exit_time"]))
    rows, numbers, waiting = [], [], None
    for episode, was_cut in _chained(entries, exits, chosen):
        if is_open[episode].any():
            waiting = int(entries[episode].min())
            break
        number = carry.episodes.get(stream, 0)
        carry.episodes[stream] = number + 1
        carry.settled[stream] = int(entries[episode].max())
        if was_cut:
            carry.cut_episodes[stream] = carry.cut_episodes.get(stream, 0) + 1
        rows += episode
        numbers += [number] * len(episode)
    if waiting is None:
        carry.waiting_since.pop(stream, None)
    else:
        carry.waiting_since[stream] = waiting
    _count_lost(stream, entries[lost], carry)
    return trades.iloc[rows].assign(episode=np.array(numbers, dtype=np.int64))


def _chained(entries: np.ndarray, exits: np.ndarray, order: np.ndarray) -> list[tuple[list[int], bool]]:
    """Rows of each episode in order of entry, and whether it was cut off from the one before."""
    found: list[tuple[list[int], bool]] = []
    begun = reach = -1
    for row in order.tolist():
        entry = int(entries[row])
        apart = not found or (entry >= reach and entry > begun)
        cut = not apart and entry - begun >= LONGEST_EPISODE
        if apart or cut:
            found.append(([], cut))
            begun = entry
        found[-1][0].append(row)
        reach = max(reach, int(exits[row]), entry)
    return found


def _count_lost(stream: str, entries: np.ndarray, carry: Carry) -> None:
    """Count trades that are left out for having been open too long, each once: those after the newest one counted."""
    counted = f"{stream}.abandoned"
    newest = carry.walked.get(counted, -1)
    new = entries[entries > newest]
    carry.leave_out(stream, "abandoned", len(new))
    if len(new):
        carry.walked[counted] = int(new.max())
