"""Groups clear of zero are named with how many were looked at."""

from __future__ import annotations

from lib.contract.actual_trades import ActualPerformance
from lib.draw.apart import apart_sentence
from tests.lib.contract import made
from tests.lib.draw.test_findings import stats

_UNCLEAR = stats(20, 10, 0.0, -0.1, 0.1)


def performance(**changes) -> ActualPerformance:
    none = {
        "mixed_timeframes": stats(4, 1, -0.5, -0.6, -0.4),
        "with_wick": _UNCLEAR,
        "without_wick": _UNCLEAR,
    }
    none |= {"long_stats": _UNCLEAR, "short_stats": _UNCLEAR, "confidence_bands": [], "ema_patterns": []}
    return ActualPerformance(**made.actual()).model_copy(update=none | changes)


def test_what_lies_clear_of_zero_is_named_among_those_looked_at():
    short = stats(16, 3, -0.15, -0.252, -0.059)
    assert apart_sentence(performance(short_stats=short)) == (
        "Of 4 groups looked at, 1 lies clear of zero: SHORT lost $2.40 (n 16, mean −0.252 to −0.059 %). "
        "That is one window; groups share trades, and of twenty one does so by chance."
    )


def test_few_episodes_and_all_trades_are_no_group():
    assert apart_sentence(performance()) == ""
    whole = stats(performance().total_trades, 3, 0.5, 0.4, 0.6)
    assert apart_sentence(performance(long_stats=whole)) == ""


def test_of_many_three_are_named():
    clear = stats(12, 11, 0.2, 0.1, 0.3)
    told = apart_sentence(
        performance(long_stats=clear, short_stats=clear, with_wick=clear, without_wick=clear)
    )
    assert (
        told.startswith("Of 4 groups looked at, 4 lie clear of zero: LONG made $2.40 ")
        and "; and 1 more. " in told
    )
