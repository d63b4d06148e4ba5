from __future__ import annotations

from math import exp

import pytest

from lib.stats.levels import BUDGETS, LEDGER, episodes_needed, fixed_sample_size, level, log_needed, shrink


def test_levels_by_number():
    # Half of 3.5 % over the first sixty, then .0175 · 60 / (k (k - 1)).
    assert level(1) == level(60) == pytest.approx(0.0175 / 60)
    assert level(61) == pytest.approx(0.0175 / 61)
    assert level(100) == pytest.approx(0.0175 * 60 / 9900)
    assert level(1000) == pytest.approx(1.05 / 999_000)
    with pytest.raises(ValueError, match="count from 1"):
        level(0)


@pytest.mark.parametrize(
    ("kind", "share", "flat"), [("ledger", 0.035, 60), ("confirmed", 0.01, 20), ("replications", 0.005, 10)]
)
def test_all_levels_ever_of_a_budget_sum_to_its_share(kind, share, flat):
    budget = BUDGETS[kind]
    # What follows number N is share / 2 · flat Σ (1/(k-1) - 1/k) = share / 2 · flat / N.
    for last in (flat, flat + 1, 500, 20_000):
        spent = sum(budget.level(k) for k in range(1, last + 1))
        assert spent + share / 2 * flat / last == pytest.approx(share, abs=1e-9)
    assert sum(budget.level(k) for k in range(1, flat + 1)) == pytest.approx(share / 2)
    assert all(budget.level(k + 1) <= budget.level(k) for k in range(1, 500))


def test_the_budgets_are_five_percent_in_all():
    assert sum(budget.share for budget in BUDGETS.values()) == pytest.approx(0.05)
    assert BUDGETS["ledger"] is LEDGER


def test_what_is_needed_is_the_inverse_of_the_level():
    for k in (1, 60, 61, 4000):
        assert exp(log_needed(k)) * level(k) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("hypotheses", "sd", "edge", "episodes"),
    [
        (1, 0.16, 0.03, 176),
        (1, 0.16, 0.05, 64),
        (1, 0.16, 0.10, 16),
        (20, 0.16, 0.03, 379),
        (20, 0.16, 0.05, 137),
        (20, 0.16, 0.10, 35),
        (100, 0.16, 0.03, 486),
        (100, 0.16, 0.05, 175),
        (100, 0.16, 0.10, 44),
        (1, 0.2236, 0.05, 124),
        (20, 0.2236, 0.05, 267),
        (100, 0.2236, 0.05, 342),
    ],
)
def test_theory_numbers_are_those_of_the_table(hypotheses, sd, edge, episodes):
    # docs/evidence-method.md, The fixed number rounds up or to the nearest.
    assert abs(fixed_sample_size(0.05 / hypotheses, sd, edge) - episodes) < 1.0


def test_episodes_needed_are_one_and_two_fifths_of_that():
    # 3.6486² · .16² / .05² = 136.3, times 1.4 = 190.9; for twice the edge a quarter of it, 47.7
    assert episodes_needed(0.0025, 0.16) == 191
    assert episodes_needed(0.0025, 0.16, edge_pct=0.10) == 48


def test_shown_effect_is_pulled_to_zero():
    assert shrink(0.06, 25) == pytest.approx(0.03)
    assert shrink(-0.06, 75) == pytest.approx(-0.045)
    assert shrink(0.0, 0) == 0.0
