"""The exchange over sockets: a stand-in on localhost that speaks as Binance does and misbehaves on demand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pandas as pd
import pytest

from lib.errors import ParameterError
from runner.collect.settings import CollectSettings
from runner.errors import ExchangeError
from runner.venue_feed import venue as venue_module
from runner.venue_feed.check import check_venue, look_once
from runner.venue_feed.history import warm_closes
from runner.venue_feed.live import LiveVenue
from runner.venue_feed.stream import Pushed, Stream
from runner.venue_feed.venue import minute_of
from runner.venue_feed.words import FeedFault
from tests.fake_venue.server import FakeVenue, Faults, running

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def shared() -> Iterator[FakeVenue]:
    with running() as server:
        yield server


@pytest.fixture
def server(shared) -> Iterator[FakeVenue]:
    shared.faults = Faults()
    shared.asked.clear()
    yield shared
    shared.faults = Faults()


def settings_of(server: FakeVenue, symbol: str = "ETH/USDT") -> CollectSettings:
    return CollectSettings(source="exchange", symbol=symbol, exchange_address=server.address)


@pytest.fixture
def venue(server) -> Iterator[LiveVenue]:
    with LiveVenue(settings_of(server)) as opened:
        yield opened


def until(found: Callable[[], object], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)


def test_one_market_is_kept_of_all_that_are_listed(venue):
    assert list(venue.exchange.markets) == ["ETH/USDT"]
    assert (venue.symbol, venue.decimals) == ("ETH/USDT", 2)


@pytest.mark.parametrize("symbol", ["ETHUSDT", "ETH/USDT"])
def test_a_market_is_found_by_either_spelling(server, symbol):
    found = check_venue(settings_of(server, symbol))
    assert (found.exchange, found.symbol, found.market) == ("binance", "ETH/USDT", "ETHUSDT")
    assert found.streams and not found.problems
    assert abs(found.clock_off_s) < 1.0


def test_minutes_come_page_after_page(venue, server):
    minutes = venue.minutes(time.time() - 2_500 * 60)
    opens = [each.opened for each in minutes]
    assert opens == list(range(opens[0], opens[0] + 60 * len(opens), 60))
    assert len(minutes) in (2_500, 2_501)
    assert server.asked.count("/api/v3/klines") == 3


def test_an_unknown_market_names_those_near_it(server):
    with pytest.raises(ParameterError, match="knows no ETH/USD: write it like ETH/USDT; near it: ETH/USDT"):
        check_venue(settings_of(server, "ETH/USD"))


def test_an_unknown_exchange_names_those_near_it(server):
    with pytest.raises(ParameterError, match="binance"):
        check_venue(settings_of(server).model_copy(update={"exchange": "binanse"}))


EPOCH = 1_735_785_720


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (403, "<html>Forbidden</html>", "forbidden"),
        (451, '{"code": 0, "msg": "Service unavailable from a restricted location"}', "country"),
        (429, '{"code": -1003, "msg": "Too many requests"}', "rate"),
        (418, '{"code": -1003, "msg": "Way too many requests"}', "rate"),
        (503, "<html>maintenance</html>", "down"),
        (400, '{"code": -1121, "msg": "Invalid symbol."}', "symbol"),
        (200, "<html>a portal</html>", "unreadable"),
        (200, '{"msg": "maintenance"}', "unreadable"),
        (200, '[["2025-01-01T00:00:00Z", "1", "1", "1", "1", "1"]]', "unreadable"),
        *(
            (200, f'[[{instant}, "1", "1", "1", "1", "1"]]', "unit")
            for instant in (EPOCH, EPOCH * 10**6, EPOCH * 10**9)
        ),
    ],
)
def test_a_refusal_has_its_cause(venue, server, status, body, cause):
    server.faults.status, server.faults.body = status, body
    with pytest.raises(FeedFault) as caught:
        venue.minutes(time.time() - 300)
    assert caught.value.reason == cause
    with pytest.raises(ExchangeError, match=r"binance .*\("):
        check_venue(settings_of(server))


def test_times_in_another_unit_warm_no_line_and_are_shown(venue, server):
    server.faults.status, server.faults.body = 200, f'[[{EPOCH}, "1", "1", "1", "1", "1"]]'
    assert warm_closes(venue, "5min", pd.Timestamp.now("UTC")) is None
    with pytest.raises(FeedFault, match=rf"in s; the first row is \[{EPOCH}, 1"):
        venue.minutes(time.time() - 300)


def test_an_exchange_that_hangs_is_left_after_seconds(venue, server, monkeypatch):
    monkeypatch.setattr(venue_module, "_ANSWER_S", 0.2)
    server.faults.hang_s = 3.0
    begun = time.monotonic()
    with pytest.raises(FeedFault) as caught:
        venue._ask(lambda: venue.exchange.fetch_time(), 0.2)
    assert caught.value.reason == "silent"
    assert time.monotonic() - begun < 2.5
    with pytest.raises(FeedFault, match="still hangs"):
        venue.minutes(time.time() - 300)


def test_a_clock_that_is_wrong_is_measured(venue, server):
    server.faults.clock_off_s = -12.0
    off, unsure = venue.clock_off()
    assert off == pytest.approx(12.0, abs=0.5 + unsure)
    assert any("clock" in each for each in check_venue(settings_of(server)).problems)


def test_where_no_time_is_told_the_head_of_an_answer_has_it(venue):
    venue.exchange.has["fetchTime"] = False
    venue.minutes(time.time() - 120)
    off, unsure = venue.clock_off()
    assert abs(off) < 2.0 <= 2.0 + unsure


def test_a_delisted_market_is_no_longer_traded(venue, server):
    assert venue.traded()
    server.faults.delisted = ("ETHUSDT",)
    assert not venue.traded()
    with pytest.raises(FeedFault) as caught:
        venue.minutes(time.time() - 300)
    assert caught.value.reason == "symbol"


def test_a_row_without_a_time_or_any_value_is_none_and_one_that_lacks_some_is_no_sound_minute():
    assert minute_of([None, 1, 2, 1, 2, 3]) is None
    assert minute_of([60_000, None, None, None, None, None]) is None
    for row in ([60_000, 1, 2, None, 2, 3], [60_000, "1", "2"], [60_000, 1, 2, 1, "-", 3]):
        assert minute_of(row).opened == 60 and not minute_of(row).sound


def test_the_stream_tells_minutes_as_they_grow(venue):
    venue.listen()
    until(venue.pushed)
    first: Pushed = venue.pushed()
    until(lambda: venue.pushed().minutes != first.minutes)
    assert venue.told.kind == "minutes"
    assert venue.pushed().age_s < 5.0


def test_a_stream_that_goes_silent_shows_by_its_age_and_is_made_anew(venue, server):
    venue.listen()
    until(venue.pushed)
    server.faults.silent = True
    until(lambda: venue.pushed().age_s > 1.5)
    assert venue.told.fault == ""  # nobody said so
    server.faults.silent = False
    venue.renew()
    until(lambda: venue.told.connections == 2 and venue.pushed())


def test_a_cache_that_is_not_filled_shows_by_its_age(venue, server):
    venue.listen()
    until(venue.pushed)
    server.faults.stuck = True
    time.sleep(0.6)
    until(lambda: venue.pushed().age_s > 2.0)


def test_a_stream_that_breaks_or_is_refused_connects_again(venue, server):
    venue.listen()
    until(venue.pushed)
    server.faults.break_stream = server.faults.refuse_stream = True
    until(lambda: venue.told.fault)
    server.faults.break_stream = server.faults.refuse_stream = False
    before = venue.told.connections
    until(lambda: venue.told.connections > before and venue.pushed() and venue.pushed().age_s < 1.0, 30)


def test_a_frame_that_cannot_be_taken_in_is_a_fault_and_no_traceback(venue, server, caplog, capfd):
    server.faults.frame = [1, 2, 3]
    venue.listen()
    until(lambda: venue.told.fault)
    assert venue.pushed() is None
    server.faults.frame = None
    venue.renew()
    until(venue.pushed)
    assert "Traceback" not in caplog.text + capfd.readouterr().err


def test_what_an_exchange_streams():
    assert Stream.kind("binance") == "minutes"
    assert Stream.kind("coinbase") == "trades"
    assert Stream.kind("nowhere") == ""


def test_late_and_out_of_order_trades_do_not_turn_the_price_back():
    stream = Stream("coinbase", {"symbol": "ETH/USD"})
    stream._take_trades([{"timestamp": 2_000, "price": 10.0}, {"timestamp": 1_000, "price": 9.0}])
    stream._take_trades([{"timestamp": 1_500, "price": 8.0}, {"timestamp": None, "price": 7.0}])
    assert stream.newest().trade == (2.0, 10.0)


def test_once_shows_both_ribbons(server):
    found = look_once(settings_of(server))
    assert set(found) == {"5min", "15min"}
    for chart in found.values():
        assert chart["refusal"] is None
        assert chart["state"] != "unknown"
        assert chart["source"] == "binance"
        assert len(chart["lines"]) == 28
        assert chart["problems"] == []
