from __future__ import annotations

import numpy as np
import pytest

from lib.market.exits import PricePath
from lib.market.known_path import known_path
from lib.market.readings import instant
from tests.builders import START, at, known_until, random_market


def path_of(market) -> PricePath:
    return PricePath.of(market.candles_1min, market.candles_5min, market.samples_5min)


@pytest.mark.parametrize("minutes", [60, 65, 240])
def test_it_is_the_path_of_what_was_known_then(minutes):
    market = random_market(4, gaps=4)
    found = known_path(path_of(market), instant(START), instant(at(minutes)))
    for name, values in vars(path_of(known_until(market, minutes))).items():
        np.testing.assert_array_equal(getattr(found, name), values, err_msg=name)
    assert found.closes_at[-1] <= instant(at(minutes)) and len(found.sample_at)


def test_what_was_known_by_its_beginning_is_not_in_it():
    found = known_path(path_of(random_market(4)), instant(at(30)), instant(at(60)))
    assert found.closes_at[0] == found.opens[0] + 60_000_000 == instant(at(31))
    assert (found.bar_closes_at[0], len(found.bar_close)) == (instant(at(35)), 6)
    assert found.sample_at[0] == instant(at(30.5))
    # What lies before its first candle is a gap.
    assert found.gaps[0].tolist() == [0]
