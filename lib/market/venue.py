"""Whether a ribbon is of the market whose price stands beside it: the price that the fastest line moves by.

Source: docs/definitions.md, Ribbon (EMA with adjust = False on closes, the forming bar included). Inside a bar a line is p + α (x − p),
with p its value at the close before and x the price it is made of, so prices and lines of one bar give p, and those of the next bar give
x − price. What would surprise: nothing can be told within one bar, because there a constant distance looks like another p.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

Values = TypeVar("Values", float, np.ndarray)

#: Venues of one market differ by a few hundredths of a percent; the same venue only by rounding.
_TOLERANCE_PCT = 0.02
#: At a close a fast line lies within a few percent of its own price; this far off it is of another market.
_FAR_PCT = 10.0
#: Readings a bar must have before its median says anything.
_LEAST_BEFORE, _LEAST_WITHIN = 3, 6


def closed_value(price: Values, line: Values, period: int) -> Values:
    """A line's value at the last closed bar, out of price and line of the forming one: the same for every reading of a bar."""
    alpha = 2.0 / (period + 1.0)
    return (line - alpha * price) / (1 - alpha)


def fits(value: float, other: float, price: float, tick: float, period: int) -> bool:
    """Whether two `closed_value` of one bar are the same but for rounding to the tick and a trade between price and line."""
    return abs(value - other) <= _allowance(price, tick, period)


def price_distance(before: np.ndarray, close: float, within: np.ndarray, period: int) -> float | None:
    """By how much the price a line is made of lies above the price shown: median over a bar, in units of price.

    before, within: f64 (n, 2) of price and line, read in two consecutive bars; `close`: the first bar's. None where either bar has too
    few readings.
    """
    if len(before) < _LEAST_BEFORE or len(within) < _LEAST_WITHIN:
        return None
    alpha = 2.0 / (period + 1.0)
    start = np.median(closed_value(before[:, 0], before[:, 1], period))
    closed = start + alpha * (close - start)
    implied = closed + (within[:, 1] - closed) / alpha
    return float(np.median(implied - within[:, 0]))


def is_far(price: float, other: float) -> bool:
    """Whether a price lies further from another than a fast line's value at the last close does from the next bar's open.

    The line itself does lie so far off in a crash, and is exact.
    """
    return abs(other / price - 1) * 100 > _FAR_PCT


def is_another_venue(distance: float, price: float, tick: float, period: int) -> bool:
    """Whether a `price_distance` is more than tolerance and rounding to the tick explain."""
    return abs(distance) > _allowance(price, tick, period)


def _allowance(price: float, tick: float, period: int) -> float:
    return max(_TOLERANCE_PCT / 100 * price, tick * (period + 1.0))
