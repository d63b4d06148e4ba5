from __future__ import annotations

from itertools import permutations

import pytest

from lib.contract.schema import SIGNATURES
from lib.lessons.conflicts import ProvenLesson, advice, conditions, contradictions, contradicts, lies_inside
from lib.lessons.hypotheses import Hypothesis, parse_id


def h(text: str) -> Hypothesis:
    found = parse_id(text)
    assert found is not None, text
    return found


def kept(*ids: str, evidence: dict[str, float] | None = None) -> dict[str, str]:
    """What is withheld of these lessons, for what; the same in whatever order they come."""
    lessons = [ProvenLesson(h(id_), (evidence or {}).get(id_, 1.2)) for id_ in ids]
    found = contradictions(lessons)
    for others in permutations(lessons):
        assert contradictions(others) == found
    return found


def test_sides():
    assert [advice(h(f"trades.direction.LONG.{claim}")) for claim in ("above", "beats", "below")] == [
        "favour",
        "favour",
        "avoid",
    ]


@pytest.mark.parametrize(
    ("id_", "fixed"),
    [
        ("trades.all.trades.above", {}),
        ("trades.direction.SHORT.above", {"direction": "SHORT"}),
        ("trades.wick.absent.above", {"wick": "absent"}),
        ("trades.timeframes.apart.above", {"timeframes": "apart"}),
        ("trades.band.low.above", {"band": "low"}),
        ("trades.pattern.all_red.above", {"state_5min": "all_red"}),
        ("held.hold.15.above", {"held": "15"}),
        ("wicks.kind.WICK_UP_SHORT.above", {"direction": "SHORT", "wick": "present"}),
        ("trades.regime.RANGING_QUIET_LONG.above", {"regime": "RANGING_QUIET", "direction": "LONG"}),
        ("rule.regime.RANGING_QUIET_LONG.above", {"regime": "RANGING_QUIET", "direction": "LONG"}),
        (
            "wicks.regime.BULLISH_TRENDING_SHORT.above",
            {"regime": "BULLISH_TRENDING", "direction": "SHORT", "wick": "present"},
        ),
        (
            "trades.setup.LONG_WICK_DOWN_BOTH_GREEN.above",
            {
                "direction": "LONG",
                "trigger": "WICK_DOWN",
                "alignment": "BOTH_GREEN",
                "wick": "present",
                "timeframes": "agree",
                "state_5min": "all_green",
            },
        ),
        (
            "trades.setup.SHORT_BREAKOUT_ALL_RED_5MIN.above",
            {
                "direction": "SHORT",
                "trigger": "BREAKOUT",
                "alignment": "ALL_RED_5MIN",
                "wick": "absent",
                "state_5min": "all_red",
            },
        ),
        (
            "trades.setup.SHORT_MIXED_TIMEFRAMES.above",
            {
                "direction": "SHORT",
                "trigger": "",
                "alignment": "MIXED_TIMEFRAMES",
                "wick": "absent",
                "timeframes": "apart",
            },
        ),
        (
            "trades.setup.LONG_ALL_GREEN_15MIN.above",
            {"direction": "LONG", "trigger": "", "alignment": "ALL_GREEN_15MIN", "wick": "absent"},
        ),
    ],
)
def test_what_a_group_fixes_of_an_entry(id_, fixed):
    assert conditions(h(id_)) == fixed


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_setup_is_put_together_again(signature):
    fixed = conditions(h(f"setups.setup.{signature}.above"))
    parts = (fixed["direction"], fixed["trigger"], fixed["alignment"])
    assert "_".join(part for part in parts if part) == signature
    assert (fixed["wick"] == "present") == ("WICK" in signature)


