from __future__ import annotations

import pandas as pd
import pytest

from lib.analysis.actual_trades import confidence_bands
from lib.analysis.sentences import BANDS
from lib.lessons.hypotheses import THRESHOLDS
from lib.lessons.streams.attributes import thresholds_reached
from lib.lessons.threshold import _BAND_ABOVE, confidence_threshold, threshold_lesson
from tests.lib.lessons.made_lessons import candidate, lesson


def up(level: int, **more):
    return lesson(f"answers.from_{level}.up.above", **({"consequence": "threshold"} | more))


def losing(band: str, **more):
    return lesson(f"answers.band.{band}.below", **more)


def test_it_is_the_smallest_that_is_proven():
    assert confidence_threshold([]) is None
    assert confidence_threshold([candidate("answers.from_70.up.above")]) is None
    found = [candidate("answers.from_70.up.above"), up(85), up(75)]
    assert confidence_threshold(found) == 0.75 and threshold_lesson(found).id == "answers.from_75.up.above"


def test_it_is_none_again_when_its_lesson_has_ended():
    assert confidence_threshold([up(80, status="ended", why="no_longer")]) is None
    assert confidence_threshold([up(80, status="ended", why="no_longer"), up(90)]) == 0.90


@pytest.mark.parametrize(
    ("band", "left"),
    [("low", 0.75), ("medium", 0.70), ("high", 0.70)],
)
def test_a_band_just_above_that_loses_speaks_against_it(band, left):
    assert confidence_threshold([up(level) for level in (70, 75, 80, 85, 90)] + [losing(band)]) == left


def test_both_thresholds_of_a_band_fall_with_it():
    middle = [up(75), up(80), up(90)]
    assert confidence_threshold([*middle, losing("medium")]) == 0.90
    assert confidence_threshold([*middle, losing("medium", consequence="restates_costs")]) == 0.90
    ended = lesson("answers.band.medium.below", status="ended", why="expired")
    own = lesson("trades.band.medium.below")
    assert confidence_threshold([*middle, ended, own, candidate("answers.band.medium.below")]) == 0.75


def test_one_that_a_person_vetoed_is_passed_over():
    assert (
        confidence_threshold([up(70, vetoed=True, consequence="withheld", withheld="veto"), up(80)]) == 0.80
    )


def test_the_band_above_each_threshold_is_the_one_that_holds_it():
    names = confidence_bands(pd.Series(list(THRESHOLDS.values())))
    bands = {name: BANDS[band][0] for name, band in zip(THRESHOLDS, names, strict=True)}
    assert bands == _BAND_ABOVE


def test_sums_of_tenths_reach_their_threshold():
    assert thresholds_reached(0.6 + 0.1 + 0.1) == {
        "from_70": "up",
        "from_75": "up",
        "from_80": "up",
        "from_85": "",
        "from_90": "",
    }
    assert set(thresholds_reached(float("nan")).values()) == {""}
