"""Lessons: named hypotheses with stable ids and their evidence, each worded as what it is.

In this form every lesson is a candidate: one window's figures, looked at every hour, prove nothing, so `best_setups` and
`worst_setups` stay empty. Statements are templates over enumerated words (lib.learning.words); what a file called a group never shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from lib.analysis.results import ActualPerformance, GroupStats, Model, RealisticBacktest
from lib.learning.words import OTHER, figures, money, net_mean, number, rate, regime_word, signature_word

Family = Literal["direction", "band", "wick", "timeframes", "setup", "backtest"]
Status = Literal["candidate", "supported", "active", "retired"]

#: Id and words of each confidence band, by the name that the analysis gives it.
BANDS = {
    "\u2265 0.85": ("high", "0.85 or more"),
    "0.75\u20130.85": ("medium", "0.75 to 0.85"),
    "< 0.75": ("low", "below 0.75"),
}
#: With fewer episodes than this no interval is read as a gain or a loss.
MIN_EPISODES = 10
MIXED_WORDS = "Entries with the two ribbons in opposite colours"
#: Most candidate setups that are named.
CANDIDATE_SETUPS = 10


class Lesson(Model):
    """A hypothesis about one group of trades, with its evidence: win rate in percent, net mean in percent per episode."""

    id: str
    family: Family
    statement: str
    n: int
    episodes: int
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    net_mean_pct: float | None
    net_low_pct: float | None
    net_high_pct: float | None
    status: Status = "candidate"


def compile_lessons(actual: ActualPerformance | None, backtest: RealisticBacktest | None) -> list[Lesson]:
    """One lesson for each group with at least one trade, the standing families first, setups by their number of trades."""
    found = []
    for id_, subject, group in [*_actual_groups(actual), *_backtest_groups(backtest)]:
        if group.total == 0:
            continue
        family: Family = id_.split(":")[0]  # type: ignore[assignment]
        evidence = group.model_dump(include=set(Lesson.model_fields) & set(GroupStats.model_fields))
        statement = f"{subject}: {figures(group)}; unproven."
        found.append(Lesson(id=id_, family=family, statement=statement, n=group.total, **evidence))
    return found


def candidate_setups(lessons: list[Lesson]) -> list[str]:
    """Statements of the setups seen so far, most episodes first, those of actual trades before those of the backtest."""
    setups = [lesson for lesson in lessons if lesson.family in ("setup", "backtest")]
    ranked = sorted(setups, key=lambda lesson: (lesson.family != "setup", -lesson.episodes, lesson.id))
    return [lesson.statement for lesson in ranked[:CANDIDATE_SETUPS]]


def key_lessons(performance: ActualPerformance) -> list[str]:
    """What the actual trades show and do not show, in sentences for people; "No lesson yet" with its n where that is so."""
    sentences = actual_sentences(performance)
    if performance.mixed_timeframes.total:
        sentences.append(f"{MIXED_WORDS}: {figures(performance.mixed_timeframes)}; unproven.")
    return sentences


def actual_sentences(performance: ActualPerformance) -> list[str]:
    """The net result with its verdict, then whether directions and wicks made a difference; at least one sentence."""
    if performance.overall.total == 0:
        return ["No lesson yet: n=0, no trade of the window has closed."]
    return [
        overall_sentence(performance.overall, performance.breakeven_win_rate, performance.gross_pnl),
        difference_sentence("LONG", performance.long_stats, "SHORT", performance.short_stats),
        difference_sentence(
            "Entries with a wick", performance.with_wick, "entries without", performance.without_wick
        ),
    ]


def overall_sentence(overall: GroupStats, breakeven_win_rate: float | None, gross_pnl: float) -> str:
    """What the whole of a group of trades shows: its net result, the verdict of the interval, the win rate beside break-even."""
    size = f"n={number(overall.total)} in {number(overall.episodes)} episodes"
    money_words = f"net {money(overall.total_pnl)}, gross {money(gross_pnl)}"
    result = f"{rate(overall.win_rate)} won (break-even {rate(breakeven_win_rate)}), {money_words}"
    side = verdict(overall)
    if side == "unclear":
        return f"No lesson yet: {size}, {result}; whether such trades gain or lose after costs is not shown."
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


def strategy_sentence(regime: str, wicks_down: GroupStats, wicks_up: GroupStats) -> tuple[str, bool]:
    """What the wick outcomes in a regime support, in one sentence, and whether they support anything.

    Wicks down are taken LONG, wicks up SHORT; a side is named only where its net mean has an interval above zero.
    """
    if (name := regime_word(regime)) == "UNKNOWN":
        return (
            "The current regime is unknown: there are no 24 closed 5-minute candles in a row up to now.",
            False,
        )
    sides = {"LONG after WICK_DOWN": wicks_down, "SHORT after WICK_UP": wicks_up}
    paid = [f"{words}: {figures(group)}" for words, group in sides.items() if verdict(group) == "gained"]
    if paid:
        return f"In {name}, this window's wicks paid: {'; '.join(paid)}. Unproven beyond this window.", True
    seen = number(wicks_down.total + wicks_up.total)
    return (
        f"No wick strategy is supported in {name}: n={seen} wick outcomes in this window, none clearly above zero.",
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


def _actual_groups(actual: ActualPerformance | None) -> Iterator[tuple[str, str, GroupStats]]:
    if actual is None:
        return
    yield "direction:LONG", "LONG entries", actual.long_stats
    yield "direction:SHORT", "SHORT entries", actual.short_stats
    for band in actual.confidence_bands:
        if band.name in BANDS:
            id_, words = BANDS[band.name]
            yield f"band:{id_}", f"Entries at confidence {words}", band
    yield "wick:present", "Entries with a wick in their direction", actual.with_wick
    yield "wick:absent", "Entries without a wick in their direction", actual.without_wick
    yield "timeframes:mixed", MIXED_WORDS, actual.mixed_timeframes
    yield from _setups("setup", "", actual.ema_patterns)


def _backtest_groups(backtest: RealisticBacktest | None) -> Iterator[tuple[str, str, GroupStats]]:
    if backtest is not None:
        yield from _setups("backtest", " in the backtest of the entry rule", backtest.top_patterns)


def _setups(family: str, where: str, patterns: list) -> Iterator[tuple[str, str, GroupStats]]:
    for pattern in sorted(patterns, key=lambda found: (-found.total, found.signature)):
        # A name that is no signature cannot be a stable id, and is nobody's hypothesis.
        if (name := signature_word(pattern.signature)) != OTHER:
            yield f"{family}:{name}", f"{name}{where}", pattern
