"""The beat keeps its multiples, timestamps never go back (docs/guarantees.md, D6)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from runner.collect.clock import Beat, Stamps, SystemClock
from runner.errors import ClockError
from tests.runner.collect.clocks import HandClock


def beats(clock: HandClock, beat: Beat, work: list[float]) -> list[float]:
    """Wall times at which readings were taken that last as long as `work` says."""
    taken = []
    for seconds in work:
        while (left := beat.due_in()) > 0:
            clock.sleep(min(left, 1.0))
        taken.append(round(clock.wall(), 3))
        clock.pass_by(seconds)
        beat.taken()
    return taken


def test_no_drift_over_a_day():
    clock = HandClock()
    taken = beats(clock, Beat(clock, 10.0), [0.3] * 8_640)
    assert np.array_equal(np.diff(taken), np.full(8_639, 10.0))
    assert all(second % 10 == 0 for second in taken)


def test_late_readings_are_skipped_and_counted():
    clock = HandClock(wall=1_000_000_000.0)
    beat = Beat(clock, 10.0)
    taken = beats(clock, beat, [0.1, 25.0, 0.1, 9.9, 10.0, 0.1])
    assert [second - 1_000_000_000.0 for second in taken] == [10, 20, 50, 60, 70, 90]
    assert beat.skipped == 3  # 30, 40 and 80


def test_a_sleep_that_lasts_too_long_skips_too():
    clock = HandClock(wall=1_000_000_000.0)
    beat = Beat(clock, 10.0)
    clock.pass_by(9.0)
    assert beat.due_in() == pytest.approx(1.0)
    clock.pass_by(3.0)  # two seconds late: still read
    assert beat.due_in() == pytest.approx(-2.0)
    clock.pass_by(31.0)  # 43 s after the start: 10, 20, 30 and 40 are lost
    assert beat.due_in() == pytest.approx(7.0)
    assert beat.skipped == 4


def test_jumps_of_the_wall_clock_do_not_move_the_beat():
    clock = HandClock(wall=1_000_000_000.0)
    beat = Beat(clock, 10.0)
    before = clock.steady()
    for jump in (3_600.0, -7_200.0, 4.0):
        clock.jump(jump)
        beats(clock, beat, [0.1])
    assert clock.steady() - before == pytest.approx(30.1)
    assert beat.skipped == 0


def stamps_of(clock: HandClock, jumps: dict[int, float], count: int) -> list[float]:
    stamps, given = Stamps(clock), []
    for place in range(count):
        clock.jump(jumps.get(place, 0.0))
        given.append(stamps.now().timestamp())
        clock.pass_by(10.0)
    return given


def test_a_steady_clock_is_told_as_it_is():
    clock = HandClock()
    given = stamps_of(clock, {}, 5)
    assert given == [pytest.approx(1_767_571_203.25 + 10 * place) for place in range(5)]


@pytest.mark.parametrize("jump", [3_600.0, 30.0, 0.4, -0.4, -30.0, -3_600.0])
def test_timestamps_only_grow_and_come_to_the_wall_clock(jump):
    clock = HandClock()
    given = stamps_of(clock, {5: jump}, 1_000)
    assert (np.diff(given) > 0).all()
    assert given[-1] == pytest.approx(clock.wall() - 10.0, abs=0.01)
    assert np.diff(given).min() >= 5.0 - 0.5


def test_a_jump_that_is_taken_back_at_once_leaves_no_trace():
    clock = HandClock()
    given = stamps_of(clock, {5: 3_600.0, 7: -3_600.0}, 20)
    assert np.allclose(np.diff(given), 10.0)


def test_random_jumps_never_reorder():
    random = np.random.default_rng(1)
    jumps = {place: float(random.normal(0, 200)) for place in range(0, 500, 7)}
    given = stamps_of(HandClock(), jumps, 500)
    assert (np.diff(given) > 0).all()


def test_while_the_clock_is_in_doubt_it_is_said():
    clock = HandClock()
    stamps = Stamps(clock)
    stamps.now()
    assert not stamps.disturbed
    clock.jump(-60.0)
    told = []
    for _ in range(20):
        clock.pass_by(10.0)
        stamps.now()
        told.append(stamps.disturbed)
    assert told == [True] * 13 + [False] * 7  # two in doubt, then 60 s made good at half speed
    assert stamps.jumps == 1


def test_what_is_in_the_files_comes_first():
    clock = HandClock()
    last = pd.Timestamp(clock.wall() + 20, unit="s", tz="UTC")
    assert Stamps(clock, last).now() > last
    with pytest.raises(ClockError, match="90 s ahead"):
        Stamps(clock, last + pd.Timedelta(seconds=70))


def test_the_system_clock():
    clock = SystemClock()
    before = clock.steady()
    clock.sleep(0.01)
    clock.sleep(-1.0)
    assert 0.01 <= clock.steady() - before < 5
    assert clock.wall() > 1_700_000_000
