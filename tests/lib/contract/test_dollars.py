from __future__ import annotations

import pytest

from lib.contract.dollars import Coin, dollar_decimals, plain_number, published_decimals


@pytest.mark.parametrize(
    ("price", "decimals"),
    [
        (108_000.0, 2),
        (100.0, 2),
        (99.99, 3),
        (10.0, 3),
        (1.0, 4),
        (0.08, 6),
        (0.001, 7),
        (0.00001, 9),
        (3e-11, 12),
    ],
)
def test_the_fewest_decimals_that_resolve_a_ten_thousandth_of_the_price(price, decimals):
    assert dollar_decimals(price) == decimals
    assert decimals in (2, 12) or 10.0**-decimals <= price * 1e-4 * (1 + 1e-12) < 10.0 ** (1 - decimals)


def test_the_lowest_price_decides_and_what_is_none_does_not():
    assert dollar_decimals([120.0, 99.0, float("nan"), 0.0, -1.0, float("inf")]) == 3
    assert dollar_decimals([]) == dollar_decimals(float("nan")) == 2


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (3921.37, "3921.37"),
        (0.00001234, "0.00001234"),
        (1.5e-7, "0.00000015"),
        (12_345_678.0, "12345680"),
        (2600.0, "2600"),
    ],
)
def test_a_price_is_never_told_as_a_power_of_ten(price, text):
    assert plain_number(price) == text


def test_groups_of_thousands_and_fewer_digits():
    assert plain_number(3921.37, grouped=True) == "3,921.37"
    assert plain_number(0.000012345678, 6) == "0.0000123457"


def test_figures_tell_the_decimals_that_they_were_published_with():
    assert published_decimals([-95.05, 10.2, None]) == published_decimals([]) == 2
    assert published_decimals([0.0012, 0.001234, 1e-05]) == 6
    assert published_decimals([0.1 + 0.2]) == 12


@pytest.mark.parametrize(
    "told", [{}, {"dollar_decimals": "6"}, {"dollar_decimals": 99}, {"dollar_decimals": 0}]
)
def test_a_source_that_names_no_decimals_has_cents(told):
    coin = Coin.of({"coin": "DOGE", **told})
    assert (coin, coin.decimals) == ("DOGE", 2)


def test_a_coin_by_its_source():
    assert Coin.of({"coin": "DOGE", "dollar_decimals": 6}).decimals == 6
    assert (Coin.of({}), Coin().decimals) == ("coin", 2)
