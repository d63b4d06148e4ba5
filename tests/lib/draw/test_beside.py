"""One page's figures against another's: each sentence with its counts and what it does not prove, or none at all."""

from __future__ import annotations

import pytest

from lib.contract.actual_trades import ActualPerformance
from lib.contract.smart_backtest import RealisticBacktest
from lib.draw.beside import clash_sentence, rule_sentence, split_sentence
from lib.history.by_lessons import LessonSplit, TradesMade
from tests.lib.contract import made
from tests.lib.draw.test_findings import stats
from tests.lib.draw.test_hindsight import learned
from tests.lib.draw.test_optimal_vs_actual import comparison
from tests.lib.lessons.made_lessons import lesson


def split(fit: int = 17, rest: int = 26, others: int = 0, lessons: int = 2) -> LessonSplit:
    return LessonSplit(
        lessons=lessons,
        others=others,
        fit=TradesMade(trades=fit, pnl=65.87),
        rest=TradesMade(trades=rest, pnl=-103.37),
    )


def test_where_the_money_went():
    assert split_sentence(split()) == (
        "The 17 trades that fit the lessons to act on made $65.87; the other 26 lost $103.37. "
        "One window, and its trades are part of that evidence: no proof."
    )
    assert "that fit the lesson to act on made" in split_sentence(split(lessons=1))
    assert "fit 2 lessons of the 3 to act on (the rest say nothing of an entry) made" in split_sentence(
        split(others=1)
    )


@pytest.mark.parametrize("found", [None, split(fit=4), split(rest=4)])
def test_few_trades_on_a_side_say_nothing_of_lessons(found):
    assert split_sentence(found) == ""


@pytest.mark.parametrize(
    ("low", "high", "end"),
    [
        (
            -0.142,
            -0.005,
            "Whether that is more than chance cannot be told: the intervals of their means meet.",
        ),
        (-0.3, -0.2, "The intervals of their means do not meet; that is one window, and no proof."),
        (None, None, "Nobody tested whether that is more than chance."),
    ],
)
def test_the_trader_is_held_against_the_rule(low, high, end):
    actual = ActualPerformance(**made.actual()).model_copy(
        update={"total_trades": 43, "total_pnl": -37.5, "overall": stats(43, 21, -0.025, -0.094, 0.045)}
    )
    rule = RealisticBacktest(**made.backtest()).model_copy(
        update={"total_trades": 42, "total_pnl": -113.72, "overall": stats(42, 17, -0.074, low, high)}
    )
    assert rule_sentence(actual, rule, "simulated", "ETH") == (
        "The simulated trader lost $37.50 (n 43), the entry rule lost $113.72 (n 42) per 1 ETH: the simulated trader lost $76.22 less. "
        + end
    )
    assert rule_sentence(actual.model_copy(update={"total_trades": 4}), rule) == ""
    assert "you lost $11.28 more." in rule_sentence(
        actual.model_copy(update={"total_pnl": -125.0}), rule, "live"
    )
    assert "you made $114.72 more." in rule_sentence(
        actual.model_copy(update={"total_pnl": 1.0}), rule, "live"
    )


def test_a_proven_lesson_on_a_setup_that_gained_nothing_here_is_named():
    setup = lesson("answers.setup.LONG_BOTH_GREEN.above", episodes=233)
    told = clash_sentence([lesson(), setup], comparison(learnable=learned()))
    assert told == (
        "That does not undo the proven lesson “LONG (both ribbons green) answers gain after costs”: it counts answers that were given on "
        "all days (n 233), this page every such setup of 14 days, chosen or not."
    )
    assert clash_sentence([setup], comparison(learnable=learned(signatures=["LONG_BOTH_GREEN"]))) == ""
    avoided = lesson("trades.setup.LONG_BOTH_GREEN.below")
    assert clash_sentence([avoided], comparison(learnable=learned())) == ""
    assert clash_sentence([setup], comparison(learnable=None)) == ""
