"""Whether a ribbon is of the market whose price stands beside it: the price that the fastest line moves by.

Source: docs/definitions.md, Ribbon (EMA with adjust = False on closes, the forming bar included). Inside a bar a line is p + α (x − p),
with p its value at the close before and x the price it is made of, so prices and lines of one bar give p, and those of the next bar give
x − price. What would surprise: nothing can be told within one bar, because there a constant distance looks like another p.
"""

from __future__ import annotations

import numpy as np

#: Venues of one market differ by a few hundredths of a percent; the same venue only by rounding.
_TOLERANCE_PCT = 0.02
#: A fast line lies within a few percent of its own price; this far off it is of another market.
_FAR_PCT = 10.0
#: Readings a bar must have before its median says anything.
_LEAST_BEFORE, _LEAST_WITHIN = 3, 6


def price_distance(before: np.ndarray, close: float, within: np.ndarray, period: int) -> float | None:
    """By how much the price a line is made of lies above the price shown: median over a bar, in units of price.

    before, within: f64 (n, 2) of price and line, read in two consecutive bars; `close`: the first bar's. None where either bar has too
    few readings.
    """
    if len(before) < _LEAST_BEFORE or len(within) < _LEAST_WITHIN:
        return None
    alpha = 2.0 / (period + 1.0)
    start = np.median((before[:, 1] - alpha * before[:, 0]) / (1 - alpha))
    closed = start + alpha * (close - start)
    implied = closed + (within[:, 1] - closed) / alpha
    return float(np.median(implied - within[:, 0]))


def is_far(price: float, line: float) -> bool:
    """Whether a fast line lies so far from the price that it must be of another market."""
    return abs(line / price - 1) * 100 > _FAR_PCT


def is_another_venue(distance: float, price: float, tick: float, period: int) -> bool:
    """Whether a `price_distance` is more than tolerance and rounding to the tick explain."""
    rounding = tick * (period + 1.0)
    return abs(distance) > max(_TOLERANCE_PCT / 100 * price, rounding)
