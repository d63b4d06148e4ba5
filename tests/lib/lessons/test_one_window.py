"""Which lesson to act on one window's figure of the same group contradicts."""

from __future__ import annotations

import pytest

from lib.lessons.one_window import opposed
from tests.lib.lessons.made_lessons import candidate, lesson

GREEN = "LONG_BOTH_GREEN"


@pytest.mark.parametrize(
    ("id_", "group", "mean", "against"),
    [
        (f"answers.setup.{GREEN}.above", GREEN, -0.01, True),
        (f"answers.setup.{GREEN}.above", GREEN, 0.01, False),
        (f"answers.setup.{GREEN}.above", GREEN, 0.0, False),
        (f"answers.setup.{GREEN}.above", GREEN, None, False),
        (f"answers.setup.{GREEN}.above", "LONG_BREAKOUT_BOTH_GREEN", -0.01, False),
        (f"rule.setup.{GREEN}.beats", GREEN, -0.01, False),  # better than others may be a loss
        ("trades.direction.SHORT.below", "SHORT", 0.01, True),
        ("trades.direction.SHORT.below", "SHORT", -0.01, False),
        ("wicks.kind.WICK_DOWN_LONG.above", "WICK_DOWN_LONG", -0.01, True),
        ("trades.pattern.mixed.above", "mixed", -0.01, False),
    ],
)
def test_the_same_group_and_the_other_sign(id_, group, mean, against):
    found = lesson(id_)
    assert opposed([lesson("trades.direction.LONG.above"), found], group, mean) == (
        found if against else None
    )


def test_only_lessons_to_act_on_count():
    asked = f"answers.setup.{GREEN}.above"
    for other in (
        candidate(asked),
        lesson(asked, consequence="too_small"),
        lesson(asked, consequence="threshold"),
    ):
        assert opposed([other], GREEN, -0.01) is None
