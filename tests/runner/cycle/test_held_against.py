"""One page's figures against another's: each sentence with its counts and what it does not prove, or none at all."""

from __future__ import annotations

import pytest

from lib.contract.actual_trades import ActualPerformance
from lib.contract.dollars import Coin
from lib.contract.smart_backtest import RealisticBacktest
from lib.draw.numbers import LEAST
from lib.history.by_lessons import LessonPart, LessonSplit, TradesMade
from runner.cycle.held_against import costs_sentence, rule_sentence, split_sentence
from tests.lib.contract import made
from tests.lib.draw.test_findings import stats


def split(fit: int = 17, rest: int = 26, others: int = 0, lessons: int = 2, **more) -> LessonSplit:
    return LessonSplit(
        lessons=lessons,
        others=others,
        fit=TradesMade(trades=fit, pnl=65.87),
        rest=TradesMade(trades=rest, pnl=-103.37),
        **more,
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


def test_of_two_lessons_each_has_its_part():
    parts = [
        LessonPart(lesson="answers.setup.LONG_BOTH_GREEN.above", trades=11, pnl=70.0),
        LessonPart(lesson="trades.pattern.all_green.beats", trades=6, pnl=-4.13),
    ]
    assert split_sentence(split(parts=parts)).startswith(
        "11 trades under the first lesson to act on, LONG (both ribbons green) answers, made $70.00; 6 under the second alone lost $4.13; "
        "the other 26 lost $103.37. One window"
    )
    few = [parts[0], parts[1].model_copy(update={"trades": 4})]
    assert "first" not in split_sentence(split(parts=few)) + split_sentence(split(parts=parts, others=1))


@pytest.mark.parametrize("found", [None, split(fit=4), split(rest=4)])
def test_few_trades_on_a_side_say_nothing_of_lessons(found):
    assert split_sentence(found) == ""


def costs_beside(rule_gross: float, trades: int = 10) -> str:
    given = {"total_trades": 40, "total_pnl": -40.0, "gross_pnl": 80.0}
    actual = ActualPerformance(**made.actual()).model_copy(update=given)
    given = {"total_trades": trades, "total_pnl": -20.0, "gross_pnl": rule_gross}
    return costs_sentence(actual, RealisticBacktest(**made.backtest()).model_copy(update=given))


def test_why_a_trade_of_the_rule_costs_more_is_said_where_it_does():
    said = "A trade cost $3.00, one of the rule $4.00: executed prices have their slippage in them already."
    assert costs_beside(20.0) == said
    assert costs_beside(10.0) == costs_beside(20.0, LEAST - 1) == ""


@pytest.mark.parametrize(
    ("low", "high", "end"),
    [
        (
            -0.142,
            -0.005,
            "Whether that is more than chance cannot be told.",
        ),
        (-0.3, -0.2, "The intervals of their means do not meet; that is one window, and no proof."),
        (None, None, "Nobody tested whether that is more than chance."),
    ],
)
def test_the_trader_is_held_against_the_rule(low, high, end):
    actual = ActualPerformance(**made.actual()).model_copy(
        update={
            "total_trades": 43,
            "total_pnl": -37.5,
            "gross_pnl": -37.5,
            "overall": stats(43, 21, -0.025, -0.094, 0.045),
        }
    )
    rule = RealisticBacktest(**made.backtest()).model_copy(
        update={
            "total_trades": 42,
            "total_pnl": -113.72,
            "gross_pnl": -113.72,
            "overall": stats(42, 17, -0.074, low, high),
        }
    )
    assert rule_sentence(actual, rule, "simulated", Coin("ETH")) == (
        "The simulated trader lost $37.50 per 1 ETH on 43 trades: it lost $76.22 less than the rule. " + end
    )
    assert rule_sentence(actual.model_copy(update={"total_trades": 4}), rule) == ""
    assert "you lost $11.28 more than the rule." in rule_sentence(
        actual.model_copy(update={"total_pnl": -125.0}), rule, "live"
    )
    assert "you made $114.72 more than the rule." in rule_sentence(
        actual.model_copy(update={"total_pnl": 1.0}), rule, "live"
    )
