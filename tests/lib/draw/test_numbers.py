from __future__ import annotations

import pytest

from lib.draw.numbers import counted, dollars, percent


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
