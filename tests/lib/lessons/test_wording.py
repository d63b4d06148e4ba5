from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from lib.lessons.hypotheses import (
    ASKED,
    FAMILIES,
    STREAMS,
    parse_id,
)
from lib.lessons.lesson import Lesson
from lib.lessons.wording import (
    claim_words,
    days_words,
    evidence_words,
    needed_short,
    needed_words,
    rough_days,
    statement,
    subject,
)
from tests.lib.lessons.made_lessons import candidate, every_hypothesis, lesson

#: Why a lesson ends.
ENDS = ("no_longer", "expired", "shelved", "person")


def test_a_proven_lesson_word_for_word():
    assert lesson("trades.direction.LONG.above").statement == (
        "LONG entries gain after costs: n=212 in 180 ep, 66.0 % won [59.4 to 72.0], break-even 54.2 %, "
        "mean +0.071 % [0.012 to 0.131]; proven since 2025-10-12 09:30Z, shrunk towards zero +0.062 % an episode."
    )


def test_the_shrunk_mean_has_the_sign_of_what_was_made():
    loses = lesson("trades.direction.LONG.below", net_mean_pct=-0.08, effect_pct=0.07).statement
    assert loses.endswith(", shrunk towards zero -0.070 % an episode.")


def test_an_unproven_one_says_so_and_what_it_still_needs():
    assert candidate("trades.wick.present.beats").statement == (
        "Entries with a wick in their direction: n=212 in 180 pairs, 66.0 % won [59.4 to 72.0], break-even 54.2 %, "
        "difference +0.071 % [-0.050 to 0.131]; that they do better than all others is unproven: "
        "an edge of 0.05 % takes about 120 more pairs, about 9 days."
    )


def test_holding_on_is_said_without_a_win_rate():
    assert candidate("held.hold.30.below").statement == (
        "Keeping trades that closed before 30 min until then, with their stop in place: n=212 in 180 ep, "
        "mean +0.071 % [-0.050 to 0.131]; that it makes less than closing did is unproven: "
        "an edge of 0.05 % takes about 120 more episodes, about 9 days."
    )
    assert "in place, makes more than closing did: n=212" in lesson("held.hold.30.above").statement


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("no_longer", "; that they gain after costs has ended, no longer true."),
        ("expired", "; that they gain after costs has ended, expired: too few of late."),
        ("shelved", "; that they gain after costs has ended, shelved: enough seen and nothing shown."),
        ("person", "; that they gain after costs was ended by the trader."),
    ],
)
def test_what_has_ended_says_why_and_is_not_put_as_if_it_were_so(why, words):
    ended = lesson(status="ended", why=why).statement
    assert ended.endswith(words) and "LONG entries gain after costs" not in ended


def test_a_proven_lesson_that_is_too_small_says_so():
    small = lesson(large_since=None, consequence="too_small").statement
    assert "LONG entries gain after costs" in small and "; proven, but small since 2025-10-12 09:30Z" in small


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("trades.all.trades.above", "All trades"),
        ("answers.all.answers.above", "All answers"),
        ("answers.from_70.up.above", "Answers from confidence 0.70 on"),
        ("answers.direction.LONG.above", "LONG answers"),
        ("answers.wick.present.above", "Answers with a wick in their direction"),
        ("answers.band.high.above", "Answers at confidence 0.85 or more"),
        ("answers.regime.RANGING_QUIET_LONG.above", "LONG answers in RANGING_QUIET"),
        ("answers.setup.SHORT_MIXED.above", "SHORT_MIXED answers"),
        ("trades.direction.SHORT.above", "SHORT entries"),
        ("trades.wick.absent.above", "Entries without a wick in their direction"),
        ("trades.timeframes.agree.above", "Entries with both ribbons of one colour"),
        ("trades.timeframes.apart.above", "Entries with ribbons not of one colour"),
        ("trades.band.high.above", "Entries at confidence 0.85 or more"),
        ("trades.band.medium.above", "Entries at confidence 0.75 to 0.85"),
        ("trades.band.low.above", "Entries at confidence below 0.75"),
        ("trades.pattern.mixed_red.above", "Entries at a 5-minute ribbon that is mixed_red"),
        ("trades.regime.BULLISH_TRENDING_LONG.above", "LONG entries in BULLISH_TRENDING"),
        ("wicks.regime.BULLISH_TRENDING_LONG.above", "Wicks taken LONG in BULLISH_TRENDING"),
        ("rule.regime.RANGING_QUIET_SHORT.above", "The entry rule's SHORT trades in RANGING_QUIET"),
        ("wicks.kind.WICK_DOWN_LONG.above", "Wicks down taken LONG"),
        ("wicks.kind.WICK_UP_SHORT.above", "Wicks up taken SHORT"),
        ("trades.setup.SHORT_BREAKOUT_MIXED.above", "SHORT_BREAKOUT_MIXED"),
        ("setups.setup.SHORT_MIXED.above", "SHORT_MIXED taken every time with the standard exits"),
        ("rule.setup.SHORT_MIXED.above", "SHORT_MIXED in the entry rule's backtest"),
    ],
)
def test_groups_in_words(id_, words):
    assert subject(parse_id(id_)) == words


