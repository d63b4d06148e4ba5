"""The start by hand: whose book it is, what the account began with, our clock less the venue's, and who stops it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.errors import ReconcileError
from runner.exchange import start
from runner.exchange.models import order_id
from runner.exchange.settings import ExchangeSettings
from runner.trade.book import Book
from runner.trade.clock import SetClock
from runner.trade.events import Event
from runner.trade.paper import Watch
from tests.runner.exchange.hand import FILL, HELD, MARKET, ORDER, HandVenue, ended
from tests.runner.exchange.made import ACCOUNT, keys
from tests.runner.trade.made import at_us, settings

OPENED = Event("open", at_us(0), price=1_000.0, reason=ACCOUNT)


class StartVenue(HandVenue):
    """Its clock is an hour behind ours."""

    def market(self):
        return MARKET

    def time_ms(self):
        return at_us(20) // 1_000 - 3_600_000

    def user(self):
        return "7"

    def equity(self, coin):
        self._ask("equity", coin)
        return 777.0


def made(monkeypatch, folder, events=(), *positions, orders=None):
    """The broker over a book of these events, and what its venue was asked."""
    venue = StartVenue(list(positions)) if positions else StartVenue()
    venue.orders = orders or {}
    monkeypatch.setattr(start, "Bybit", lambda *_: venue)
    settings_ = ExchangeSettings(symbol="ETHUSDT", size_pct=25)
    make = start.broker_of(settings_, ACCOUNT, keys(), folder, print, lambda _: None)
    broker = make(Book.from_events(events), settings(), DEFAULT_TERMS, Watch(), SetClock(at_us(20)))
    return SimpleNamespace(broker=broker, venue=venue, desk=broker.desk, book=broker.desk.book)


def test_a_new_book_opens_with_what_the_venue_tells_in_the_name_of_the_account(tmp_path, monkeypatch):
    of = made(monkeypatch, tmp_path)
    assert of.book.events == [Event("open", at_us(20), price=777.0, reason=f"{ACCOUNT} of user 7")]
    assert of.venue.named("equity") == [("USDT",)]
    assert of.broker.size_pct == 25


def test_a_book_that_is_open_keeps_what_it_began_with(tmp_path, monkeypatch):
    of = made(monkeypatch, tmp_path, [OPENED])
    assert (of.book.equity, of.venue.named("equity")) == (1_000.0, [])


@pytest.mark.parametrize(
    ("account", "named"), [("", "a paper account"), ("bybit testnet BTCUSDT", "BTCUSDT")]
)
def test_a_book_of_another_account_is_refused_before_anything_is_asked(tmp_path, monkeypatch, account, named):
    with pytest.raises(ReconcileError, match=f"{named}, and this start is for {ACCOUNT}"):
        made(monkeypatch, tmp_path, [Event("open", at_us(0), price=1_000.0, reason=account)])


def test_the_difference_of_the_clocks_is_ours_less_the_venues(tmp_path, monkeypatch):
    assert made(monkeypatch, tmp_path, [OPENED]).desk.offset_us == 3_600_000_000


def test_what_the_start_found_is_told_by_the_loop_and_not_again(tmp_path, monkeypatch):
    name = order_id("a", "e")
    of = made(monkeypatch, tmp_path, [OPENED, ORDER], HELD, orders={name: ended(name, 5.0)})
    assert of.book.held is not None
    assert of.desk.happened == []


def test_the_kill_file_is_the_folders(tmp_path, monkeypatch):
    desk = made(monkeypatch, tmp_path, [OPENED, ORDER, FILL], HELD).desk
    assert not desk.killed()
    (tmp_path / "KILL").touch()
    assert desk.killed()
