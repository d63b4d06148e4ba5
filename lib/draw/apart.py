"""Which groups of a window's trades lie clear of zero, in a sentence that says among how many they were sought, and their figures."""

from __future__ import annotations

from lib.analysis.sentences import MIN_EPISODES, verdict
from lib.contract.actual_trades import ActualPerformance
from lib.contract.results import GroupStats
from lib.draw.numbers import LEAST, bounds, made
from lib.draw.words import setup_words

#: Groups that the sentence names at most.
_MOST = 3


def apart_sentences(result: ActualPerformance) -> tuple[str, str]:
    """The groups known at the entry whose interval holds no zero with their money, and with n and interval; both "" where there is none.

    Looked at are those of at least MIN_EPISODES episodes beside which LEAST trades are left: a group of nearly all says what all say.
    """
    looked = [
        (name, group)
        for name, group in _groups(result)
        if group.episodes >= MIN_EPISODES and result.total_trades - group.total >= LEAST
    ]
    apart = [(name, group) for name, group in looked if verdict(group) != "unclear"]
    if not apart:
        return "", ""
    named = ", ".join(f"{name} {made(group.total_pnl)}" for name, group in apart[:_MOST])
    more = f", and {len(apart) - _MOST} more" if len(apart) > _MOST else ""
    stand = "stands" if len(apart) == 1 else "stand"
    return (
        f"{len(apart)} of {len(looked)} groups looked at {stand} out: {named}{more}. "
        "About one group in twenty does so by chance alone, and groups share trades.",
        f"What stands out, with the 95 % interval of its mean: {'; '.join(_words(*each) for each in apart)}.",
    )


def _groups(result: ActualPerformance) -> list[tuple[str, GroupStats]]:
    bands = [(f"confidence {band.name}", band) for band in result.confidence_bands]
    setups = [(setup_words(setup.signature), setup) for setup in result.ema_patterns]
    return [
        ("LONG", result.long_stats),
        ("SHORT", result.short_stats),
        ("timeframes in conflict", result.mixed_timeframes),
        ("with a wick", result.with_wick),
        ("without a wick", result.without_wick),
        *bands,
        *setups,
    ]


def _words(name: str, group: GroupStats) -> str:
    return f"{name}, {bounds(group.net_low_pct, group.net_high_pct, 3)} % (n {group.total})"
