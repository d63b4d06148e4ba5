from __future__ import annotations

import numpy as np
import pytest

from lib.analysis import score as scored
from lib.market.costs import DEFAULT_COSTS, price_trades
from lib.market.terms import DEFAULT_TERMS, Terms
from tests.lib.contract.made import trades


def scalper_score(frame, terms=DEFAULT_TERMS):
    """Under terms whose target and stop make +.19 and −.26 % net: a ratio of .7308."""
    return scored.scalper_score(frame, terms)


def test_by_hand():
    # 3 wins of .2, 2 losses of .1: rate 60, break-even .1 / .3 = 33.3, W = 40·clip((60 − 13.3) / 30) = 40.
    # Hold 10 min: 20. Ratio 2, q 2.7: 20. Worst loss .1, which is .38 net stops: 20.
    score = scalper_score(trades([0.2, 0.2, 0.2, -0.1, -0.1]))
    assert (score.win_rate_part, score.hold_part, score.ratio_part, score.loss_part) == (
        40.0,
        20.0,
        20.0,
        20.0,
    )
    assert (score.total, score.grade, score.capped) == (100.0, "A+", False)


def test_each_part_below_its_best():
    # 2 wins of .3, 3 losses of .2: rate 40, break-even .2 / .5 = 40, W = 40 · 20/30 = 26.7. Median hold 8: 15.
    # Ratio 1.5, q 2.1: 20. Worst loss .2, .77 net stops: 20. Sum 81.67, but the total is 2·.3 − 3·.2 = 0: capped.
    frame = trades([0.3, 0.3, -0.2, -0.2, -0.2], hold_minutes=np.array([8.0, 8, 8, 30, 1]))
    score = scalper_score(frame)
    assert (score.win_rate_part, score.hold_part, score.ratio_part, score.loss_part) == (
        26.7,
        15.0,
        20.0,
        20.0,
    )
    assert (score.total, score.grade, score.capped) == (59.0, "D", True)


def test_a_losing_window_below_the_cap_is_not_raised_to_it():
    # 1 win of .1, 4 losses of .6: break-even 85.7, rate 20: W 0; hold 40: 10; q .23: 5; worst .6 is 2.3 net stops: 10
    score = scalper_score(trades([0.1, -0.6, -0.6, -0.6, -0.6], hold_minutes=np.full(5, 40.0)))
    assert (score.total, score.grade, score.capped) == (25.0, "F", False)


def test_no_losses_and_no_wins():
    won = scalper_score(trades([0.1] * 5))
    assert (won.win_rate_part, won.ratio_part, won.loss_part, won.total) == (40.0, 20.0, 20.0, 100.0)
    lost = scalper_score(trades([-0.1] * 5))
    assert (lost.total, lost.grade, lost.capped) == (0.0, "F", False)
    assert {lost.win_rate_part, lost.hold_part, lost.ratio_part, lost.loss_part} == {0.0}
    # Zero is no win: nothing gained, nothing lost by size
    assert scalper_score(trades([0.0] * 5)).total == 0.0


@pytest.mark.parametrize("terms", [DEFAULT_TERMS, Terms(target_pct=0.6, stop_pct=0.6)])
@pytest.mark.parametrize("cost", ["fees_pct", "round_trip_pct"])
def test_exits_at_exactly_target_and_stop_can_earn_100(terms, cost):
    """As fills, which pay the fees alone, and as unslipped prices, which pay the round trip."""
    paid = getattr(terms.costs, cost)
    score = scalper_score(trades([terms.target_pct - paid] * 4 + [-terms.stop_pct - paid]), terms)
    assert (score.total, score.grade, score.capped) == (100.0, "A+", False)


@pytest.mark.parametrize(("q", "part"), [(1.0, 20), (0.99, 15), (0.8, 15), (0.79, 10), (0.6, 10), (0.59, 5)])
def test_ratio_bands(q, part):
    won = q * DEFAULT_TERMS.net_win_pct
    assert scalper_score(trades([won, won, won, -0.26, -0.26])).ratio_part == part


def test_a_target_that_pays_less_than_the_costs_asks_nothing_of_the_ratio():
    assert scalper_score(trades([0.01, 0.01, -0.2, -0.2, -0.2]), Terms(target_pct=0.1)).ratio_part == 20.0


def test_fewer_than_five_have_no_score():
    score = scalper_score(trades([0.1] * 4))
    assert score.total is score.grade is score.win_rate_part is None


@pytest.mark.parametrize(
    ("minutes", "part"),
    [(4.9, 10), (5, 15), (9.9, 15), (10, 20), (20, 20), (20.1, 15), (25, 15), (25.1, 10), (np.nan, 10)],
)
def test_hold_bands(minutes, part):
    assert scalper_score(trades([0.1] * 5, hold_minutes=np.full(5, minutes))).hold_part == part


@pytest.mark.parametrize(
    ("stops", "part"), [(0.1, 20), (1.1, 20), (1.11, 15), (2.0, 15), (2.01, 10), (3.0, 10), (3.01, 5)]
)
def test_worst_loss_bands(stops, part):
    worst = stops * DEFAULT_TERMS.net_loss_pct
    assert scalper_score(trades([1.0, 1.0, 1.0, 1.0, -worst])).loss_part == part


def test_it_is_net_of_fees():
    # Five longs at 1,000 $ that close at +.05 %: winners before the round trip's fees of .09 %, losers after them.
    frame = trades([0.0] * 5).drop(columns=["net_pct", "net_usd", "win", "hold_minutes"])
    frame = frame.assign(entry_price=1000.0, exit_price=1000.5)
    before = scalper_score(price_trades(frame, 0.0))
    after = scalper_score(price_trades(frame, DEFAULT_COSTS.fees_pct))
    assert (before.win_rate_part, before.ratio_part, before.grade) == (40.0, 20.0, "A+")
    assert (after.win_rate_part, after.ratio_part, after.grade) == (0.0, 0.0, "F")


def test_a_losing_window_never_gets_a_top_grade():
    generator, capped = np.random.default_rng(7), 0
    for _ in range(500):
        # At most a little below zero, where the parts alone would add up to the most.
        net = generator.normal(0, generator.uniform(0.02, 0.2), int(generator.integers(5, 40)))
        net -= net.mean() + generator.choice([0.0001, 0.001, 0.02])
        score = scalper_score(trades(net.tolist(), hold_minutes=generator.uniform(5, 25, len(net))))
        assert score.total <= 59 and score.grade in ("D", "F")
        capped += score.capped
    assert capped > 100, "the cap was put to the test"
