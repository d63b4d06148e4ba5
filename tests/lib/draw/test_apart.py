"""Groups clear of zero are named with how many were looked at."""

from __future__ import annotations

from lib.contract.actual_trades import ActualPerformance
from lib.draw.apart import apart_sentences
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
    assert apart_sentences(performance(short_stats=short)) == (
        "1 of 4 groups looked at stands out: SHORT lost $2.40. About one group in twenty does so by chance alone, and groups share trades.",
        "What stands out, with the 95 % interval of its mean: SHORT, −0.252 to −0.059 % (n 16).",
    )


def test_few_episodes_and_all_trades_are_no_group():
    assert apart_sentences(performance()) == ("", "")
    whole = stats(performance().total_trades, 3, 0.5, 0.4, 0.6)
    assert apart_sentences(performance(long_stats=whole)) == ("", "")


def test_of_many_three_are_named():
    clear = stats(12, 11, 0.2, 0.1, 0.3)
    told, figures = apart_sentences(
        performance(long_stats=clear, short_stats=clear, with_wick=clear, without_wick=clear)
    )
    assert (
        told.startswith("4 of 4 groups looked at stand out: LONG made $2.40, ") and ", and 1 more. " in told
    )
    assert figures.count("(n 12)") == 4
