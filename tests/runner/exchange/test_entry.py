"""What becomes of an entry whose sending goes wrong: known in the end, sent once, never taken for failed (docs/guarantees.md, L4)."""

from __future__ import annotations

import time

import pytest

from runner.trade.events import read_events
from tests.fake_exchange.server import INSTRUMENT
from tests.runner.exchange.made import live
from tests.runner.trade.made import enter

CREATE = "order/create"


def kinds(folder):
    return [event.kind for event in read_events(folder)]


@pytest.mark.parametrize("fault", ["drop_after", "hang_after", "500_after", "garbage", "hollow"])
def test_an_entry_that_was_accepted_without_our_knowing_is_held(tmp_path, server, fault):
    server.faults[CREATE] = [fault]
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        trade.tick(50)
        assert trade.loop.book.held is not None
        assert trade.loop.book.held.size == server.account.size == 5.0
        assert server.account.stop == 99.85
        assert server.count(CREATE) == 1
        assert "looked up" in trade.words("error")


@pytest.mark.parametrize("fault", ["drop_before", "hang_before", "500_before", "busy"])
def test_an_entry_that_never_arrived_is_void_only_when_it_cannot_arrive_any_more(tmp_path, server, fault):
    server.faults[CREATE] = [fault]
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        trade.tick(47)  # within the receive window and its margin it might still be under way
        assert trade.loop.book.order is not None
        trade.tick(52)
        assert server.count(CREATE) == 1
    assert kinds(tmp_path)[-1] == "void"
    assert read_events(tmp_path)[-1].reason == "not_accepted"


@pytest.mark.parametrize("lookup", ["drop_before", "500_before", "garbage", "hollow", "busy"])
def test_while_the_venue_does_not_tell_it_stays_ordered(tmp_path, server, lookup):
    server.faults[CREATE] = ["drop_after"]
    with live(tmp_path, server, enter()) as trade:
        server.faults["order/realtime"] = ["", lookup, lookup, lookup]  # the first is asked before the entry
        trade.tick(40)
        for second in (60, 80):
            trade.tick(second)
            assert trade.loop.book.order is not None
        assert trade.tick(100) == ["fill"]
        assert (server.account.opened, server.count(CREATE)) == (1, 1)


@pytest.mark.parametrize("code", [110007, 10001, 10003, 110017, "country", "legal", "forbidden"])
def test_a_clear_no_is_void_at_once(tmp_path, server, code):
    server.faults[CREATE] = [code]
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        assert trade.loop.book.order is None
        assert "refused" in trade.words("error")
    assert read_events(tmp_path)[-1].reason == "refused"


def test_a_duplicate_id_means_that_it_is_there(tmp_path, server):
    real = server.account.place

    def twice(request):
        real(request)
        return real(request)

    server.account.place = twice
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        assert trade.loop.book.held.size == server.account.size == 5.0


def test_sizes_that_the_market_takes_no_more_are_learned_after_a_refusal(tmp_path, server, monkeypatch):
    with live(tmp_path, server, enter(), enter()) as trade:
        monkeypatch.setitem(INSTRUMENT, "lotSizeFilter", INSTRUMENT["lotSizeFilter"] | {"qtyStep": "2"})
        server.faults[CREATE] = [10001]
        trade.tick(40)
        for second in range(50, 400, 10):
            if trade.tick(second):
                break
        assert server.account.size == 4.0


def test_a_clock_that_is_off_is_set_and_costs_one_entry(tmp_path, server):
    server.faults[CREATE] = [10002]
    with live(tmp_path, server, enter(), enter()) as trade:
        trade.tick(40)
        before = server.count("market/time")
        assert read_events(tmp_path)[-1].reason == "refused"
        trade.tick(50)
        assert trade.loop.book.held is not None
        assert server.count("market/time") == before + 1


def test_an_order_that_rests_past_its_time_is_cancelled(tmp_path, server):
    server.account.working = True
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        trade.tick(50)
        assert server.count("order/cancel") == 0
        trade.tick(61)
        assert server.count("order/cancel") == 1
        assert trade.tick(70) == ["void"]
    assert read_events(tmp_path)[-1].reason == "unfilled"


@pytest.mark.parametrize("path", ["position/list", "market/tickers"])
def test_without_knowing_how_things_stand_nothing_is_sent(tmp_path, server, path):
    with live(tmp_path, server, enter()) as trade:
        server.faults[path] = ["garbage"]
        trade.tick(40)
        assert server.count(CREATE) == 0
    assert read_events(tmp_path)[-1].reason == "unanswered"


@pytest.mark.serial
def test_a_venue_that_hangs_takes_no_more_of_a_tick_than_it_is_given(tmp_path, server):
    server.hang_s = 3.0
    with live(tmp_path, server, enter()) as trade:
        server.faults[CREATE] = ["hang_after"]
        server.faults["order/realtime"] = [""] + ["hang_before"] * 9
        began = time.monotonic()
        trade.tick(40)
        assert time.monotonic() - began < 1.5 + 0.5
        assert trade.loop.book.order is not None
