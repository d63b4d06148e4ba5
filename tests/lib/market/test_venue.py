"""Ribbon and price of one venue or of two: what the fastest line is made of."""

from __future__ import annotations

import numpy as np
import pytest

from lib.market.venue import closed_value, fits, is_another_venue, is_far, price_distance


def two_bars(period: int, factor: float, seed: int, decimals: int = 2, scale: float = 2500.0):
    """Price and line as a chart shows them over two bars of 30 readings, the line made of `factor` times the price."""
    random = np.random.default_rng(seed)
    price = np.round(scale * np.exp(np.cumsum(random.normal(0, 0.0003, 60))), decimals)
    alpha = 2 / (period + 1)
    start = scale * 1.002 * factor
    closed = start + alpha * (price[29] * factor - start)
    line = np.where(
        np.arange(60) < 30,
        start + alpha * (price * factor - start),
        closed + alpha * (price * factor - closed),
    )
    pairs = np.column_stack([price, np.round(line, decimals)])
    return pairs[:30], float(price[29]), pairs[30:]


@pytest.mark.parametrize("period", [5, 10, 30])
@pytest.mark.parametrize("factor", [1.0, 1.0005, 0.9995, 1.01])
def test_the_distance_is_found(period, factor):
    before, close, within = two_bars(period, factor, seed=period)
    distance = price_distance(before, close, within, period)
    assert distance == pytest.approx(2500 * (factor - 1), abs=0.01 * (period + 1), rel=0.01)
    assert is_another_venue(distance, 2500.0, 0.01, period) == (factor != 1.0)


def test_the_same_venue_is_never_taken_for_another():
    found = []
    for seed in range(300):
        before, close, within = two_bars(5, 1.0, seed)
        # The study is late in a third of the readings, and the close is a few ticks off.
        late = np.arange(1, 30, 3)
        within[late, 1] = within[late - 1, 1]
        found.append(price_distance(before, close + 0.05, within, 5))
    assert not any(is_another_venue(distance, 2500.0, 0.01, 5) for distance in found)


def test_a_cheap_market_with_few_decimals_is_not_taken_for_another():
    for seed in range(100):
        before, close, within = two_bars(5, 1.0, seed, decimals=4, scale=0.52)
        assert not is_another_venue(price_distance(before, close, within, 5), 0.52, 0.0001, 5)


def test_too_few_readings_say_nothing():
    before, close, within = two_bars(5, 1.01, 1)
    assert price_distance(before[:2], close, within, 5) is None
    assert price_distance(before, close, within[:5], 5) is None
    assert price_distance(before[:3], close, within[:6], 5) is not None


def test_the_value_at_the_last_close_is_the_same_in_every_reading_of_a_bar():
    for period in (5, 90):
        alpha = 2 / (period + 1)
        for price in (1_800.0, 2_400.0, 2_500.0, 3_100.0):
            line = round(2_450.0 + alpha * (price - 2_450.0), 2)
            found = closed_value(price, line, period)
            assert fits(found, 2_450.0, price, 0.01, period)
            assert not fits(found, 2_450.0 * 1.001, price, 0.01, period)


def test_another_market_is_far():
    assert is_far(2500.0, 65000.0)
    assert not is_far(2500.0, 2400.0)
