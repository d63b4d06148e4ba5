"""The limits at their bounds, and the account as a decider sees it."""

from __future__ import annotations

import pytest

from lib.market.exits import ExitRule
from lib.market.terms import DEFAULT_TERMS
from runner.trade.book import Book
from runner.trade.events import Event
from runner.trade.models import Account
from runner.trade.rails import Rails, account, exit_rule
from runner.trade.settings import RailSettings
from tests.runner.trade.made import at_us, enter
from tests.runner.trade.test_rails import MINUTE, book_of

TERMS = DEFAULT_TERMS.model_copy(
    update={"min_stop_pct": 0.1, "max_stop_pct": 0.5, "min_target_pct": 0.2, "max_target_pct": 0.9}
)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"confidence": 0.75}, ""),
        ({"confidence": 0.7499}, "confidence"),
        ({"confidence": 1.0}, ""),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": float("nan")}, "confidence"),
        ({"confidence": float("inf")}, "confidence"),
        ({"confidence": True}, "confidence"),
        ({"confidence": "0.9"}, "confidence"),
        ({"confidence": 1}, ""),
        ({"stop_pct": 0.1}, ""),
        ({"stop_pct": 0.0999}, "stop"),
        ({"stop_pct": 0.5}, ""),
        ({"stop_pct": 0.5001}, "stop"),
        ({"target_pct": 0.2}, ""),
        ({"target_pct": 0.1999}, "target"),
        ({"target_pct": 0.9}, ""),
        ({"target_pct": 0.9001}, "target"),
    ],
)
def test_an_answer_is_within_its_ranges_bounds_included(tmp_path, fields, code):
    assert Rails(RailSettings(), tmp_path).after(enter(**fields), TERMS) == code


def test_an_answers_own_distances_go_before_the_standard_ones():
    standard = ExitRule(0.3, 0.15, 45.0)
    assert exit_rule(enter(), standard) == standard
    assert exit_rule(enter(stop_pct=0.2), standard) == ExitRule(0.3, 0.2, 45.0)
    assert exit_rule(enter(target_pct=0.0), standard) == ExitRule(0.0, 0.15, 45.0)


def test_the_account_counts_the_day_and_the_hour_of_now():
    book = book_of((10, 100.0), (24 * 60 + 30, -50.0), (24 * 60 + 90, -5.0), (24 * 60 + 110, 1.0))
    book.apply(Event("halt", at_us(26 * 3_600), reason="drawdown"))
    told = account(book, at_us((24 * 60 + 115) * MINUTE))
    assert told == Account(
        equity=pytest.approx(1_046.0),
        day_net=pytest.approx(-54.0),
        day_net_pct=pytest.approx(-54 / 11),
        drawdown_pct=pytest.approx(55 / 1_100 * 100 - 1 / 11),
        trades_this_hour=2,
        trades_today=3,
        halted="drawdown",
    )


def opened(equity: float) -> Book:
    """An account at an exchange."""
    return Book.from_events([Event("open", at_us(0), price=equity, reason="somebody")])


def test_an_account_without_money_is_halted_and_a_small_one_is_not(tmp_path):
    rails = Rails(RailSettings(), tmp_path)
    assert rails.before(opened(0.0), at_us(1)) == "halt_daily_loss"
    assert rails.before(opened(0.5), at_us(1)) == ""
    assert (account(opened(0.0), at_us(1)).day_net_pct, opened(0.0).drawdown_pct()) == (0.0, 100.0)
    small = book_of((10, -1_000.5), (20, 1.0))
    assert account(small, at_us(30 * MINUTE)).equity == pytest.approx(0.5)


def test_the_cooldown_counts_from_the_last_of_several_exits(tmp_path):
    rails = Rails(RailSettings(), tmp_path)
    book = book_of((10, 1.0), (20, 1.0), (30, 1.0))
    assert rails.before(book, at_us(35 * MINUTE) - 1) == "cooldown"
    assert rails.before(book, at_us(35 * MINUTE)) == ""


def test_a_halt_is_kept_by_its_own_reason(tmp_path):
    rails = Rails(RailSettings(), tmp_path)
    book = book_of((10, -150.0))
    book.apply(Event("halt", at_us(11 * MINUTE), reason="asked_for"))
    assert rails.before(book, at_us(26 * 3_600)) == "halt_asked_for"


@pytest.mark.parametrize(("net", "halt"), [(-99.9, ""), (-100.0, "drawdown")])
def test_a_drawdown_halts_at_its_limit(tmp_path, net, halt):
    rails = Rails(RailSettings(max_daily_loss_pct=50), tmp_path)
    assert rails.trip(book_of((10, net)), at_us(20 * MINUTE)) == halt
