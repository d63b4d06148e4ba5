"""The standard exits of entries under one rule, as a frame: what the analyses that judge a window's entries read.

What would surprise: only lib.analysis.sweep_exits finds exits of many; one entry at a time, as it is lived, lib.market.exits does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.analysis.sweep_exits import OPEN, REASONS, first_touches
from lib.contract.times import NOT_A_TIME
from lib.market.exits import GAP, NO_GAP, STANDARD, ExitRule, PricePath

_WORDS = np.array([*REASONS, GAP], dtype=object)


def standard_exits(entries: pd.DataFrame, path: PricePath, rule: ExitRule = STANDARD) -> pd.DataFrame:
    """Exits of hypothetical entries (columns direction, entry_time, entry_price), each judged alone, overlapping or not.

    Each is that of lib.market.exits.hypothetical_exit. Returns a frame on the entries' index: exit_time (NaT while open and of a gap),
    exit_price, exit_reason ("" while open, GAP of a gap), ambiguous.
    """
    touches = first_touches(entries, path, [rule.target_pct], [rule.stop_pct], [rule.hold_minutes])
    one = np.zeros(1, dtype=int)
    found = touches.exits(one, one, one, np.arange(len(entries)))
    at, price, ambiguous, reason = (
        each[:, 0] for each in (found.at, found.price, found.ambiguous, found.reason)
    )
    void = touches.gap_known_at != NO_GAP
    ended = ~void & (at != OPEN)
    return pd.DataFrame(
        {
            "exit_time": pd.DatetimeIndex(np.where(ended, at, NOT_A_TIME).astype("M8[us]"), tz="UTC"),
            "exit_price": np.where(ended, price, np.nan),
            "exit_reason": pd.array(_WORDS[np.where(void, len(REASONS), reason)], dtype="str"),
            "ambiguous": ended & ambiguous,
        },
        index=entries.index,
    )
