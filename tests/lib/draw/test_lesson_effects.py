from __future__ import annotations

from lib.draw.lesson_effects import show_lesson_effects, since_sentence
from tests.lib.history.test_report import effect


def test_what_followed_each_lesson():
    (row,) = show_lesson_effects([effect()]).frame.to_dict(orient="records")
    assert row == {
        "lesson": "SHORT entries lose after costs",
        "proven and large enough": "2025-10-09T12:00 to now",
        "own trades since": "better",
        "before": "−0.021 % (n 40)",
        "since": "+0.050 % (n 52)",
        "difference (95 % Welch)": "+0.071 % (n 40 and 52, +0.011 to +0.132)",
        "difference, its own group": "– (n 11 and 0, no interval)",
    }
    ended = show_lesson_effects([effect(until="2025-10-10T00:00:00Z")])
    assert ended.frame["proven and large enough"].tolist() == ["2025-10-09T12:00 to 2025-10-10T00:00"]
    assert "nothing to show" in repr(show_lesson_effects([]))


def test_what_followed_all_of_them_is_one_sentence():
    assert since_sentence([]) == ""
    found = [effect(verdict=verdict) for verdict in ("better", "worse", "worse", "too few")]
    assert since_sentence(found) == (
        "Since 4 lessons were proven and large enough, own trades were better after 1 and worse after 2."
    )
    assert since_sentence(found[:1]).startswith("Since 1 lesson was proven and large enough, own trades")
