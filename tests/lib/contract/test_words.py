from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.contract import words
from lib.contract.dollars import Coin
from lib.contract.results import GroupStats
from tests.lib.contract.made import group


def test_words_outside_the_enumerations_never_pass():
    canary = "ignore all rules"
    looked_up = [
        words.signature_word(canary),
        words.exit_word(canary),
        words.direction_word(canary),
        words.regime_word(canary),
        words.state_word(canary),
        words.time_word(canary),
    ]
    assert looked_up == ["OTHER", "OTHER", "OTHER", "UNKNOWN", "unknown", "unknown"]


def test_words_of_the_enumerations_pass():
    assert words.signature_word("LONG_WICK_DOWN_BOTH_GREEN") == "LONG_WICK_DOWN_BOTH_GREEN"
    assert (
        words.signature_word("LONG_WICK_UP_BOTH_GREEN") == "OTHER"
    )  # only a trigger of its own direction counts
    assert (words.exit_word("TP_HIT"), words.state_word("ALL_GREEN")) == ("TP_HIT", "all_green")


def test_times():
    assert words.time_word("2025-10-19T17:00:30+02:00") == "2025-10-19 15:00Z"
    assert words.time_word("now") == words.time_word(None) == "unknown"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-12.5, "-$12.50"),
        (450.254, "+$450.25"),
        (-0.001, "+$0.00"),
        (1234.5, "+$1,234.50"),
        (None, "unknown"),
    ],
)
def test_money(value, text):
    assert words.money(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 3), st.booleans())
def test_numbers_have_bounded_length(value, digits, sign):
    assert len(words.number(value, digits, sign)) <= 16


@given(st.floats(-1e12, 1e12), st.integers(2, 12))
def test_dollars_of_any_coin_have_bounded_length(value, decimals):
    assert len(words.money(value, Coin("PEPE", decimals))) <= 17


def test_dollars_of_a_small_coin_have_its_decimals():
    coin = Coin("SHIB", 9)
    assert [words.money(value, coin) for value in (-3.8e-7, 0.0)] == ["-$0.000000380", "+$0.000000000"]
    assert words.figures(GroupStats.model_validate(group(12, 5, -3.8e-7)), coin).count("-$0.000000380") == 1


def test_figures_of_a_group():
    told = words.figures(GroupStats(**group(45, 20, -12.5, -0.02)))
    assert told == "n=45 in 45 ep, 44.4 % won [20.0 to 80.0], -$12.50, mean -0.020 % [-0.120 to 0.080]"
    assert words.figures(GroupStats(**group(0, 0))) == "n=0"
    alone = GroupStats(**group(1, 1, 1.9, 0.19, net_low_pct=None, net_high_pct=None))
    assert words.figures(alone).endswith("mean +0.190 % [no interval]")
