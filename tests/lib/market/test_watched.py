"""The exit of a trade that is watched: the batch's exit at the moment it is known, or what a sample shows when it comes."""

from __future__ import annotations

import numpy as np
import pytest

from lib.market.exits import ExitRule, PricePath, find_exit
from lib.market.readings import instant
from lib.market.watched import OpenTrade, exit_on_candles, exit_on_samples
from tests.builders import at, candles, flat, known_until, random_market, samples


def trade(direction="LONG", minute=0.0, price=100.0, reverses=False):
    sign = 1.0 if direction == "LONG" else -1.0
    return OpenTrade(direction, sign, instant(at(minute)), price, ExitRule(), reverses)


def path_of(market):
    return PricePath.of(market.candles_1min, market.candles_5min, market.samples_5min)


def states_of(market):
    return market.samples_5min["state"].to_numpy(object)


@pytest.mark.parametrize("seed", [0, 1])
def test_watching_finds_what_the_whole_history_finds_when_it_is_known(seed):
    market = random_market(seed, count=36)
    whole = path_of(market)
    for row in range(20, 150, 31):
        minute = (row + 1) / 2
        watched = trade("LONG" if row % 2 else "SHORT", minute, float(market.samples_5min["price"].iloc[row]))
        final = find_exit(whole, watched.sign, watched.entry_at, watched.entry_price)
        assert final is not None
        for later in np.arange(minute, 60 + minute, 0.5):
            known = known_until(market, later)
            found = exit_on_candles(watched, path_of(known), states_of(known))
            if found:
                break
        assert found == final
        assert instant(at(later)) == final.at


def test_on_samples_the_first_one_at_a_level_counts():
    path = PricePath.of(
        flat(0), flat(0), samples([(0.5, 100.1, "mixed"), (1, 100.4, "mixed"), (2, 99.0, "mixed")])
    )
    found = exit_on_samples(trade(), path, np.array(["mixed"] * 3, dtype=object))
    assert (found.reason, found.at) == ("TP_HIT", instant(at(1)))
    assert found.price == pytest.approx(100.3)
    short = exit_on_samples(trade("SHORT"), path, np.array(["mixed"] * 3, dtype=object))
    assert (short.reason, short.price) == ("SL_HIT", pytest.approx(100.15))


def test_a_candle_counts_where_it_reached_a_level_between_samples():
    seen = samples([(minute, 100.0, "mixed") for minute in range(1, 12)])
    path = PricePath.of(flat(0), candles([(100, 100, 100, 100), (100, 100, 99.8, 100)]), seen)
    found = exit_on_samples(trade(minute=1.0), path, np.array(["mixed"] * 11, dtype=object))
    assert (found.reason, found.at) == ("SL_HIT", instant(at(10)))


def test_the_time_exit_is_due_at_the_first_sample_after_it():
    seen = samples(
        [(1, 100.0, "mixed"), (49.9, 100.01, "mixed"), (50.5, 100.02, "mixed"), (51, 100.03, "mixed")]
    )
    path = PricePath.of(flat(0), flat(0), seen)
    found = exit_on_samples(trade(minute=1.0), path, np.array(["mixed"] * 4, dtype=object))
    assert (found.reason, found.price, found.at) == ("TIME_EXIT", 100.02, instant(at(50.5)))


def test_the_opposite_ribbon_ends_a_trade_that_reverses_and_no_other():
    states = np.array(["all_green", "all_red", "all_red"], dtype=object)
    path = PricePath.of(flat(0), flat(0), samples([(minute, 100.01, "mixed") for minute in (1, 2, 3)]))
    for judge in (exit_on_samples, exit_on_candles):
        found = judge(trade(reverses=True), path, states)
        assert (found.reason, found.at, found.price) == ("RIBBON_REVERSAL", instant(at(2)), 100.01)
        assert judge(trade(), path, states) is None
        assert judge(trade("SHORT", reverses=True), path, states).at == instant(at(1))
