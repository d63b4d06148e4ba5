"""The null of a hindsight figure: the same events at other times of the window (docs/definitions.md, Optimal, Null of each).

All events are moved together, circularly, by seeded offsets of at least an hour; what is made of them is found anew for each.
"""

from __future__ import annotations

import numpy as np

from lib.contract.optimal_vs_actual import ShiftedTotals
from lib.stats.groups import round_percent

SHIFTS = 200
_LEAST_OFFSET = 12  #: candles: 60 minutes
_DECIMALS = 9  #: totals are compared so far: sums in another order differ behind it


def offsets(count: int, shifts: int = SHIFTS, seed: int = 0) -> np.ndarray:
    """Seeded offsets of at least 60 minutes either way, in candles; none where the window is too short for one."""
    if count < 2 * _LEAST_OFFSET:
        return np.empty(0, dtype=int)
    return np.random.default_rng(seed).integers(_LEAST_OFFSET, count - _LEAST_OFFSET + 1, size=shifts)


def shifted(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """`values` (n) moved back circularly by each of k offsets (k × n)."""
    count = len(values)
    return values[(np.arange(count) + by[:, None]) % count] if count else np.empty((len(by), 0))


def against(total: float, totals: np.ndarray) -> tuple[ShiftedTotals | None, float | None]:
    """Mean and 5–95 % of the shifted `totals`, and the rank: the share of them that `total` is above; None without a shift."""
    if not len(totals):
        return None, None
    low, high = np.quantile(totals, [0.05, 0.95])
    null = ShiftedTotals(
        mean=round_percent(float(totals.mean())),
        p5=round_percent(low),
        p95=round_percent(high),
        shifts=len(totals),
    )
    return null, float(np.mean(totals.round(_DECIMALS) < round(total, _DECIMALS)))
