"""Market orders: when and at what price one is filled (docs/definitions.md, Money; docs/guarantees.md, Live loop).

One place for all that fill one: the paper broker at its tick, the rule decider over a history, and the answers that were never ordered.
What would surprise: the life of an answer is told for the 10-second beat, so it grows with the step of the data.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.market.costs import Costs
from lib.market.exits import SECOND, Exit

#: The beat that ages and waits are told for, seconds.
BEAT_S = 10.0
#: Longest life of an answer at that beat, seconds.
VALID_FOR_S = 20.0
#: Exits that rest at a venue: they fill at exactly their price. All others are market orders.
AT_LEVEL = ("TP_HIT", "SL_HIT")


class Fill(NamedTuple):
    """An order that was filled: microseconds, and the price with its slippage inside."""

    at: int
    price: float


def growth_s(step_s: float) -> float:
    """By how many seconds ages and waits grow where the data's own step is longer than the beat (docs/guarantees.md, Live loop)."""
    return max(0.0, step_s - BEAT_S)


def valid_until(ordered_at: int, valid_for_s: float) -> int:
    """The last instant (microseconds) at which an order of `ordered_at` may be filled."""
    return ordered_at + int(valid_for_s * SECOND)


def entry_fill(
    sample_at: np.ndarray, sample_price: np.ndarray, ordered_at: int, until: int, sign: float, costs: Costs
) -> Fill | None:
    """The fill of an entry: at the first sample after its order, with slippage; None where none came by `until`.

    `sample_at` in microseconds, in order, of samples whose price is one to trade at. `sign` is +1 for LONG and −1 for SHORT.
    """
    first = int(np.searchsorted(sample_at, ordered_at, side="right"))
    if first == len(sample_at) or sample_at[first] > until:
        return None
    return Fill(int(sample_at[first]), costs.fill(float(sample_price[first]), sign))


def exit_fill(found: Exit, sign: float, costs: Costs) -> float:
    """The price that an exit fills at: a level exactly, a market order with its slippage. `sign`: that of the trade."""
    return found.price if found.reason in AT_LEVEL else costs.fill(found.price, -sign)
