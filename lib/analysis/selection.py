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

    def of(self, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both at each close (n × k) in the directions of k series (k × n)."""
        rows, side = np.arange(directions.shape[1])[:, None], np.where(directions.T > 0, 0, 1)
        return self.net_pct[side, rows], self.free[side, rows]

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
    trades = price_trades(pd.concat([entries, exits], axis=1), costs.round_trip_pct)
    return trades.assign(
        still_open=(trades["exit_reason"] == "").to_numpy() & trades["exit_time"].isna().to_numpy()
    )


def best_choice(outcomes: Outcomes, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of k series of directions (k × n): the largest total net percent of trades that do not overlap, and which closes
    are entered for it (k × n).

    Weighted intervals, from the end: best[r] is best[r + 1], or what an entry at r makes and best from where it is free again.
    """
    series, count = directions.shape
    gain, free = outcomes.of(directions)
    entered = np.ascontiguousarray((directions != 0).T)
    best, take = np.zeros((count + 1, series)), np.zeros((count, series), dtype=bool)
    every = np.arange(series)
    for row in range(count - 1, -1, -1):
        total = best[free[row], every] + gain[row]
        take[row] = entered[row] & (total > best[row + 1] + _SLACK)
        best[row] = np.where(take[row], total, best[row + 1])
    return best[0], _followed(take, free).T


def one_at_a_time(outcomes: Outcomes, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `best_choice`, but whatever comes is entered where no trade is open, with no look ahead; an open trade blocks the rest."""
    gain, free = outcomes.of(directions)
    known = np.isfinite(gain)
    enterable = known | (free == directions.shape[1])
    entered = _followed((directions != 0).T & enterable, free) & known
    return np.where(entered, gain, 0.0).sum(axis=0), entered.T


def _followed(wanted: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Which of the wanted closes are entered, going forward, where the trade before is over; all n × k."""
    entered = np.zeros(wanted.shape, dtype=bool)
    free_at = np.zeros(wanted.shape[1], dtype=int)
    for row in range(len(wanted)):
        entered[row] = wanted[row] & (free_at <= row)
        np.copyto(free_at, free[row], where=entered[row])
    return entered
