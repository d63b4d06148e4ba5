"""Whether candles are averaged ones, as Heikin Ashi draws them: at their prices nobody traded.

Such a candle opens in the middle of the body before, whatever the market did; one of a market opens where the one before closed, or
nearly so. Small bodies tell nothing, because their middle and their close are the same to a few ticks.
"""

from __future__ import annotations

import numpy as np

#: A body of so many ticks tells the middle from the close.
_TELLING_TICKS = 10


def averaged_opens(
    opens: np.ndarray, closes: np.ndarray, decimals: int, within: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Of candles that follow one another (n), for each but the first (n - 1,): whether it tells, and whether it opens in the middle of
    the body before. `decimals` are those of the prices; `within`: what part of that body the open may lie off its middle.
    """
    tick = 10.0**-decimals
    bodies = np.abs(closes[:-1] - opens[:-1])
    tells = bodies >= _TELLING_TICKS * tick
    middle = (opens[:-1] + closes[:-1]) / 2
    rounding = 1.01 * tick  # of three prices
    return tells, tells & (np.abs(opens[1:] - middle) <= rounding + within * bodies)
