"""The betting mixture: an e-process for the mean of bounded returns that stays valid however often it is looked at.

For x with E[x | past] <= 0 and 1 + λx >= 0 the product of (1 + λx) is a nonnegative supermartingale of start 1, and so is a mixture over
several λ; by Ville's inequality it ever exceeds 1/α with probability α at most. No normality, no variance estimate, no burn-in.

Sources: Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024), sections 3 and 4; Ville (1939);
the tempering of dependent episodes: docs/evidence-method.md, The e-process. Returns and bounds are in percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, inf, log, log1p

import numpy as np

#: No bet risks more than this share of the declared worst loss, so that a loss within it never ends a bet.
_MOST_AT_RISK = 0.9
#: How far below the exact bound the one given may lie, in percent.
BOUND_STEP_PCT = 1e-7
#: Stands for the log of an empty bet, which no root can be sought with.
_LEAST = -1e9


@dataclass(frozen=True)
class Mixture:
    """Bets of several sizes (per percent of return) and the weights of their capital, which sum to 1."""

    rates: tuple[float, ...]
    weights: tuple[float, ...]

    @cached_property
    def _column(self) -> np.ndarray:
        return np.asarray(self.rates)[:, None]

    def start(self) -> list[float]:
        """Log capital of each bet before any return."""
        return [0.0] * len(self.rates)

    def bet(self, sums: list[float], x: float, worst: float, tempering: float = 1.0) -> None:
        """Add one return to the log capital of each bet, in place.

        `worst` is the largest loss declared at the entry (positive); a loss beyond it can empty a bet, which stays empty. `tempering`
        (at least 1) is the variance inflation of dependent episodes; with it validity is asymptotic.
        """
        most = _MOST_AT_RISK / worst
        for place, rate in enumerate(self.rates):
            change = (rate if rate < most else most) * x
            sums[place] += log1p(change) / tempering if change > -1.0 else -np.inf

    def log_e(self, sums: Sequence[float]) -> float:
        """Natural log of the mixture's capital, which started at 1; minus infinity once every bet is empty."""
        top = max(sums)
        if top == -inf:
            return top
        shares = zip(self.weights, sums, strict=True)
        return top + log(sum([weight * exp(value - top) for weight, value in shares]))

    def log_e_of(self, x: np.ndarray, worst: np.ndarray, tempering: np.ndarray) -> float:
        """`log_e` after all of the returns `x`, each with its declared worst loss and tempering; arrays of one length."""
        with np.errstate(divide="ignore"):
            return self._log_e_of(x, worst, tempering)

    def _log_e_of(self, x: np.ndarray, worst: np.ndarray, tempering: np.ndarray) -> float:
        # In place: a bound asks for this a dozen times, of thousands of returns.
        change = np.minimum(self._column, _MOST_AT_RISK / worst)
        change *= x
        np.maximum(change, -1.0, out=change)
        np.log1p(change, out=change)
        change /= tempering
        return self.log_e(np.add.reduce(change, axis=1).tolist())

    def lower_bound(
        self,
        x: np.ndarray,
        worst: np.ndarray,
        tempering: np.ndarray,
        log_needed: float,
        scale: np.ndarray | None = None,
    ) -> float | None:
        """The largest m up to which "the mean is at most m" is rejected at exp(-log_needed): a bound that holds at every look.

        The returns less m, with a worst loss grown by m, through the same bets. A loss beyond the declared one counts as declared, so that
        there is one such m; the bound is then not exact. With a `scale` (of n, positive) the values are `scale` times what the mean is of,
        and so are the losses in `worst`. None without any return, or where not even the worst loss is rejected as the mean.
        """
        if not len(x):
            return None
        sizes = 1.0 if scale is None else scale
        worst = np.maximum(worst, -x)

        def beyond(mean: float) -> float:
            shift = sizes * mean
            found = self._log_e_of(x - shift, np.maximum(worst + shift, 1e-9), tempering)
            return max(found, _LEAST) - log_needed

        low, high = 1e-6 - float((worst / sizes).max()), float((x / sizes).max())
        with np.errstate(divide="ignore"):
            if beyond(low) < 0:
                return None
            from scipy.optimize import brentq

            return brentq(beyond, low, high, xtol=BOUND_STEP_PCT / 2) - BOUND_STEP_PCT


#: For the mean of a group's episodes. Two bets instead of the method's four: fewer to pay for, so an edge of 0.05 % and one of 0.03 %
#: show after 1 to 6 % fewer episodes on every payoff tried, one of 0.10 % after 9 % more (docs/decisions/evidence.md).
MEAN = Mixture(rates=(1.0, 1.8), weights=(0.5, 0.5))
#: For the difference of a group's episodes and the others' (docs/evidence-method.md, The e-process).
DIFFERENCE = Mixture(rates=(0.4, 0.8, 1.2, 1.6), weights=(0.15, 0.25, 0.30, 0.30))
#: For an experiment's differences (docs/evidence-method.md, Controlled test): of a block drawn with probability p they are scaled by
#: min(p, 1 − p), so that no share bets more than another; a paired difference is as it is.
EXPERIMENT = Mixture(
    rates=(0.2 / 0.35, 0.4 / 0.35, 0.6 / 0.35, 0.85 / 0.35), weights=(0.25, 0.30, 0.25, 0.20)
)
