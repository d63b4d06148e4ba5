from __future__ import annotations

import pytest

from lib.lessons.derived import (
    all_lose,
    best_setups,
    candidate_setups,
    costs_words,
    key_lessons,
    nearest,
    not_yet,
    other_proven_words,
    pinned_besides,
    restates_costs,
    to_act_on,
    worst_setups,
)
from lib.market.costs import DEFAULT_COSTS
from tests.lib.lessons.made_lessons import candidate, lesson, lessons

SETUP = "trades.setup.LONG_WICK_DOWN_BOTH_GREEN"
OTHER = "trades.setup.SHORT_BREAKOUT_MIXED"


def ids(found) -> list[str]:
    return [one.id for one in found]


def test_to_act_on_are_the_proven_ones_that_nothing_speaks_against():
    found = [
        lesson("trades.direction.LONG.above", effect_pct=0.03),
        lesson("trades.wick.present.above", effect_pct=0.05),
        lesson("trades.band.high.above", effect_pct=0.02, pinned=True),
        lesson("trades.direction.SHORT.above", consequence="withheld", withheld="contradiction"),
        lesson("trades.band.low.above", large_since=None, consequence="too_small"),
        lesson("trades.band.medium.above", status="ended", why="no_longer"),
        candidate("trades.pattern.mixed.above", pinned=True),
    ]
    assert ids(to_act_on(found)) == [
        "trades.band.high.above",
        "trades.wick.present.above",
        "trades.direction.LONG.above",
    ]


def test_setups_to_favour_and_to_avoid():
    favoured, better, avoided = (
        lesson(f"{SETUP}.above"),
        lesson("wicks.kind.WICK_UP_SHORT.beats"),
        lesson(f"{OTHER}.below"),
    )
    found = [
        favoured,
        better,
        avoided,
        lesson("trades.direction.LONG.above"),
        lesson("trades.direction.SHORT.below"),
        lesson("rule.setup.LONG_MIXED.above", consequence="withheld", withheld="veto"),
        candidate("setups.setup.LONG_MIXED.above"),
    ]
    assert best_setups(found) == [favoured.statement, better.statement]
    assert worst_setups(found) == [avoided.statement]


def test_candidate_setups_are_those_nearest_to_proof_own_trades_first():
    market = candidate(f"{SETUP.replace('trades', 'setups')}.above", evidence=0.9)
    near, far = candidate(f"{SETUP}.above", evidence=0.6), candidate(f"{OTHER}.above", evidence=0.2)
    found = [
        market,
        far,
        near,
        candidate("trades.direction.LONG.above", evidence=0.99),
        candidate(f"{OTHER}.beats", evidence=0.99, vetoed=True),
        lesson("rule.setup.LONG_MIXED.above"),
    ]
    assert candidate_setups(found, DEFAULT_COSTS) == [near.statement, far.statement, market.statement]
    many = [candidate(f"{SETUP}.above", n=n, evidence=n / 100) for n in range(1, 14)]
    assert candidate_setups(many, DEFAULT_COSTS) == [one.statement for one in reversed(many)][:10]


def test_nearest_is_one_a_group_with_evidence():
    found = [
        candidate("trades.direction.LONG.above", evidence=0.3),
        candidate("trades.direction.LONG.beats", evidence=0.5),
        candidate("trades.wick.present.above", evidence=0.4),
        candidate("trades.wick.absent.above", evidence=0.2),
        candidate("trades.band.low.above", evidence=0.1),
        candidate("trades.band.high.above", evidence=0.9, vetoed=True),
        candidate("trades.band.medium.above", evidence=0.0),
        lesson("trades.pattern.mixed.above", evidence=1.5),
    ]
    expected = ["trades.direction.LONG.beats", "trades.wick.present.above", "trades.wick.absent.above"]
    assert ids(nearest(found, DEFAULT_COSTS)) == expected
    assert ids(nearest(found, DEFAULT_COSTS, 10)) == [*expected, "trades.band.low.above"]
    assert nearest(found[5:7], DEFAULT_COSTS) == []


