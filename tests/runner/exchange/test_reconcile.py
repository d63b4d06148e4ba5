"""A start brings book and venue together, or refuses: what executions explain is recorded, nothing is guessed."""

from __future__ import annotations

import pytest

from runner.errors import EventLogError, ExchangeError, ReconcileError, VenueRefused
from runner.trade.events import read_events
from tests.runner.exchange.made import DECISIONS, live
from tests.runner.trade.made import START_US, Script, enter, hand_loop, log_rows

#: Milliseconds.
DAY_MS = 86_400_000


def kinds(folder):
    return [event.kind for event in read_events(folder)]


def held(folder, server):
    """A folder whose loop ended while a position was open."""
    with live(folder, server, enter()) as trade:
        trade.tick(40)
        trade.tick(50)


def test_a_position_that_both_know_goes_on(tmp_path, server):
    held(tmp_path, server)
    with live(tmp_path, server, begin=100) as trade:
        assert trade.loop.book.held.size == server.account.size
        assert trade.tick(140, 99.0) == ["exit"]


def test_a_stop_hit_while_the_loop_was_down_is_recorded_and_told(tmp_path, server):
    held(tmp_path, server)
    server.account.move(99.8)
    with live(tmp_path, server, begin=100) as trade:
        assert trade.loop.book.held is None
        assert "SL_HIT" in trade.words("exit")
        (row, *_) = log_rows(tmp_path, DECISIONS)
        assert (row["exit_reason"], float(row["exit_price"])) == ("SL_HIT", 99.8)


def test_a_stop_hit_nine_days_into_ten_of_which_the_loop_was_down_is_recorded(tmp_path, server):
    """The venue tells executions seven days at a time."""
    held(tmp_path, server)
    hit = START_US // 1_000 + 9 * DAY_MS
    server.account.now_ms = lambda: hit
    server.account.move(99.8)
    with live(tmp_path, server, begin=10 * DAY_MS / 1_000) as trade:
        assert trade.loop.book.held is None
        assert "SL_HIT" in trade.words("exit")
    assert read_events(tmp_path)[-1].at // 1_000 == hit


def test_an_entry_that_filled_while_the_loop_was_down_is_recorded(tmp_path, server):
    server.faults["order/create"] = ["drop_after"]
    with live(tmp_path, server, enter()) as trade:
        server.faults["order/realtime"] = ["", "500_before"]  # the first is asked before the entry
        trade.tick(40)
        assert trade.loop.book.order is not None
    with live(tmp_path, server, begin=60) as trade:
        assert trade.loop.book.held.size == server.account.size == 5.0
        assert "LONG" in trade.words("entry")
    assert server.account.opened == 1


def test_an_entry_that_never_arrived_is_void_after_its_time(tmp_path, server):
    server.faults["order/create"] = ["drop_before"]
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
    with live(tmp_path, server, begin=41) as trade:
        assert trade.loop.book.order is None
    assert kinds(tmp_path) == ["open", "order", "void"]
    assert read_events(tmp_path)[-1].at >= read_events(tmp_path)[1].at + 10_000_000


@pytest.mark.parametrize("change", ["stranger", "order", "larger", "other_way", "smaller"])
def test_what_only_one_side_knows_refuses_the_start(tmp_path, server, change):
    account = server.account
    if change == "order":
        account.rest_by_hand()
    elif change == "stranger":
        account.side, account.size = "Buy", 1.0
    else:
        held(tmp_path, server)
        if change == "larger":
            account.size = 7.0
        elif change == "smaller":
            account.size = 2.0
        else:
            account.side = "Sell"
    before = kinds(tmp_path)
    with pytest.raises(ReconcileError, match="the exchange") as refused, live(tmp_path, server, begin=100):
        pass
    assert refused.value.exit_code == 14
    assert "start again" in str(refused.value)
    assert kinds(tmp_path) == before
    assert server.count("order/create") == (0 if change in ("order", "stranger") else 1)


def test_a_position_that_is_gone_without_a_trace_refuses_the_start(tmp_path, server):
    held(tmp_path, server)
    server.account.side, server.account.size = "", 0.0
    with pytest.raises(ReconcileError, match="holds nothing"), live(tmp_path, server, begin=100):
        pass


