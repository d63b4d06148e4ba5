"""Where a lesson's condition holds: the ticks at which an experiment about it may begin a block."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.lessons.hypotheses import QUESTION, THRESHOLDS, Hypothesis
from lib.lessons.streams.attributes import group_words
from lib.lessons.streams.models import Candidate
from lib.market.setups import SetupReadings

#: Families that only the answer tells, or that frames alone do not: whoever asks about them asks everywhere.
_OF_THE_ANSWER = {"all", "band", "direction", "hold", QUESTION, *THRESHOLDS}


def condition_holds(
    lesson: Hypothesis,
    at: int,
    candles_5min: pd.DataFrame,
    samples_5min: pd.DataFrame,
    samples_15min: pd.DataFrame,
) -> bool:
    """Whether an entry at the tick `at` (microseconds), LONG or SHORT, would belong to the lesson's group.

    The frames are what was known then: closed candles of two hours and more (a regime is of 24), the samples around the tick.
    """
    if lesson.family in _OF_THE_ANSWER:
        return True
    readings = SetupReadings.of(candles_5min, samples_5min, samples_15min)
    both = [Candidate(at, None, direction, "", 0.0, 0.0, 0.0) for direction in ("LONG", "SHORT")]
    triggers = readings.triggers.at(np.array([at, at], dtype=np.int64), np.array([True, False]))
    for one, trigger, words in zip(both, triggers, group_words(both, readings), strict=True):
        wick = f"{trigger}_{one.direction}" if trigger in ("WICK_DOWN", "WICK_UP") else ""
        if lesson.stream == "wicks" and not wick:
            continue
        if (words | {"kind": wick})[lesson.family] == lesson.value:
            return True
    return False
