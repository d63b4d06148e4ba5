from __future__ import annotations

import pandas as pd

from lib.analysis.actual_trades import confidence_bands
from lib.analysis.sentences import (
    BANDS,
    difference_sentence,
    missed_sentence,
    overall_sentence,
    rank_words,
    strategy_sentence,
    verdict,
    window_sentences,
)
from lib.contract.actual_trades import ActualPerformance
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.results import GroupStats
from tests.lib.contract.made import actual, group, optimal


def stats(*arguments, **more) -> GroupStats:
    return GroupStats(**group(*arguments, **more))


def test_bands_are_those_of_the_analysis():
    assert confidence_bands(pd.Series([0.9, 0.85, 0.8, 0.7])).tolist() == [
        list(BANDS)[place] for place in (0, 0, 1, 2)
    ]


def test_verdict_needs_ten_episodes_and_an_interval_clear_of_zero():
    assert verdict(stats(10, 8, 5.0, 0.2)) == "gained"
    assert verdict(stats(10, 2, -5.0, -0.2)) == "lost"
    assert verdict(stats(10, 5, 0.0, 0.1)) == "unclear"  # from 0.0 on: touches zero
    assert verdict(stats(9, 9, 5.0, 0.2)) == "unclear"
    assert verdict(stats(10, 10, 1.0, 0.2, net_low_pct=None, net_high_pct=None)) == "unclear"


def test_what_one_window_cannot_tell_is_said_plainly_with_its_n():
    assert overall_sentence(stats(45, 20, -12.5, -0.02), 49.2, 7.3) == (
        "In this window: n=45 in 45 episodes, 44.4 % won (break-even 49.2 %), net -$12.50, gross +$7.30; "
        "by it alone it cannot be told whether they gain or lose after costs."
    )
    assert "lost on average after costs" in overall_sentence(stats(45, 10, -90.0, -0.2), 49.2, 7.3)
    idle = actual(overall=group(0, 0), mixed_timeframes=group(0, 0))
    assert window_sentences(ActualPerformance(**idle)) == ["In this window no trade has closed, n=0."]


def test_differences_only_where_intervals_do_not_meet():
    low, high = stats(20, 5, -9.0, -0.2), stats(30, 20, 9.0, 0.2)
    assert "the second did better in this window, mean -0.200 %" in difference_sentence(
        "LONG", low, "SHORT", high
    )
    assert "the first did better" in difference_sentence("LONG", high, "SHORT", low)
    assert "no difference is shown" in difference_sentence("LONG", low, "SHORT", stats(30, 15, 0.0, -0.01))
    assert "can be judged yet" in difference_sentence("LONG", low, "SHORT", stats(9, 9, 9.0, 0.2))
    assert "can be judged yet" in difference_sentence("LONG", low, "SHORT", stats(0, 0))


def test_strategy_names_a_side_only_with_an_interval_above_zero():
    nothing, paid = stats(4, 3, 2.0, 0.3), stats(20, 15, 20.0, 0.15)
    assert strategy_sentence("RANGING_QUIET", nothing, nothing) == (
        "No wick strategy is supported in RANGING_QUIET: 8 wick outcomes in its hours of this window, none clearly above zero.",
        False,
    )
    told, supported = strategy_sentence("BULLISH_TRENDING", paid, nothing)
    assert supported and "LONG after WICK_DOWN: n=20" in told and "SHORT" not in told
    assert strategy_sentence("whatever the page says", paid, paid)[1] is False


# ---- hindsight


def test_a_rank_allows_no_more_than_its_share():
    assert rank_words(0.94) == "not told apart from other times"
    assert rank_words(0.95) == "better than at 95 of 100 other times; one window in twenty is so by chance"
    assert rank_words(None) == "with nothing to compare it with"


def test_missed_money_has_its_null_beside_it():
    assert missed_sentence(OptimalComparison(**optimal())) == (
        "In hindsight, 14 of the 32 perfect trades (+$200.00 per 1 coin) had no actual trade beside them. Perfect timing of "
        "these setups as a whole is not told apart from other times."
    )
