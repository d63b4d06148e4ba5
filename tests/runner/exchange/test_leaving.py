"""An order to leave: wanted once, and a person is told when the venue refuses it."""

from __future__ import annotations

from runner.trade.events import read_events
from tests.runner.exchange.made import live
from tests.runner.trade.made import at_us, enter


def test_a_refused_order_to_leave_is_told(tmp_path, server):
    with live(tmp_path, server, enter(), enter(exit_advice="exit")) as trade:
        trade.tick(40)
        server.faults["order/create"] = [110007]
        trade.tick(50)
        assert "the order to leave was refused" in trade.words("error")
        assert trade.loop.book.held is not None


def test_what_is_to_be_left_is_wanted_once_and_for_its_first_reason(tmp_path, server):
    with live(tmp_path, server, enter()) as trade:
        trade.tick(40)
        (tmp_path / "KILL").touch()  # nothing leaves meanwhile
        for reason in ("CLAUDE_EXIT", "OTHER"):
            trade.loop.broker.leave(at_us(45), reason)
        assert server.account.size > 0
        (tmp_path / "KILL").unlink()
        assert trade.tick(50) == ["fill", "exit"]
    assert [event.reason for event in read_events(tmp_path) if event.kind in ("leave", "exit")] == [
        "CLAUDE_EXIT",
        "CLAUDE_EXIT",
    ]
