"""How far episodes of one day hang together: the variance inflation by which evidence is tempered.

Days nested in groups, one-way analysis of variance with unequal cells (Searle, Casella and McCulloch, Variance Components, 1992, section
3.6): ICC = (MSB − MSW) / (MSB + (m₀ − 1)·MSW), m₀ the coefficient of the days' variance in MSB, near the mean size of a cell. Kish's design
effect V = 1 + (m − 1)·ICC weighs each cell by its size, m = Σn²/Σn: with m₀ uneven days are tempered too little. Pooled over all groups of
an attribute and the whole log, never from one group's own short series (docs/evidence-method.md, The e-process). Only whole past days
count, so what an episode is tempered by was known before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scipy.special import fdtrc

#: Fewer cells beyond one a group tell nothing of days.
_LEAST_CELLS = 5
#: Days are taken as independent until an F test doubts it at this level: an estimate of no dependence is noise around 1, and
#: taking only its upper half would make every lesson wait for nothing (docs/decisions/evidence.md has the simulated cost).
DOUBT = 0.02
#: A share of the sum of squares that is rounding: fixed exits that all ended alike have no spread to compare days by.
_ROUNDING = 1e-9


@dataclass
class DayCells:
    """Running sums of one attribute's episode means by group and day."""

    day: int = 0
    today: dict[str, list[float]] = field(
        default_factory=dict
    )  #: group → [n, sum] of the day that is not over
    groups: dict[str, list[float]] = field(
        default_factory=dict
    )  #: group → [n, sum, Σ sum²/n, Σ n², days] of past days
    squares: float = 0.0  #: Σ x² of past days
    squares_today: float = 0.0
    inflation: float = 1.0

    def observe(self, day: int, group: str, x: float) -> None:
        """One episode mean of a group on a day (any growing number); a new day closes the one before."""
        if day != self.day:
            self.close(day)
        cell = self.today.setdefault(group, [0.0, 0.0])
        cell[0] += 1.0
        cell[1] += x
        self.squares_today += x * x

    def close(self, day: int) -> None:
        """Begin another day; the one before counts from now on."""
        for group, (n, total) in self.today.items():
            sums = self.groups.setdefault(group, [0.0] * 5)
            for place, value in enumerate((n, total, total * total / n, n * n, 1.0)):
                sums[place] += value
        self.squares += self.squares_today
        self.day, self.today, self.squares_today = day, {}, 0.0
        self.inflation = self._inflation()

    def _inflation(self) -> float:
        sums = list(self.groups.values())
        n, days = sum(group[0] for group in sums), sum(group[4] for group in sums)
        between_df, within_df = days - len(sums), n - days
        if between_df < _LEAST_CELLS or within_df < _LEAST_CELLS:
            return 1.0
        between = sum(group[2] - group[1] ** 2 / group[0] for group in sums) / between_df
        within = (self.squares - sum(group[2] for group in sums)) / within_df
        size = (n - sum(group[3] / group[0] for group in sums)) / between_df
        if (
            size <= 1
            or within * within_df <= _ROUNDING * self.squares
            or fdtrc(between_df, within_df, between / within) > DOUBT
        ):
            return 1.0
        icc = (between - within) / (between + (size - 1) * within)
        return max(1.0, 1.0 + (sum(group[3] for group in sums) / n - 1) * icc)
