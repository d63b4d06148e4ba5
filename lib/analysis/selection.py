"""What events make with the standard exits when one position is held at a time: the best choice of them, and the first that comes
(docs/definitions.md, Optimal, Selection and Learnable).

The outcome of an entry at a close depends on its direction alone, so each is found once; series of directions come as rows of a table,
and one walk through the closes answers for all time shifts of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.standard_exits import standard_exits
from lib.market.costs import DEFAULT_COSTS, SIGN, Costs, price_trades
from lib.market.exits import STANDARD, ExitRule, PricePath
from lib.market.readings import instants

#: A way that leaves out less must be better by more than rounding.
_SLACK = 1e-12


@dataclass(frozen=True)
class Outcomes:
    """What an entry at each of n closes makes with the standard exits; row 0 is LONG, row 1 SHORT (both arrays 2 × n).

    `net_pct` is NaN where it is not known: while the trade is open, and near a gap. `free` is the first close at or after the exit, n while
    the trade is open; of what has no outcome for a gap it is the close itself, because it is not entered.
    """

    net_pct: np.ndarray
    free: np.ndarray

    @property
    def still_open(self) -> np.ndarray:
        """Where an entry is open at the end (2 × n)."""
        return np.isnan(self.net_pct) & (self.free == self.net_pct.shape[1])


def standard_outcomes(
    candles: pd.DataFrame, path: PricePath, rule: ExitRule = STANDARD, costs: Costs = DEFAULT_COSTS
) -> Outcomes:
    """The outcomes of entries at each close of `candles`, each judged alone, net of the round trip."""
    closed_at, count = pd.DatetimeIndex(candles["closed_at"]), len(candles)
    entries = pd.DataFrame(
        {
            "direction": pd.array(np.repeat(list(SIGN), count), dtype="str"),
            "entry_time": closed_at.append(closed_at),
            "entry_price": np.tile(candles["close"].to_numpy(), len(SIGN)),
        }
    )
    trades = entry_outcomes(entries, path, rule, costs)
    net = trades["net_pct"].to_numpy()
    free = np.searchsorted(instants(closed_at), instants(trades["exit_time"]))
    free = np.where(np.isnan(net), np.tile(np.arange(count), len(SIGN)), free)
    free[trades["still_open"].to_numpy()] = count
    return Outcomes(net.reshape(len(SIGN), count), free.reshape(len(SIGN), count))


def entry_outcomes(
    entries: pd.DataFrame, path: PricePath, rule: ExitRule, costs: Costs = DEFAULT_COSTS
) -> pd.DataFrame:
    """The entries (columns direction, entry_time, entry_price) priced with their standard exits, overlapping or not.

    `still_open` is where the exit is not known yet. net_pct and net_usd are NaN there, and where a gap leaves no outcome.
    """
    exits = standard_exits(entries, path, rule)
    trades = price_trades(entries.join(exits), costs.round_trip_pct)
    return trades.assign(still_open=(trades["exit_reason"] == "") & trades["exit_time"].isna())


def best_choice(outcomes: Outcomes, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of k series of directions (k × n): the largest total net percent of trades that do not overlap, and which closes
    are entered for it (k × n).

    Weighted intervals, from the end: best[r] is best[r + 1], or what an entry at r makes and best from where it is free again.
    """
    series, count = directions.shape
    side, entered = np.where(directions > 0, 0, 1), directions != 0
    best, take = np.zeros((count + 1, series)), np.zeros((count, series), dtype=bool)
    every = np.arange(series)
    for row in range(count - 1, -1, -1):
        gain, free = outcomes.net_pct[side[:, row], row], outcomes.free[side[:, row], row]
        total = best[free, every] + gain
        take[row] = entered[:, row] & (total > best[row + 1] + _SLACK)
        best[row] = np.where(take[row], total, best[row + 1])
    return best[0], _followed(take.T, outcomes, side)


def one_at_a_time(outcomes: Outcomes, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `best_choice`, but whatever comes is entered where no trade is open, with no look ahead; an open trade blocks the rest."""
    enterable = np.isfinite(outcomes.net_pct) | outcomes.still_open
    side = np.where(directions > 0, 0, 1)
    rows = np.arange(directions.shape[1])
    entered = _followed((directions != 0) & enterable[side, rows], outcomes, side)
    entered &= np.isfinite(outcomes.net_pct)[side, rows]
    gains = np.where(entered, outcomes.net_pct[side, rows], 0.0)
    return gains.sum(axis=1), entered


def _followed(wanted: np.ndarray, outcomes: Outcomes, side: np.ndarray) -> np.ndarray:
    """Which of the wanted closes are entered, going forward, where the trade before is over."""
    series, count = wanted.shape
    entered = np.zeros((count, series), dtype=bool)
    free_at = np.zeros(series, dtype=int)
    for row in range(count):
        entered[row] = wanted[:, row] & (free_at <= row)
        free_at = np.where(entered[row], outcomes.free[side[:, row], row], free_at)
    return entered.T
