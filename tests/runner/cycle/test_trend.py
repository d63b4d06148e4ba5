from __future__ import annotations

import pytest

from runner.cycle.inputs import Inputs
from runner.cycle.manifest import Manifest, new_manifest
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.trend import HEIGHT, trend_of


def cycle(hour: int, money: float | None, label: str = "x") -> Manifest:
    at = f"2025-06-15T{hour:02d}:00:00Z"
    made = new_manifest(f"c{hour}", at, Inputs(at, at, 24.0, {"label": label}, {}), NOTEBOOKS, {})
    made.headline = {"net_pnl": money}
    return made


def test_a_line_runs_from_the_oldest_to_the_newest_and_zero_is_in_the_box():
    found = trend_of([cycle(3, -10.0), cycle(2, None), cycle(1, 30.0), cycle(0, 5.0, "other")])
    (x0, y0), (x1, y1) = (map(float, point.split(",")) for point in found.points.split())
    assert (x0, x1) == (0.0, 1000.0) and y0 < found.zero < y1 < HEIGHT and found.last == (x1, y1)
    assert (found.n, found.first, found.newest) == (2, 30.0, -10.0)
    assert found.alt == "Net P&L of 2 cycles: from +$30.00 to −$10.00, at least −$10.00, at most +$30.00"


@pytest.mark.parametrize("found", [[], [cycle(1, 3.0)], [cycle(1, None), cycle(2, None)]])
def test_fewer_than_two_are_no_line(found):
    assert trend_of(found) is None


def test_nothing_but_zeros_is_a_flat_line():
    assert trend_of([cycle(2, 0.0), cycle(1, 0.0)]).zero == HEIGHT - 8
