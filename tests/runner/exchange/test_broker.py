"""A decision's way through the venue: entry with its stop, exits of every kind, money as the exchange reports it."""

from __future__ import annotations

import pytest

from runner.exchange.models import order_id
from runner.trade.events import read_events
from tests.fake_exchange.account import FEE
from tests.runner.exchange.made import ACCOUNT, DECISIONS, EVENTS, live
from tests.runner.trade.made import enter, log_rows


def test_an_entry_is_filled_at_once_and_its_stop_rests_from_then_on(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        account = server.account
        (_, sent) = next(pair for pair in server.asked if pair[0] == "order/create")
        assert (account.side, account.size) == ("Buy", 5.0)  # half of 1,000 at 100
        assert (sent["stopLoss"], sent["takeProfit"]) == ("99.85", "100.30")
        assert (account.stop, account.target) == (99.85, 100.3)
        assert trade.tick(50) == ["fill"]
        (row, *_) = log_rows(tmp_path, DECISIONS)
        assert (row["executed"], float(row["entry_price"]), float(row["size"])) == ("True", 100.0, 5.0)
        assert float(row["fees"]) == pytest.approx(2 * 500 * FEE)
        assert sent["orderLinkId"] == order_id(row["decision_id"], "e")
    (opened, *_) = read_events(tmp_path)
    assert (opened.kind, opened.price, opened.reason) == (
        "open",
        1_000.0,
        f"{ACCOUNT} of user {account.user}",
    )


@pytest.mark.parametrize(
    ("direction", "price", "reason"),
    [
        ("LONG", 99.8, "SL_HIT"),
        ("LONG", 100.4, "TP_HIT"),
        ("SHORT", 100.2, "SL_HIT"),
        ("SHORT", 99.6, "TP_HIT"),
    ],
)
def test_stop_and_target_are_the_venues_and_the_money_is_what_it_reports(
    tmp_path, server, direction, price, reason
):
    with live(tmp_path, server, enter(direction)) as trade:
        trade.tick(40)
        server.account.pay_funding(0.05)
        assert trade.tick(50, price) == ["fill", "exit"]
        sign = 1 if direction == "LONG" else -1
        net = sign * 5 * (price - 100) - 5 * (100 + price) * FEE - 0.05
        assert trade.loop.book.equity == pytest.approx(1_000 + net)
        assert trade.loop.book.held is None
    (row, *_) = log_rows(tmp_path, DECISIONS)
    assert (row["exit_reason"], float(row["exit_price"])) == (reason, price)


def test_exits_are_moved_to_their_distance_from_the_fill(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        before = server.account.place

        def slipped(request):
            server.account.price = 100.1
            return before(request)

        server.account.place = slipped
        trade.tick(40)
        assert (server.account.stop, server.account.target) == (99.95, 100.4)
        assert server.count("position/trading-stop") == 1
        trade.tick(50)
        assert server.count("position/trading-stop") == 1


def test_advice_leaves_at_once_by_an_order_that_only_reduces(tmp_path, server):
    leave = enter(exit_advice="exit")
    with live(tmp_path, server, enter(), leave) as trade:
        trade.tick(40)
        trade.tick(50)
        (_, sent) = [pair for pair in server.asked if pair[0] == "order/create"][-1]
        assert (sent["reduceOnly"], sent["side"], sent["qty"]) == (True, "Sell", "5.0")
        assert server.account.size == 0
        assert server.count("order/cancel") == 0
        assert trade.tick(60) == ["exit"]
    (row, *_) = log_rows(tmp_path, DECISIONS)
    assert row["exit_reason"] == "CLAUDE_EXIT"


def test_the_time_exit_comes_without_samples_too(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        trade.tick(50)
        trade.feed.clock.at_us += 50 * 60_000_000
        events = trade.loop.silence().events
        assert [(event.kind, event.reason) for event in events] == [("exit", "TIME_EXIT")]


def test_an_exit_in_parts_is_one_exit(tmp_path, server):
    with live(tmp_path, server, enter(), enter(exit_advice="exit")) as trade:
        trade.tick(40)
        server.account.share = 0.4
        trade.tick(50)
        assert server.account.size == 3.0
        assert server.account.stop > 0  # what is left is still protected
        server.account.share = 1.0
        assert trade.tick(60, 100.1) == ["exit"]
        exit_ = read_events(tmp_path)[-1]
        assert exit_.price == pytest.approx((2 * 100 + 3 * 100.1) / 5)
        assert exit_.fee == pytest.approx((2 * 100 + 3 * 100.1) * FEE)
        sent = [request["orderLinkId"] for path, request in server.asked if path == "order/create"]
        assert len(set(sent)) == 3


def test_a_partial_fill_is_what_is_held(tmp_path, server):
    server.account.share = 0.4
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        assert trade.loop.book.held.size == server.account.size == 2.0
        assert trade.loop.book.held.fee == pytest.approx(200 * FEE)


def test_a_position_closed_by_hand_is_recorded_as_that(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        server.account.close_by_hand()
        assert trade.tick(50) == ["fill", "exit"]
    assert read_events(tmp_path)[-1].reason == "MANUAL"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("BustTrade", "liquidated the position"),
        ("AdlTrade", "auto-deleveraging"),
        ("Delivery", "end of its contract"),
        ("Settle", "end of its contract"),
    ],
)
def test_what_the_exchange_closes_by_itself_is_told_as_that_and_no_persons_doing(
    tmp_path, server, kind, words
):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        server.account.price = 99.9
        server.account.close_by_hand(kind=kind)
        assert trade.tick(50) == ["fill", "exit"]
        assert trade.words("error").count(words) == 1
    exit_ = read_events(tmp_path)[-1]
    assert (exit_.reason, exit_.price) == ("OTHER", 99.9)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        ({"size_pct": 0.4}, "too_small"),
        ({"receive_window_ms": 10_000, "chosen": None, "valid": 9}, "expired"),
        ({"price": 100.4}, "price_gap"),
    ],
)
def test_an_entry_that_must_not_leave_does_not(tmp_path, server, prepare, reason):
    given = dict(prepare)  # the parameters are those of a second run too
    price, valid = given.pop("price", None), given.pop("valid", 20)
    with live(tmp_path, server, enter(valid_for_s=valid), **given) as trade:
        if price:
            server.account.price = price
            trade.feed.give(40, 100.0)
            trade.loop.step()
        else:
            trade.tick(40)
        assert server.account.opened == 0
        assert trade.tick(50) == ["void"]
        assert "no order was sent" in trade.words("error")
    assert read_events(tmp_path)[-1].reason == reason
    assert log_rows(tmp_path, DECISIONS)[0]["reason_code"] == reason


