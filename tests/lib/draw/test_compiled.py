from __future__ import annotations

import math

from lib.draw.compiled import show_weeks
from lib.learning.trends import weekly
from tests.lib.learning.test_history import FIRST, SECOND, cycle


def test_weeks_have_their_lessons():
    one = cycle(FIRST, [0.1], [0.1], []).model_copy(update={"evidence": None})
    two = cycle(SECOND, [0.1], [0.2], [one])
    two = two.model_copy(update={"evidence": two.evidence.model_copy(update={"active": 2, "nearest": 0.416})})
    (row,) = show_weeks(weekly([one, two])).frame.to_dict(orient="records")
    assert (row["active lessons"], row["nearest candidate"]) == ("2", "0.42")
    (row,) = show_weeks(weekly([one])).frame.to_dict(orient="records")
    assert (row["active lessons"], row["nearest candidate"]) == ("–", "–")
    assert math.isnan(weekly([one])["active_lessons"].iloc[0])
