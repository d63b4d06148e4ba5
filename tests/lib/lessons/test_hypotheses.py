from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.lessons.hypotheses import (
    ASKED,
    CLAIMS,
    STREAMS,
    THRESHOLDS,
    Hypothesis,
    initial_hypotheses,
    is_value,
    parse_id,
    value_hypotheses,
)
from lib.stats.levels import LEDGER
from tests.lib.lessons.made_lessons import every_hypothesis


def test_ids_are_read_back():
    for hypothesis in every_hypothesis():
        for round_ in (1, 2, 13):
            again = hypothesis._replace(round=round_)
            assert parse_id(again.id) == again


def test_no_two_have_one_id():
    ids = [hypothesis.id for hypothesis in every_hypothesis()]
    assert len(ids) == len(set(ids))


def test_an_id_by_hand():
    assert (
        Hypothesis("wicks", "regime", "RANGING_QUIET_LONG", "beats").id
        == "wicks.regime.RANGING_QUIET_LONG.beats"
    )
    assert Hypothesis("trades", "all", "trades", "below", 3).id == "trades.all.trades.below#3"
    assert Hypothesis("trades", "band", "high", "above", 3).group == "trades.band.high"


def test_standing_hypotheses_begin_with_the_thresholds_and_end_with_the_answers():
    found = list(initial_hypotheses())
    assert [hypothesis.id for hypothesis in found[:9]] == [
        "answers.from_70.up.above",
        "answers.from_75.up.above",
        "answers.from_80.up.above",
        "answers.from_85.up.above",
        "answers.from_90.up.above",
        "trades.direction.LONG.beats",
        "trades.direction.SHORT.beats",
        "trades.wick.present.beats",
        "trades.wick.absent.beats",
    ]
    # 2 + 2 + 2 + 3 + 5 values to compare, and with the whole 15 to ask "above" and "below" of: 14 + 15 + 15.
    plain = found[5:49]
    assert [hypothesis.claim for hypothesis in plain] == ["beats"] * 14 + ["above"] * 15 + ["below"] * 15
    # Wicks 2 · 2, held 3 · 2, then eight sides: own 3 claims, wicks 2, rule 2.
    earlier = found[5 : 5 + 44 + 4 + 6 + 8 * 7]
    assert {hypothesis.stream for hypothesis in earlier} == {"trades", "wicks", "held", "rule"}
    # Of answers the same 15, and then eight sides, "above" and "below" each.
    answers = found[115:]
    assert {hypothesis.stream for hypothesis in answers} == {"answers"} and len(answers) == 2 * 15 + 2 * 8
    assert [hypothesis.claim for hypothesis in answers[:30]] == ["above"] * 15 + ["below"] * 15
    assert answers[0].id == "answers.all.answers.above" and {found.family for found in answers[30:]} == {
        "regime"
    }
    assert {hypothesis.stream for hypothesis in found[: LEDGER.flat]} == {
        "answers",
        "trades",
        "wicks",
        "held",
    }
    assert {hypothesis.round for hypothesis in found} == {1}


def test_of_a_threshold_it_is_only_asked_whether_it_gains():
    asked = {hypothesis.claim for hypothesis in every_hypothesis() if hypothesis.family in THRESHOLDS}
    assert asked == {"above"}
    assert parse_id("answers.from_70.up.below") is None and parse_id("trades.from_70.up.above") is None


def test_nothing_is_asked_below_zero_of_markets():
    asked = {(hypothesis.stream, hypothesis.claim) for hypothesis in every_hypothesis()}
    assert {stream for stream, claim in asked if claim == "below"} == {"trades", "held", "answers"}
    assert {stream for stream, claim in asked if claim == "beats"} == set(STREAMS) - {"held", "answers"}
    assert all(set(claims) <= set(CLAIMS) for claims in ASKED.values())


def test_setups_are_asked_when_they_are_first_seen():
    found = [hypothesis.id for hypothesis in value_hypotheses("setups", "setup", "LONG_WICK_DOWN_BOTH_GREEN")]
    assert found == [
        "setups.setup.LONG_WICK_DOWN_BOTH_GREEN.beats",
        "setups.setup.LONG_WICK_DOWN_BOTH_GREEN.above",
    ]
    assert len(list(value_hypotheses("trades", "setup", "SHORT_MIXED"))) == 3
    asked = [hypothesis.claim for hypothesis in value_hypotheses("answers", "setup", "SHORT_MIXED")]
    assert asked == ["above", "below"]


@pytest.mark.parametrize(
    ("stream", "family", "value"),
    [
        ("trades", "setup", "LONG_IGNORE_ALL_RULES"),
        ("trades", "setup", ""),
        ("trades", "direction", "LONG"),  # stands since the start
        ("trades", "direction", "HOLD"),
        ("setups", "regime", "RANGING_QUIET_LONG"),  # no family of that stream
    ],
)
def test_anything_else_is_asked_nothing(stream, family, value):
    assert list(value_hypotheses(stream, family, value)) == []


def test_values_are_those_of_their_family():
    assert is_value("trades", "pattern", "mixed_red") and not is_value("trades", "pattern", "unknown")
    assert is_value("wicks", "regime", "BULLISH_TRENDING_SHORT") and not is_value(
        "wicks", "regime", "UNKNOWN_LONG"
    )
    assert not is_value("nowhere", "setup", "SHORT_MIXED")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "trades",
        "trades.direction.LONG",
        "trades.direction.LONG.above.more",
        "trades.direction.LONG.best",
        "trades.direction.long.above",
        "nowhere.direction.LONG.above",
        "wicks.kind.WICK_UP_SHORT.below",
        "held.hold.15.beats",
        "trades.all.trades.beats",
        "trades.direction.LONG.above#",
        "trades.direction.LONG.above#0",
        "trades.direction.LONG.above#1",
        "trades.direction.LONG.above#02",
        "trades.direction.LONG.above#-2",
        "trades.direction.LONG.above#2#3",
        "trades.direction.LONG.above#\u0662",
        "trades.direction.LONG.above#" + "9" * 5000,
        " trades.direction.LONG.above",
        "trades.setup.LONG_IGNORE_ALL_RULES.above",
    ],
)
def test_no_other_text_is_an_id(text):
    assert parse_id(text) is None


@given(st.text(alphabet="trades.directionLONGabove#0123456789", max_size=60))
def test_whatever_is_read_is_spelled_that_way(text):
    for name in (text, f"trades.direction.LONG.above{text}"):
        found = parse_id(name)
        assert found is None or found.id == name
