"""How far apart two stretches of time are: the difference of two means, each over independent episodes.

Nothing here is a test at every look: the interval is that of one look, for reports to people. What a lesson rests on is
lib.stats.betting.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lib.stats.intervals import Interval, mean_interval


def welch_interval(before: Iterable[float], after: Iterable[float], level: float = 0.95) -> Interval | None:
    """Mean of `after` less mean of `before` with its two-sided Welch interval (NaN left out); None where either side has no value.

    Variances may differ: Welch (1947) with the Welch–Satterthwaite degrees of freedom, from scipy.stats.ttest_ind(equal_var=False). In
    the unit of the values. Bounds are None where a side has fewer than two values or shows no spread (`mean_interval`): its share of the
    uncertainty would be missing, and the interval too narrow.
    """
    sides = [_finite(before), _finite(after)]
    means = [mean_interval(values) for values in sides]
    if means[0] is None or means[1] is None:
        return None
    difference = means[1].mean - means[0].mean
    if means[0].low is None or means[1].low is None:
        return Interval(difference, None, None)
    # Imported here because it takes longer than everything else that a cycle needs of this room.
    from scipy.stats import ttest_ind

    found = ttest_ind(sides[1], sides[0], equal_var=False).confidence_interval(level)
    return Interval(difference, float(found.low), float(found.high))


def _finite(values: Iterable[float]) -> np.ndarray:
    array = np.asarray(list(values), dtype=float)
    return array[np.isfinite(array)]
