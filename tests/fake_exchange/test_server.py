"""The stand-in itself: it checks signatures, keeps an account, and makes the faults it is told to make."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.fake_exchange.account import Account, Refusal
from tests.fake_exchange.server import running

ENTRY = {"orderLinkId": "a", "side": "Buy", "qty": "1", "stopLoss": "99", "takeProfit": "101"}


def test_a_wrong_signature_is_refused():
    with running() as server, urllib.request.urlopen(f"{server.address}/v5/position/list?x=1") as answer:
        assert b"10004" in answer.read()


def test_faults_come_before_or_after_the_effect():
    with running() as server:
        server.faults["market/time"] = ["500_before", "drop_before"]
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{server.address}/v5/market/time")
        with pytest.raises(OSError):
            urllib.request.urlopen(f"{server.address}/v5/market/time")
        assert urllib.request.urlopen(f"{server.address}/v5/market/time").status == 200


def test_a_gate_stands_before_everything():
    with running() as server:
        server.gate = "legal"
        for path in ("market/time", "order/create"):
            with pytest.raises(urllib.error.HTTPError, match="451"):
                urllib.request.urlopen(f"{server.address}/v5/{path}")
        assert server.account.opened == 0


def test_the_account_holds_one_position_that_ends_at_its_stop_and_takes_an_id_once():
    account = Account()
    account.place(dict(ENTRY))
    with pytest.raises(Refusal, match="duplicate"):
        account.place(dict(ENTRY))
    assert {row["stopOrderType"] for row in account.rows(None)} == {"StopLoss", "TakeProfit"}
    account.move(98.5)
    assert (account.size, account.stop) == (0.0, 0.0)
    assert [row["stopOrderType"] for row in account.executions] == ["", "StopLoss"]
    with pytest.raises(Refusal, match="zero"):
        account.place({"orderLinkId": "b", "side": "Sell", "qty": "1", "reduceOnly": True})
