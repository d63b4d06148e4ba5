"""What hindsight would have made of the window: the ceiling and the setup optimum (docs/definitions.md, Optimal).

Both are bounds or benchmarks, never promises: their exits know the future. The time-shifted null in
lib.analysis.optimal_vs_actual shows how much of that is hindsight's free lunch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.market.costs import DEFAULT_COSTS, Costs, price_trades, signs
from lib.market.readings import CANDLE, states_at
from lib.market.setups import breakouts
from lib.market.wicks import wicks

_HOLD_CANDLES = 9
_LEAST_OFFSET = 12  #: candles: 60 minutes
_STATE_DIRECTION = {"all_green": 1.0, "all_red": -1.0}


@dataclass(frozen=True)
class CeilingTrades:
    """Entry and exit rows of the best sequence and its sums."""

    entries: np.ndarray
    exits: np.ndarray
    net_pct: np.ndarray
    net_usd: np.ndarray


def segments(candles: pd.DataFrame) -> np.ndarray:
    """A number per candle that grows at each gap: candles with the same number follow one another without
    one.
    """
    if candles.empty:
        return np.empty(0, dtype=int)
    return np.concatenate([[0], np.cumsum(np.diff(candles.index) != CANDLE)])


def ceiling(candles: pd.DataFrame, costs: Costs = DEFAULT_COSTS, hold: int = _HOLD_CANDLES) -> CeilingTrades:
    """The sequence of long and short trades between closes with the largest total net percent, by dynamic
    programming.

    A trade lasts 1 to `hold` candles, crosses no gap, and may begin at the close where the one before ended.
    """
    close, segment = candles["close"].to_numpy(), segments(candles)
    count = len(close)
    best, came_from = np.zeros(max(count, 1)), np.full(count, -1)
    for row in range(1, count):
        best[row] = best[row - 1]
        earliest = max(0, row - hold)
        starts = np.arange(earliest, row)[segment[earliest:row] == segment[row]]
        if not len(starts):
            continue
        gains = best[starts] + np.abs(close[row] / close[starts] - 1) * 100 - costs.round_trip_pct
        choice = int(gains.argmax())
        if gains[choice] > best[row] + 1e-12:
            best[row], came_from[row] = gains[choice], starts[choice]
    exits, entries, row = [], [], count - 1
    while row > 0:
        if came_from[row] < 0:
            row -= 1
            continue
        exits.append(row)
        entries.append(came_from[row])
        row = came_from[row]
    start, end = np.array(entries[::-1], dtype=int), np.array(exits[::-1], dtype=int)
    net = np.abs(close[end] / close[start] - 1) * 100 - costs.round_trip_pct
    return CeilingTrades(start, end, net, net / 100 * close[start])


def setup_directions(candles: pd.DataFrame, samples_5min: pd.DataFrame) -> np.ndarray:
    """+1, −1 or 0 per candle, known at its close: of its wick, else its breakout, else its all_* state;
    wicks both ways: 0.
    """
    flags, broken = wicks(candles), breakouts(candles)
    state = states_at(pd.DatetimeIndex(candles["closed_at"]), samples_5min, 5)
    by_state = np.array([_STATE_DIRECTION.get(name, 0.0) for name in state])
    wick = flags["wick_down"].astype(float) - flags["wick_up"].astype(float)
    breakout = broken["breakout_up"].astype(float) - broken["breakout_down"].astype(float)
    both = (flags["wick_down"] & flags["wick_up"]).to_numpy()
    direction = np.where(wick != 0, wick, np.where(breakout != 0, breakout, by_state))
    return np.where(both, 0.0, direction)


def eligible_rows(candles: pd.DataFrame, hold: int = _HOLD_CANDLES) -> np.ndarray:
    """Rows whose next `hold` closes are known and follow without a gap."""
    segment = segments(candles)
    count = max(len(segment) - hold, 0)
    return np.flatnonzero(segment[:count] == segment[hold : hold + count])


def best_exits(
    close: np.ndarray, rows: np.ndarray, sign: np.ndarray, hold: int = _HOLD_CANDLES
) -> np.ndarray:
    """Row of the best of the next `hold` closes for each entry row, the earliest on a tie."""
    if not len(rows):
        return np.empty(0, dtype=int)
    ahead = rows[:, None] + np.arange(1, hold + 1)
    return rows + 1 + (sign[:, None] * close[ahead]).argmax(axis=1)


def _choose_setups(
    close: np.ndarray, rows: np.ndarray, direction: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Entry and exit rows of the setup optimum: in time order, the next entry no earlier than the exit
    before.

    `rows` are the eligible ones, `direction` one value a candle (+1, −1, or 0 for no setup).
    """
    rows = rows[direction[rows] != 0]
    exits = best_exits(close, rows, direction[rows])
    chosen, free = [], -1
    for position, (entry, left) in enumerate(zip(rows.tolist(), exits.tolist(), strict=True)):
        if entry >= free:
            chosen.append(position)
            free = left
    return rows[chosen], exits[chosen]


