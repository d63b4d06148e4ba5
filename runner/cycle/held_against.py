"""Sentences that hold one page's figures against another's: the trades against the lessons and the entry rule.

They are for pages that are made once the whole cycle has ended; a notebook alone does not know them. Each says what it does not prove.
"""

from __future__ import annotations

from lib.contract.actual_trades import ActualPerformance
from lib.contract.dollars import A_COIN, Coin
from lib.contract.smart_backtest import RealisticBacktest
from lib.draw.lesson_lines import group_words
from lib.draw.numbers import LEAST, amount, counted, least_shown, made, per_coin
from lib.draw.words import subject
from lib.history.by_lessons import LessonSplit
from lib.lessons.hypotheses import hypothesis_of


def split_sentence(split: LessonSplit | None, coin: Coin = A_COIN) -> str:
    """What the trades that fit the lessons to act on made, and the others; "" where a side has fewer than LEAST."""
    if split is None or min(split.fit.trades, split.rest.trades) < LEAST:
        return ""
    proof = "One window, and its trades are part of that evidence: no proof."
    if parts := _parts_words(split, coin):
        return f"{parts}; the other {split.rest.trades:,} {made(split.rest.pnl, coin)}. {proof}"
    lessons = "the lesson" if split.lessons == 1 else "the lessons"
    which = f"{lessons} to act on"
    if split.others:
        which = f"{counted(split.lessons, 'lessons')} of the {split.lessons + split.others} to act on (the rest say nothing of an entry)"
    return (
        f"The {counted(split.fit.trades, 'trades')} that fit {which} {made(split.fit.pnl, coin)}; the other "
        f"{split.rest.trades:,} {made(split.rest.pnl, coin)}. {proof}"
    )


def _parts_words(split: LessonSplit, coin: Coin) -> str:
    """What trades made under the first of two lessons, and under the second alone; "" where there are not two, or few trades."""
    if (
        not 2 == split.lessons == len(split.parts)
        or split.others
        or min(part.trades for part in split.parts) < LEAST
    ):
        return ""
    one, other = split.parts
    return (
        f"{one.trades:,} trades under the first lesson to act on, {group_words(hypothesis_of(one.lesson))}, {made(one.pnl, coin)}; "
        f"{other.trades:,} under the second alone {made(other.pnl, coin)}"
    )


def costs_sentence(actual: ActualPerformance, backtest: RealisticBacktest, coin: Coin = A_COIN) -> str:
    """Why a trade of the rule costs more than an executed one; "" where it does not, or where one of them has fewer than LEAST trades."""
    if min(actual.total_trades, backtest.total_trades) < LEAST:
        return ""
    cost, rules = ((each.gross_pnl - each.total_pnl) / each.total_trades for each in (actual, backtest))
    if rules - cost < least_shown(coin) or cost <= 0:
        return ""
    return f"A trade cost {amount(cost, coin)}, one of the rule {amount(rules, coin)}: executed prices have their slippage in them already."


def rule_sentence(
    actual: ActualPerformance, backtest: RealisticBacktest, decisions: str = "", coin: Coin = A_COIN
) -> str:
    """The trader held against the entry rule; "" where one of them has fewer than LEAST trades.

    The two intervals are only looked at: that they meet shows nothing, and that they do not is a strict sign, in one window.
    """
    if min(actual.total_trades, backtest.total_trades) < LEAST:
        return ""
    who, they = subject(decisions)
    less = actual.total_pnl - backtest.total_pnl
    both_lost = max(round(each.total_pnl, coin.decimals) for each in (actual, backtest)) < 0
    verb, side = (
        ("lost", "less" if less > 0 else "more") if both_lost else ("made", "more" if less > 0 else "less")
    )
    told = (
        f"{who} {made(actual.total_pnl, coin)} {per_coin(coin)} on {counted(actual.total_trades, 'trades')}: "
        f"{they} {verb} {amount(less, coin)} {side} than the rule."
    )
    ends = [(each.overall.net_low_pct, each.overall.net_high_pct) for each in (actual, backtest)]
    (low, high), (rule_low, rule_high) = ends
    if low is None or high is None or rule_low is None or rule_high is None:
        return f"{told} Nobody tested whether that is more than chance."
    if low <= rule_high and rule_low <= high:
        return f"{told} Whether that is more than chance cannot be told."
    return f"{told} The intervals of their means do not meet; that is one window, and no proof."
