from __future__ import annotations

import numpy as np
import pytest

from lib.stats.retirement import KEPT_PCT, RETIRED_AT, watch


def test_doubt_by_hand():
    # 1 · (1 + 1.2 (.03 + .27)) = 1.36; then · (1 + 1.2 (.03 - .28)) = · .7 = .952
    doubt = watch(1.0, -0.27)
    assert doubt == pytest.approx(1.36)
    doubt = watch(doubt, 0.28)
    assert doubt == pytest.approx(0.952)
    # From below 1 it starts again at 1: 1 · 1.36, not .952 · 1.36.
    assert watch(doubt, -0.27) == pytest.approx(1.36)


def test_what_is_just_worth_keeping_changes_nothing():
    assert watch(4.0, KEPT_PCT) == pytest.approx(4.0)


def test_a_gain_beyond_all_bounds_leaves_no_doubt_and_no_negative_one():
    assert watch(19.0, 5.0) == 0.0


def ends(x: np.ndarray) -> np.ndarray:
    """After how many episodes each row is retired; one more than there are where it never is."""
    found = np.full(len(x), x.shape[1] + 1)
    for row, returns in enumerate(x):
        doubt = 1.0
        for place, value in enumerate(returns.tolist(), 1):
            if (doubt := watch(doubt, value)) >= RETIRED_AT:
                found[row] = place
                break
    return found


@pytest.mark.parametrize(
    ("edge", "least", "most"),
    [(0.05, 500, 501), (0.0, 75, 120), (-0.05, 25, 40)],
    ids=["kept", "gone", "turned"],
)
def test_delays_are_those_of_the_method(edge, least, most):
    # docs/evidence-method.md, When lessons end: medians 96 and 32 episodes for an edge that is gone or turned; one that stays is ended
    # in about 3 % of logs by 500.
    rng = np.random.default_rng(5)
    found = ends(rng.normal(edge, 0.16, (300, 500)))
    assert least <= np.median(found) <= most
    if edge == 0.05:
        assert (found <= 500).mean() < 0.10
