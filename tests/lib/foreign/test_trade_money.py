"""Whether the sides of a table are the position's, by its P&L: right ones are never refused, whatever costs no column tells."""

from __future__ import annotations

import numpy as np
import pytest

from lib.errors import DataError
from lib.foreign.trade_money import TradeMoney, check_sides

TRADES = 40
#: Fees of a side as shares of the value, one of which each fill pays.
TAKER, MIXED, REBATE = (0.00055,), (0.0002, 0.00055), (-0.0001,)


def table(seed: int, fees: tuple[float, ...], most_funding: float, turned: bool, told: bool) -> TradeMoney:
    """Trades of small moves, net P&L to the cent of a cent; `told`: a column has the fees, and none has the funding."""
    random = np.random.default_rng(seed)
    sign = random.choice([1.0, -1.0], TRADES)
    entry = 2_500 * (1 + 0.02 * random.standard_normal(TRADES))
    exit_ = entry * (1 + 0.001 * random.standard_normal(TRADES))
    size = random.uniform(0.2, 3.0, TRADES)
    paid = (random.choice(fees, TRADES) * entry + random.choice(fees, TRADES) * exit_) * size
    funding = most_funding * random.random(TRADES) * entry * size
    pnl = np.round(sign * (exit_ - entry) * size - paid - funding, 4)
    nothing = np.full(TRADES, np.nan)
    return TradeMoney(-sign if turned else sign, entry, exit_, size, paid if told else nothing, nothing, pnl)


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("most_funding", [0.0, 0.0003, 0.0012])
@pytest.mark.parametrize("fees", [TAKER, MIXED, REBATE])
def test_right_sides_of_small_moves_are_not_refused_for_costs_that_no_column_tells(fees, most_funding, told):
    for seed in range(30):
        check_sides(table(seed, fees, most_funding, False, told), "side")


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("fees", [TAKER, MIXED, REBATE])
def test_turned_sides_of_small_moves_are_refused_under_any_fees(fees, told):
    refused = 0
    for seed in range(30):
        try:
            check_sides(table(seed, fees, 0.0, True, told), "side")
        except DataError as error:
            assert "closing_side=side" in str(error)
            refused += 1
    assert refused == 30 or (fees == MIXED and refused >= 20)
