"""Edges of known size: the drift that gives a trade with the standard exits a wanted mean.

Between entry and exit the log price is taken as a Brownian motion run in *business time* (its own cumulated variance, in percent²), with
the constant drift θ per percent² of variance. Time-varying volatility then changes when a barrier is reached, never which one. With
target +a, stop −b and the time exit after the variance V, L = a + b (all in percent, from the unslipped entry price):

    P(target before stop)  = (1 − e^(2θb)) / (e^(−2θa) − e^(2θb))                       V = ∞, scale function e^(−2θx)
    P(neither by v)        = (2/L) e^(−θb) Σ s_n K_n e^(−λ_n v)
    s_n = sin(nπb/L),  λ_n = θ²/2 + n²π²/(2L²),  K_n = (nπ/L)(1 − (−1)^n e^(θL)) / (θ² + n²π²/L²)
    E[move at the exit]    = θ E[variance until the exit] = θ (2/L) e^(−θb) Σ s_n K_n (1 − e^(−λ_n V)) / λ_n

(Wald's identity; eigenfunction expansion of the killed motion: Cox and Miller, The Theory of Stochastic Processes, 1965, section 5.7;
Borodin and Salminen, Handbook of Brownian Motion, 2002, part II, 2.3.) At V = ∞ the last line is a·P − b·(1 − P), so a wanted net mean m
at costs c needs P = (m + c + b) / (a + b).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from lib.contract.schema import ALIGNMENTS, SIGNATURES, TRIGGERS
from lib.errors import ParameterError

#: Days after the first sample: an edge is in the trades entered from the one up to, not at, the other.
Span = tuple[float, float]
TERMS = np.arange(1, 121, dtype=float)
#: Steeper drifts than this (per percent² of variance) are not used: at 40 a trade wins with certainty.
MAX_DRIFT = 40.0
#: Names of all setups of a direction, or of a direction and a trigger.
FAMILIES = (
    *TRIGGERS,
    *(f"{direction}_{trigger}" for direction, triggers in TRIGGERS.items() for trigger in triggers),
)


@dataclass(frozen=True)
class Barriers:
    """Distances of target and stop from the unslipped entry price, both positive, in percent."""

    target_pct: float
    stop_pct: float

    def time_exit_probability(self, drift: float, variance: float) -> float:
        """Probability that neither barrier is reached within `variance` percent²."""
        weights, rates = self._expansion(drift)
        return float(np.clip(np.sum(weights * np.exp(-rates * variance)), 0.0, 1.0))

    def mean_move(self, drift: float, variance: float) -> float:
        """Mean move at the exit (target, stop, or time after `variance` percent²), in percent."""
        weights, rates = self._expansion(drift)
        return drift * float(np.sum(weights * -np.expm1(-rates * variance) / rates))

    def _expansion(self, drift: float) -> tuple[np.ndarray, np.ndarray]:
        length = self.target_pct + self.stop_pct
        waves = TERMS * np.pi / length
        rates = drift**2 / 2 + waves**2 / 2
        whole = waves * (1 - (-1) ** TERMS * np.exp(drift * length)) / (drift**2 + waves**2)
        weights = 2 / length * np.exp(-drift * self.stop_pct) * np.sin(waves * self.stop_pct) * whole
        return weights, rates

    def drift_for(self, net_mean_pct: float, variance: float, cost_pct: float, time_cost_pct: float) -> float:
        """Drift θ that gives the net mean wanted; `time_cost_pct` is paid on top of `cost_pct` by time exits alone.

        Limited to ±MAX_DRIFT, which only a market that hardly moves until the time exit can ask for.
        """

        def excess(drift: float) -> float:
            late = time_cost_pct * self.time_exit_probability(drift, variance)
            return self.mean_move(drift, variance) - late - cost_pct - net_mean_pct

        if excess(MAX_DRIFT) <= 0:
            return MAX_DRIFT
        if excess(-MAX_DRIFT) >= 0:
            return -MAX_DRIFT
        return float(brentq(excess, -MAX_DRIFT, MAX_DRIFT, xtol=1e-6))


def planted_key(signature: str, edges: dict[str, float]) -> str | None:
    """The key of the edge that a signature has: its own, else that of the longest family it belongs to."""
    if signature in edges:
        return signature
    families = [key for key in edges if key in FAMILIES and signature.startswith(f"{key}_")]
    return max(families, key=len) if families else None


def edges_on(day: float, edges: dict[str, float], spans: dict[str, Span]) -> dict[str, float]:
    """The edges of an entry so many days after the first sample: those without a span, and those whose span holds it."""
    return {key: edge for key, edge in edges.items() if key not in spans or _holds(spans[key], day)}


def _holds(span: Span, day: float) -> bool:
    return span[0] <= day < span[1]


def check_spans(spans: dict[str, Span], edges: dict[str, float]) -> None:
    """Raise ParameterError for a span of no edge, and for one that holds no time after the first sample."""
    for key, (first, last) in spans.items():
        if key not in edges:
            raise ParameterError(f"a span of {key}: no edge is planted there")
        if not 0 <= first < last:
            raise ParameterError(f"edge {key} from day {first:g} to {last:g}: days count up from 0")


def check_edges(edges: dict[str, float], best_pct: float, worst_pct: float) -> None:
    """Raise ParameterError for an edge that names no setup, or that no path can have (outside `worst_pct`…`best_pct`)."""
    for key, edge in edges.items():
        if key not in SIGNATURES and key not in FAMILIES:
            raise ParameterError(
                f"edge {key}: no setup or family of setups; families are {', '.join(FAMILIES)}, "
                f"and with one of {', '.join(ALIGNMENTS)} after it each is a setup"
            )
        if not worst_pct < edge < best_pct:
            raise ParameterError(
                f"edge {key}={edge:g}: a net mean must lie between {worst_pct:g} (all stops) and {best_pct:g} (all targets)"
            )
