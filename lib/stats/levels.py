"""How strict each hypothesis is judged: shares of 5 % for everything ever tried, and what an edge takes to show.

docs/definitions.md, Levels; docs/evidence-method.md, Ledger and levels (a weighted Bonferroni ledger: the levels of a budget sum to its
share over any number of hypotheses and are never given back) and The fixed number (the number that a fixed-sample test would need).
"""

from __future__ import annotations

from math import ceil, log
from statistics import NormalDist
from typing import NamedTuple


class Budget(NamedTuple):
    """A share of the chance that anything false is ever proven: half of it in equal parts to the `flat` first numbers, the other half to
    all later ones, ever less.
    """

    share: float
    flat: int

    def level(self, k: int) -> float:
        """α of number k (from 1), fixed for ever; all of them sum to the share."""
        if k < 1:
            raise ValueError(f"number {k}: they count from 1")
        return self.share / 2 / self.flat if k <= self.flat else self.share / 2 * self.flat / (k * (k - 1))


#: What stands or is first seen.
LEDGER = Budget(0.035, 60)
#: What each kind of question has, for the life of a folder: 5 % in all (docs/definitions.md, Levels). A replication takes the numbers of
#: two confirmed cells at least, so half as many of them are flat, and each has the level of one question (docs/decisions/replication.md).
BUDGETS = {"ledger": LEDGER, "confirmed": Budget(0.01, 20), "replications": Budget(0.005, 10)}
#: The edge, in percent net an episode, that "how many more" is reckoned for.
SOUGHT_PCT = 0.05
POWER = 0.80
#: Simulated: a look at every episode finds an edge in 80 % of runs after about so many times the fixed-sample number.
_LOOKING_COSTS = 1.4


def level(k: int) -> float:
    """α of the k-th hypothesis of the ledger."""
    return LEDGER.level(k)


def log_needed(k: int) -> float:
    """Natural log of the e-value at which the k-th hypothesis of the ledger is proven."""
    return -log(level(k))


def fixed_sample_size(alpha: float, sd_pct: float, edge_pct: float = SOUGHT_PCT) -> float:
    """Independent episodes that one single look needs: ((z(1−α) + z(0.8))·sd/edge)²."""
    z = NormalDist().inv_cdf
    return ((z(1 - alpha) + z(POWER)) * sd_pct / edge_pct) ** 2


def episodes_needed(alpha: float, sd_pct: float, edge_pct: float = SOUGHT_PCT) -> int:
    """About how many independent episodes show such an edge in four of five cases when every one is looked at."""
    return ceil(_LOOKING_COSTS * fixed_sample_size(alpha, sd_pct, edge_pct))


def shrink(mean_pct: float, episodes: int) -> float:
    """The effect that is shown: the mean pulled towards zero, n·mean/(n + 25), because what was selected is inflated."""
    return episodes * mean_pct / (episodes + 25)