@pytest.mark.parametrize(
    ("id_", "high", "restates"),
    [
        (
            "trades.direction.LONG.below",
            -0.08,
            True,
        ),  # -.08 + fees of .09: a gain before costs is not ruled out
        ("trades.direction.LONG.below", -0.09, True),
        ("trades.direction.LONG.below", -0.10, False),
        ("trades.direction.LONG.below", None, True),
        ("trades.direction.LONG.above", None, False),
        ("trades.direction.LONG.beats", 0.5, False),
        ("held.hold.15.below", 0.5, False),  # closed or kept, the costs are the same
    ],
)
def test_a_loss_that_is_only_the_costs(id_, high, restates):
    assert restates_costs(candidate(id_, net_high_pct=high), DEFAULT_COSTS) is restates


def test_what_restates_the_costs_is_no_candidate():
    found = [candidate(f"{SETUP}.below", evidence=0.9, net_high_pct=-0.05)]
    assert nearest(found, DEFAULT_COSTS) == [] and candidate_setups(found, DEFAULT_COSTS) == []
    found = [candidate(f"{SETUP}.below", evidence=0.9, net_high_pct=-0.15)]
    assert (
        ids(nearest(found, DEFAULT_COSTS)) == [f"{SETUP}.below"]
        and len(candidate_setups(found, DEFAULT_COSTS)) == 1
    )


def test_all_lose_only_where_it_is_proven():
    whole = "trades.all.trades.below"
    assert all_lose([lesson(whole)]).id == whole
    assert all_lose([lesson(whole, large_since=None, consequence="too_small")]).id == whole
    assert (
        all_lose([candidate(whole), lesson("trades.all.trades.above"), lesson("trades.direction.LONG.below")])
        is None
    )
    assert all_lose([lesson(whole, status="ended", why="no_longer")]) is None


def test_pinned_ones_are_shown_unless_told_or_vetoed():
    found = [
        lesson(pinned=True),
        candidate(pinned=True),
        candidate("trades.band.low.above", pinned=True, vetoed=True),
        candidate("trades.band.high.above"),
        lesson("trades.band.medium.above", pinned=True, consequence="withheld", withheld="contradiction"),
        lesson("trades.all.trades.below", pinned=True, consequence="restates_costs"),  # told as a fact
    ]
    assert ids(pinned_besides(found)) == ["trades.wick.present.beats", "trades.band.medium.above"]


def test_no_lesson_yet_with_its_numbers():
    assert not_yet([], lessons(trades=0, episodes=0, days=None, answers=0).summary) == (
        "No lesson yet: n=0, no own trade is evidence yet (whole hours count, under the present terms); 140 hypotheses wait for it."
    )
    stopped = lessons(trades=0, episodes=0, days=None, answers=156).summary
    assert not_yet([], stopped).startswith(
        "No lesson yet: n=0 own trades in 0 episodes and n=156 answers, none of 140 hypotheses is proven."
    )
    assert not_yet([], lessons().summary) == (
        "No lesson yet: n=250 own trades in 213 episodes and n=400 answers over 12 days, none of 140 hypotheses is proven."
    )
    proven = [lesson("trades.all.trades.below", consequence="restates_costs"), candidate()]
    assert not_yet(proven, lessons(*proven).summary).endswith(
        "1 of 140 hypotheses proven, but none to act on."
    )


def test_the_nearest_have_the_most_evidence():
    found = [
        candidate("trades.direction.LONG.above", evidence=0.3, more_days=7.2),
        candidate("answers.direction.SHORT.above", evidence=0.2, more_days=None),
        candidate("trades.wick.present.beats", evidence=0.9, more_days=9.4),
        candidate("wicks.kind.WICK_UP_SHORT.above", evidence=0.1, more_days=1.0),
        candidate("trades.band.low.above", more_days=0.5, vetoed=True),
        candidate("trades.band.high.above", more_days=0.5, evidence=0.0),  # nothing speaks for it
        candidate("trades.direction.SHORT.below", more_days=0.5),  # would only restate the costs
    ]
    by_evidence = [
        "trades.wick.present.beats",
        "trades.direction.LONG.above",
        "answers.direction.SHORT.above",
        "wicks.kind.WICK_UP_SHORT.above",
    ]
    assert ids(nearest(found, DEFAULT_COSTS, 9)) == by_evidence
    assert ids(nearest(found, DEFAULT_COSTS)) == by_evidence[:3]


