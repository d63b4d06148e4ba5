"""Sizes and prices as a market takes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.market.costs import SIGN
from lib.market.exits import STANDARD, levels
from runner.exchange.models import Instrument, exact, order_id

D = Decimal
MARKET = Instrument("ETHUSDT", "USDT", D("0.05"), D("0.01"), D("0.02"), D("5"), D("100"))


@pytest.mark.parametrize(
    ("notional", "price", "size"),
    [
        (1_000, 300.0, "3.33"),
        (3.0, 300.0, "0"),  # below the smallest size
        (4.99, 100.0, "0"),  # below the smallest value
        (5.0, 100.0, "0.05"),
        (15.0, 1_000.0, "0"),  # 0.01 is below the smallest size, though its value is enough
        (6.0, 300.0, "0.02"),  # the smallest size itself
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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(5.0, 5.004, True), (0.004, 0.0, True), (0.005, 0.0, False), (5.0, 5.01, False), (5.01, 5.0, False)],
)
def test_sizes_are_the_same_that_lie_less_than_half_a_step_apart(one, other, same):
    assert MARKET.same_size(one, other) == same


def test_the_smallest_order_is_worth_what_the_smallest_size_or_the_smallest_value_is():
    assert (MARKET.least(300.0), MARKET.least(100.0)) == (6.0, 5.0)


@pytest.mark.parametrize(
    ("value", "told"),
    [(1_234_567.0, "1234567"), (1_234_568.0, "1234568"), (0.00001234, "0.00001234"), (0.1 + 0.2, "0.3")],
)
def test_sizes_and_prices_that_differ_are_told_as_two_and_never_as_powers_of_ten(value, told):
    assert exact(value) == told


def test_an_order_keeps_its_id_from_version_to_version():
    assert (
        order_id("claude-20260105T000040.123456Z-2", "x12") == "rb3afa3d94861b4f2a9e8f4a8f8659-x12"
    )  # else a start after an update would not find it


def test_order_ids_are_the_same_again_fit_and_differ():
    long_id = "claude-20260105T000040.123456Z-2" * 4
    assert order_id(long_id, "e") == order_id(long_id, "e")
    assert len(order_id(long_id, "x99")) <= 36
    assert len({order_id("a", "e"), order_id("a", "x1"), order_id("b", "e")}) == 3
