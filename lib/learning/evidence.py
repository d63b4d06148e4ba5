"""How sure a figure is: intervals, independent episodes, and the confidence threshold that the record supports.

Trades that overlap in time share their market, so they are one observation: every interval of a net return here is
over episode means, never over trades (EVIDENCE_METHOD section 2). The formulas are the closed forms of scipy.stats, from
scipy.special alone, because a cycle imports this in six fresh processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from lib.data.schema import EXIT_KNOWN_AFTER_MINUTES

#: Levels that `calibrated_threshold` tries, smallest first (DEFINITIONS "Confidence").
THRESHOLD_LEVELS = (0.70, 0.75, 0.80, 0.85, 0.90)
MIN_THRESHOLD_EPISODES = 30
#: Values that agree within this share of their size have shown no spread: fixed exits that all ended alike would
#: otherwise get an interval of no width, as if three stops in a row were certainty.
NO_SPREAD_SHARE = 0.01


class Interval(NamedTuple):
    """A mean with its two-sided bounds, in the unit of the values; bounds None where no spread could be measured."""

    mean: float
    low: float | None
    high: float | None


def wilson_interval(wins: int, n: int, level: float = 0.95) -> tuple[float, float] | None:
    """Wilson score interval of a rate, in percent, within 0–100; None at n = 0.

    Wilson (1927), without continuity correction: centre (p + z²/2n) / (1 + z²/n), half width
    z·sqrt(p(1−p)/n + z²/4n²) / (1 + z²/n). Raises ValueError unless 0 <= wins <= n.
    """
    if not 0 <= wins <= n:
        raise ValueError(f"wins {wins} of {n}: needs 0 <= wins <= n")
    if n == 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    rate, shrink = wins / n, 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / shrink
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink
    # At 0 and n wins the bound is 0 and 100 exactly; the closed form only comes near it.
    low = 0.0 if wins == 0 else max(0.0, 100 * (centre - half))
    high = 100.0 if wins == n else min(100.0, 100 * (centre + half))
    return low, high


def mean_interval(values: Iterable[float], level: float = 0.95) -> Interval | None:
    """Mean and two-sided Student t interval of independent values (NaN left out); None without any value.

    Bounds are None below two values and where the values show no spread (`NO_SPREAD_SHARE`).
    """
    found = _finite(values)
    if not len(found):
        return None
    mean = float(found.mean())
    error = _standard_error(found)
    if error is None:
        return Interval(mean, None, None)
    half = float(stdtrit(len(found) - 1, (1 + level) / 2)) * error
    return Interval(mean, mean - half, mean + half)


def one_sided_lower(values: Iterable[float], level: float = 0.95) -> float | None:
    """Lower bound of the mean at one-sided `level` (Student t); None where `mean_interval` has no bounds."""
    found = _finite(values)
    error = _standard_error(found)
    if error is None:
        return None
    return float(found.mean()) - float(stdtrit(len(found) - 1, level)) * error


def assign_episodes(entry_time: Any, exit_time: Any) -> np.ndarray:
    """Number of the episode of each trade: connected components of overlapping holding intervals, from 0 in time order.

    Takes two aligned sequences of times in any order and returns int64 in theirs. An exit at the instant of the next
    entry does not overlap; entries at one instant always do. A missing exit counts as entry + 45 min (DEFINITIONS
    "Known at"), one before its entry as at the entry. Raises ValueError for a missing entry.
    """
    entries = pd.DatetimeIndex(pd.to_datetime(entry_time, utc=True))
    exits = pd.DatetimeIndex(pd.to_datetime(exit_time, utc=True))
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


def episode_means(trades: pd.DataFrame, value: str = "net_pct") -> pd.Series:
    """Mean of `value` over the given trades in each episode: index `episode` ascending; trades without a value left out."""
    return trades.dropna(subset=[value]).groupby("episode", sort=True)[value].mean()


def calibrated_threshold(trades: pd.DataFrame) -> float | None:
    """The smallest confidence whose trades at or above it are, on this record, probably above zero after costs.

    DEFINITIONS "Confidence": of .70, .75, .80, .85, .90 the first with at least 30 episodes and a one-sided 95 % t lower
    bound on the mean of the episode means above 0; None while no level has that. Trades without confidence count nowhere.
    """
    confidence = trades["confidence"].astype(float)
    for level in THRESHOLD_LEVELS:
        # Confidences are sums of tenths: .6 + .1 + .1 is a hair below .8.
        means = episode_means(trades[confidence >= level - 1e-9])
        if len(means) < MIN_THRESHOLD_EPISODES:
            continue
        lower = one_sided_lower(means)
        if lower is not None and lower > 0:
            return level
    return None


def _finite(values: Iterable[float]) -> np.ndarray:
    array = np.asarray(list(values), dtype=float)
    return array[np.isfinite(array)]


def _standard_error(values: np.ndarray) -> float | None:
    """Standard error of the mean of `values`; None where they show no spread to take it from."""
    if len(values) < 2 or np.ptp(values) <= NO_SPREAD_SHARE * np.abs(values).max():
        return None
    return float(values.std(ddof=1)) / sqrt(len(values))
