"""How far apart two sides are: the difference of two means, each over independent episodes.

Where both sides have a value of one episode, the two hang together, and the difference is paired there. Nothing here is a test at every
look: the interval is that of one look, for reports to people. What a lesson rests on is lib.stats.betting.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite, sqrt
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from lib.stats.dependence import DayCells
from lib.stats.intervals import Interval, mean_interval

#: With fewer episodes on a side an interval says more of chance than of trades.
LEAST_EPISODES = 10
#: A share of the variance of unpaired sides that is rounding: pairs that all differ by the same have no spread to measure.
_ROUNDING = 1e-9


class Difference(NamedTuple):
    """Mean of the second side less that of the first, and its bounds (None where no spread could be measured), in the values' unit."""

    mean: float
    low: float | None
    high: float | None
    pairs: int  #: episodes of which both sides have a value
    inflation: float  #: by how much days that hang together widen the variance; 1: not at all


class _Spread(NamedTuple):
    variance: float  #: of the difference of the means
    freedom: float  #: degrees of freedom of its estimate


def welch_interval(before: Iterable[float], after: Iterable[float], level: float = 0.95) -> Interval | None:
    """Mean of `after` less mean of `before` with its two-sided Welch interval (NaN left out); None where either side has no value.

    That of `difference_interval` without pairs: Welch (1947) with the Welch–Satterthwaite degrees of freedom.
    """
    first, second = (np.asarray(list(values), dtype=float) for values in (before, after))
    nothing = [np.full(len(values), np.nan) for values in (second, first)]
    found = difference_interval(np.r_[first, nothing[0]], np.r_[nothing[1], second], level=level)
    return None if found is None else Interval(found.mean, found.low, found.high)


def difference_interval(
    first: np.ndarray, second: np.ndarray, days: np.ndarray | None = None, level: float = 0.95
) -> Difference | None:
    """Mean of `second` less mean of `first`, each (n,) over the same n episodes, NaN where a side has none; None where one has no value.

    The interval is that of two samples that overlap in part (Derrick, Russ, Toher and White, 2017, T_new2): Welch's where no episode has
    both, that of paired differences where all have. `days` (n,) are the episodes' days as numbers: where they hang together
    (lib.stats.dependence), the variance is inflated, and there are no more degrees of freedom than days less one. Bounds are None where a
    side has fewer than two values or shows no spread (`mean_interval`), or where all pairs differ by the same.
    """
    has = np.isfinite(first), np.isfinite(second)
    sides = first[has[0]], second[has[1]]
    means = [mean_interval(values) for values in sides]
    if means[0] is None or means[1] is None:
        return None
    difference = means[1].mean - means[0].mean
    both = has[0] & has[1]
    pairs = int(both.sum())
    if means[0].low is None or means[1].low is None:
        return Difference(difference, None, None, pairs, 1.0)
    spread = _spread(sides[0], sides[1], _correlation(first[both], second[both]), pairs)
    if spread is None:
        return Difference(difference, None, None, pairs, 1.0)
    inflation, freedom = 1.0, spread.freedom
    if days is not None:
        shares = np.where(has[1], (second - means[1].mean) / len(sides[1]), 0.0)
        shares = shares - np.where(has[0], (first - means[0].mean) / len(sides[0]), 0.0)
        inflation = _inflation(days[has[0] | has[1]], shares[has[0] | has[1]])
        freedom = min(freedom, len(np.unique(days)) - 1) if inflation > 1 else freedom
    half = float(stdtrit(freedom, (1 + level) / 2)) * sqrt(spread.variance * inflation)
    return Difference(difference, difference - half, difference + half, pairs, inflation)


def _spread(first: np.ndarray, second: np.ndarray, correlation: float, pairs: int) -> _Spread | None:
    """Derrick et al. (2017), T_new2; None where pairs take all of the variance away."""
    n = len(first), len(second)
    parts = first.var(ddof=1) / n[0], second.var(ddof=1) / n[1]
    apart = parts[0] + parts[1]
    # s₁·s₂·pairs / (n₁·n₂), with s²/n in `parts`.
    variance = apart - 2 * correlation * sqrt(parts[0] * parts[1] / (n[0] * n[1])) * pairs
    if variance <= _ROUNDING * apart:
        return None
    welch = apart**2 / (parts[0] ** 2 / (n[0] - 1) + parts[1] ** 2 / (n[1] - 1))
    alone = n[0] + n[1] - 2 * pairs
    return _Spread(float(variance), pairs - 1 + (welch - pairs + 1) * alone / (n[0] + n[1]))


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson's of the pairs; 0 where there are none, or one side of them does not move."""
    if len(first) < 2 or not np.ptp(first) or not np.ptp(second):
        return 0.0
    found = float(np.corrcoef(first, second)[0, 1])
    return found if isfinite(found) else 0.0


def _inflation(days: np.ndarray, shares: np.ndarray) -> float:
    """By what the episodes' `shares` in the difference hang together within a day, the variance of their sum is inflated; 1 or more."""
    cells = DayCells()
    for at in np.argsort(days, kind="stable"):
        cells.observe(int(days[at]), "", float(shares[at]))
    cells.close(int(days.max()) + 1)
    return cells.inflation