LONG, SHORT = "trades.direction.LONG", "trades.direction.SHORT"
SETUP = "trades.setup.LONG_WICK_DOWN_BOTH_GREEN"


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (f"{LONG}.beats", f"{SHORT}.beats", False),  # of two only one is the better
        ("trades.wick.present.beats", "trades.wick.absent.beats", False),
        ("trades.band.high.beats", "trades.band.low.beats", True),  # of three, two may beat the rest
        (f"{LONG}.beats", "trades.wick.present.beats", True),
        ("wicks.kind.WICK_DOWN_LONG.beats", "wicks.kind.WICK_UP_SHORT.beats", False),
        (f"{LONG}.above", f"{LONG}.below", False),
        (f"{LONG}.beats", f"{LONG}.below", False),
        (f"{LONG}.above", f"{SHORT}.below", True),  # no entry is both
        (f"{LONG}.below", f"{SHORT}.below", True),
        (f"{LONG}.above", "trades.pattern.all_red.below", False),  # a LONG at an all_red ribbon
        (f"{SETUP}.below", f"{LONG}.above", False),
        (f"{SETUP}.below", f"{SHORT}.above", True),
        (f"{SETUP}.below", "trades.pattern.all_red.above", True),
        (f"{SETUP}.below", "trades.wick.absent.above", True),
        (f"{SETUP}.below", "trades.timeframes.apart.above", True),
        (f"{SETUP}.below", "wicks.kind.WICK_DOWN_LONG.above", False),
        ("wicks.regime.RANGING_QUIET_LONG.above", "trades.wick.absent.below", True),
        ("wicks.regime.RANGING_QUIET_LONG.above", "trades.wick.present.below", False),
        ("rule.regime.RANGING_QUIET_LONG.above", "trades.regime.RANGING_QUIET_LONG.below", False),
        ("rule.regime.RANGING_QUIET_LONG.above", "trades.regime.RANGING_VOLATILE_LONG.below", True),
        ("trades.all.trades.below", f"{LONG}.beats", True),  # whether, and which
        ("trades.all.trades.below", f"{LONG}.above", False),
        ("held.hold.15.above", f"{LONG}.below", True),  # whether to enter, and when to leave
        ("held.hold.15.above", "held.hold.15.below", False),
        ("held.hold.15.above", "held.hold.30.below", True),
    ],
)
def test_what_may_be_told_together(one, other, both):
    assert contradicts(h(one), h(other)) is not both
    assert contradicts(h(other), h(one)) is not both


def test_long_and_short_never_both_beat_each_other():
    better = {f"{SHORT}.beats": 2.0, f"{LONG}.beats": 1.1}
    assert kept(*better, evidence=better) == {f"{LONG}.beats": f"{SHORT}.beats"}


def test_that_all_lose_does_not_silence_which_is_better():
    assert kept("trades.all.trades.below", f"{LONG}.beats") == {}


def test_the_one_that_fixes_more_is_told():
    assert kept(f"{LONG}.below", f"{SETUP}.above", evidence={f"{LONG}.below": 9.0}) == {
        f"{LONG}.below": f"{SETUP}.above"
    }


def test_of_equals_a_mean_before_a_comparison_then_the_warning_then_the_better_proven():
    assert kept(f"{LONG}.beats", f"{LONG}.below", evidence={f"{LONG}.beats": 9.0}) == {
        f"{LONG}.beats": f"{LONG}.below"
    }
    below, above = "trades.pattern.all_red.below", f"{LONG}.above"
    assert kept(above, below, evidence={above: 9.0}) == {above: below}
    # The mean of its own is told even where the comparison is the warning's side.
    assert kept("trades.wick.present.above", f"{LONG}.below", "trades.wick.present.beats") == {
        "trades.wick.present.above": f"{LONG}.below",
        "trades.wick.present.beats": f"{LONG}.below",
    }


def test_a_lesson_is_not_silenced_by_one_that_is_silenced_itself():
    # The setup silences "LONG loses"; "all_green gains" would have met only that one.
    found = kept(f"{SETUP}.above", f"{LONG}.below", "trades.pattern.all_green.above")
    assert found == {f"{LONG}.below": f"{SETUP}.above"}


def test_nothing_told_conflicts():
    ids = [
        f"{LONG}.beats",
        f"{SHORT}.below",
        f"{SETUP}.below",
        "trades.pattern.all_green.above",
        "trades.all.trades.above",
    ]
    silent = kept(*ids)
    told = [h(id_) for id_ in ids if id_ not in silent]
    assert told and not any(contradicts(one, other) for one in told for other in told if one != other)
    assert all(against not in silent for against in silent.values())


@pytest.mark.parametrize(
    ("one", "other", "inside"),
    [
        ("answers.setup.LONG_BOTH_GREEN.above", "trades.pattern.all_green.beats", True),
        ("trades.pattern.all_green.beats", "answers.setup.LONG_BOTH_GREEN.above", False),
        ("trades.direction.LONG.above", "answers.direction.LONG.above", False),  # the same group
        ("trades.direction.LONG.above", "trades.wick.present.above", False),
        ("setups.setup.LONG_BOTH_GREEN.above", "trades.pattern.all_green.beats", False),  # entries of nobody
    ],
)
def test_one_group_lies_inside_another_where_it_fixes_more_of_the_entry(one, other, inside):
    assert lies_inside(h(one), h(other)) is inside
