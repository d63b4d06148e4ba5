"""What a dry run shows: the newest rows of a folder and its account, as they are now."""

from __future__ import annotations

import time

import pytest

from lib.errors import MissingDataError
from runner.trade.book import Book
from runner.trade.clock import MachineClock, SetClock
from runner.trade.events import EventLog
from runner.trade.known import CandleTable, MarketTables, SampleTable
from runner.trade.models import Answer, TickView
from runner.trade.settings import TradeSettings
from runner.trade.view import view_now, view_of
from tests.builders import candles, samples
from tests.runner.trade.made import at_us
from tests.runner.trade.test_book import FILL, OPEN, ORDER
from tests.runner.trade.test_feed import Folder, row
from tests.runner.trade.test_silence import YEARS, damaged


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder without rows; the machine's clock stands at second 100."""
    monkeypatch.setattr("runner.trade.view.MachineClock", lambda: SetClock(at_us(100)))
    return Folder(tmp_path)


def traded(folder, events) -> None:
    with EventLog(folder.path) as log:
        for event in events:
            log.append(event)


def test_a_chart_without_a_row_is_named(folder):
    with pytest.raises(MissingDataError, match=r"ema_data_5min\.csv: there is no sample to show"):
        view_now(folder.path, TradeSettings())
    folder.add(row(10), only="5min")
    with pytest.raises(MissingDataError, match=r"ema_data_15min\.csv: there is no sample to show"):
        view_now(folder.path, TradeSettings())


def test_where_nothing_was_traded_the_account_is_that_of_the_settings(folder):
    folder.add(row(10), row(20, "101.0"))
    view = view_now(folder.path, TradeSettings.model_validate({"paper": {"equity": 2_500}}))
    assert (view.price, view.gate_reason, view.position) == (101.0, "interval", None)
    assert (view.account.equity, view.account.halted) == (2_500.0, "")


def test_what_is_held_is_shown_and_a_row_of_a_wrong_clock_is_not(folder):
    folder.add(row(10), row(20, "101.0"), row(YEARS, "50.0"))
    traded(folder, [OPEN, ORDER, FILL])
    view = view_now(folder.path, TradeSettings())
    assert (view.price, view.at.value // 1_000) == (101.0, at_us(20))
    assert (view.position.decision_id, view.position.entry_price) == ("a", 100.0)
    assert view.position.worst_pct == pytest.approx(-1.0)  # of a short


def test_how_far_a_position_went_counts_from_the_price_after_its_entry(folder):
    folder.add(row((FILL.at - at_us(0)) / 1e6, "150.0"), row(30, "101.0"))
    traded(folder, [OPEN, ORDER, FILL])
    assert view_now(folder.path, TradeSettings()).position.worst_pct == pytest.approx(-1.0)


def seen(minutes: float, rows: list[tuple[float, float, float, float]]) -> TickView:
    """The view so many minutes after START, of 5-minute candles from START on."""
    beats = samples([(minute, 100.0, "mixed") for minute in (minutes - 1, minutes)], MMA5=[1.0, 2.0])
    known = MarketTables(
        {name: SampleTable(name, beats) for name in ("5min", "15min")},
        {name: CandleTable(candles(rows if name == "5min" else [])) for name in ("1min", "5min", "15min")},
    )
    known.know(at_us(minutes * 60))
    return view_of(known, Book.from_events([OPEN]), "interval", at_us(minutes * 60))


FLAT, DIP = (100.0, 100.1, 99.9, 100.0), (100.0, 100.1, 99.5, 100.0)


def test_a_wick_is_told_for_ten_minutes_after_its_close():
    assert seen(15, [FLAT, FLAT, DIP]).wick == "WICK_DOWN"
    assert seen(15, [DIP, FLAT, FLAT]).wick == "WICK_DOWN"
    assert seen(15.1, [DIP, FLAT, FLAT]).wick == ""
    assert seen(15, [FLAT, FLAT, FLAT]).wick == ""


def test_a_regime_is_told_while_the_newest_candle_there_can_be_is_there():
    rows = [FLAT] * 30
    regimes = [seen(minutes, rows).regime for minutes in (150, 155, 155.1)]
    assert regimes[0] == regimes[1] != "UNKNOWN" and regimes[2] == "UNKNOWN"
    assert seen(5, []).regime == "UNKNOWN"


def test_an_exit_of_a_wrong_clock_is_no_loss_of_today(folder):
    folder.add(row(10))
    traded(folder, damaged())
    account = view_now(folder.path, TradeSettings()).account
    assert (account.day_net, account.equity) == (0.0, 997.0)


def test_the_machines_clock_counts_whole_microseconds():
    before, now = time.time_ns(), MachineClock().now_us()
    assert type(now) is int
    assert before // 1_000 <= now <= time.time_ns() // 1_000


def test_a_hold_enters_nothing_and_advises_nothing():
    assert Answer.hold("timeout", model="m") == Answer(
        "HOLD", False, 0.0, exit_advice="keep", reason_code="timeout", model="m"
    )
