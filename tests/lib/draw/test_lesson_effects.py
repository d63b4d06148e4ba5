from __future__ import annotations

import pytest

from lib.draw.lesson_effects import lesson_effects_rows, since_words
from lib.history.lesson_effects import VERDICTS
from tests.lib.history.test_report import effect


def test_what_became_of_each_lesson():
    shown = lesson_effects_rows([effect(), effect(verdict="turned")], "held", caption="Went on as they said")
    assert repr(shown) == (
        "Went on as they said (1)\n  - SHORT entries lose after costs. Proven 2025-10-09 12:00. "
        "Since then −⁠0.071 % on average (n 52 episodes, −0.132 to −0.011 %)."
    ).replace("⁠", "")
    assert "the interval −0.132 to −0.011 below zero" in shown._repr_html_()
    end = {"until": "2025-10-10T00:00:00Z", "ended": "no longer true"}
    ended = effect(verdict="too few", id="trades.wick.present.beats", low_pct=None, high_pct=None, **end)
    unsure = lesson_effects_rows(
        [ended, effect(verdict="not told apart")], "not told apart", "too few", caption="?"
    )
    assert [line.interval is None for line in unsure.lines] == [False, True], "what ended comes last"
    assert (
        unsure.lines[1].standing
        == "Proven 2025-10-09 12:00, ended 2025-10-10 00:00 after a run of trades against it"
    )
    assert "(n 52 pairs, no interval)" in unsure.lines[1].figures
    assert unsure._repr_html_().count('role="img"') == 1
    assert lesson_effects_rows([effect()], "turned", caption="Turned") is None


def test_where_the_caption_says_no_verdict_each_card_does():
    end = {"until": "2025-10-10T00:00:00Z", "ended": "no longer true"}
    unsure = effect(verdict="not told apart", **end)
    effects = [effect(**end), effect(verdict="not told apart"), effect(verdict="turned"), effect(), unsure]
    shown = lesson_effects_rows(effects, caption="Told to Claude now")
    assert [line.standing.removeprefix("Proven 2025-10-09 12:00, ") for line in shown.lines] == [
        "too early to say",
        "turned",
        "went on as it said",
        *["ended 2025-10-10 00:00 after a run of trades against it"] * 2,
    ]
    assert shown.lines[0].figures.startswith("Since then ") and shown.lines[-1].figures.startswith(
        "From proof to end "
    )


def test_a_lesson_that_stands_and_is_not_told_says_why():
    end = {"until": "2025-10-10T00:00:00Z", "ended": "no longer true"}
    effects = [
        effect(),
        effect(id="trades.wick.absent.below", **end),
        effect(id="trades.direction.LONG.above"),
    ]
    why = dict.fromkeys(("trades.direction.SHORT.below", "trades.wick.absent.below"), "it is too small")
    shown = lesson_effects_rows(effects, "held", caption="Not told", why=why)
    assert [line.needs for line in shown.lines] == ["Not told: it is too small.", "", ""]
    assert (
        shown._repr_html_().count("Not told: it is too small.") == repr(shown).count("it is too small") == 1
    )


def test_of_many_the_first_are_shown_and_the_rest_folded():
    many = lesson_effects_rows([effect()] * 8, "held", caption="Went on")
    assert "<summary>More (2)</summary>" in many._repr_html_() and "(8)" in many._repr_html_()


def counts(*numbers: int) -> dict[str, int]:
    return dict(zip(VERDICTS, numbers, strict=True))


@pytest.mark.parametrize(
    ("verdicts", "ended", "said"),
    [
        ({}, 0, ""),
        (counts(0, 0, 0, 0), None, ""),
        # Of an older version, which compared all own trades before and since.
        ({"better": 1, "worse": 5, "not told apart": 3, "too few": 0}, 2, ""),
        (
            counts(9, 1, 4, 1),
            5,
            "Of 15 lessons ever proven and large enough, 9 went on as they said in the trades since, 1 turned, 4 cannot be told, "
            "1 has too few. 5 of them have ended since.",
        ),
        (
            counts(0, 0, 2, 0),
            None,
            "Of 2 lessons ever proven and large enough, none went on as it said in the trades since, none turned, 2 cannot be told.",
        ),
        (
            counts(1, 0, 0, 0),
            0,
            "1 lesson was ever proven and large enough; by the trades since it went on as it said.",
        ),
        (
            counts(0, 1, 0, 0),
            1,
            "1 lesson was ever proven and large enough; by the trades since it turned. It has ended since.",
        ),
    ],
)
def test_what_became_of_all_of_them_in_a_sentence(verdicts, ended, said):
    assert since_words(verdicts, ended) == said


@pytest.mark.parametrize(
    ("ended", "no_longer_true", "said"),
    [
        (
            3,
            2,
            ", none turned. 3 of them have ended since, 2 of these after a run of trades against the lesson, "
            "which ends even one that was right on the whole.",
        ),
        (
            1,
            1,
            ", none turned. 1 of them has ended since, after a run of trades against the lesson, "
            "which ends even one that was right on the whole.",
        ),
        (3, 0, ", none turned. 3 of them have ended since."),
        (0, 0, ", none turned."),
    ],
)
def test_how_many_ended_as_no_longer_true_is_said_beside_those_that_went_on(ended, no_longer_true, said):
    assert since_words(counts(4, 0, 0, 0), ended, no_longer_true).endswith(said)
