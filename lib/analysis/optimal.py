"""What perfect timing between closes would have made: the ceiling and the perfect setup trades (docs/definitions.md, Optimal).

Both are found by dynamic programming over 5-minute closes, know the future, and may leave out what loses: neither total is ever negative.
Directions come as rows of a table, so that one walk through the closes answers for all time shifts of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.market.costs import DEFAULT_COSTS, Costs
from lib.market.readings import CANDLE

HOLD_CANDLES = 9
#: A longer way must be better by more than rounding.
_SLACK = 1e-12


@dataclass(frozen=True)
class CloseTrades:
    """Trades from close to close: rows of entries and exits, and what each made, net."""

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


def whole_ahead(segment: np.ndarray, hold: int = HOLD_CANDLES) -> np.ndarray:
    """Whether no gap lies within the next `hold` closes of each; what is not there yet at the end is none."""
    ahead = np.minimum(np.arange(len(segment)) + hold, len(segment) - 1)
    return segment[ahead] == segment


def ceiling(candles: pd.DataFrame, costs: Costs = DEFAULT_COSTS, hold: int = HOLD_CANDLES) -> CloseTrades:
    """The sequence of long and short trades between closes with the largest total net percent.

    A trade lasts 1 to `hold` candles, crosses no gap, and may begin at the close where the one before ended.
    """
    close, segment = candles["close"].to_numpy(), segments(candles)
    moves, crossing = _moves(close, segment, hold)
    anywhere = np.ones((1, len(close)))
    _, came_from = _best(np.abs(moves), crossing, anywhere, costs.round_trip_pct)
    entries, exits = _traced(came_from)
    return _priced(close, np.abs(close[exits] / close[entries] - 1) * 100, entries, exits, costs)


def perfect_trades(
    candles: pd.DataFrame, directions: np.ndarray, costs: Costs = DEFAULT_COSTS, hold: int = HOLD_CANDLES
) -> tuple[CloseTrades, np.ndarray]:
    """As the ceiling, but entered only where `directions` (k series × candles) are +1 or −1, and in that direction: the trades of
    the first series, and the total net percent of each.
    """
    close, segment = candles["close"].to_numpy(), segments(candles)
    moves, crossing = _moves(close, segment, hold)
    best, came_from = _best(moves, crossing, directions, costs.round_trip_pct)
    entries, exits = _traced(came_from)
    move = directions[0][entries] * (close[exits] / close[entries] - 1) * 100
    return _priced(close, move, entries, exits, costs), best[-1] if len(best) else np.zeros(len(directions))


def _moves(close: np.ndarray, segment: np.ndarray, hold: int) -> tuple[np.ndarray, np.ndarray]:
    """For each close (column) and each of the `hold` closes before it, the furthest first: the move in percent since then, and
    0, or −∞ where a gap lies between or there is no such close.
    """
    start = np.arange(len(close)) - np.arange(hold, 0, -1)[:, None]
    crossing = (start < 0) | (segment[start.clip(0)] != segment)
    moves = (close / close[start.clip(0)] - 1) * 100
    return np.where(crossing, 0.0, moves), np.where(crossing, -np.inf, 0.0)


def _best(
    moves: np.ndarray, crossing: np.ndarray, directions: np.ndarray, cost_pct: float
) -> tuple[np.ndarray, np.ndarray]:
    """Largest totals up to each close (n × k), and the entry that the first series' last trade to it came from (n; −1: none ends there).

    best[r] is best[r−1], or the largest best[s] + direction[s] · move(s to r) − cost over the closes s before.
    """
    if len(directions) == 1:
        return _best_alone(moves, crossing, directions[0], cost_pct)
    hold, count = moves.shape
    # As many rows before the first close as a trade may last: they stand for closes that are not there, which crossing keeps out.
    nothing = np.zeros((hold, len(directions)))
    sign = np.concatenate([nothing, directions.T])
    entering = np.where(sign != 0, -cost_pct, -np.inf)
    best, came_from = np.zeros(sign.shape), np.full(count, -1)
    by_close, across, is_across = moves.T[:, :, None], crossing.T[:, :, None], crossing.any(axis=0)
    gains = np.empty_like(nothing)
    for row in range(1, count):
        back = slice(row, row + hold)
        np.multiply(sign[back], by_close[row], out=gains)
        gains += best[back]
        gains += entering[back] + across[row] if is_across[row] else entering[back]
        gain, before = gains.max(axis=0), best[row + hold - 1]
        better = gain > before + _SLACK
        best[row + hold] = np.where(better, gain, before)
        if better[0]:
            came_from[row] = row - hold + gains[:, 0].argmax()
    return best[hold:], came_from


def _best_alone(
    moves: np.ndarray, crossing: np.ndarray, direction: np.ndarray, cost_pct: float
) -> tuple[np.ndarray, np.ndarray]:
    """`_best` of one series, in numbers of Python: arrays of nine values cost more to call than to compute."""
    hold, signs = len(moves), direction.tolist()
    best, came_from = [0.0] * len(signs), [-1] * len(signs)
    rows = zip(moves.T.tolist(), (crossing == 0).T.tolist(), strict=True)
    for row, (moved, whole) in enumerate(rows):
        if row == 0:
            continue
        gain, found = -np.inf, -1
        for back in range(max(0, hold - row), hold):
            start = row - hold + back
            if whole[back] and (sign := signs[start]):
                value = best[start] + sign * moved[back] + -cost_pct
                if value > gain:
                    gain, found = value, start
        best[row] = best[row - 1]
        if gain > best[row - 1] + _SLACK:
            best[row], came_from[row] = gain, found
    return np.array(best, dtype=float)[:, None], np.array(came_from, dtype=int)


def _traced(came_from: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entry and exit rows of the sequence that ends best, in order."""
    exits, entries, row = [], [], len(came_from) - 1
    while row > 0:
        if came_from[row] < 0:
            row -= 1
            continue
        exits.append(row)
        entries.append(came_from[row])
        row = came_from[row]
    return np.array(entries[::-1], dtype=int), np.array(exits[::-1], dtype=int)


def _priced(
    close: np.ndarray, move_pct: np.ndarray, entries: np.ndarray, exits: np.ndarray, costs: Costs
) -> CloseTrades:
    net = move_pct - costs.round_trip_pct
    return CloseTrades(entries, exits, net, net / 100 * close[entries])
