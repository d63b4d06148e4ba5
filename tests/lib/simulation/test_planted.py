from __future__ import annotations

import math

import numpy as np
import pytest

from lib.errors import ParameterError
from lib.simulation.planted import MAX_DRIFT, Barriers, check_edges, planted_key

STANDARD = Barriers(target_pct=0.3, stop_pct=0.15)


def walk(drift: float, variance: float, step: float = 0.005) -> tuple[float, float]:
    """Mean move and share still held, by a random walk between the barriers that is counted out exactly."""
    up_cells, down_cells = round(STANDARD.target_pct / step), round(STANDARD.stop_pct / step)
    up = (1 + math.tanh(drift * step)) / 2
    held = np.zeros(up_cells + down_cells + 1)
    held[down_cells] = 1.0
    at_target = at_stop = 0.0
    for _ in range(round(variance / step**2)):
        moved = np.zeros_like(held)
        moved[1:] += up * held[:-1]
        moved[:-1] += (1 - up) * held[1:]
        at_target, at_stop = at_target + moved[-1], at_stop + moved[0]
        moved[[0, -1]] = 0.0
        held = moved
    levels = (np.arange(len(held)) - down_cells) * step
    mean = at_target * STANDARD.target_pct - at_stop * STANDARD.stop_pct + float(held @ levels)
    return mean, float(held.sum())


def target_first(drift: float) -> float:
    """Probability of the target before the stop without a time exit: the first formula of lib.simulation.planted."""
    up, down = np.expm1(-2 * drift * STANDARD.target_pct), np.expm1(2 * drift * STANDARD.stop_pct)
    return float(-down / (up - down))


def test_without_drift_the_mean_is_nothing() -> None:
    assert STANDARD.mean_move(0.0, 0.5) == 0.0


def test_without_a_time_exit_the_mean_is_that_of_the_two_barriers() -> None:
    # θ = 2: (1 − e^0.6) / (e^−1.2 − e^0.6) = −0.822119 / (0.301194 − 1.822119) = 0.540539
    probability = target_first(2.0)
    assert probability == pytest.approx(0.540539, abs=1e-6)
    assert STANDARD.mean_move(2.0, 100.0) == pytest.approx(
        0.3 * probability - 0.15 * (1 - probability), abs=1e-6
    )


def test_the_drift_for_an_edge_without_time_exit_gives_the_probability_the_edge_needs() -> None:
    # net 0.10 at costs 0.11: P = (0.10 + 0.11 + 0.15) / 0.45 = 0.8
    drift = STANDARD.drift_for(0.10, variance=100.0, cost_pct=0.11, time_cost_pct=0.0)
    assert target_first(drift) == pytest.approx(0.8, abs=1e-5)


@pytest.mark.parametrize("drift", [-3.0, 0.5, 4.0])
@pytest.mark.parametrize("variance", [0.01, 0.08])
def test_with_a_time_exit_mean_and_share_held_agree_with_a_random_walk(drift: float, variance: float) -> None:
    mean, held = walk(drift, variance)
    assert STANDARD.mean_move(drift, variance) == pytest.approx(mean, abs=4e-4)
    assert STANDARD.time_exit_probability(drift, variance) == pytest.approx(held, abs=4e-3)


def test_the_drift_pays_for_time_exits_and_is_limited() -> None:
    drift = STANDARD.drift_for(0.05, variance=0.03, cost_pct=0.1, time_cost_pct=0.01)
    late = 0.01 * STANDARD.time_exit_probability(drift, 0.03)
    assert STANDARD.mean_move(drift, 0.03) - late - 0.1 == pytest.approx(0.05, abs=1e-6)
    assert STANDARD.drift_for(0.15, variance=0.001, cost_pct=0.1, time_cost_pct=0.0) == MAX_DRIFT
    assert STANDARD.drift_for(-0.24, variance=0.001, cost_pct=0.1, time_cost_pct=0.0) == -MAX_DRIFT


def test_a_setup_has_its_own_edge_before_that_of_the_longest_family() -> None:
    edges = {"LONG": 0.01, "LONG_WICK_DOWN": 0.02, "LONG_WICK_DOWN_MIXED": 0.03}
    assert planted_key("LONG_WICK_DOWN_MIXED", edges) == "LONG_WICK_DOWN_MIXED"
    assert planted_key("LONG_WICK_DOWN_BOTH_GREEN", edges) == "LONG_WICK_DOWN"
    # A whole signature is no family: MIXED_TIMEFRAMES is another alignment than MIXED.
    assert planted_key("LONG_WICK_DOWN_MIXED_TIMEFRAMES", edges) == "LONG_WICK_DOWN"
    assert planted_key("LONG_BOTH_RED", edges) == "LONG"
    assert planted_key("SHORT_BOTH_RED", edges) is None


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ({"LONG_WICK_UP": 0.1}, "no setup"),  # a wick up is no trigger of a long
        ({"LONG_WICK": 0.1}, "no setup"),
        ({"LONG_BOTH_GREEN": 0.21}, "between"),
        ({"LONG_BOTH_GREEN": -0.24}, "between"),
        ({"LONG_BOTH_GREEN": float("nan")}, "between"),
    ],
)
def test_edges_that_cannot_be_are_refused(edges: dict[str, float], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        check_edges(edges, best_pct=0.21, worst_pct=-0.24)
