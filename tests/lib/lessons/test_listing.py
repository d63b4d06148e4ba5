from __future__ import annotations

import pytest

from lib.lessons.evidence import Snapshot
from lib.lessons.listing import lesson_text, lessons_text
from tests.lib.lessons.made_lessons import candidate, lesson, lessons

SUMMARY = {"proven": 1, "act_on": 1, "candidates": 138, "ended": 1}


def rows(text: str) -> list[str]:
    """Ids of the table's rows, in its order."""
    table = text.split("\n\n")[1]
    return [row.split()[0] for row in table.splitlines()[2:] if "." in row.split()[0] and "..." not in row]


def many() -> list:
    return [
        candidate("trades.wick.present.beats", evidence=0.4),
        candidate("trades.wick.absent.beats", evidence=0.6),
        lesson("trades.band.low.above", status="ended", why="no_longer", evidence=2.0),
        candidate("trades.band.high.above", evidence=0.1, pinned=True),
        lesson("trades.direction.LONG.above"),
    ]


def test_nothing_asked_yet_is_said_in_words():
    text = lessons_text(lessons(head="", trades=0, episodes=0, answers=0, candidates=110, hypotheses=110))
    assert text.startswith(
        "110 hypotheses asked of 0 own trades in 0 episodes, up to no hour yet: 0 to act on of 0 proven, 110 candidates"
    )
    assert text.endswith(
        "  - No lesson yet: n=0, no own trade is evidence yet (whole hours count, under the present terms); "
        "110 hypotheses wait for it.\n"
    )
    assert "\n\n" not in text


def test_proven_and_pinned_first_then_the_nearest():
    found = lessons(*many(), **SUMMARY)
    text = lessons_text(found)
    assert text.startswith(
        "140 hypotheses asked of 250 own trades in 213 episodes, up to 2025-10-19T15:00:00Z: "
        "1 to act on of 1 proven, 138 candidates, 1 ended.\n  - LONG entries gain after costs"
    )
    assert rows(text) == [
        "trades.direction.LONG.above",
        "trades.band.high.above",
        "trades.wick.absent.beats",
        "trades.wick.present.beats",
        "trades.band.low.above",
    ]
    assert "more: --all" not in text and text.isascii()


@pytest.mark.parametrize(("last", "hidden"), [(0, 3), (1, 2), (2, 1)])
def test_what_is_left_out_is_counted(last, hidden):
    text = lessons_text(lessons(*many(), **SUMMARY), last=last)
    assert len(rows(text)) == 2 + last
    assert text.endswith(f"  ... and {hidden} more: --all\n")
    assert rows(lessons_text(lessons(*many(), **SUMMARY), every=True, last=last)) == [
        "trades.direction.LONG.above",
        "trades.wick.absent.beats",
        "trades.wick.present.beats",
        "trades.band.high.above",
        "trades.band.low.above",
    ]


def row_of(one) -> str:
    return lessons_text(lessons(one)).split("\n\n")[1].splitlines()[2]


def test_a_row_by_hand():
    assert row_of(lesson()).split() == (
        [
            "trades.direction.LONG.above",
            "proven,",
            "act",
            "on",
            "212",
            "180",
            "+0.071",
            "[0.012",
            "to",
            "0.131]",
            "66.0",
            "%",
            "1.30",
        ]
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "120 pairs, 9 days"),
        ({"more_days": 0.3}, "120 pairs, 1 day"),
        ({"more_days": 1e6}, "120 pairs, more than ten years"),
        ({"more_days": None}, "120 pairs"),
        ({"id_": "trades.wick.present.above"}, "120 ep, 9 days"),
        ({"more_episodes": 0}, "enough seen for 0.05 %"),
        ({"more_episodes": None}, "0.40"),
    ],
)
def test_what_is_still_needed_in_a_row(more, words):
    assert row_of(candidate(**more)).rstrip().endswith(words)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"pinned": True}, "proven, act on, pinned "),
        (
            {"pinned": True, "vetoed": True, "consequence": "withheld", "withheld": "veto"},
            "proven, withheld by veto, pinned ",
        ),
        ({"large_since": None, "consequence": "too_small"}, "proven, too small "),
        ({"consequence": "restates_costs"}, "proven, restates costs "),
        ({"consequence": "withheld", "withheld": "contradiction"}, "proven, withheld by contradiction "),
        ({"status": "ended", "why": "no_longer"}, "ended, no longer true "),
        ({"status": "ended", "why": "expired"}, "ended, expired "),
        ({"status": "ended", "why": "shelved"}, "ended, shelved "),
        ({"status": "ended", "why": "person"}, "ended, by a person "),
        ({"status": "candidate", "why": "registered", "vetoed": True}, "candidate, vetoed "),
    ],
)
def test_marks_of_a_row(more, words):
    assert words in row_of(lesson(**more))


