"""Sizes and prices as a market takes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.market.costs import SIGN
from lib.market.exits import STANDARD, levels
from runner.exchange.models import Instrument, order_id

D = Decimal
MARKET = Instrument("ETHUSDT", "USDT", D("0.05"), D("0.01"), D("0.02"), D("5"), D("100"))


@pytest.mark.parametrize(
    ("notional", "price", "size"),
    [
        (1_000, 300.0, "3.33"),
        (3.0, 300.0, "0"),  # below the smallest size
        (4.99, 100.0, "0"),  # below the smallest value
        (5.0, 100.0, "0.05"),
        (1e6, 100.0, "100.00"),  # at most one market order
    ],
)
def test_sizes_are_whole_steps_within_the_markets_limits(notional, price, size):
    assert MARKET.size(notional, price) == D(size)


@given(st.floats(50, 5_000), st.sampled_from(["LONG", "SHORT"]))
def test_exits_lie_on_ticks_and_never_further_away(price, direction):
    stop, target = MARKET.exits(direction, price, STANDARD)
    wanted_target, wanted_stop = levels(SIGN[direction], price, STANDARD)
    for made, wanted in ((stop, wanted_stop), (target, wanted_target)):
        assert made % MARKET.tick == 0
        nearer = (wanted - float(made)) * (1 if wanted > price else -1)
        assert -1e-6 <= nearer < 0.05 + 1e-6


def test_order_ids_are_the_same_again_fit_and_differ():
    long_id = "claude-20260105T000040.123456Z-2" * 4
    assert order_id(long_id, "e") == order_id(long_id, "e")
    assert len(order_id(long_id, "x99")) <= 36
    assert len({order_id("a", "e"), order_id("a", "x1"), order_id("b", "e")}) == 3
