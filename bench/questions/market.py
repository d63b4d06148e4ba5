"""Simulated markets of 5-minute candles in which the mean of every trade is known, and a signal that may have an edge.

A candle's price is a Brownian motion in percent of its open, with the exact law of its highest and of its lowest price given its close
(the bridge's extremes; Karatzas and Shreve, Brownian Motion and Stochastic Calculus, 1991, section 2.8). Prices are a martingale, exits are
filled at exactly their levels, and so, without costs, any trade of any question has a mean of 0 given all before it (optional stopping),
whatever the volatility, which is known and lasts for hours. What would surprise: the two extremes are drawn apart from each other, which
differs from their joint law only where one candle crosses both levels; that is next to never, and the stop then counts.

The signal stands in the candles' volume, so that a question can know it: three entries a day, far enough apart that none waits for another.
With an edge, the price drifts for as long as such a trade may last, just so much that its net mean is the edge (lib.simulation.planted).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from lib.contract.times import times_index
from lib.data.loaders import empty_candles
from lib.market.exits import MINUTE
from lib.market.terms import Terms
from lib.questions.history import History
from lib.simulation.planted import Barriers

STEP_MINUTES = 5
STEPS_A_DAY = 24 * 60 // STEP_MINUTES
BEGIN_US = 1_767_225_600_000_000  #: 2026-01-01 00:00 UTC
PRICE = 2_000.0
#: Spread of a candle's move, percent: its median, how far its logarithm moves, for how long, and its ends.
SPREAD_PCT, SPREAD_MOVES, SPREAD_HOURS, SPREAD_ENDS = 0.055, 0.3, 6.0, (0.025, 0.1)
SIGNALS_A_DAY = 3
#: Volumes of rows without a signal end below the one of a long signal, which is below that of a short one.
QUIET, LONG_VOLUME, SHORT_VOLUME = 10.0, 20.0, 30.0
#: No costs: the null, where a question that knows nothing makes exactly 0. With costs it would lose, and never come near a proof.
FREE = Terms(fee_pct=0.0, slippage_pct=0.0)
_VARIANCES = np.linspace(0.004, 0.1, 60)


def spreads(steps: int, rng: np.random.Generator) -> np.ndarray:
    """Standard deviation of each candle's move, percent; it lasts for hours."""
    kept = np.exp(-STEP_MINUTES / 60 / SPREAD_HOURS)
    noise = rng.standard_normal(steps)
    noise[1:] *= np.sqrt(1 - kept**2)
    return np.clip(SPREAD_PCT * np.exp(SPREAD_MOVES * lfilter([1.0], [1.0, -kept], noise)), *SPREAD_ENDS)


def signals(days: int, rng: np.random.Generator, hold_steps: int) -> np.ndarray:
    """+1, -1 or 0 for each candle: three a day, each of either side, more than a longest hold apart."""
    slot = STEPS_A_DAY // SIGNALS_A_DAY
    count = days * SIGNALS_A_DAY
    at = np.arange(count) * slot + rng.integers(0, slot - hold_steps, size=count)
    found = np.zeros(days * STEPS_A_DAY, dtype=np.int8)
    found[at] = rng.choice(np.array([1, -1], dtype=np.int8), size=count)
    return found


def drifts(signal: np.ndarray, spread: np.ndarray, edge_pct: float, terms: Terms) -> np.ndarray:
    """What each candle moves on average, percent, so that a trade entered at each signal's close has the net mean `edge_pct`."""
    hold = hold_steps(terms)
    at = np.flatnonzero(signal)
    held = at[:, None] + 1 + np.arange(hold)
    inside = held < len(signal)
    variance = np.append(spread**2, 0.0)[np.where(inside, held, len(signal))]
    drift = np.interp(variance.sum(axis=1), _VARIANCES, _drifts(edge_pct, terms))
    found = np.zeros(len(signal) + 1)
    found[np.where(inside, held, len(signal))] = signal[at, None] * drift[:, None] * variance
    return found[:-1]


@cache
def _drifts(edge_pct: float, terms: Terms) -> np.ndarray:
    """The drift per percent² of variance at each of the variances until the time exit."""
    barriers = Barriers(terms.target_pct, terms.stop_pct)
    return np.array(
        [barriers.drift_for(edge_pct, variance, terms.round_trip_pct, 0.0) for variance in _VARIANCES]
    )


def hold_steps(terms: Terms) -> int:
    """Candles that a trade may last."""
    return int(terms.hold_minutes) // STEP_MINUTES


def candles(
    moves: np.ndarray, spread: np.ndarray, signal: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Candles with these moves (percent of their opens), the extremes of a motion of that spread, and the signal as volume."""
    close = PRICE * np.cumprod(1 + moves / 100)
    opened = np.r_[PRICE, close[:-1]]
    up, down = (
        np.sqrt(moves**2 - 2 * spread**2 * np.log(rng.uniform(1e-300, 1.0, len(moves)))) for _ in range(2)
    )
    opens = times_index(BEGIN_US + np.arange(len(moves)) * STEP_MINUTES * MINUTE)
    frame = pd.DataFrame(
        {
            "open": opened,
            "high": np.maximum(opened * (1 + (moves + up) / 200), np.maximum(opened, close)),
            "low": np.minimum(opened * (1 + (moves - down) / 200), np.minimum(opened, close)),
            "close": close,
            "volume": np.select(
                [signal > 0, signal < 0], [LONG_VOLUME, SHORT_VOLUME], rng.uniform(0.0, QUIET, len(moves))
            ),
        },
        index=opens,
    )
    frame["closed_at"] = frame.index + pd.Timedelta(minutes=STEP_MINUTES)
    return frame


def markets(
    days: int,
    rng: np.random.Generator,
    edges_pct: tuple[float | None, ...] = (None,),
    terms: Terms = FREE,
    correlation: float = 0.0,
) -> list[History]:
    """As many markets as edges: the net mean of a signal's trade in each, or None for a martingale.

    They have one signal and one spread, and their moves are correlated so far: what could mislead most.
    """
    steps = days * STEPS_A_DAY
    spread, signal = spreads(steps, rng), signals(days, rng, hold_steps(terms))
    common = rng.standard_normal(steps)
    found = []
    for place, edge in enumerate(edges_pct, 1):
        own = rng.standard_normal(steps)
        moves = spread * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)
        if edge is not None:
            moves += drifts(signal, spread, edge, terms)
        five = candles(moves, spread, signal, rng)
        found.append(History(f"MADE{place}", "simulated", empty_candles(), five))
    return found


def signal_of(candles: pd.DataFrame) -> np.ndarray:
    """What the question that knows the signal says of rows: +1, -1 or 0, out of their volume."""
    volume = candles["volume"].to_numpy(float)
    return np.select([volume >= SHORT_VOLUME, volume >= LONG_VOLUME], [-1, 1], 0).astype(np.int8)
