"""A line that stayed where its newest interval lies, or at one value, is no trend."""

from __future__ import annotations

import numpy as np
import pytest

from lib.draw.moved import moved_sentence, moves
from tests.lib.draw.test_history import cycles


@pytest.mark.parametrize(
    ("values", "low", "high", "moved"),
    [
        ([40.0, 50.0, np.nan, 60.0], 50.0, 70.0, True),
        ([40.0, 50.0, np.nan, 60.0], 40.0, 70.0, False),
        ([75.0, 50.0, np.nan, 60.0], 40.0, 70.0, True),
        ([np.nan] * 4, np.nan, np.nan, False),
    ],
)
def test_a_rate_moved_where_a_value_lies_outside_the_newest_interval(values, low, high, moved):
    frame = cycles().assign(win_rate=values, win_rate_low=low, win_rate_high=high)
    assert moves(frame, "win_rate") is moved


def test_other_columns_moved_where_two_values_differ():
    frame = cycles().assign(scalper_score=59.001)
    assert not moves(frame, "scalper_score") and moves(frame, "scalper_score", "proven_lessons")
    assert not moves(None, "proven_lessons") and not moves(frame, "no_such") and not moves(frame[:1], "n")


def test_what_moved_is_said_and_that_nothing_did():
    still = cycles().assign(
        win_rate=55.0, backtest_win_rate=46.0, scalper_score=59.0, proven_lessons=3.0, lessons_to_act_on=2.0
    )
    assert moved_sentence(still).startswith("Nothing moved over 4 cycles: win rates lie within")
    assert moved_sentence(still.assign(nearest_share=[0.1, 0.2, 0.3, 0.4])) == moved_sentence(still), (
        "no picture of its own"
    )
    told = moved_sentence(
        still.assign(scalper_score=[50.0, 51.0, 52.0, 53.0], proven_lessons=[1.0, 1.0, 1.0, 2.0])
    )
    assert told.startswith(
        "Moved over 4 cycles: the scalper score, how many lessons are proven. Windows of neighbouring"
    )
    assert moved_sentence(still[:1]) == moved_sentence(None) == "Fewer than two cycles are no trend."