def test_a_part_closed_by_hand_goes_on(tmp_path, server):
    held(tmp_path, server)
    server.account.close_by_hand(2.0)
    with live(tmp_path, server, begin=100) as trade:
        assert trade.tick(140, 99.0) == ["exit"]


def test_a_stop_that_was_moved_while_the_loop_was_down_is_put_back_and_told_once(tmp_path, server):
    held(tmp_path, server)
    with live(tmp_path, server, begin=100) as trade:
        trade.tick(140)
        assert not trade.words("error")
    server.account.stop = 99.0
    with live(tmp_path, server, begin=200) as trade:
        trade.tick(240)
        trade.tick(250)
        assert server.account.stop == 99.85
        (told,) = [text for kind, text in trade.told if kind == "error"]
        assert (
            "stop 99.0 and target 100.3 in place of 99.85 and 100.30, at this start: they are put back"
            in told
        )


def test_a_venue_that_is_silent_refuses_the_start(tmp_path, server):
    held(tmp_path, server)
    server.faults["position/list"] = ["500_before"] * 200
    with pytest.raises(ExchangeError, match="goes on resting"), live(tmp_path, server, begin=100, start_s=5):
        pass


@pytest.mark.parametrize(
    ("gate", "words"),
    [("country", "the country of this machine"), ("legal", "the country"), ("forbidden", "at its gateway")],
)
def test_a_country_block_ends_the_start_at_once(tmp_path, server, gate, words):
    server.gate = gate
    with pytest.raises(VenueRefused, match=words), live(tmp_path, server, start_s=60):
        pass
    assert len(server.asked) == 1


def test_a_key_that_is_refused_ends_the_start_at_once_with_what_to_do(tmp_path, server):
    server.faults["position/list"] = [10005]
    with pytest.raises(VenueRefused, match="rights to read and to trade contracts"), live(tmp_path, server):
        pass
    assert server.count("position/list") == 1


def test_hedge_mode_refuses_the_start(tmp_path, server):
    server.account.hedged = True
    with pytest.raises(ExchangeError, match="one-way"), live(tmp_path, server):
        pass


def test_a_folder_is_of_one_account(tmp_path, server):
    with hand_loop(tmp_path, Script()):
        pass
    with pytest.raises(ReconcileError, match="a paper account"), live(tmp_path, server):
        pass
    other = tmp_path / "other"
    other.mkdir()
    with live(other, server):
        pass
    with pytest.raises(EventLogError, match="bybit testnet"), hand_loop(other, Script()):
        pass


def test_a_key_of_another_user_is_another_account(tmp_path, server):
    with live(tmp_path, server):
        pass
    server.account.user += 1
    with (
        pytest.raises(ReconcileError, match=r"of user 24617703, and .* of user 24617704, whose key"),
        live(tmp_path, server),
    ):
        pass
    path = tmp_path / "trade_events.csv"
    assert "of user 24617703" in path.read_text()


def test_a_market_that_the_venue_does_not_know_ends_the_start_at_once(tmp_path, server):
    server.faults["market/instruments-info"] = ["empty"]
    with (
        pytest.raises(VenueRefused, match=r"knows none of that name.*Write \[exchange\] symbol"),
        live(tmp_path, server),
    ):
        pass


def test_an_account_without_money_is_told_as_that(tmp_path, server):
    server.account.equity = 0.0
    server.account.other_coins = {"BTC": "2"}
    with pytest.raises(VenueRefused, match=r"holds no USDT .*move some into it"), live(tmp_path, server):
        pass
    server.account.equity = 500.0
    with live(tmp_path, server) as trade:
        assert trade.loop.book.equity == 500


def test_a_leaving_cut_short_is_not_sent_again_while_it_may_be_under_way(tmp_path, server):
    with live(tmp_path, server, enter(), enter(exit_advice="exit")) as trade:
        trade.tick(40)
        server.faults["order/create"] = ["drop_before"]
        trade.tick(50)
    sent = server.count("order/create")
    with live(tmp_path, server, begin=60) as trade:
        trade.tick(91)  # the start was at 90, and the try before it may have left just then
        assert server.count("order/create") == sent
        trade.tick(101)
        assert server.count("order/create") == sent + 1
        assert trade.loop.book.held is None