def standing(k: int) -> Snapshot:
    return Snapshot(
        id="trades.direction.LONG.above",
        k=k,
        registered=0,
        at=0,
        status="proven",
        why="evidence",
        since=0,
        proven=0,
        large=0,
        n=1,
        wins=1,
        episodes=1,
        mean=0.1,
        trade_mean=0.1,
        mean_gain=0.1,
        mean_loss=None,
        sd=0.16,
        log_e=0.0,
        doubt=1.0,
        beyond=0,
    )


def test_one_lesson_in_full():
    one = lesson(tempering=1.25, doubt=6.04, beyond_declared=2)
    changes = [
        ("start of the log", "candidate", "registered"),
        ("2025-10-12T09:30:00Z", "proven", "evidence"),
    ]
    assert lesson_text(one, [standing(21)], changes) == (
        f"{one.statement}\n"
        "  number 21, level 4.17e-04, evidence 1.30 of what that asks for (days hang together by a factor of 1.25)\n"
        "  mean per trade +0.070 %; shrunk towards zero +0.062 % an episode\n"
        "  losses beyond the declared worst: 2; doubt 6.0 (ends at 20)\n"
        "  rests on, newest first: d-17, d-16\n"
        "  start of the log  candidate (registered)\n"
        "  2025-10-12T09:30:00Z  proven (evidence)\n"
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {
                "consequence": "withheld",
                "withheld": "contradiction",
                "withheld_for": "trades.wick.present.below",
            },
            "not to be acted on: withheld by contradiction with trades.wick.present.below",
        ),
        ({"consequence": "restates_costs"}, "not to be acted on: restates costs"),
        ({"consequence": "too_small"}, "not to be acted on: too small"),
        (
            {"consequence": "withheld", "withheld": "veto", "vetoed": True},
            "not to be acted on: withheld by veto",
        ),
        ({"status": "candidate", "vetoed": True, "pinned": True}, "not told: vetoed"),
    ],
)
def test_why_it_is_not_told(more, words):
    assert f"  {words}\n" in lesson_text(lesson(**more), [standing(1)], [])
    plain = lesson_text(lesson(), [standing(1)], [])
    assert "not told" not in plain and "not to be" not in plain


def test_what_is_told_as_a_fact_says_so():
    found = lesson("trades.all.trades.below", consequence="restates_costs")
    for one in (found, found.model_copy(update={"pinned": True})):
        text = lesson_text(one, [standing(1)], [])
        assert "told as a fact, and not as advice" in text and "not told" not in text
    vetoed = found.model_copy(update={"vetoed": True, "consequence": "withheld", "withheld": "veto"})
    assert "  not to be acted on: withheld by veto\n" in lesson_text(vetoed, [standing(1)], [])


def test_what_it_still_needs_and_that_it_rests_on_nothing():
    text = lesson_text(candidate(trades=[]), [standing(1)], [])
    assert "  rests on, newest first: no trade\n" in text
    assert text.endswith("  an edge of 0.05 % takes about 120 more pairs, about 9 days\n")


@pytest.mark.parametrize(
    ("id_", "a_trade", "an_episode", "warned"),
    [
        ("trades.direction.LONG.above", -0.01, 0.02, True),
        ("trades.direction.LONG.above", 0.01, -0.02, True),
        ("trades.direction.LONG.above", -0.01, -0.02, False),
        ("trades.direction.LONG.above", None, 0.02, False),
        ("trades.direction.LONG.beats", -0.01, 0.02, False),  # a difference, not the group's own mean
    ],
)
def test_a_mean_per_trade_of_the_other_sign_is_pointed_out(id_, a_trade, an_episode, warned):
    one = lesson(id_, trade_mean_pct=a_trade, net_mean_pct=an_episode)
    assert ("differ in sign" in lesson_text(one, [standing(1)], [])) is warned
