"""A position whose venue misbehaves: never without a stop, left by orders that do not pile up, ended once the executions say how."""

from __future__ import annotations

import pytest

from runner.errors import WriteFailedError
from runner.trade.events import Event, read_events
from runner.trade.live import Watchman
from tests.fake_exchange.account import FEE
from tests.runner.exchange.made import live
from tests.runner.trade.made import at_us, enter

CREATE = "order/create"


def reasons(folder, kind):
    return [event.reason for event in read_events(folder) if event.kind == kind]


def test_a_position_without_a_stop_gets_one(tmp_path, server):
    server.account.drops_stops = True
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        assert server.account.stop == 99.85
        assert not trade.loop.book.halted


@pytest.mark.parametrize("killed", [False, True])
def test_where_no_stop_can_be_placed_the_position_is_closed_at_once_and_halted(tmp_path, server, killed):
    server.account.drops_stops = server.account.refuses_moves = True
    with live(tmp_path, server, enter()) as trade:
        real = server.account.place

        def place(request):  # the kill file comes between entry and stop: closing opens nothing
            if killed:
                (tmp_path / "KILL").touch()
            return real(request)

        server.account.place = place
        trade.tick(40)
        assert server.account.size == 0
        assert trade.loop.book.halted == "no_stop"
        assert trade.tick(50) == ["fill", "exit"]
        assert "closed" in trade.words("halt")
    assert reasons(tmp_path, "exit") == ["OTHER"]


def test_a_full_disk_does_not_keep_a_position_without_a_stop_open(tmp_path, server):
    server.account.drops_stops = server.account.refuses_moves = True
    with live(tmp_path, server, enter()) as trade:
        write = trade.loop.book.write

        def full(event):
            if event.kind in ("halt", "leave", "exit"):
                raise WriteFailedError("no space left")
            write(event)

        trade.loop.book.write = full
        trade.tick(40)
        assert server.account.size == 0
        assert trade.loop.book.held is not None  # not written down, so not counted
        trade.loop.book.write = write
        assert trade.tick(50) == ["fill", "exit"]
        assert trade.loop.book.halted == "no_stop"
    assert reasons(tmp_path, "exit") == ["OTHER"]


def test_a_stop_that_cannot_be_moved_stays_where_the_entry_put_it(tmp_path, server):
    server.account.refuses_moves = True
    with live(tmp_path, server, enter()) as trade:
        real = server.account.place

        def slipped(request):
            server.account.price = 100.1
            return real(request)

        server.account.place = slipped
        for second in (40, 50, 60, 70, 80):
            trade.tick(second)
        assert server.account.stop == 99.85
        assert server.count("position/trading-stop") == 3
        assert not trade.loop.book.halted


