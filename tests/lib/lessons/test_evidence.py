from __future__ import annotations

import pytest

from lib.lessons.evidence import Evidence
from lib.lessons.hypotheses import Hypothesis


def asked(claim: str = "above", k: int = 1) -> Evidence:
    return Evidence(Hypothesis("trades", "all", "trades", claim), k=k, born=0)


def test_only_a_loss_larger_than_declared_is_beyond():
    found = asked()
    found.observe(-0.36, 0.36, 1.0, 1)
    assert found.beyond == 0
    found.observe(-0.3601, 0.36, 1.0, 2)
    assert found.beyond == 1
    gains = asked("below")
    gains.observe(0.29, 0.29, 1.0, 1)
    gains.observe(0.30, 0.29, 1.0, 2)
    assert gains.beyond == 1


@pytest.mark.parametrize("tempering", [1.0, 1.5])
def test_of_dependent_days_that_many_more_are_seen_before_shelving(tempering):
    found, seen = asked(), 0
    while found.status == "candidate":
        found.observe(0.16 if seen % 2 else -0.16, 0.36, tempering, seen)
        seen += 1
    # 3 · ((3.4392 + 0.8416) · 0.16 / 0.05)² = 562.96
    assert found.why == "shelved" and seen == int(562.96 * tempering) + 1


def test_a_small_lesson_becomes_active_when_its_effect_has_grown():
    found, at = asked(), 0
    while found.status == "candidate":
        at += 1
        found.observe(0.02, 0.36, 1.0, at)
    assert (found.status, found.why, found.proven_at, found.large_at) == ("proven", "evidence", at, 0)
    change = None
    while change is None:
        at += 1
        change = found.observe(0.19, 0.36, 1.0, at)
    assert (change.status, change.why, change.at) == ("proven", "size", at)
    assert found.effect >= 0.02 > (found.total - 0.19) / (found.episodes - 1 + 25)
    assert found.proven_at < at == found.large_at and found.why == "evidence"
