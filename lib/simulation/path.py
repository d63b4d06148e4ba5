"""The price path of a simulated market: a martingale whose volatility clusters.

Without planted drift no rule has an edge before costs, and each loses the costs. Everything that looks like a regime, a wick or a
jump comes from volatility alone: minutes of burst inside quiet hours, calm and wild days, the hours of the UTC day. The parameters are
fitted to 41 days of 1-minute candles of the ETH perpetual: volatility per minute, its autocorrelation from minutes to days, the kurtosis,
wicks a day, and the shares of the four regimes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

#: Volatility by UTC hour over its daily mean.
_HOURLY_SHAPE = np.array(
    [
        *(1.29, 1.15, 1.00, 0.89, 0.76, 0.73, 0.81, 0.96, 0.99, 0.89, 0.84, 0.86),
        *(0.97, 1.20, 1.26, 1.12, 1.08, 1.07, 1.07, 1.03, 1.04, 1.00, 1.03, 0.95),
    ]
)
_TICK_DECIMALS = 2


@dataclass(frozen=True)
class VolatilityModel:
    """Log volatility as a sum: level, hour of day, slowly and quickly reverting parts, bursts.

    `level_pct` is the median standard deviation of a minute's return in percent; `parts` are (memory in minutes, standard deviation of
    the log volatility); bursts come `bursts_per_day` times, lift the log volatility by a height within `burst_height` and fade; the log
    volatility never lies more than `ceiling` above its level.
    """

    level_pct: float = 0.068
    parts: tuple[tuple[float, float], ...] = ((2000.0, 0.24), (200.0, 0.28), (15.0, 0.24), (1.0, 0.34))
    bursts_per_day: float = 10.0
    burst_height: tuple[float, float] = (0.4, 2.0)
    burst_minutes: float = 4.0
    ceiling: float = 2.7

    def draw(self, rng: np.random.Generator, minute_of_day: np.ndarray, step_minutes: float) -> np.ndarray:
        """Standard deviation of each step's log return, in percent; `minute_of_day` of each step's end (UTC)."""
        n = len(minute_of_day)
        hours = np.arange(-0.5, 25.0)
        shape = np.concatenate([_HOURLY_SHAPE[-1:], _HOURLY_SHAPE, _HOURLY_SHAPE[:1]])
        log_volatility = np.log(np.interp(minute_of_day / 60, hours, shape))
        for memory, spread in self.parts:
            keep = np.exp(-step_minutes / memory)
            shocks = spread * np.sqrt(1 - keep**2) * rng.standard_normal(n)
            before = keep * spread * rng.standard_normal()
            log_volatility += lfilter([1.0], [1.0, -keep], shocks, zi=[before])[0]
        starts = rng.random(n) < self.bursts_per_day * step_minutes / 1440
        heights = np.where(starts, rng.uniform(*self.burst_height, n), 0.0)
        log_volatility += lfilter([1.0], [1.0, -np.exp(-step_minutes / self.burst_minutes)], heights)
        return self.level_pct * np.sqrt(step_minutes) * np.exp(np.minimum(log_volatility, self.ceiling))


class StepPath:
    """Log prices of equal steps, with the extremes inside each step; drift can be added afterwards.

    Step i ends `(i + 1) · step_seconds` after the path's start. `spread` is the standard deviation of each step's return as a fraction.
    Extremes are drawn from a Brownian bridge between the ends, so that a barrier between two steps is hit as often as on a
    continuous path: without them fixed exits at exact prices would gain on average.
    """

    def __init__(self, rng: np.random.Generator, spread_pct: np.ndarray, step_seconds: int) -> None:
        n = len(spread_pct)
        self.step_seconds = step_seconds
        self.spread = spread_pct / 100
        self.close = np.cumsum(self.spread * rng.standard_normal(n) - self.spread**2 / 2)
        self._up, self._down = rng.standard_exponential(n), rng.standard_exponential(n)
        self.high, self.low = self.extremes(0, np.concatenate([[0.0], self.close]))

    def __len__(self) -> int:
        return len(self.close)

    def set_price(self, step: int, price: float) -> None:
        """Shift the whole path so that `step` ends at `price`."""
        shift = np.log(price) - self.close[step]
        for levels in (self.close, self.high, self.low):
            levels += shift

    def extremes(self, first: int, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """High and low inside the steps from `first` on, given the log prices at their ends (one more than steps).

        Maximum of a bridge from x to y with variance s²: (x + y + √((y − x)² + 2 s² E)) / 2, E exponential; the minimum mirrored.
        """
        steps = slice(first, first + len(ends) - 1)
        before, after = ends[:-1], ends[1:]
        move, variance = (after - before) ** 2, 2 * self.spread[steps] ** 2
        high = (before + after + np.sqrt(move + variance * self._up[steps])) / 2
        low = (before + after - np.sqrt(move + variance * self._down[steps])) / 2
        return high, low

    def with_drift(self, first: int, drift: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Close, high and low (logs) of the steps from `first` on if each had this drift added; changes nothing."""
        ends = self.close[first - 1 : first + len(drift)].copy()
        ends[1:] += np.cumsum(drift)
        high, low = self.extremes(first, ends)
        return ends[1:], high, low

    def add_drift(self, first: int, drift: np.ndarray) -> None:
        """Add drift to the steps from `first` on; everything after them is shifted by its sum."""
        last = first + len(drift)
        close, high, low = self.with_drift(first, drift)
        for levels, new in ((self.close, close), (self.high, high), (self.low, low)):
            levels[first:last] = new
            levels[last:] += drift.sum()


def to_price(levels: np.ndarray) -> np.ndarray:
    """Log levels as prices on the tick grid."""
    return np.round(np.exp(levels), _TICK_DECIMALS)


def draw_volumes(rng: np.random.Generator, spread_pct: np.ndarray, returns_pct: np.ndarray) -> np.ndarray:
    """Volume of each minute in units of the asset, from its volatility and its absolute return (both in percent)."""
    memory = lfilter([1.0], [1.0, -0.98], 0.12 * rng.standard_normal(len(spread_pct)))
    size = np.abs(returns_pct) / np.maximum(spread_pct, 1e-9)
    activity = 1.1 * np.log(spread_pct / 0.075) + 0.28 * (size - 0.8) + memory
    return np.round(2600.0 * np.exp(activity + 0.42 * rng.standard_normal(len(spread_pct))), 3)
