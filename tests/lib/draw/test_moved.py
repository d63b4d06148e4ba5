"""A line that stayed where its newest interval lies, or at one value, is no trend."""

from __future__ import annotations

import numpy as np
import pytest

from lib.draw.moved import moves
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
