"""How sure a figure is: intervals of rates and of means of independent values.

Every interval of a net return is over episode means, never over trades (docs/evidence-method.md, Observations). The formulas are the
closed forms of scipy.stats, from scipy.special alone, because a cycle imports this in six fresh processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

#: Values that agree within this share of their size have shown no spread: fixed exits that all ended alike would
#: otherwise get an interval of no width, as if three stops in a row were certainty.
_NO_SPREAD_SHARE = 0.01


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

    Bounds are None below two values and where the values show no spread (`_NO_SPREAD_SHARE`).
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


def _finite(values: Iterable[float]) -> np.ndarray:
    array = np.asarray(list(values), dtype=float)
    return array[np.isfinite(array)]


def _standard_error(values: np.ndarray) -> float | None:
    """Standard error of the mean of `values`; None where they show no spread to take it from."""
    if len(values) < 2 or np.ptp(values) <= _NO_SPREAD_SHARE * np.abs(values).max():
        return None
    return float(values.std(ddof=1)) / sqrt(len(values))
