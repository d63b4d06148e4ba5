"""The judge: the method's formula by hand, verdicts that are kept, what is still needed, and arms that do something else."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from lib.experiments.blocks import blocks_of
from lib.experiments.course import course
from lib.experiments.differences import Differences
from lib.experiments.evidence import LOG_PROVEN, Evidence
from lib.experiments.judge import chance, judge
from lib.experiments.rows import Stop, VerdictFound
from lib.experiments.scoring import Pair, Pairs
from lib.market.terms import DEFAULT_TERMS
from tests.lib.experiments.made import add_block, begun, minute

RATES, WEIGHTS = (0.2, 0.4, 0.6, 0.85), (0.25, 0.3, 0.25, 0.2)


def log_of(outcomes, count=40):
    """A log of blocks, one an hour, with the outcomes that `outcomes(arm, number)` gives; None: no trade."""
    made = begun()
    for number in range(count):
        draw = made.next_draw(minute(60 * number + 1))
        add_block(made, draw.at, outcomes(draw.arm, number))
    return made


def by_hand(rows) -> tuple[float, float, float]:
    """Mean difference and both e-values as docs/evidence-method.md has them, in plain arithmetic."""
    total, seen, differences = 0.0, 0, []
    for block in blocks_of(rows):
        p, is_a = block.probability, block.arm == "a"
        expected = total / (20 + seen)
        differences.append((block.outcome_pct - expected) * (is_a / p - (not is_a) / (1 - p)))
        total, seen = total + block.outcome_pct, seen + 1
    least = min(0.5, 0.5)
    values = [
        sum(
            weight * float(np.prod([1 + sign * rate * least / 0.35 * d for d in differences]))
            for rate, weight in zip(RATES, WEIGHTS, strict=True)
        )
        for sign in (1, -1)
    ]
    return float(np.mean(differences)), *values


def test_the_method_by_hand():
    rows = log_of(lambda arm, number: (0.19, -0.26, None)[(number + (arm == "a")) % 3]).experiments[0]
    found = judge(rows).randomised
    mean, helps, harms = by_hand(rows)
    assert found.difference_pct == pytest.approx(mean)
    # The largest bet is a hair smaller than the method's, so that no loss that was declared can empty it.
    assert exp(found.log_e_helps) == pytest.approx(helps, rel=0.02)
    assert exp(found.log_e_harms) == pytest.approx(harms, rel=0.02)
    assert found.beyond_declared == 0 and found.blocks == 40


@pytest.mark.parametrize(("good", "verdict"), [("a", "helps"), ("b", "harms")])
def test_a_verdict_is_reached_and_kept(good, verdict):
    def outcomes(arm, number):
        return 0.19 if (arm == good) == (number < 60) else -0.26

    rows = log_of(outcomes, count=200).experiments[0]
    found = judge(rows)
    assert found.verdict == verdict and found.needed is None
    assert found.proven_by is not None and 10 < found.proven_by < 60
    assert found.since == rows.ends[found.proven_by].at
    # What came later speaks against it, and does not take it back.
    assert (found.randomised.difference_pct > 0) != (verdict == "helps")


def test_after_help_evidence_begins_anew_and_a_change_is_noticed():
    rows = log_of(lambda arm, number: 0.19 if (arm == "a") == (number < 60) else -0.26, count=200)
    found = judge(rows.experiments[0])
    assert found.changed and found.after is not None and found.after.difference_pct < 0
    steady = judge(log_of(lambda arm, number: 0.19 if arm == "a" else -0.26, count=200).experiments[0])
    assert not steady.changed and steady.after is not None


def test_a_verdict_that_was_written_stays_though_the_evidence_is_another():
    made = log_of(lambda arm, number: None, count=5)
    row = VerdictFound(
        at=minute(400), experiment="e1", verdict="helps", blocks=5, difference_pct=0.1, log_e=3.7
    )
    made.accept(row)
    found = judge(made.experiments[0])
    assert (found.verdict, found.since) == ("helps", minute(400))


def test_the_interval_leaves_nothing_out_exactly_where_a_side_is_proven():
    rng = np.random.default_rng(4)
    evidence = Evidence()
    for _ in range(150):
        evidence.observe(float(rng.choice([0.3, -0.15])), 1.0, 0.65, 0.65, True)
        low, high = evidence.bounds()
        assert (low is not None and low > 1e-6) == (evidence.log_e_helps > LOG_PROVEN + 1e-4)
        assert high is None or low is None or low < evidence.mean() < high
    assert evidence.verdict == "helps"


def test_the_rule_decider_as_both_arms_says_not_yet():
    """Equal arms: what each makes has nothing to do with the draw."""
    rows = log_of(lambda arm, number: (0.19, -0.26, None, 0.05)[number * 7 % 4], count=60).experiments[0]
    found = judge(rows)
    assert found.verdict == "not_yet" and found.since is None
    assert found.randomised.low_pct < 0 < found.randomised.high_pct


def test_exposure_cost_and_what_is_needed():
    rows = log_of(lambda arm, number: (0.19, None)[number % 2], count=48).experiments[0]
    found = judge(rows)
    assert found.a.blocks + found.b.blocks == 48 and found.a.traded + found.b.traded == 24
    assert found.a.net_pct + found.b.net_pct == pytest.approx(24 * 0.19)
    assert found.a.hours + found.b.hours == pytest.approx(48 * 0.75)
    assert found.a.mean_pct == pytest.approx(found.a.net_pct / found.a.blocks)
    assert found.needed.episodes > 400
    assert found.needed.days == pytest.approx(found.needed.episodes / 24 * 47.75 / 24, rel=0.02)


def test_an_experiment_without_a_block_says_so():
    found = judge(begun().experiments[0])
    assert found.verdict == "not_yet" and found.randomised.difference_pct is None
    assert found.needed.days is None and 500 < found.needed.episodes < 560
    assert 100 < judge(begun(paired=True).experiments[0]).needed.episodes < 130


def test_a_loss_beyond_what_was_declared_is_counted_and_reckoned_with_from_then_on():
    made = begun()
    for number in range(6):
        add_block(made, minute(60 * number + 1), -0.9 if number > 1 else -0.26)
    assert judge(made.experiments[0]).randomised.beyond_declared == 4
    differences = Differences(DEFAULT_TERMS)
    for block in blocks_of(made.experiments[0]):
        wide = block.__class__(**(vars(block) | {"stop_pct": 0.8, "target_pct": 0.3}))
        differences.observe_block(wide)
    assert differences.randomised.beyond_declared == 0


def paired_log(count, outcome, difference):
    """A paired experiment whose executed outcomes and whose pairs may say different things."""
    made, pairs = begun(paired=True), []
    for number in range(count):
        draw = made.next_draw(minute(60 * number + 1))
        add_block(made, draw.at, outcome(draw.arm, number))
        made_of = difference(number)
        pairs.append(Pair(number + 1, draw.at, minute(60 * number + 50), made_of, 0.0, 0.15, 0.3))
    return made.experiments[0], Pairs(known=pairs)


def test_of_a_paired_experiment_the_pairs_decide():
    rows, pairs = paired_log(60, lambda arm, number: (0.19, -0.26)[number % 2], lambda number: 0.19)
    found = judge(rows, pairs)
    assert found.judged_by == "paired" and found.verdict == "helps" and found.decisive is found.paired
    assert found.randomised.low_pct < 0 < found.randomised.high_pct
    assert judge(rows).verdict == "not_yet"


def test_estimates_that_are_of_different_things_are_told():
    rows, pairs = paired_log(80, lambda arm, number: -0.26 if arm == "a" else 0.19, lambda number: 0.19)
    assert judge(rows, pairs).disagree
    rows, pairs = paired_log(80, lambda arm, number: 0.19 if arm == "a" else -0.0, lambda number: 0.19)
    assert not judge(rows, pairs).disagree


def test_a_difference_that_comes_and_goes_by_day_is_told():
    """24 blocks a day; arm a is better on one day and worse on the next, by as much."""

    def by_day(arm, number):
        sign = 1 if (number // 24) % 2 else -1
        return (0.12 if arm == "a" else -0.12) * sign + 0.03 * (number % 3 - 1)

    assert judge(log_of(by_day, count=24 * 12).experiments[0]).randomised.day_inflation > 3
    steady = log_of(lambda arm, number: 0.19 if (number * 7 + number // 5) % 3 else -0.26, count=24 * 12)
    assert judge(steady.experiments[0]).randomised.day_inflation < 1.5


def test_the_course_ends_where_the_judge_stands():
    rows = log_of(lambda arm, number: 0.19 if arm == "a" else -0.1, count=48).experiments[0]
    points, found = course(rows, points=10), judge(rows)
    assert len(points) == 10 and points[-1].block == 48
    assert points[-1].a_pct == pytest.approx(found.a.net_pct) and points[-1].b_pct == pytest.approx(
        found.b.net_pct
    )
    assert points[-1].difference_pct == found.randomised.difference_pct
    assert (points[-1].low_pct, points[-1].high_pct) == (found.randomised.low_pct, found.randomised.high_pct)
    assert course(begun().experiments[0]) == []


def test_the_list_says_how_many_verdicts_chance_alone_would_give():
    made = log_of(lambda arm, number: None, count=1)
    made.accept(Stop(at=minute(400), experiment="e1", why="person"))
    found = chance(made)
    assert (found.experiments, found.verdicts, found.by_chance) == (1, 0, 0.05)
    assert pytest.approx(log(40)) == LOG_PROVEN