def test_with_the_kill_file_nothing_opens_and_what_rests_goes_on_resting(tmp_path, server):
    with live(tmp_path, server, enter(), enter(exit_advice="exit")) as trade:
        real = server.account.rows

        def rows(name):  # the kill file comes while the venue is asked
            (tmp_path / "KILL").touch()
            return real(name)

        server.account.rows = rows
        trade.tick(40)
        assert (server.account.opened, read_events(tmp_path)[-1].reason) == (0, "kill")
    server.account.rows = real
    (tmp_path / "KILL").unlink()
    with live(tmp_path, server, enter(), enter(exit_advice="exit"), begin=100) as trade:
        trade.tick(140)
        (tmp_path / "KILL").touch()
        trade.tick(150)
        trade.tick(160)
        assert server.account.size > 0
        assert server.account.stop > 0
        assert trade.tick(170, 99.0) == ["exit"]
    assert len(log_rows(tmp_path, EVENTS)) == 7  # open, order, void; order, fill, leave, exit


def test_what_the_book_does_not_know_halts_before_an_entry(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        server.account.rest_by_hand()
        trade.tick(40)
        assert server.account.opened == 0
        assert trade.loop.book.halted == "venue"
        assert "does not know" in trade.words("halt")
        assert trade.tick(50) == ["void"]


def test_a_larger_position_than_the_books_halts_and_nothing_is_touched(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        server.account.size = 8.0
        trade.tick(50)
        assert trade.loop.book.halted == "venue"
        assert server.count("order/create") == 1


def test_a_reversal_ends_it_where_the_decider_says_so(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.loop.broker.desk.watch = type(trade.loop.broker.desk.watch)(reverses=True)
        trade.tick(40)
        trade.tick(50)
        assert trade.tick(60, state="all_red") == ["exit"]
    assert read_events(tmp_path)[-1].reason == "RIBBON_REVERSAL"


def test_a_stop_that_somebody_moves_is_put_back_and_told_and_one_that_stays_moved_is_told_too(
    tmp_path, server
):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        trade.tick(50)
        assert not trade.words("error")
        for place in range(3):
            server.account.stop = 99.0
            trade.tick(60 + 20 * place)
            assert server.account.stop == 99.85
            trade.tick(70 + 20 * place)
        told = [text for kind, text in trade.told if kind == "error"]
        assert len(told) == 3
        assert "stop 99 and target 100.3 in place of 99.85 and 100.3" in told[0]
        assert "they are put back" in told[0]
        server.account.stop = 99.0
        trade.tick(120)
        trade.tick(130)
        assert server.account.stop == 99.0
        told = [text for kind, text in trade.told if kind == "error"]
        assert len(told) == 4
        assert "they stay there" in told[-1]
