"""Whether a question replicates: the evidence of several markets together, carried by at least two of them.

docs/definitions.md, Replication: the mean of the markets' e-values without the largest. Under "at most one market has the edge", the
others' e-values have mean 1 at most, and the mean without the largest is at most theirs; so by Markov's inequality it reaches 1/α with
probability α at most, however the markets hang together (Vovk and Wang, E-values: calibration, combination and applications, 2021). What
would surprise: each e-value is that at the end of its market's part, never the largest on the way, as running maxima are no e-values.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
import pandas as pd

from lib.market.exits import ExitRule
from lib.market.terms import Terms
from lib.questions.confirmation import episodes_of, question_bounds
from lib.stats.betting import MEAN
from lib.stats.levels import BUDGETS

REPLICATED = BUDGETS["replications"]
#: Stands for the log of an empty bet.
_LEAST = -1e9


def end_log_e(closed: pd.DataFrame, exits: ExitRule, terms: Terms) -> float:
    """Log of the e-value for a gain after all closed trades (lib.questions.trades) of one market; 0 without a trade."""
    x, tempering, _ = episodes_of(closed)
    worst, _ = question_bounds(exits, terms)
    return max(MEAN.log_e_of(x, np.full(len(x), worst), tempering), _LEAST) if len(x) else 0.0


def joint_log_e(log_es: Sequence[float]) -> float | None:
    """Log of the mean of the markets' e-values without the largest; None with fewer than two markets."""
    if len(log_es) < 2:
        return None
    others = sorted(log_es)[:-1]
    return max(float(np.logaddexp.reduce(others)) - log(len(others)), _LEAST)


def replicates(log_es: Sequence[float], k: int) -> bool:
    """Whether the markets together reach the level of replication number `k` (from 1)."""
    joint = joint_log_e(log_es)
    return joint is not None and joint >= -log(REPLICATED.level(k))
