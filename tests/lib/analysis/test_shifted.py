from __future__ import annotations

import numpy as np
import pytest

from lib.analysis.shifted import against, offsets, shifted


def test_offsets_are_an_hour_or_more_either_way_and_seeded():
    found = offsets(80, 2000, seed=0)
    assert set(found.tolist()) == set(range(12, 69))
    assert (
        offsets(80, 50, seed=1).tolist()
        == offsets(80, 50, seed=1).tolist()
        != offsets(80, 50, seed=2).tolist()
    )
    assert offsets(24, 5).tolist() == [12] * 5 and offsets(23, 5).tolist() == offsets(0).tolist() == []


def test_all_events_move_together_and_come_round():
    values = np.array([1.0, 0, 0, -1, 0])
    assert shifted(values, np.array([1, 4])).tolist() == [[0, 0, -1, 0, 1], [0, 1, 0, 0, -1]]
    assert shifted(np.empty(0), np.array([], dtype=int)).shape == (0, 0)


def test_a_null_and_a_rank_by_hand():
    null, rank = against(2.0, np.array([0.0, 1.0, 2.0, 3.0]))
    assert (null.mean, null.shifts, rank) == (1.5, 4, 0.5)
    assert (null.p5, null.p95) == pytest.approx((0.15, 2.85))
    assert against(2.0, np.empty(0)) == (None, None)


def test_rounding_lends_no_rank():
    assert against(0.19 * 3, np.array([0.19 + 0.19 + 0.19] * 2))[1] == 0.0
