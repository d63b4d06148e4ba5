"""Which groups of a window's trades lie clear of zero, in a sentence that says among how many they were sought, and their figures."""

from __future__ import annotations

from typing import NamedTuple

from lib.analysis.sentences import MIN_EPISODES, verdict
from lib.contract.actual_trades import ActualPerformance
from lib.contract.dollars import A_COIN, Coin
from lib.contract.results import GroupStats
from lib.draw.numbers import LEAST, bounds, made
from lib.draw.words import setup_words

#: Groups that the sentence names at most.
_MOST = 3


class Apart(NamedTuple):
    """A group of a window's trades: its name for people, the family and value that lessons know it by ("" of a band), and its figures."""

    name: str
    family: str
    value: str
    group: GroupStats


def apart_sentences(result: ActualPerformance, coin: Coin = A_COIN) -> tuple[str, str]:
    """The groups known at the entry whose interval holds no zero with their money, and with n and interval; both "" where there is none.

    Looked at are those of at least MIN_EPISODES episodes beside which LEAST trades are left: a group of nearly all says what all say.
    """
    looked = _looked(result)
    apart = groups_apart(result)
    if not apart:
        return "", ""
    named = ", ".join(f"{found.name} {made(found.group.total_pnl, coin)}" for found in apart[:_MOST])
    more = f", and {len(apart) - _MOST} more" if len(apart) > _MOST else ""
    stand = "stands" if len(apart) == 1 else "stand"
    return (
        f"{len(apart)} of {len(looked)} groups looked at {stand} out: {named}{more}. "
        "About one group in twenty does so by chance alone, and groups share trades.",
        f"What stands out, with the 95 % interval of its mean: {'; '.join(map(_words, apart))}.",
    )


def groups_apart(result: ActualPerformance) -> list[Apart]:
    """Those looked at whose interval holds no zero."""
    return [found for found in _looked(result) if verdict(found.group) != "unclear"]


def _looked(result: ActualPerformance) -> list[Apart]:
    bands = [Apart(f"confidence {band.name}", "", "", band) for band in result.confidence_bands]
    setups = [
        Apart(setup_words(found.signature), "setup", found.signature, found) for found in result.ema_patterns
    ]
    groups = [
        Apart("LONG", "direction", "LONG", result.long_stats),
        Apart("SHORT", "direction", "SHORT", result.short_stats),
        Apart("timeframes in conflict", "timeframes", "apart", result.mixed_timeframes),
        Apart("with a wick", "wick", "present", result.with_wick),
        Apart("without a wick", "wick", "absent", result.without_wick),
        *bands,
        *setups,
    ]
    return [
        found
        for found in groups
        if found.group.episodes >= MIN_EPISODES and result.total_trades - found.group.total >= LEAST
    ]


def _words(found: Apart) -> str:
    name, group = found.name, found.group
    return f"{name}, {bounds(group.net_low_pct, group.net_high_pct, 3)} % (n {group.total})"