def test_nested_thresholds_take_one_place_of_the_nearest():
    found = [candidate(f"answers.from_{level}.up.above", evidence=level / 100) for level in (70, 80, 90)]
    assert ids(nearest([*found, candidate()], DEFAULT_COSTS)) == [
        "answers.from_90.up.above",
        "trades.wick.present.beats",
    ]


def test_own_trades_and_answers_of_a_group_take_one_place_of_the_nearest():
    found = [
        candidate("trades.all.trades.above", evidence=0.2),
        candidate("answers.all.answers.above", evidence=0.3),
        candidate("trades.wick.absent.beats", evidence=0.5),
        candidate("answers.wick.absent.above", evidence=0.1),
    ]
    assert ids(nearest(found, DEFAULT_COSTS)) == ["trades.wick.absent.beats", "answers.all.answers.above"]


def test_nothing_to_say_where_there_is_a_lesson():
    assert not_yet([lesson()], lessons(lesson()).summary) == ""
    assert not_yet([lesson(consequence="too_small")], lessons().summary).endswith("but none to act on.")


def test_why_proven_ones_are_not_told_is_counted():
    assert other_proven_words([lesson()]) == ""
    found = [
        lesson(consequence="withheld", withheld="contradiction"),
        lesson(consequence="too_small"),
        lesson(consequence="too_small"),
        lesson(consequence="withheld", withheld="veto"),
        lesson(consequence="restates_costs"),
        lesson("answers.from_80.up.above", consequence="threshold"),  # told as the threshold
    ]
    assert (
        other_proven_words([lesson("trades.all.trades.below", consequence="restates_costs")]) == ""
    )  # told as a fact
    vetoed = lesson("trades.all.trades.below", consequence="withheld", withheld="veto", vetoed=True)
    assert other_proven_words([vetoed]).endswith("no advice: vetoed by the trader (1).")
    assert other_proven_words(found) == (
        "Proven, but no advice: contradicted by a better lesson (1), restating the costs (1), too small (2), vetoed by the trader (1)."
    )


def test_that_all_lose_their_costs_is_said_as_a_fact():
    whole = lesson("trades.all.trades.below", consequence="restates_costs")
    rest = "That only restates the costs and is no advice."
    assert costs_words([whole]) == f"{whole.statement} {rest}"
    answers = lesson("answers.all.answers.below", consequence="restates_costs")
    assert costs_words([whole, answers]) == f"{answers.statement} {rest}"
    assert costs_words([lesson("trades.all.trades.below")]) == ""
    assert costs_words([lesson("trades.direction.LONG.below", consequence="restates_costs")]) == ""


def test_key_lessons_in_their_order():
    whole = lesson("trades.all.trades.below", consequence="restates_costs")
    active, near = lesson(), candidate()
    pinned = candidate("trades.band.low.above", pinned=True, evidence=0.0)
    hidden = lesson("trades.direction.SHORT.below", consequence="restates_costs")
    also_pinned = lesson("trades.direction.LONG.below", consequence="restates_costs", pinned=True)
    most = candidate("trades.pattern.mixed.above", pinned=True, evidence=0.9)  # takes no place of the nearest
    found = [near, pinned, whole, active, hidden, also_pinned]
    told = key_lessons([most, *found], lessons(*found).summary, DEFAULT_COSTS)
    assert f"Nearest to proof: {near.statement}" in told
    assert f"Nearest to proof: {most.statement}" not in told
    assert key_lessons(found, lessons(*found).summary, DEFAULT_COSTS) == [
        active.statement,
        costs_words([whole]),
        pinned.statement,
        also_pinned.statement,
        f"Nearest to proof: {near.statement}",
        "Proven, but no advice: restating the costs (1 more).",
    ]
    assert key_lessons([], lessons().summary, DEFAULT_COSTS) == [
        "No lesson yet: n=250 own trades in 213 episodes and n=400 answers over 12 days, none of 140 hypotheses is proven."
    ]