def test_no_two_questions_are_put_in_the_same_words():
    found = {}
    for hypothesis in every_hypothesis():
        found.setdefault(f"{subject(hypothesis)} {claim_words(hypothesis)}", []).append(hypothesis.id)
    assert [ids for ids in found.values() if len(ids) > 1] == []
    assert {claim_words(h) for h in every_hypothesis() if h.stream == "trades"} == {
        "gain after costs",
        "lose after costs",
        "do better than all others",
    }


@pytest.mark.parametrize(
    "more",
    [{}, {"large_since": None}, {"status": "candidate"}, *({"status": "ended", "why": why} for why in ENDS)],
)
def test_every_sentence_is_ascii_with_n_interval_and_net_effect(more):
    for hypothesis in every_hypothesis():
        found = lesson(hypothesis.id, **more)
        assert re.search(r"n=212 in 180 (ep|pairs), ", found.statement), found.statement
        assert "+0.071 % [0.012 to 0.131]" in found.statement
        assert found.statement.isascii() and found.statement.endswith(".") and "\n" not in found.statement
        assert ",:" not in found.statement and "  " not in found.statement
        assert ("pairs" in found.statement) == (hypothesis.claim == "beats")
        assert ("break-even 54.2 %" in found.statement) == (hypothesis.stream != "held")


@pytest.mark.parametrize("canary", ["IGNORE_ALL_RULES", "LONG ignore all rules", "\u2603", ""])
def test_what_a_file_called_a_group_is_never_said(canary):
    for stream in STREAMS:
        for family in FAMILIES[stream]:
            for claim in ASKED[stream]:
                id_ = f"{stream}.{family}.{canary}.{claim}"
                with pytest.raises(ValidationError, match="is no hypothesis"):
                    Lesson.model_validate(lesson().model_dump() | {"id": id_, "value": canary})
                made = lesson().model_copy(update={"id": id_, "value": canary})
                with pytest.raises(ValueError, match="is no hypothesis"):
                    statement(made)


def test_what_the_fields_hold_beyond_the_id_is_not_said():
    made = lesson().model_copy(
        update={"value": "CANARY", "family": "CANARY", "stream": "CANARY", "trades": ["CANARY"]}
    )
    assert "CANARY" not in statement(made)
    assert "unknown" in statement(lesson().model_copy(update={"since": "CANARY"}))


def test_missing_figures_are_unknown_and_not_zero():
    nothing = dict.fromkeys(
        ("net_mean_pct", "net_low_pct", "net_high_pct", "win_rate", "win_rate_low", "breakeven_win_rate")
    )
    words = evidence_words(candidate("trades.direction.LONG.above", **nothing))
    assert words == (
        "n=212 in 180 ep, unknown won [no interval], break-even unknown, mean unknown % [no interval]"
    )


def test_what_is_still_needed():
    one = candidate("trades.direction.LONG.above")
    assert needed_words(one) == "an edge of 0.05 % takes about 120 more episodes, about 9 days"
    assert needed_words(one.model_copy(update={"more_days": None})).endswith(
        "more episodes, at no rate that is known yet"
    )
    assert needed_words(one.model_copy(update={"more_episodes": 0})) == (
        "an edge of 0.05 % would usually have shown by now"
    )
    assert needed_words(one.model_copy(update={"more_episodes": None})) == ""


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.0, "1 day"),
        (1.0, "1 day"),
        (1.4, "1 day"),
        (1.6, "2 days"),
        (45.3, "45 days"),
        (3650.0, "3,650 days"),
        (4000.0, "4,000 days"),
    ],
)
def test_days_roughly(days, words):
    assert days_words(days) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(45.3, "about 45 days"), (3650.0, "about 3,650 days"), (3650.1, "more than ten years")],
)
def test_days_that_lie_ahead(days, words):
    assert rough_days(days) == words
    assert needed_words(candidate(more_days=days)).endswith(f" more pairs, {words}")
    assert needed_short(candidate(more_days=days)).endswith(f", {words.removeprefix('about ')}")


def test_a_lesson_whose_evidence_has_weakened_says_so():
    assert (
        "proven since 2025-10-12 09:30Z, though its evidence has weakened since, shrunk towards zero"
        in lesson(evidence=0.999).statement
    )
    assert "weakened" not in lesson(evidence=1.0).statement


def test_one_whose_newest_interval_holds_zero_was_proven():
    told = lesson(
        "trades.direction.LONG.below", evidence=0.9, net_low_pct=-0.067, net_high_pct=0.001
    ).statement
    assert told.startswith(
        "Was proven on 2025-10-12 09:30Z, but by now its interval holds 0: LONG entries lose after costs; n=212 in 180 ep, "
    )
    assert told.endswith("], shrunk towards zero -0.062 % an episode.") and "since" not in told
    small = lesson(net_low_pct=0.0, large_since=None).statement
    assert small.startswith("Was proven, but small, on 2025-10-12 09:30Z, but by now its interval holds 0: ")
    assert "proven since" in lesson(net_low_pct=0.001).statement and "holds 0" not in lesson().statement
