from __future__ import annotations

import math

from lib.draw.compiled import show_lesson_effects, show_weeks
from lib.learning.trends import weekly
from tests.lib.learning.test_history import FIRST, SECOND, cycle
from tests.lib.learning.test_history_report import effect


def test_what_followed_each_lesson():
    (row,) = show_lesson_effects([effect()]).frame.to_dict(orient="records")
    assert row == {
        "lesson": "SHORT entries lose after costs",
        "active": "2025-10-09T12:00 to now",
        "own trades since": "better",
        "before": "−0.021 % (n 40)",
        "since": "+0.050 % (n 52)",
        "difference (95 % Welch)": "+0.071 % (n 40 and 52, +0.011 to +0.132)",
        "difference, its own group": "– (n 11 and 0, no interval)",
    }
    ended = show_lesson_effects([effect(active_until="2025-10-10T00:00:00Z")])
    assert ended.frame["active"].tolist() == ["2025-10-09T12:00 to 2025-10-10T00:00"]
    assert "nothing to show" in repr(show_lesson_effects([]))


def test_weeks_have_their_lessons():
    one = cycle(FIRST, [0.1], [0.1], []).model_copy(update={"evidence": None})
    two = cycle(SECOND, [0.1], [0.2], [one])
    two = two.model_copy(update={"evidence": two.evidence.model_copy(update={"active": 2, "nearest": 0.416})})
    (row,) = show_weeks(weekly([one, two])).frame.to_dict(orient="records")
    assert (row["active lessons"], row["nearest candidate"]) == ("2", "0.42")
    (row,) = show_weeks(weekly([one])).frame.to_dict(orient="records")
    assert (row["active lessons"], row["nearest candidate"]) == ("–", "–")
    assert math.isnan(weekly([one])["active_lessons"].iloc[0])
