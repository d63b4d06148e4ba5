from __future__ import annotations

import pytest

from runner.cycle.inputs import Inputs
from runner.cycle.manifest import Manifest, new_manifest
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.trend import HEIGHT, trend_of


def cycle(hour: int, money: float | None, label: str = "x", since: int | None = None) -> Manifest:
    at, before = (f"2025-06-15T{h:02d}:00:00Z" for h in (hour, hour - 1 if since is None else since))
    made = new_manifest(f"c{hour}", at, Inputs(at, at, 24.0, {"label": label}, {}), NOTEBOOKS, {})
    made.since_last = {} if money is None else {"since": before, "n": 3, "net_pnl": money}
    return made


def test_each_trade_is_in_the_line_once_and_zero_is_in_the_box():
    found = trend_of([cycle(4, -40.0, since=2), cycle(3, None), cycle(2, 30.0), cycle(1, 5.0, "other")])
    (x0, y0), (x1, y1) = (map(float, point.split(",")) for point in found.points.split())
    assert (x0, x1) == (0.0, 1000.0) and y0 < found.zero < y1 < HEIGHT and found.last == (x1, y1)
    assert (found.n, found.trades, found.first, found.newest) == (2, 6, 30.0, -10.0)
    assert (found.since[11:13], found.first_at[11:13], found.last_at[11:13]) == ("01", "02", "04")
    assert found.alt.endswith("each trade once: from +$30.00 to −$10.00, at least −$10.00, at most +$30.00")


def test_the_line_begins_behind_a_hole():
    found = trend_of([cycle(9, 1.0), cycle(8, 2.0), cycle(5, 100.0), cycle(4, 100.0)])
    assert (found.n, found.newest, found.since[11:13]) == (2, 3.0, "07")
    assert trend_of([cycle(9, 1.0), cycle(7, 2.0)]) is None


def test_a_rerun_counts_once():
    assert trend_of([cycle(3, 1.0), cycle(2, 2.0), cycle(2, 50.0)]).newest == 3.0


@pytest.mark.parametrize("found", [[], [cycle(1, 3.0)], [cycle(1, None), cycle(2, None)]])
def test_fewer_than_two_are_no_line(found):
    assert trend_of(found) is None


def test_nothing_but_zeros_is_a_flat_line():
    assert trend_of([cycle(2, 0.0), cycle(1, 0.0)]).zero == HEIGHT - 8
