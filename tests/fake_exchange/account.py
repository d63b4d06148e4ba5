"""What the stand-in holds: a market with one price, a one-way position with stop and target on it, orders, executions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

FEE = 0.00055
OPPOSITE = {"Buy": "Sell", "Sell": "Buy"}


class Refusal(Exception):
    """A retCode that is not 0."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Account:
    """The state; every method holds the lock. `now_ms` is the venue's clock."""

    def __init__(self, price: float = 100.0, now_ms: Callable[[], int] | None = None) -> None:
        self.lock = threading.RLock()
        self.now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self.price = price
        self.equity = 1_000.0
        self.other_coins: dict[str, str] = {}  #: equity of what is held beside, told first
        self.user = 24_617_703
        self.fee_coin = "USDT"  #: that fees are paid in, at two to the dollar where it is another
        self.side, self.size, self.stop, self.target = "", 0.0, 0.0, 0.0
        self.orders: dict[str, dict[str, Any]] = {}
        self.executions: list[dict[str, Any]] = []
        self.hedged = False
        self.share = 1.0  #: of a market order that is filled
        self.drops_stops = False  #: positions get none, whatever the entry says
        self.refuses_moves = False
        self.working = False  #: orders that open rest instead of being executed
        self.opened = 0  #: how many orders that open were ever accepted

    def move(self, price: float) -> None:
        """A new price; stop and target are executed at it."""
        with self.lock:
            self.price = price
            sign = 1 if self.side == "Buy" else -1
            if self.size and self.stop and (price - self.stop) * sign <= 0:
                self._close_all("StopLoss")
            elif self.size and self.target and (price - self.target) * sign >= 0:
                self._close_all("TakeProfit")

    def place(self, request: dict[str, Any]) -> dict[str, str]:
        """A market order."""
        with self.lock:
            name, side, size = request["orderLinkId"], request["side"], float(request["qty"])
            if name in self.orders:
                raise Refusal(110072, "OrderLinkedID is duplicate")
            if len(name) > 36:
                raise Refusal(10001, "orderLinkId too long")
            if size < 0.01 or round(size / 0.01, 6) % 1:
                raise Refusal(10001, "Qty invalid")
            if request.get("reduceOnly"):
                if not self.size or side == self.side:
                    raise Refusal(110017, "current position is zero, cannot fix reduce-only order qty")
                size = min(size, self.size)
            else:
                self._check_opening(request, side, size)
            self._execute(name, side, size, request)
            return {"orderId": f"id-{name}", "orderLinkId": name}

    def _check_opening(self, request: dict[str, Any], side: str, size: float) -> None:
        sign = 1 if side == "Buy" else -1
        if size * self.price > self.equity * 10:
            raise Refusal(110007, "ab not enough for new order")
        if (self.price - float(request["stopLoss"])) * sign <= 0:
            raise Refusal(10001, "StopLoss set for position should be on the other side")
        self.opened += 1

    def _execute(self, name: str, side: str, size: float, request: dict[str, Any]) -> None:
        opens = not request.get("reduceOnly")
        done = 0.0 if opens and self.working else round(size * self.share / 0.01) * 0.01
        status = "New" if opens and self.working else "Filled" if done == size else "Cancelled"
        self.orders[name] = self._row(name, side, size, done, status, self.price)
        if not done:
            return
        if opens:
            self.side, self.size = side, round(self.size + done, 8)
            self.stop = 0.0 if self.drops_stops else float(request.get("stopLoss") or 0)
            self.target = float(request.get("takeProfit") or 0)
        else:
            self.size = round(self.size - done, 8)
        self._executed(name, side, done, "")
        if not self.size:
            self.side, self.stop, self.target = "", 0.0, 0.0

    def _close_all(self, cause: str) -> None:
        self._executed("", OPPOSITE[self.side], self.size, cause)
        self.side, self.size, self.stop, self.target = "", 0.0, 0.0, 0.0

    def close_by_hand(self, size: float | None = None, kind: str = "Trade") -> None:
        """What a person does, or the venue itself (`kind` BustTrade, AdlTrade)."""
        with self.lock:
            size = self.size if size is None else size
            self._executed("", OPPOSITE[self.side], size, "", kind)
            self.size = round(self.size - size, 8)
            if not self.size:
                self.side, self.stop, self.target = "", 0.0, 0.0

    def _executed(self, name: str, side: str, size: float, cause: str, kind: str = "Trade") -> None:
        self.executions.append(
            {
                "symbol": "ETHUSDT",
                "orderLinkId": name,
                "execId": f"execution-{len(self.executions)}",
                "side": side,
                "execQty": f"{size:g}",
                "execPrice": f"{self.price:g}",
                "execFee": self._fee(size * self.price),
                "feeCurrency": self.fee_coin,
                "feeRate": repr(FEE),
                "execType": kind,
                "execTime": str(self.now_ms()),
                "stopOrderType": cause,
            }
        )

    def pay_funding(self, fee: float) -> None:
        """A payment on the position."""
        with self.lock:
            self._executed("", self.side, self.size, "", "Funding")
            self.executions[-1]["execFee"] = repr(fee)

    def set_exits(self, request: dict[str, Any]) -> dict[str, str]:
        """Move stop and target."""
        with self.lock:
            if not self.size:
                raise Refusal(10001, "can not set tp/sl/ts for zero position")
            if self.refuses_moves:
                raise Refusal(10001, "StopLoss can not be set")
            self.stop, self.target = float(request["stopLoss"]), float(request["takeProfit"])
            return {}

    def cancel(self, request: dict[str, Any]) -> dict[str, str]:
        """Cancel what is left of an order."""
        with self.lock:
            order = self.orders.get(request["orderLinkId"])
            if order is None or order["orderStatus"] != "New":
                raise Refusal(110001, "order not exists or too late to cancel")
            order["orderStatus"] = "Cancelled"
            return {"orderLinkId": request["orderLinkId"]}

    def rest_by_hand(self) -> None:
        """A limit order that somebody else placed."""
        with self.lock:
            self.orders["by-hand"] = self._row("", "Buy", 1.0, 0.0, "New", 50.0)

    def coins(self) -> list[dict[str, str]]:
        """The wallet: coins of which nothing is held are left out."""
        others = [{"coin": coin, "equity": equity} for coin, equity in self.other_coins.items()]
        return others + ([{"coin": "USDT", "equity": repr(self.equity)}] if self.equity else [])

    def _fee(self, value: float) -> str:
        return repr(value * FEE * (1 if self.fee_coin == "USDT" else 2))

    def rows(self, name: str | None) -> list[dict[str, Any]]:
        """Orders by client id; without one those that rest, stop and target of the position among them."""
        with self.lock:
            if name:
                return [self.orders[name]] if name in self.orders else []
            resting = [row for row in self.orders.values() if row["orderStatus"] == "New"]
            for price, kind in ((self.stop, "StopLoss"), (self.target, "TakeProfit")):
                if self.size and price:
                    row = self._row("", OPPOSITE[self.side], self.size, 0.0, "Untriggered", price)
                    resting.append(row | {"stopOrderType": kind})
            return resting

    def position(self) -> list[dict[str, Any]]:
        """As the position list shows it."""
        with self.lock:
            row = {
                "symbol": "ETHUSDT",
                "positionIdx": 0,
                "side": self.side,
                "size": f"{self.size:g}",
                "stopLoss": f"{self.stop:g}" if self.stop else "",
                "takeProfit": f"{self.target:g}" if self.target else "",
            }
            return [row | {"positionIdx": 1}, row | {"positionIdx": 2}] if self.hedged else [row]

    def _row(
        self, name: str, side: str, size: float, done: float, status: str, price: float
    ) -> dict[str, Any]:
        return {
            "symbol": "ETHUSDT",
            "orderLinkId": name,
            "side": side,
            "orderStatus": status,
            "qty": f"{size:g}",
            "cumExecQty": f"{done:g}",
            "avgPrice": f"{price:g}" if done else "",
            "cumExecFee": self._fee(done * price),
            "cumFeeDetail": {self.fee_coin: self._fee(done * price)} if done else {},
            "updatedTime": str(self.now_ms()),
            "stopOrderType": "",
        }
