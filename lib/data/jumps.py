"""Prices that no market makes in one step: another market, another unit, or a damaged row.

A jump is a close and the next open more than 20 % apart; a spike is a candle that reaches 20 % beyond both candles beside it. Either may
be true (crashes do it), so a person can say so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contract.dollars import plain_number

#: In percent. The largest step of eight months of 5-minute candles with two crashes is below 1 %.
LARGEST_PCT = 20.0


@dataclass(frozen=True)
class Jump:
    """Where prices jump: the candle that does, and both prices."""

    at: pd.Timestamp
    before: float
    after: float
    kind: str  #: "jump" from a close to an open, "spike" of one candle beyond those beside it

    def words(self) -> str:
        """For people."""
        change = (self.after / self.before - 1) * 100
        what = "the open is" if self.kind == "jump" else "the candle reaches"
        beside = "the close before it" if self.kind == "jump" else "the candles beside it"
        return f"{what} {plain_number(self.after, 8)}, {change:+.1f} % from {beside} ({plain_number(self.before, 8)})"


def first_jump(candles: pd.DataFrame, asked: np.ndarray) -> Jump | None:
    """The first jump or spike of a candle that is asked for, or to or from one; candles in time order, `asked` (n,) bool."""
    opened, high, low, close = candles[["open", "high", "low", "close"]].to_numpy(float).T
    far = LARGEST_PCT / 100
    found: list[Jump] = []
    steps = np.abs(opened[1:] / close[:-1] - 1) > far
    for place in np.flatnonzero(steps & (asked[1:] | asked[:-1]))[:1] + 1:
        found.append(Jump(candles.index[place], close[place - 1], opened[place], "jump"))
    upper = np.fmax(np.append(np.nan, high[:-1]), np.append(high[1:], np.nan))
    lower = np.fmin(np.append(np.nan, low[:-1]), np.append(low[1:], np.nan))
    for reach, bound, is_far in (
        (high, upper, high > upper * (1 + far)),
        (low, lower, low < lower * (1 - far)),
    ):
        for place in np.flatnonzero(is_far & asked)[:1]:
            found.append(Jump(candles.index[place], bound[place], reach[place], "spike"))
    return min(found, key=lambda jump: jump.at, default=None)
