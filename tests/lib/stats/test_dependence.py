"""Against a nested analysis of variance written out over the rows, and against simulated day effects."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib.stats.dependence import DOUBT, DayCells


def cells_of(frame: pd.DataFrame) -> DayCells:
    cells = DayCells()
    for row in frame.itertuples():
        cells.observe(row.day, row.group, row.x)
    return cells


def nested(frame: pd.DataFrame) -> tuple[float, float]:
    """V and the p value of days within groups, from the rows and their means."""
    by_cell = frame.groupby(["group", "day"])["x"]
    by_group = frame.groupby("group")["x"]
    within = ((frame["x"] - by_cell.transform("mean")) ** 2).sum()
    between = ((by_cell.transform("mean") - by_group.transform("mean")) ** 2).sum()
    n, days, groups = len(frame), by_cell.ngroups, by_group.ngroups
    msb, msw = between / (days - groups), within / (n - days)
    sizes = by_cell.size()
    part = sum((sizes[group] ** 2).sum() / sizes[group].sum() for group in sizes.index.unique("group"))
    m = (n - part) / (days - groups)
    icc = (msb - msw) / (msb + (m - 1) * msw)
    kish = (sizes**2).sum() / sizes.sum()
    return 1 + (kish - 1) * icc, float(stats.f.sf(msb / msw, days - groups, n - days))


def drawn(seed: int, days: int = 40, mean_size: float = 6.0, day_sd: float = 0.0) -> pd.DataFrame:
    """Two groups with means of their own, unequal numbers a day, a day effect that each group has for itself."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in range(100, 100 + days):
        for group, mean in (("LONG", 0.05), ("SHORT", -0.20)):
            effect = rng.normal(0, day_sd) if day_sd else 0.0
            rows += [(day, group, mean + effect + rng.normal(0, 0.16)) for _ in range(rng.poisson(mean_size))]
    return pd.DataFrame(rows, columns=["day", "group", "x"])


@pytest.mark.parametrize("seed", range(6))
def test_inflation_is_that_of_the_analysis_of_variance(seed):
    frame = drawn(seed, day_sd=0.12)
    cells = cells_of(frame)
    cells.close(999)
    inflation, p = nested(frame)
    assert p < DOUBT and inflation > 1
    assert cells.inflation == pytest.approx(inflation, rel=1e-9)


def test_by_hand():
    # One group, seven days of two: day means 1, 2, 3, 4, 5, 6, 7 with .5 to either side.
    # MSB = 2 · 28 / 6 = 9.3333, MSW = 7 · .5 / 7 = .5, m = 2: ICC = 8.8333 / 9.8333 = .89831, V = 1.89831.
    cells = DayCells()
    for day in range(1, 8):
        for side in (-0.5, 0.5):
            cells.observe(day, "all", day + side)
    cells.close(8)
    assert cells.inflation == pytest.approx(1.89831, abs=1e-5)


def test_only_days_that_are_over_count():
    frame = drawn(3, day_sd=0.12)
    cells = cells_of(frame)
    past = frame[frame["day"] < frame["day"].max()]
    assert cells.inflation == pytest.approx(nested(past)[0], rel=1e-9)
    before = cells.inflation
    for value in (5.0, -5.0, 5.0):
        cells.observe(int(frame["day"].max()), "LONG", value)
        assert cells.inflation == before
    cells.observe(int(frame["day"].max()) + 1, "LONG", 0.0)
    assert cells.inflation != before


def test_groups_that_differ_are_no_dependence_of_days():
    # The means of the groups are 0.25 apart; only days within a group are compared.
    found = []
    for seed in range(60):
        cells = cells_of(drawn(seed))
        cells.close(999)
        found.append(cells.inflation)
    assert sum(value > 1 for value in found) <= 6  # 2 % of sixty are 1.2


def test_a_day_effect_is_found_at_its_size():
    # ICC = .12² / (.12² + .16²) = .36; of Poisson numbers of mean six Σn²/Σn is seven: V near 1 + 6 · .36 = 3.16.
    found = []
    for seed in range(20):
        cells = cells_of(drawn(seed, days=80, day_sd=0.12))
        cells.close(999)
        found.append(cells.inflation)
    assert np.mean(found) == pytest.approx(3.16, abs=0.25)


def test_uneven_days_are_tempered_by_what_they_add_to_the_variance():
    # Days of 1 and of 20 in turn, each with an effect of sd .12: a sum over them has the variance of independent returns
    # times 1 + ICC (Σn²/Σn - 1) = 1 + .36 · (401 / 21 - 1) = 7.51; the mean size less one, 9.5, would say 4.4.
    rng = np.random.default_rng(11)
    found = []
    for _ in range(10):
        cells = DayCells()
        for day in range(1, 161):
            effect = rng.normal(0, 0.12)
            for _ in range(1 if day % 2 else 20):
                cells.observe(day, "all", effect + rng.normal(0, 0.16))
        cells.close(999)
        found.append(cells.inflation)
    assert np.mean(found) == pytest.approx(7.5, abs=0.7)


def test_too_few_days_tell_nothing():
    cells = DayCells()
    for day in range(1, 6):  # five days of one group leave four to compare
        for side in (-0.1, 0.1):
            cells.observe(day, "all", day + side)
    cells.close(6)
    assert cells.inflation == 1.0
    for side in (-0.1, 0.1):
        cells.observe(6, "all", 6 + side)
    cells.close(7)
    assert cells.inflation > 1.5


@pytest.mark.parametrize(("x", "a_day"), [(-0.26, 24), (0.3, 24), (0.1, 5)])
def test_exits_that_all_ended_alike_are_no_dependence(x, a_day):
    cells = DayCells()
    for day in range(1, 60):
        for _ in range(a_day):
            cells.observe(day, "all", x)
    cells.close(60)
    assert cells.inflation == 1.0


def test_goes_on_from_its_sums():
    frame = drawn(4, day_sd=0.12)
    whole, half = cells_of(frame), cells_of(frame[:200])
    again = DayCells(**json.loads(json.dumps(asdict(half))))
    for row in frame[200:].itertuples():
        again.observe(row.day, row.group, row.x)
    assert again == whole
