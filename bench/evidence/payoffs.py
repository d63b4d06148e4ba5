"""Net returns of one trade as exact distributions: values and their probabilities, so that mean and spread are known, not estimated.

The standard exits are those of a market with a drift (lib.simulation.planted): target, stop, and time exits between them. The
probability of the target is set last, so that the net mean is the wanted one to the last digit, whatever the grid of the time exits
leaves over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy.stats import t as student

from lib.market.costs import DEFAULT_COSTS
from lib.simulation.planted import TERMS, Barriers

TARGET_PCT, STOP_PCT = 0.3, 0.15
COST_PCT = DEFAULT_COSTS.round_trip_pct
#: Room for slippage in what is declared at the entry.
ALLOWANCE_PCT = 0.10
WORST_PCT = STOP_PCT + COST_PCT + ALLOWANCE_PCT
BEST_PCT = TARGET_PCT - COST_PCT + ALLOWANCE_PCT
#: Time exits lie on so many values between the barriers, heavy tails on so many quantiles.
CELLS, QUANTILES = 180, 4000
#: Returns with heavy tails, and where they end: at more than twice the loss that is declared.
TAIL_SD_PCT, TAIL_END_PCT = 0.16, 0.8
BARRIERS = Barriers(TARGET_PCT, STOP_PCT)


@dataclass(frozen=True)
class Payoff:
    """Net returns in percent, ascending, and their probabilities."""

    values: np.ndarray
    probabilities: np.ndarray

    @cached_property
    def _steps(self) -> np.ndarray:
        return np.cumsum(self.probabilities)[:-1]

    @property
    def mean(self) -> float:
        """Mean net return, percent."""
        return float(self.values @ self.probabilities)

    @property
    def sd(self) -> float:
        """Standard deviation of the net return, percent."""
        return float(np.sqrt((self.values - self.mean) ** 2 @ self.probabilities))

    def at(self, uniform: np.ndarray) -> np.ndarray:
        """The returns at these quantiles: uniform numbers in, returns of this distribution out."""
        return self.values[np.searchsorted(self._steps, uniform, side="right")]


@cache
def standard_exits(mean_pct: float, variance: float) -> Payoff:
    """Target, stop or time exit after `variance` (percent²), with the net mean wanted."""
    drift = BARRIERS.drift_for(mean_pct, variance, COST_PCT, 0.0)
    width = (TARGET_PCT + STOP_PCT) / CELLS
    moves = -STOP_PCT + width * (np.arange(CELLS) + 0.5)
    late = _density(moves, drift, variance)
    late *= BARRIERS.time_exit_probability(drift, variance) / (late.sum() or 1.0)
    early = 1 - late.sum()
    target = (mean_pct + COST_PCT - moves @ late + STOP_PCT * early) / (TARGET_PCT + STOP_PCT)
    return Payoff(np.r_[-STOP_PCT, moves, TARGET_PCT] - COST_PCT, np.r_[early - target, late, target])


def _density(moves: np.ndarray, drift: float, variance: float) -> np.ndarray:
    """Density of the move of trades that are still held, up to a factor (the expansion in lib.simulation.planted)."""
    length = TARGET_PCT + STOP_PCT
    waves = TERMS * np.pi / length
    fading = np.sin(waves * STOP_PCT) * np.exp(-(waves**2) * variance / 2)
    shape = np.sin(np.outer(moves + STOP_PCT, waves)) @ fading
    return np.maximum(shape * np.exp(drift * moves), 0.0)


@cache
def two_points(mean_pct: float, variance: float = np.inf) -> Payoff:
    """Target or stop, nothing else, however long it takes."""
    target = (mean_pct + COST_PCT + STOP_PCT) / (TARGET_PCT + STOP_PCT)
    return Payoff(np.array([-STOP_PCT, TARGET_PCT]) - COST_PCT, np.array([1 - target, target]))


@cache
def heavy_tails(mean_pct: float, variance: float = 0.0) -> Payoff:
    """Student's t with three degrees of freedom around the mean, cut at ±TAIL_END_PCT; `variance` says nothing."""
    quantiles = student.ppf((np.arange(QUANTILES) + 0.5) / QUANTILES, 3) * TAIL_SD_PCT / np.sqrt(3)
    values = np.clip(quantiles, -TAIL_END_PCT, TAIL_END_PCT)
    return Payoff(values - values.mean() + mean_pct, np.full(QUANTILES, 1 / QUANTILES))


@cache
def hold_quantiles(variance: float, minutes: float = 45.0) -> np.ndarray:
    """Minutes until the exit at evenly spaced quantiles (101), for trades of mean 0 that end by `minutes`."""
    drift = BARRIERS.drift_for(0.0, variance, COST_PCT, 0.0)
    share = np.linspace(0.0, 1.0, 401)
    gone = np.array([1 - BARRIERS.time_exit_probability(drift, max(part, 1e-3) * variance) for part in share])
    gone = np.maximum.accumulate(gone)
    return np.interp(np.linspace(0, 1, 101), np.r_[gone, 1.0], np.r_[share, 1.0]) * minutes
