"""The evidence of an experiment: bets on its differences, for help and for harm, that stay valid at every look.

Both sides begin with 1; a side is proven at 40, so an experiment in which there is nothing to find ends in a verdict in at most 5 % of
cases, however often it is looked at (docs/evidence-method.md, Controlled test). Differences are in percent net, arm a less arm b.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log, sqrt

import numpy as np

from lib.experiments.judgement import Estimate
from lib.experiments.rows import Verdict
from lib.stats.betting import EXPERIMENT
from lib.stats.dependence import DayCells

#: The e-value that proves help or harm: 2.5 % and 2.5 %.
PROVEN = 40.0
LOG_PROVEN = log(PROVEN)
#: Microseconds.
DAY = 86_400_000_000


@dataclass
class Evidence:
    """Differences in the order in which they became known, and what the bets on them have come to."""

    scaled: list[float] = field(default_factory=list)  #: scale × difference
    scales: list[float] = field(default_factory=list)
    lowest: list[float] = field(
        default_factory=list
    )  #: largest loss of the scaled difference that was declared
    highest: list[float] = field(default_factory=list)  #: largest gain of it
    differing: int = 0
    beyond_declared: int = 0
    verdict: Verdict | None = None  #: that which was reached first; kept
    harmed: bool = False  #: whether harm was ever proven, also after help
    days: DayCells = field(default_factory=DayCells)  #: how far the differences of one day hang together
    _helps: list[float] = field(default_factory=EXPERIMENT.start)
    _harms: list[float] = field(default_factory=EXPERIMENT.start)

    def observe(
        self, difference: float, scale: float, lowest: float, highest: float, moved: bool, at: int = 0
    ) -> Verdict | None:
        """One more difference, of a block begun `at` (microseconds). Returns the verdict as it stands.

        `lowest` and `highest` (positive) bound scale × difference, and were known before it was drawn. `moved`: whether anything was traded
        that could make it.
        """
        x = scale * difference
        for values, value in (
            (self.scaled, x),
            (self.scales, scale),
            (self.lowest, lowest),
            (self.highest, highest),
        ):
            values.append(value)
        self.differing += moved
        if moved:
            self.days.observe(at // DAY, "", x)
        self.beyond_declared += not -lowest <= x <= highest
        EXPERIMENT.bet(self._helps, x, lowest)
        EXPERIMENT.bet(self._harms, -x, highest)
        # A mixture is no more than its best bet.
        if max(*self._helps, *self._harms) >= LOG_PROVEN:
            reached = _reached(self.log_e_helps, self.log_e_harms)
            self.verdict = self.verdict or reached
            self.harmed = self.harmed or reached == "harms"
        return self.verdict

    @property
    def log_e_helps(self) -> float:
        """Natural log of the e-value of help, as it stands."""
        return EXPERIMENT.log_e(self._helps)

    @property
    def log_e_harms(self) -> float:
        """Natural log of the e-value of harm, as it stands."""
        return EXPERIMENT.log_e(self._harms)

    def mean(self) -> float | None:
        """The mean difference, percent; None without one."""
        if not self.scaled:
            return None
        return float(np.mean(np.array(self.scaled) / np.array(self.scales)))

    def bounds(self) -> tuple[float | None, float | None]:
        """The interval that holds at every look, percent: what neither side rejects at 40. It leaves 0 out exactly where one is proven."""
        if not self.scaled:
            return None, None
        x, scales = np.array(self.scaled), np.array(self.scales)
        plain = np.ones(len(x))
        low = EXPERIMENT.lower_bound(x, np.array(self.lowest), plain, LOG_PROVEN, scales)
        high = EXPERIMENT.lower_bound(-x, np.array(self.highest), plain, LOG_PROVEN, scales)
        return low, None if high is None else -high

    def spread(self) -> float | None:
        """Root mean square of the differences that were moved, percent; None without one."""
        if not self.differing:
            return None
        return sqrt(float(np.sum((np.array(self.scaled) / np.array(self.scales)) ** 2)) / self.differing)

    def estimate(self) -> Estimate:
        """All of it, for people."""
        low, high = self.bounds()
        return Estimate(
            blocks=len(self.scaled),
            differing=self.differing,
            difference_pct=self.mean(),
            low_pct=low,
            high_pct=high,
            log_e_helps=max(self.log_e_helps, _LEAST),
            log_e_harms=max(self.log_e_harms, _LEAST),
            spread_pct=self.spread(),
            beyond_declared=self.beyond_declared,
            day_inflation=self.days.inflation,
        )


#: Stands for the log of empty bets in a model, which holds no infinity.
_LEAST = -1e9


def _reached(log_e_helps: float, log_e_harms: float) -> Verdict | None:
    if log_e_helps >= LOG_PROVEN:
        return "helps"
    return "harms" if log_e_harms >= LOG_PROVEN else None