def test_a_part_that_somebody_closes_by_hand_is_told_once_each_and_counts_at_the_exit(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        whole = server.account.size
        for second, part in ((50, 2.0), (70, 1.0)):
            server.account.close_by_hand(part)
            trade.tick(second)
            trade.tick(second + 10)
        assert trade.words("error").count("were closed at the exchange, and not by this loop") == 2
        assert f"3 of {whole:g} ETHUSDT" in trade.words("error")
        assert f"{whole - 3:g} stay open" in trade.words("error")
        assert server.account.stop > 0
        assert trade.tick(90, 99.0) == ["exit"]
    (exit_,) = [event for event in read_events(tmp_path) if event.kind == "exit"]
    assert exit_.size == whole


def test_fees_in_another_coin_count_by_their_worth(tmp_path, server):
    server.account.fee_coin = "MNT"
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        trade.tick(50, 99.0)
    fees = {event.kind: event.fee for event in read_events(tmp_path) if event.kind in ("fill", "exit")}
    assert fees == {"fill": pytest.approx(5 * 100 * FEE), "exit": pytest.approx(5 * 99 * FEE)}


def test_a_halt_for_something_else_does_not_keep_a_disagreement_from_being_told(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        trade.loop.book.record(Event("halt", at_us(41), reason="daily_loss"))
        server.account.size += 3
        trade.tick(50)
        trade.tick(60)
        assert trade.words("halt").count("the exchange holds LONG 8, the book 5") == 1


def test_an_execution_that_is_told_twice_counts_once(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        server.account.move(99.0)
        server.account.executions.append(dict(server.account.executions[-1]))
        assert trade.tick(50) == ["fill", "exit"]
    assert read_events(tmp_path)[-1].size == 5.0


def test_a_part_that_the_venues_stop_closes_is_no_matter_of_a_person(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        server.account.close_by_hand(2.0)
        server.account.executions[-1]["stopOrderType"] = "StopLoss"
        trade.tick(50)
        assert trade.words("error") == ""


@pytest.mark.parametrize("fault", ["drop_after", "hang_after", "500_after", "garbage"])
def test_a_leaving_whose_outcome_is_unknown_is_seen_at_the_venue(tmp_path, server, fault):
    with live(tmp_path, server, enter(), enter(exit_advice="exit")) as trade:
        trade.tick(40)
        server.faults[CREATE] = [fault]
        trade.tick(50)
        trade.tick(60)
        assert trade.loop.book.held is None
        assert server.count(CREATE) == 2
    assert reasons(tmp_path, "exit") == ["CLAUDE_EXIT"]


@pytest.mark.parametrize("fault", ["drop_before", "500_before"])
def test_a_leaving_that_never_arrived_is_tried_again_when_it_cannot_arrive_any_more(tmp_path, server, fault):
    with live(tmp_path, server, enter(), enter(exit_advice="exit")) as trade:
        trade.tick(40)
        server.faults[CREATE] = [fault]
        trade.tick(50)
        trade.tick(57)
        assert server.count(CREATE) == 2
        assert server.account.stop > 0
        assert trade.tick(62) == ["exit"]
        sent = [request["orderLinkId"] for path, request in server.asked if path == CREATE]
        assert sent[-1].endswith("-x2")


def test_a_refused_leaving_is_tried_at_the_next_tick(tmp_path, server):
    with live(tmp_path, server, enter(), enter(exit_advice="exit")) as trade:
        trade.tick(40)
        server.faults[CREATE] = [110007]
        trade.tick(50)
        assert trade.tick(60) == ["exit"]


def test_executions_that_come_late_are_waited_for_and_missing_ones_halt(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        server.account.move(99.0)
        hidden = server.account.executions.pop()
        trade.tick(50)
        assert trade.loop.book.held is not None
        for second in (60, 80, 100, 120):
            trade.tick(second)
        assert trade.loop.book.halted == "venue"
        server.account.executions.append(hidden)
        assert trade.tick(130) == ["exit"]


@pytest.mark.parametrize("fault", ["empty", "hollow", "garbage", "500_before"])
def test_an_answer_that_lists_nothing_is_not_taken_for_flat(tmp_path, server, fault):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        server.faults["position/list"] = [fault]
        trade.tick(50)
        assert trade.loop.book.held is not None
        assert server.count("execution/list") == 0


def test_a_silent_venue_is_told_once_and_when_it_is_over(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        server.faults["position/list"] = ["drop_before"] * 9
        for second in range(50, 140, 10):
            trade.tick(second)
        assert trade.words("error").count("has not answered") == 1
        trade.tick(140)
        assert "answers again" in trade.words("error")


def test_a_key_that_is_refused_while_something_is_held_is_told_at_once_and_once(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        trade.told.clear()
        server.faults["position/list"] = [10010] * 3
        for second in (50, 60, 70):
            trade.tick(second)
        told = trade.words("error")
        assert told.count("the exchange refuses; a position is open, its stop and target rest") == 1
        assert "Add the address of this machine to the key" in told and "has not answered" not in told
        trade.tick(80)
        assert "over: the exchange answers again" in trade.words("error")


def test_without_prices_a_person_is_told_that_the_stop_rests(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        watchman = Watchman(tmp_path, trade.loop)
        for second in range(50, 130, 10):
            trade.feed.clock.at_us = at_us(second)
            watchman.step()
        assert "rest at the exchange" in trade.words("error")
        assert server.account.size > 0
        trade.tick(140)
        assert server.account.size > 0  # no DATA_LOSS: what rests is the protection (L9)
