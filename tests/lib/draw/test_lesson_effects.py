from __future__ import annotations

import pytest

from lib.draw.lesson_effects import show_lesson_effects, since_words
from lib.history.lesson_effects import VERDICTS
from tests.lib.history.test_report import effect


def test_what_became_of_each_lesson():
    (row,) = show_lesson_effects([effect(), effect(verdict="turned")], "held").frame.to_dict(orient="records")
    assert row == {
        "lesson": "SHORT entries lose after costs",
        "proven and large enough": "2025-10-09 12:00",
        "ended": "–",
        "n since": "52 episodes",
        "net mean since": "−0.071 %",
        "95 %": "−0.132 to −0.011",
    }
    end = {"until": "2025-10-10T00:00:00Z", "ended": "no longer true"}
    ended = effect(verdict="too few", id="trades.wick.present.beats", low_pct=None, high_pct=None, **end)
    (row,) = show_lesson_effects([ended], "not told apart", "too few").frame.to_dict(orient="records")
    assert row["ended"] == "2025-10-10 00:00, after a bad stretch"
    assert (row["n since"], row["95 %"]) == ("52 pairs", "no interval")
    assert show_lesson_effects([effect()], "turned") is None


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
        (3, 2, ", none turned. 3 of them have ended since, 2 after a bad stretch."),
        (1, 1, ", none turned. 1 of them has ended since, after a bad stretch."),
        (3, 0, ", none turned. 3 of them have ended since."),
        (0, 0, ", none turned."),
    ],
)
def test_how_many_ended_as_no_longer_true_is_said_beside_those_that_went_on(ended, no_longer_true, said):
    assert since_words(counts(4, 0, 0, 0), ended, no_longer_true).endswith(said)
