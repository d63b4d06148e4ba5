from __future__ import annotations

import pytest

from lib.contract.schema import EXIT_REASONS, REGIMES, SIGNATURES, STATES
from lib.draw.words import minus, moments, name_words, setup_words, tight, typeset


def test_every_setup_has_words_of_its_own():
    said = {setup_words(signature) for signature in SIGNATURES}
    assert len(said) == len(SIGNATURES) and not any("_" in words for words in said)
    assert setup_words("SHORT_BREAKOUT_BOTH_RED") == "SHORT (breakout, both ribbons red)"
    assert setup_words("LONG_MIXED") == "LONG (mixed ribbons)"
    assert setup_words("<b>") == "<b>"


def test_names_of_the_data_in_words():
    assert name_words("RANGING_QUIET") == "ranging quiet" and name_words("all_red") == "all red"
    assert name_words("TP_HIT") == "target hit" and name_words("≥ 0.85") == "≥ 0.85"
    assert not any("_" in name_words(name) for name in (*EXIT_REASONS, *REGIMES, *STATES))


@pytest.mark.parametrize(
    ("ascii_text", "set_text"),
    [
        ("net -$12.50, mean -0.1 % [-0.2 to 0.1]", "net −$12.50, mean −0.1 % [−0.2 to 0.1]"),
        ("since 2025-06-15 12:00Z", "since 2025-06-15 12:00"),
        ("a 5-minute ribbon that is all_red", "a 5-minute ribbon that is all red"),
        ("SHORT_WICK_UP_BOTH_GREEN taken", "SHORT (wick up, both ribbons green) taken"),
        ("1 -> 2 in RANGING_QUIET", "1 → 2 in ranging quiet"),
    ],
)
def test_sentences_have_one_minus_and_no_identifier(ascii_text, set_text):
    assert typeset(ascii_text) == set_text


def test_figures_keep_their_units():
    assert tight("38.6 % of n 44, 95 % −1") == "38.6\u00a0% of n\u00a044, 95\u00a0%\u00a0−1"


def test_the_minus_alone_leaves_names():
    assert minus("SHORT_BOTH_RED -1") == "SHORT_BOTH_RED −1"


def test_times_and_sizes_have_one_form():
    assert (
        moments("since 2025-06-15T02:00:00Z, to 2025-06-15 11:05Z")
        == "since 2025-06-15 02:00, to 2025-06-15 11:05"
    )
    assert moments("2025-06-15T02:00:07+00:00") == "2025-06-15 02:00:07"
    assert moments("20250615T020000Z and 2025-06-15") == "20250615T020000Z and 2025-06-15"
    told = "X: n=1,043 in 1 ep, mean -0.1 %; n=1 in 12 pairs since 2025-06-15 11:05Z"
    assert (
        typeset(told)
        == "X: 1,043 trades in 1 episode, mean \u22120.1 %; 1 trade in 12 pairs since 2025-06-15 11:05"
    )
