from __future__ import annotations

import pytest

from lib.contract.dollars import Coin
from lib.draw.numbers import counted, dollars, made, percent, price_words


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (5.8, "+$5.80"),
        (-12.5, "−$12.50"),
        (0.0, "$0.00"),
        (-0.001, "$0.00"),
        (1234.5, "+$1,234.50"),
        (None, "–"),
    ],
)
def test_dollars_are_signed(amount, text):
    assert dollars(amount) == text


def test_dollars_of_a_small_coin_have_its_decimals():
    coin = Coin("DOGE", 6)
    assert (dollars(-0.0012, coin), dollars(1e-7, coin)) == ("−$0.001200", "$0.000000")
    assert (made(-0.000001, coin), made(-0.0000001, coin)) == ("lost $0.000001", "made $0.000000")
    assert made(-0.001) == "made $0.00"


def test_prices_have_the_decimals_of_dollars_at_them():
    shown = [
        price_words(price) for price in (2518.177, 100.0, 53.12345, 2.34567, 0.0812345, 0.00001234, None)
    ]
    assert shown == ["2,518.18", "100.00", "53.123", "2.3457", "0.081235", "0.000012340", "–"]


def test_percent():
    assert percent(44.44) == "44.4 %"
    assert percent(0.1234, 2, signed=True) == "+0.12 %"
    assert percent(-0.1, 2) == "−0.10 %"
    assert percent(float("nan")) == "–"


@pytest.mark.parametrize(
    ("n", "unit", "text"),
    [
        (1, "cycles", "1 cycle"),
        (2, "cycles", "2 cycles"),
        (0, "trades", "0 trades"),
    ],
)
def test_counts_agree_with_their_unit(n, unit, text):
    assert counted(n, unit) == text
