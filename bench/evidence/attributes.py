"""What a simulated trade is told by: direction, ribbons, wick, regime, confidence and setup. Nothing of it bears on outcomes.

They hang together: three hidden motions on a grid of five minutes drive them, a trend of hours, a regime of half a day, the volatility.
Shares are those of docs/definitions.md where it gives them (regimes), else plausible: half LONG, a fifth of the trades at an all_green
ribbon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.special import ndtr

from lib.contract.schema import SIGNATURES, STATES, UNKNOWN_SETUP
from lib.lessons.hypotheses import THRESHOLDS
from lib.market.setups import alignment

STEP_MINUTES = 5
STEPS_A_WEEK = 7 * 24 * 60 // STEP_MINUTES
HOURS = {"trend": 3.0, "regime": 12.0, "volatility": 6.0}
#: Shares of all_red, mixed_red, mixed, mixed_green, all_green, cumulated.
_STATE_STEPS = np.array([0.20, 0.42, 0.58, 0.80])
_STATES = np.array(["all_red", "mixed_red", "mixed", "mixed_green", "all_green", "unknown"], dtype=object)
UNKNOWN, UNKNOWN_SHARE, WITHOUT_CONFIDENCE = 5, 0.02, 0.03
#: Shares of the time of bearish and bullish trends, and of the rest that is quiet (docs/definitions.md, Regime).
BEARISH, BULLISH, QUIET = 0.10, 0.13, 0.58 / 0.77
WICKS, BREAKOUTS = 0.12, 0.30


@dataclass(frozen=True)
class Market:
    """The hidden motions, standard normal at each step."""

    trend: np.ndarray
    regime: np.ndarray
    volatility: np.ndarray


def market(steps: int, lasting: bool, rng: np.random.Generator) -> Market:
    """Motions that last for hours, or (not `lasting`) are drawn anew at each step."""
    return Market(**{name: _motion(steps, hours if lasting else 0.0, rng) for name, hours in HOURS.items()})


def _motion(steps: int, hours: float, rng: np.random.Generator) -> np.ndarray:
    noise = rng.standard_normal(steps)
    if not hours:
        return noise
    kept = np.exp(-STEP_MINUTES / 60 / hours)
    noise[1:] *= np.sqrt(1 - kept**2)
    return lfilter([1.0], [1.0, -kept], noise)


def attributes(
    market: Market,
    steps: np.ndarray,
    rng: np.random.Generator,
    long: np.ndarray | None = None,
    surer: np.ndarray | float = 0.0,
) -> pd.DataFrame:
    """The attributes of trades that are entered at these steps, a column each, as the streams' families name them; `long`: which are, where
    that is decided elsewhere; `surer`: what each one's confidence is raised by.
    """
    count = len(steps)
    trend, slow, noise = market.trend[steps], market.regime[steps], rng.standard_normal((3, count))
    if long is None:
        long = 0.8 * trend + 0.3 * slow + 0.5 * noise[0] > 0
    fast = _states(ndtr(0.8 * trend + 0.6 * noise[1]), rng)
    slower = _states(ndtr(0.6 * trend + 0.5 * slow + np.sqrt(0.39) * noise[2]), rng)
    lot, sureness = rng.random(count), rng.random(count)
    trigger = np.where(lot < WICKS, 1, np.where(lot < BREAKOUTS, 2, 0))
    regime = _regimes(ndtr(slow), ndtr(market.volatility[steps]))
    family_known = _FAMILY[fast] * _FAMILY[slower]
    confident = 0.60 + 0.1 * (_FAMILY[fast] == 2 * long - 1) + 0.1 * (trigger == 1) + 0.1 * (sureness < 0.4)
    confident = np.where(sureness > 1 - WITHOUT_CONFIDENCE, np.nan, confident + surer)
    band = np.select(
        [np.isnan(confident), confident > 0.849, confident > 0.749],
        ["", "high", "medium"],
        default="low",
    )
    unknown = (fast == UNKNOWN) | (slower == UNKNOWN)
    side = np.where(long, "LONG", "SHORT").astype(object)
    return pd.DataFrame(
        {
            "all": np.full(count, "trades", dtype=object),
            "direction": side,
            "wick": np.where(trigger == 1, "present", "absent").astype(object),
            "timeframes": np.where(unknown, "", np.where(family_known > 0, "agree", "apart")).astype(object),
            "band": band.astype(object),
            "pattern": np.where(fast == UNKNOWN, "", _STATES[fast]),
            "regime": regime + "_" + side,
            "setup": _SIGNATURES[long.astype(int), trigger, fast, slower],
            "kind": np.where(long, "WICK_DOWN_LONG", "WICK_UP_SHORT").astype(object),
        }
        | {
            name: np.where(confident + 1e-9 >= least, "up", "").astype(object)
            for name, least in THRESHOLDS.items()
        }
    )


def _states(share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    found = np.searchsorted(_STATE_STEPS, share)
    return np.where(rng.random(len(share)) < UNKNOWN_SHARE, UNKNOWN, found)


def _regimes(slow: np.ndarray, volatility: np.ndarray) -> np.ndarray:
    names = np.select(
        [slow < BEARISH, slow > 1 - BULLISH, volatility < QUIET],
        ["BEARISH_TRENDING", "BULLISH_TRENDING", "RANGING_QUIET"],
        default="RANGING_VOLATILE",
    )
    return names.astype(object)


#: The colour family of each state: green 1, red -1.
_FAMILY = np.array([("green" in name) - ("red" in name) for name in _STATES])


def _signature(direction: str, trigger: str, fast: str, slower: str) -> str:
    aligned = alignment(fast, slower)
    if aligned == UNKNOWN_SETUP:
        return ""
    name = "_".join(part for part in (direction, trigger, aligned) if part)
    if name not in SIGNATURES or not {fast, slower} <= set(STATES):
        raise ValueError(f"{name} at {fast} and {slower} is no setup")
    return name


_SIGNATURES = np.array(
    [
        [
            [[_signature(direction, trigger, fast, slower) for slower in _STATES] for fast in _STATES]
            for trigger in triggers
        ]
        for direction, triggers in (
            ("LONG", ("", "WICK_DOWN", "BREAKOUT")),
            ("SHORT", ("", "WICK_UP", "BREAKOUT")),
        )
    ],
    dtype=object,
)
