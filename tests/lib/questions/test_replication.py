"""Evidence of several markets together: by hand, with one market that carries all, and how often nothing passes for something."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pandas as pd
import pytest

from lib.market.exits import ExitRule
from lib.market.terms import DEFAULT_TERMS
from lib.questions.confirmation import confirmation
from lib.questions.replication import REPLICATED, end_log_e, joint_log_e, replicates
from lib.stats.betting import MEAN

RULE = ExitRule(0.6, 0.4, 60)


def trades(net: list[float]) -> pd.DataFrame:
    """Closed trades an hour apart, each an episode."""
    ended = pd.date_range("2026-01-01", periods=len(net), freq="h", tz="UTC")
    return pd.DataFrame({"exit_time": ended, "episode": range(len(net)), "net_pct": net})


def test_the_mean_without_the_largest_by_hand():
    assert joint_log_e([log(2), log(4), log(100)]) == pytest.approx(log(3))
    assert joint_log_e([log(100), log(2)]) == pytest.approx(log(2))
    assert joint_log_e([log(100)]) is None and joint_log_e([]) is None


def test_one_market_alone_never_carries_it():
    needed = -log(REPLICATED.level(1))
    assert exp(needed) == pytest.approx(4_000)
    assert not replicates([1_000.0, 0.0, 0.0, 0.0], 1)
    # Of four the sum of three counts: two markets carry it, if the smaller of them has three times what is asked for.
    assert replicates([1_000.0, needed + log(3) + 1e-9, -1e9, -1e9], 1)
    assert not replicates([1_000.0, needed + log(3) - 1e-3, -1e9, -1e9], 1)
    assert not replicates([1_000.0], 1)


def test_an_empty_bet_is_no_infinity():
    assert joint_log_e([-1e9, -1e9, 5.0]) == pytest.approx(-1e9)


def test_the_end_counts_and_not_the_largest_on_the_way():
    rises, falls = [0.4] * 60, [-0.5] * 60
    found = confirmation(
        trades(rises + falls), 1, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", 30.0, RULE, DEFAULT_TERMS
    )
    assert found.evidence >= 1 and found.log_e < 0
    assert found.log_e == pytest.approx(end_log_e(trades(rises + falls), RULE, DEFAULT_TERMS), abs=1e-6)


def test_the_e_value_at_the_end_is_that_of_the_bets():
    net, sums = [0.3, -0.2, 0.4, 0.1], MEAN.start()
    for value in net:
        MEAN.bet(sums, value, 0.4 + 0.11 + 0.1)
    assert end_log_e(trades(net), RULE, DEFAULT_TERMS) == pytest.approx(MEAN.log_e(sums))
    assert end_log_e(trades([]), RULE, DEFAULT_TERMS) == 0.0


def test_markets_without_an_edge_seldom_replicate_though_one_has_it():
    """Five markets that share their noise, one with an edge: the joint e-value of the others has mean 1 at most."""
    generator, joint = np.random.default_rng(5), []
    for _ in range(300):
        shared = generator.choice([-0.51, 0.51], 60)
        log_es = []
        for market in range(5):
            own = generator.choice([-0.51, 0.51], 60)
            net = np.where(generator.random(60) < 0.5, shared, own) + (0.25 if market == 0 else 0.0)
            log_es.append(end_log_e(trades(net.clip(-0.51, 0.8).tolist()), RULE, DEFAULT_TERMS))
        joint.append(joint_log_e(log_es))
    assert np.mean(np.array(joint) >= log(20)) <= 0.05
