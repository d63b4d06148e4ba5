"""Where a lesson's condition holds, at a tick of a made market."""

from __future__ import annotations

import numpy as np
import pytest

from lib.experiments.condition import condition_holds
from lib.lessons.hypotheses import hypothesis_of
from lib.market.readings import instant
from lib.market.setups import SetupReadings
from tests.builders import random_market

MARKET = random_market(5, count=60)
AT = [instant(time) for time in MARKET.candles_5min["closed_at"].iloc[30:]]


def with_wicks():
    """The candles, two of which have a wick: one down, one up."""
    candles = MARKET.candles_5min.copy()
    for row, column, factor in ((35, "low", 0.995), (45, "high", 1.005)):
        candles.iloc[row, candles.columns.get_loc(column)] = (
            candles.iloc[row][["open", "close"]].mean() * factor
        )
    return candles


CANDLES = with_wicks()


def holds(name: str) -> list[bool]:
    frames = CANDLES, MARKET.samples_5min, MARKET.samples_15min
    return [condition_holds(hypothesis_of(name), at, *frames) for at in AT]


@pytest.mark.parametrize(
    "name",
    [
        "trades.all.trades.above",
        "answers.from_85.up.above",
        "trades.direction.LONG.above",
        "trades.band.high.above",
        "questions.question.falls-0123abcd-7.above",
    ],
)
def test_what_only_the_answer_tells_is_asked_everywhere(name):
    assert all(holds(name))


def test_a_ribbon_pattern_holds_where_the_ribbon_is_so():
    readings = SetupReadings.of(CANDLES, MARKET.samples_5min, MARKET.samples_15min)
    states = readings.describe(np.array(AT), np.ones(len(AT), dtype=bool)).state_5min
    for state in ("all_green", "all_red", "mixed"):
        assert holds(f"trades.pattern.{state}.above") == [found == state for found in states]


def test_of_a_regime_either_side_counts():
    either = [holds(f"trades.regime.RANGING_QUIET_{side}.above") for side in ("LONG", "SHORT")]
    assert either[0] == either[1]


def test_a_wick_of_a_kind_holds_only_where_there_is_one():
    present, down, up = (
        holds(name)
        for name in (
            "trades.wick.present.above",
            "wicks.kind.WICK_DOWN_LONG.above",
            "wicks.kind.WICK_UP_SHORT.above",
        )
    )
    assert [one or other for one, other in zip(down, up, strict=True)] == present
    assert any(down) and any(up) and not all(present)
