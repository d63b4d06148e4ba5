"""How far apart two sides are: the difference of two means, each over independent episodes (docs/evidence-method.md, Two side by side).

Where both sides have a value of one episode, the two hang together, and the difference is paired there. Nothing here is a test at every
look: the interval is that of one look, for reports to people. What a lesson rests on is lib.stats.betting.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from lib.stats.dependence import DayCells
from lib.stats.intervals import mean_interval

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


def difference_interval(
    first: np.ndarray, second: np.ndarray, days: np.ndarray | None = None, level: float = 0.95
) -> Difference | None:
    """Mean of `second` less mean of `first`, each (n,) over the same n episodes, NaN where a side has none; None where one has no value.

    The variance is the sum of squares of the episodes' shares in the difference: Welch's s₁²/n₁ + s₂²/n₂ where no episode has both, that
    of paired differences where all have. Degrees of freedom go from the one to the other as in Derrick, Russ, Toher and White (2017),
    T_new2. `days` (n,) are the episodes' days as numbers: where shares hang together within days (lib.stats.dependence), the variance is
    inflated, and there are no more degrees of freedom than days less one. Bounds are None where a side has fewer than two values or shows
    no spread (`mean_interval`), or where all pairs differ by the same.
    """
    has = np.isfinite(first), np.isfinite(second)
    pairs = int((has[0] & has[1]).sum())
    sides = first[has[0]], second[has[1]]
    means = [mean_interval(values) for values in sides]
    if means[0] is None or means[1] is None:
        return None
    difference = means[1].mean - means[0].mean
    if means[0].low is None or means[1].low is None:
        return Difference(difference, None, None, pairs, 1.0)
    shares = _shares(second, has[1]) - _shares(first, has[0])
    parts = [float(values.var(ddof=1)) / len(values) for values in sides]
    variance = float(shares @ shares)
    if variance <= _ROUNDING * sum(parts):
        return Difference(difference, None, None, pairs, 1.0)
    freedom, inflation = _freedom(parts, [len(values) for values in sides], pairs), 1.0
    if days is not None:
        counted = has[0] | has[1]
        inflation = _inflation(days[counted], shares[counted])
        freedom = min(freedom, len(np.unique(days[counted])) - 1) if inflation > 1 else freedom
    half = float(stdtrit(freedom, (1 + level) / 2)) * sqrt(variance * inflation)
    return Difference(difference, difference - half, difference + half, pairs, inflation)


def _shares(values: np.ndarray, has: np.ndarray) -> np.ndarray:
    """What each of the `values` (n,) that a side `has` moves its mean by, so that their squares sum to s²/n; 0 of the others."""
    n = int(has.sum())
    return np.where(has, values - values[has].mean(), 0.0) / sqrt(n * (n - 1))


def _freedom(parts: Sequence[float], n: Sequence[int], pairs: int) -> float:
    """Derrick et al. (2017): pairs − 1 where all are pairs, Welch–Satterthwaite's (of `parts`, s²/n of each side) where none is."""
    welch = sum(parts) ** 2 / sum(part**2 / (count - 1) for part, count in zip(parts, n, strict=True))
    alone = sum(n) - 2 * pairs
    return pairs - 1 + (welch - pairs + 1) * alone / sum(n)


def _inflation(days: np.ndarray, shares: np.ndarray) -> float:
    """By what the episodes' `shares` in the difference hang together within a day, the variance of their sum is inflated; 1 or more."""
    cells = DayCells()
    for at in np.argsort(days, kind="stable"):
        cells.observe(int(days[at]), "", float(shares[at]))
    cells.close(int(days.max()) + 1)
    return cells.inflation
