"""Sentences that hold one page's figures against another's: the trades against the lessons and the entry rule, hindsight against a lesson.

They are for pages that are made once the whole cycle has ended; a notebook alone does not know them. Each says what it does not prove.
"""

from __future__ import annotations

from collections.abc import Sequence

from lib.contract.actual_trades import ActualPerformance
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.smart_backtest import RealisticBacktest
from lib.draw.numbers import LEAST, amount, counted, made, per_coin
from lib.draw.words import subject, typeset
from lib.history.by_lessons import LessonSplit
from lib.lessons.conflicts import advice
from lib.lessons.lesson import Lesson
from lib.lessons.wording import claim_words
from lib.lessons.wording import subject as group_words


def split_sentence(split: LessonSplit | None) -> str:
    """What the trades that fit the lessons to act on made, and the others; "" where a side has fewer than LEAST."""
    if split is None or min(split.fit.trades, split.rest.trades) < LEAST:
        return ""
    lessons = "the lesson" if split.lessons == 1 else "the lessons"
    which = f"{lessons} to act on"
    if split.others:
        which = f"{counted(split.lessons, 'lessons')} of the {split.lessons + split.others} to act on (the rest say nothing of an entry)"
    return (
        f"The {counted(split.fit.trades, 'trades')} that fit {which} {made(split.fit.pnl)}; the other {split.rest.trades:,} "
        f"{made(split.rest.pnl)}. One window, and its trades are part of that evidence: no proof."
    )


def rule_sentence(
    actual: ActualPerformance, backtest: RealisticBacktest, decisions: str = "", coin: str = "coin"
) -> str:
    """The trader held against the entry rule; "" where one of them has fewer than LEAST trades.

    The two intervals are only looked at: that they meet shows nothing, and that they do not is a strict sign, in one window.
    """
    if min(actual.total_trades, backtest.total_trades) < LEAST:
        return ""
    who, _ = subject(decisions)
    less = actual.total_pnl - backtest.total_pnl
    both_lost = max(round(actual.total_pnl, 2), round(backtest.total_pnl, 2)) < 0
    verb, side = (
        ("lost", "less" if less > 0 else "more") if both_lost else ("made", "more" if less > 0 else "less")
    )
    told = (
        f"{who} {made(actual.total_pnl)} (n {actual.total_trades:,}), the entry rule {made(backtest.total_pnl)} "
        f"(n {backtest.total_trades:,}) {per_coin(coin)}: {who[0].lower()}{who[1:]} {verb} {amount(less)} {side}."
    )
    ends = [(each.overall.net_low_pct, each.overall.net_high_pct) for each in (actual, backtest)]
    (low, high), (rule_low, rule_high) = ends
    if low is None or high is None or rule_low is None or rule_high is None:
        return f"{told} Nobody tested whether that is more than chance."
    if low <= rule_high and rule_low <= high:
        return f"{told} Whether that is more than chance cannot be told: the intervals of their means meet."
    return f"{told} The intervals of their means do not meet; that is one window, and no proof."


def clash_sentence(lessons: Sequence[Lesson], result: OptimalComparison) -> str:
    """Why a proven lesson to favour a setup stands though that setup had not gained here; "" where there is none such."""
    learned = result.learnable
    if learned is None:
        return ""
    for lesson in lessons:
        asked = lesson.hypothesis
        if asked.family == "setup" and advice(asked) == "favour" and asked.value not in learned.signatures:
            whose = "answers that were given" if lesson.stream == "answers" else "entries that were chosen"
            told = typeset(f"{group_words(asked)} {claim_words(asked)}")
            return (
                f"That does not undo the proven lesson “{told}”: it counts {whose} on all days (n {lesson.episodes:,}), "
                "this page every such setup of 14 days, chosen or not."
            )
    return ""
