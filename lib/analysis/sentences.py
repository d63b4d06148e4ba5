"""What one window's figures show, in sentences that claim no more than that: a window, looked at every hour, proves nothing.

Sentences are templates over enumerated words (lib.contract.words); what a file called a group never shows.
"""

from __future__ import annotations

from typing import Literal

from lib.contract.actual_trades import ActualPerformance
from lib.contract.dollars import A_COIN, Coin
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.results import GroupStats
from lib.contract.words import figures, money, net_mean, number, rate, regime_word

#: Id and words of each confidence band, by the name that the analysis gives it.
BANDS = {
    "\u2265 0.85": ("high", "0.85 or more"),
    "0.75\u20130.85": ("medium", "0.75 to 0.85"),
    "< 0.75": ("low", "below 0.75"),
}
#: With fewer episodes than this no interval is read as a gain or a loss.
MIN_EPISODES = 10
UNKNOWN_REGIME = "The current regime is unknown: there are no 24 closed 5-minute candles in a row up to now."
_MIXED_WORDS = "Entries with the two ribbons in opposite colours"


def window_sentences(performance: ActualPerformance, coin: Coin = A_COIN) -> list[str]:
    """What the actual trades show and do not show, in sentences for people, each with its n."""
    sentences = actual_sentences(performance, coin)
    if performance.mixed_timeframes.total:
        sentences.append(f"{_MIXED_WORDS}: {figures(performance.mixed_timeframes, coin)}; unproven.")
    return sentences


def actual_sentences(performance: ActualPerformance, coin: Coin = A_COIN) -> list[str]:
    """The net result with its verdict, then whether directions and wicks made a difference; at least one sentence."""
    if performance.overall.total == 0:
        return ["In this window no trade has closed, n=0."]
    return [
        overall_sentence(performance.overall, performance.breakeven_win_rate, performance.gross_pnl, coin),
        difference_sentence("LONG", performance.long_stats, "SHORT", performance.short_stats),
        difference_sentence(
            "Entries with a wick", performance.with_wick, "entries without", performance.without_wick
        ),
    ]


def overall_sentence(
    overall: GroupStats, breakeven_win_rate: float | None, gross_pnl: float, coin: Coin = A_COIN
) -> str:
    """What the whole of a group of trades shows: its net result, the verdict of the interval, the win rate beside break-even."""
    size = f"n={number(overall.total)} in {number(overall.episodes)} episodes"
    money_words = f"net {money(overall.total_pnl, coin)}, gross {money(gross_pnl, coin)}"
    result = f"{rate(overall.win_rate)} won (break-even {rate(breakeven_win_rate)}), {money_words}"
    side = verdict(overall)
    if side == "unclear":
        return f"In this window: {size}, {result}; by it alone it cannot be told whether they gain or lose after costs."
    return f"In this window the trades {side} on average after costs: {size}, {result}. One window: unproven."


def difference_sentence(first_name: str, first: GroupStats, second_name: str, second: GroupStats) -> str:
    """Whether two groups differ in net mean: only where both have 10 episodes and their intervals do not meet (a strict test)."""
    told = f"{first_name} and {second_name} (n={number(first.total)} and {number(second.total)})"
    limits = (first.net_low_pct, first.net_high_pct, second.net_low_pct, second.net_high_pct)
    if None in limits or min(first.episodes, second.episodes) < MIN_EPISODES:
        return f"{told}: no difference can be judged yet."
    if limits[0] <= limits[3] and limits[2] <= limits[1]:
        return f"{told}: no difference is shown, the intervals of their net means meet."
    better = "first" if limits[0] > limits[3] else "second"
    return f"{told}: the {better} did better in this window, {net_mean(first)} and {net_mean(second)} an episode. Unproven."


def strategy_sentence(
    regime: str, wicks_down: GroupStats, wicks_up: GroupStats, coin: Coin = A_COIN
) -> tuple[str, bool]:
    """What the wick outcomes in a regime support, in one sentence, and whether they support anything.

    Wicks down are taken LONG, wicks up SHORT; a side is named only where its net mean has an interval above zero.
    """
    if (name := regime_word(regime)) == "UNKNOWN":
        return UNKNOWN_REGIME, False
    sides = {"LONG after WICK_DOWN": wicks_down, "SHORT after WICK_UP": wicks_up}
    paid = [
        f"{words}: {figures(group, coin)}" for words, group in sides.items() if verdict(group) == "gained"
    ]
    if paid:
        return f"In {name}, this window's wicks paid: {'; '.join(paid)}. Unproven beyond this window.", True
    seen = number(wicks_down.total + wicks_up.total)
    return (
        f"No wick strategy is supported in {name}: {seen} wick outcomes in its hours of this window, none clearly above zero.",
        False,
    )


def verdict(group: GroupStats) -> Literal["gained", "lost", "unclear"]:
    """On which side of zero the interval of a group's net mean lies; unclear below 10 episodes.

    Fixed exits make two-valued returns, on which the t interval of a handful of episodes means little.
    """
    if group.episodes < MIN_EPISODES or group.net_low_pct is None or group.net_high_pct is None:
        return "unclear"
    if group.net_low_pct > 0:
        return "gained"
    return "lost" if group.net_high_pct < 0 else "unclear"


#: From this rank on a figure is better than chance in one window: one in twenty is so by chance.
HIGH_RANK = 0.95


def missed_sentence(result: OptimalComparison, coin: Coin = A_COIN) -> str:
    """The money of perfect trades that nobody entered, and whether such timing is more than chance."""
    told = (
        f"In hindsight, {number(result.missed_opportunities)} of the {number(result.optimal_trades)} perfect trades "
        f"({money(result.missed_pnl, coin)} per 1 {coin}) had no actual trade beside them."
    )
    if result.optimal_null is None:
        return told
    return f"{told} Perfect timing of these setups as a whole is {rank_words(result.optimal_rank)}."


def rank_words(rank: float | None) -> str:
    """What a rank among shifted events allows to be said of one window."""
    if rank is None:
        return "with nothing to compare it with"
    if rank >= HIGH_RANK:
        return "better than at 95 of 100 other times; one window in twenty is so by chance"
    return "not told apart from other times"
