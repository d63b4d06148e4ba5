from __future__ import annotations

from lib.draw.lesson_effects import show_lesson_effects, since_words, told_apart
from tests.lib.history.test_report import effect


def test_what_followed_each_lesson():
    (row,) = show_lesson_effects([effect()]).frame.to_dict(orient="records")
    assert row == {
        "lesson": "SHORT entries lose after costs",
        "proven and large enough": "2025-10-09 12:00 to now",
        "own trades since": "better",
        "before": "−0.021 % (n 40)",
        "since": "+0.050 % (n 52)",
        "difference (95 % Welch)": "+0.071 % (n 40 and 52, +0.011 to +0.132)",
        "difference, its own group": "– (n 11 and 0, no interval)",
    }
    ended = show_lesson_effects([effect(until="2025-10-10T00:00:00Z")])
    assert ended.frame["proven and large enough"].tolist() == ["2025-10-09 12:00 to 2025-10-10 00:00"]
    assert "nothing to show" in repr(show_lesson_effects([]))


def test_lessons_that_are_told_apart_stand_for_themselves():
    found = [effect(verdict=verdict) for verdict in ("better", "not told apart", "worse", "too few")]
    assert [one.verdict for one in told_apart(found)] == ["better", "worse"]
    assert [one.verdict for one in told_apart(found, False)] == ["not told apart", "too few"]


def test_what_became_of_all_of_them_and_who_does_not_read_them():
    assert since_words({}, 0, 0) == "" == since_words({"better": 0}, None, None)
    assert since_words({"better": 1, "worse": 2, "too few": 1}, 1, 1, "live") == (
        "4 lessons were ever proven and large enough: 1 is told now, 1 ended, 2 are no advice (restating costs, too small, or withheld). "
        "Since each was, own trades were better after 1, worse after 2, too few yet to tell after 1."
    )
    unknown = since_words({"not told apart": 1}, None, None)
    assert unknown == (
        "1 lesson was ever proven and large enough. Since each was, own trades were better after 0, worse after 0, not told apart after 1."
    )
    for kind, who in (("simulated", "The simulated trader"), ("rules", "The rule decider")):
        assert since_words({"better": 1}, 1, 0, kind).endswith(
            f"{who} reads no lessons, so this says nothing of whether telling them helps."
        )
