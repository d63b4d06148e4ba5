"""Trades one by one: newest first, nothing made up where the log has none, and bounded."""

from __future__ import annotations

from lib.contract.dollars import Coin
from lib.draw import trade_list
from tests.lib.draw.made import trades


def listed(frame):
    frame["signature"], frame["confidence"] = "LONG_BOTH_GREEN", [0.8, None, 0.755]
    return frame


def test_every_trade_has_its_row_newest_first():
    table = trade_list.show_trades(listed(trades()), Coin("ETH"))
    rows = table.frame.to_dict("records")
    assert [row["net, per 1 ETH"] for row in rows] == ["+$1.00", "−$2.00", "+$3.00"]
    assert [row["confidence"] for row in rows] == ["0.76", "–", "0.80"]
    assert rows[1] | {"entry (UTC)": ""} == {
        "entry (UTC)": "",
        "setup": "LONG (both ribbons green)",
        "confidence": "–",
        "price": "104.00 → 103.00",
        "net, per 1 ETH": "−$2.00",
        "net return": "−1.923 %",
        "held": "28.0 min",
        "exit": "stop hit",
    }
    assert table.caption == "All 3 trades, one by one, newest first"


def test_a_long_window_lists_the_newest_and_says_so(monkeypatch):
    monkeypatch.setattr(trade_list, "MOST_LISTED", 2)
    table = trade_list.show_trades(listed(trades()))
    assert list(table.frame["net, per 1 coin"]) == ["+$1.00", "−$2.00"]
    assert table.caption == "The newest 2 of 3 trades, one by one, newest first"


def test_no_trade_is_an_empty_table():
    assert trade_list.show_trades(listed(trades())[:0]).frame.empty
