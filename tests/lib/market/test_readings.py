from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.market.readings import fresh_places, instant, instants, lines_of, rows_at, states_at
from tests.builders import at, samples, times


def test_lines_are_ordered_by_period_and_colours_are_none():
    frame = pd.DataFrame(columns=["price", "MMA100", "MMA5", "MMA5_color", "MMA10", "MMA", "xMMA7"])
    assert lines_of(frame) == ["MMA5", "MMA10", "MMA100"]


def test_an_instant_is_microseconds_whatever_the_unit():
    moment = pd.Timestamp("2026-01-05T00:00:00.000001Z")
    expected = 1_767_571_200_000_001  # 20458 days of 86,400 s after 1970
    assert instant(moment) == instant(moment.as_unit("us")) == instant(moment.as_unit("ns")) == expected
    assert instants(pd.DatetimeIndex([moment])).tolist() == [expected]


def test_rows_at_takes_the_last_row_at_or_before_a_time_up_to_its_age():
    frame = samples([(0, 1, "mixed"), (10, 1, "mixed")])
    reach = pd.Timedelta(minutes=5)
    found = rows_at(times([-1, 0, 5, 5.01, 9.99, 10, 15, 15.01]), frame, reach)
    assert found.tolist() == [-1, 0, 0, -1, -1, 1, 1, -1]
    assert rows_at(times([3]), samples([]), reach).tolist() == [-1]
    assert rows_at(times([]), frame, reach).tolist() == []


def test_a_state_is_that_of_the_last_sample_so_far():
    frame = samples([(0, 1, "all_red"), (1, 1, "all_green"), (2, 1, "mixed")])
    seen = states_at(times([-0.1, 0, 0.9, 1, 1.9, 2, 6]), frame, 5)
    assert seen.tolist() == ["unknown", "all_red", "all_red", "all_green", "all_green", "mixed", "mixed"]


@pytest.mark.parametrize(("minutes", "oldest"), [(5, 5.0), (15, 15.0)])
def test_a_sample_older_than_a_candle_of_its_timeframe_says_nothing(minutes, oldest):
    frame = samples([(0, 1, "all_green")])
    just_after = pd.DatetimeIndex([at(oldest) + pd.Timedelta(microseconds=1)])
    assert states_at(times([oldest]), frame, minutes).tolist() == ["all_green"]
    assert states_at(just_after, frame, minutes).tolist() == ["unknown"]


@pytest.mark.parametrize("quality", ["frozen", "partial", "venue_mismatch"])
def test_a_sample_that_is_not_ok_is_unknown_and_hides_the_one_before(quality):
    frame = samples([(0, 1, "all_green"), (1, 1, "all_green", quality)])
    assert states_at(times([0.5, 1.5]), frame, 5).tolist() == ["all_green", "unknown"]


def test_without_samples_every_state_is_unknown():
    assert states_at(times([0, 1]), samples([]), 5).tolist() == ["unknown", "unknown"]
    assert states_at(times([]), samples([(0, 1, "mixed")]), 5).dtype == np.dtype(object)


def test_a_sample_is_fresh_within_a_step_and_a_minute_as_far_as_samples_are_looked_at():
    # Four steps of ten minutes and four of five: 7.5 of all of them, five of those after minute 40.
    index = instants(times([0, 10, 20, 30, 40, 45, 50, 55, 60]))
    whole = fresh_places(instants(times([66, 68.5, 68.6])), index)
    assert whole.tolist() == [8, 8, -1]
    assert fresh_places(instants(times([66, 66.1])), index, instant(times([40])[0])).tolist() == [8, -1]
    assert fresh_places(instants(times([66])), index, instant(times([60])[0])).tolist() == [-1]