def setup_optimum(candles: pd.DataFrame, direction: np.ndarray, costs: Costs = DEFAULT_COSTS) -> pd.DataFrame:
    """Trades of the setup optimum: each setup entered at its close, left at the best of the next nine closes.

    `candles` are the window's, `direction` one value a candle. Returns priced, non-overlapping trades with
    entry_row.
    """
    close = candles["close"].to_numpy()
    start, end = _choose_setups(close, eligible_rows(candles), direction)
    closed_at = candles["closed_at"].reset_index(drop=True)
    trades = pd.DataFrame(
        {
            "direction": pd.array(np.where(direction[start] > 0, "LONG", "SHORT"), dtype="str"),
            "entry_time": closed_at.iloc[start].reset_index(drop=True),
            "entry_price": close[start],
            "exit_time": closed_at.iloc[end].reset_index(drop=True),
            "exit_price": close[end],
            "exit_reason": "HINDSIGHT",
            "entry_row": start,
        }
    )
    return price_trades(trades, costs.round_trip_pct)


def _offsets(count: int, shifts: int, seed: int) -> np.ndarray:
    """Seeded circular offsets of at least 60 minutes either way; none where the window is too short for
    one.
    """
    if count <= 2 * _LEAST_OFFSET:
        return np.empty(0, dtype=int)
    return np.random.default_rng(seed).integers(_LEAST_OFFSET, count - _LEAST_OFFSET + 1, size=shifts)


def _totals(
    close: np.ndarray, entry: np.ndarray, left: np.ndarray, sign: np.ndarray, cost_pct: float
) -> tuple[float, float]:
    net = sign * (close[left] / close[entry] - 1) * 100 - cost_pct
    return float(net.sum()), float((net / 100 * close[entry]).sum())


def shifted_totals(
    candles: pd.DataFrame,
    optimum: pd.DataFrame,
    shifts: int = 200,
    seed: int = 0,
    costs: Costs = DEFAULT_COSTS,
) -> pd.DataFrame:
    """Totals (net_pct, net_usd) of the optimum's entries shifted circularly in time, one row per offset.

    Entries keep their order and direction, and each exits at the best of its next nine closes.
    """
    rows, close = eligible_rows(candles), candles["close"].to_numpy()
    position = np.searchsorted(rows, optimum["entry_row"].to_numpy())
    sign = signs(optimum["direction"])
    totals = []
    for offset in _offsets(len(rows), shifts, seed) if len(position) else ():
        entry = rows[(position + offset) % len(rows)]
        totals.append(_totals(close, entry, best_exits(close, entry, sign), sign, costs.round_trip_pct))
    return pd.DataFrame(totals, columns=["net_pct", "net_usd"], dtype=float)


def shifted_setup_totals(
    candles: pd.DataFrame,
    direction: np.ndarray,
    shifts: int = 200,
    seed: int = 0,
    costs: Costs = DEFAULT_COSTS,
) -> pd.DataFrame:
    """Totals (net_pct, net_usd) of the setups shifted circularly in time and then chosen anew, one row per
    offset.

    Like for like with the setup optimum: after a loser, whose best exit is the next close, the next setup is
    entered at once, so its entries gather where prices go against them. Shifted entries (`shifted_totals`) do
    not, which favours them (docs/decisions/setup-optimum-null.md).
    """
    rows, close = eligible_rows(candles), candles["close"].to_numpy()
    totals = []
    for offset in _offsets(len(rows), shifts, seed) if direction[rows].any() else ():
        moved = np.zeros(len(close))
        moved[np.roll(rows, -offset)] = direction[rows]
        entry, left = _choose_setups(close, rows, moved)
        totals.append(_totals(close, entry, left, moved[entry], costs.round_trip_pct))
    return pd.DataFrame(totals, columns=["net_pct", "net_usd"], dtype=float)
