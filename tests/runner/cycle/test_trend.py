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


def many(*money: float) -> list[Manifest]:
    """One cycle an hour that goes on where the one before ended, newest first."""
    return [cycle(hour, made) for hour, made in enumerate(money, start=1)][::-1]


def points(found) -> list[tuple[float, float]]:
    return [tuple(map(float, point.split(","))) for point in found.points.split()]


def test_each_trade_is_in_the_line_once_and_it_begins_at_zero_where_the_first_cycle_begins():
    found = trend_of(many(30.0, -40.0, 0.0, 0.0, 0.0, 0.0, 0.0, -10.0))
    across, heights = zip(*points(found), strict=True)
    assert across == tuple(125.0 * hour for hour in range(9)) and found.last == (1000.0, HEIGHT - 8)
    # From 8 at the top for +$30 down to 112 for −$20: two a dollar, and a little.
    assert heights == (70.4, 8.0, *[91.2] * 6, 112.0) and found.zero == 70.4
    assert (found.n, found.trades, found.made) == (8, 24, -20.0)
    assert (found.since[11:13], found.last_at[11:13]) == ("00", "08")
    assert found.alt.endswith("over 8 cycles, each trade once: −$20.00, at least −$20.00, at most +$30.00")


def test_a_longer_first_stretch_takes_its_time_of_the_line():
    first, *others = reversed(many(*[1.0] * 9))
    long = cycle(1, 5.0, since=0)
    long.since_last["since"] = (
        "2025-06-14T16:00:00Z"  # nine hours before the first cycle, which is one before the second
    )
    found = trend_of([*reversed(others), long])
    assert [x for x, _ in points(found)][:3] == [
        0.0,
        pytest.approx(1000 * 9 / 17, abs=0.1),
        pytest.approx(1000 * 10 / 17, abs=0.1),
    ]
    assert first.as_of == long.as_of and found.made == 13.0


def test_few_cycles_are_summed_up_and_not_drawn():
    found = trend_of([cycle(4, -40.0, since=2), cycle(3, None), cycle(2, 30.0), cycle(1, 5.0, "other")])
    assert (found.n, found.trades, found.made, found.points) == (2, 6, -10.0, "")
    assert trend_of(many(*[1.0] * 7)).points == "" != trend_of(many(*[1.0] * 8)).points


def test_the_sum_begins_behind_a_hole():
    found = trend_of([cycle(9, 1.0), cycle(8, 2.0), cycle(5, 100.0), cycle(4, 100.0)])
    assert (found.n, found.made, found.since[11:13]) == (2, 3.0, "07")
    assert trend_of([cycle(9, 1.0), cycle(7, 2.0)]) is None


def test_a_rerun_counts_once():
    assert trend_of([cycle(3, 1.0), cycle(2, 2.0), cycle(2, 50.0)]).made == 3.0


@pytest.mark.parametrize("found", [[], [cycle(1, 3.0)], [cycle(1, None), cycle(2, None)]])
def test_fewer_than_two_are_no_line(found):
    assert trend_of(found) is None


def test_nothing_but_zeros_is_a_flat_line():
    assert {y for _, y in points(trend_of(many(*[0.0] * 8)))} == {HEIGHT - 8}
