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


@pytest.mark.parametrize(
    ("ones", "seen", "expected"),
    [
        # Candles and samples until 3, then nothing until a sample beyond the stop at 99.85.
        (3, [(3, 100.0), (8.2, 99.5), (8.4, 99.4)], (8.2, 99.5)),
        # Not beyond it: passed after the hole.
        (3, [(3, 100.0), (8.2, 99.9), (8.4, 99.4)], (8.4, 99.85)),
        # Samples that follow one another, and a candle that is not written yet.
        (3, [(3, 100.0), (4.0, 100.0), (4.1, 99.5)], (4.1, 99.85)),
        # Candles on both sides of half a minute without a sample.
        (8, [(7.7, 100.0), (8.2, 99.5)], (8.2, 99.85)),
        # No candle at all: ten minutes without a price hold a whole one.
        (0, [(3, 100.0), (13.0, 99.5)], (13, 99.5)),
        (0, [(3, 100.0), (3.9, 99.5)], (3.9, 99.85)),
    ],
)
def test_a_stop_passed_while_nothing_was_seen_fills_at_the_first_price_after(ones, seen, expected):
    path = PricePath.of(
        flat(ones, minutes=1), flat(0), samples([(minute, price, "mixed") for minute, price in seen])
    )
    found = exit_on_samples(trade(minute=2.0), path, np.array(["mixed"] * len(seen), dtype=object))
    minute, price = expected
    assert (found.reason, found.at, found.price) == ("SL_HIT", instant(at(minute)), pytest.approx(price))


def test_a_candle_after_the_hole_tells_the_first_price_after_it_where_no_sample_was_sooner():
    # Nothing from 3 to 10; the candle 10-11 opens at 99.6, the first sample is at 11.2.
    ones = candles([(100, 100, 100, 100)] * 3 + [None] * 7 + [(99.6, 99.7, 99.2, 99.3)], 1)
    path = PricePath.of(ones, flat(0), samples([(3, 100.0, "mixed"), (11.2, 99.3, "mixed")]))
    found = exit_on_samples(trade(minute=2.0), path, np.array(["mixed"] * 2, dtype=object))
    assert (found.reason, found.at, found.price) == ("SL_HIT", instant(at(11.2)), 99.6)
    batch = exit_on_candles(trade(minute=2.0), path, np.array(["mixed"] * 2, dtype=object))
    assert (batch.reason, batch.at, batch.price) == ("SL_HIT", instant(at(11)), 99.6)
