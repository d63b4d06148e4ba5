"""The deflated Sharpe ratio: how likely the best of many trials is better than the luckiest of as many worthless ones.

Source: D. H. Bailey and M. López de Prado, "The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest Overfitting and
Non-Normality", Journal of Portfolio Management 40 (5), 2014: equations 1 and 2, and the implied number of independent trials of
its appendix A.3. All ratios are per period, never annualised; kurtosis is 3 for a normal distribution, not 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm


@dataclass(frozen=True)
class Deflated:
    """The Sharpe ratio that luck alone is expected to reach, and the probability that the true one exceeds it."""

    sharpe: float
    expected_maximum: float
    probability: float
    trials: float


def expected_maximum(trials: float, variance: float) -> float:
    """Expected largest Sharpe ratio of `trials` independent trials without merit whose ratios vary by `variance`.

    √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))), γ Euler's constant; 0 for a single trial.
    """
    if trials <= 1:
        return 0.0
    gamma = np.euler_gamma
    quantiles = (1 - gamma) * norm.ppf(1 - 1 / trials) + gamma * norm.ppf(1 - 1 / (trials * np.e))
    # Close to one trial the approximation turns negative, which would reward having tried.
    return float(np.sqrt(variance) * max(quantiles, 0.0))


def deflated_sharpe(
    sharpe: float, periods: int, skew: float, kurtosis: float, trials: float, variance: float
) -> Deflated | None:
    """Deflated Sharpe ratio of one chosen trial; None where it is not defined.

    Φ((SR − SR₀) √(T − 1) / √(1 − skew · SR + (kurtosis − 1)/4 · SR²)), SR₀ the expected maximum, T = `periods`. `variance` is
    that of the Sharpe ratios of all trials. Not defined for fewer than two periods, or moments that no returns can have.
    """
    spread = 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if periods < 2 or not np.isfinite([sharpe, spread, variance]).all() or spread <= 0:
        return None
    luck = expected_maximum(trials, variance)
    z = (sharpe - luck) * np.sqrt(periods - 1) / np.sqrt(spread)
    return Deflated(float(sharpe), luck, float(norm.cdf(z)), trials)


def implied_trials(trials: int, mean_correlation: float) -> float:
    """How many independent trials so many correlated ones are worth: ρ̄ + (1 − ρ̄) M, ρ̄ their mean correlation (0 to 1)."""
    rho = min(max(mean_correlation, 0.0), 1.0)
    return rho + (1 - rho) * trials
