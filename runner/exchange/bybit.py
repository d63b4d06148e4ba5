"""Bybit's linear perpetuals, one market of them, as nouns: what is held, one order, executions; and the few things that can be wanted.

The v5 endpoints are asked by name: ccxt's unified calls look at two account pages first, and leave liquidations out of the executions. Stop
and target belong to the position: the entry brings them along, and the venue drops both with the position, so that none is left behind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from lib.contract.visible import visible
from runner.errors import VenueRefused, VenueUnknown
from runner.exchange.keys import Keys
from runner.exchange.models import (
    BUY,
    ENTRY_SIDE,
    FORCED,
    SELL,
    Execution,
    Instrument,
    VenueOrder,
    VenuePosition,
)
from runner.exchange.settings import ExchangeSettings
from runner.exchange.wire import Wire

T = TypeVar("T")
Row = Mapping[str, Any]
#: Orders of which nothing more will come.
_ENDED = ("Filled", "Cancelled", "PartiallyFilledCanceled", "Rejected", "Deactivated", "Triggered")
_KNOWN = (*_ENDED, "New", "PartiallyFilled", "Untriggered", "Created", "Active")
_OF_POSITION = ("StopLoss", "TakeProfit", "PartialStopLoss", "PartialTakeProfit")
_PAGES, _PAGE = 5, 100
#: Milliseconds of executions that one question is answered with; without an end the venue takes it from the start on.
_WINDOW_MS = 7 * 86_400_000


class Bybit:
    """One market of one account. Every method raises VenueRefused or VenueUnknown."""

    def __init__(self, settings: ExchangeSettings, keys: Keys) -> None:
        self.wire = Wire(settings, keys)
        self._market = {"category": "linear", "symbol": settings.symbol}
        self._coin = ""  #: that the market settles in, once it was told

    def market(self) -> Instrument:
        """What orders are taken in. Raises VenueRefused where the market is none to trade."""
        rows = self._rows("public_get_v5_market_instruments_info", self._market)
        row = rows[0] if rows else {}
        if row.get("contractType") != "LinearPerpetual" or row.get("status") != "Trading":
            said = (
                f"it says {row.get('contractType')}, {row.get('status')}"
                if row
                else "it knows none of that name"
            )
            raise VenueRefused(
                f"{self._market['symbol']} is no linear perpetual that is traded now ({visible(said)}). "
                "Write [exchange] symbol as the exchange does, or name another market"
            )

        def market(row: Row) -> Instrument:
            lot, price = row["lotSizeFilter"], row["priceFilter"]
            most = lot.get("maxMktOrderQty") or lot["maxOrderQty"]
            steps = _decimals(price["tickSize"], lot["qtyStep"])
            least = _decimals(lot["minOrderQty"], lot.get("minNotionalValue") or 0, zero=True)
            return Instrument(row["symbol"], row["settleCoin"], *steps, *least, *_decimals(most))

        found = _read(row, market)
        self._coin = found.coin
        return found

    def time_ms(self) -> int:
        """The venue's clock."""
        return _read(
            self.wire.ask("public_get_v5_market_time", {}), lambda row: int(row["timeNano"]) // 1_000_000
        )

    def equity(self, coin: str) -> float:
        """Of the unified account, in one coin. Raises VenueRefused where it holds none of it."""
        found = self._one(
            "private_get_v5_account_wallet_balance", {"accountType": "UNIFIED", "coin": coin}, dict
        )

        def equity(row: Row) -> float:
            told = [each["equity"] for each in row["coin"] if each["coin"] == coin]
            return _number(told[0]) if told else 0.0

        held = _read(found, equity)
        if held <= 0:
            raise VenueRefused(
                f"the unified account holds no {coin} (equity {held:g}): move some into it, then start again"
            )
        return held

    def user(self) -> str:
        """Whose key it is: the number of the account at the venue."""
        found = self.wire.ask("private_get_v5_user_query_api", {})
        return _read(found, lambda row: str(int(row["userID"])))

    def last_price(self) -> float:
        """Of the newest trade."""
        return self._one("public_get_v5_market_tickers", self._market, lambda row: _price(row["lastPrice"]))

    def position(self) -> VenuePosition:
        """What is held. An answer that lists nothing at all is no answer: flat is a row of size 0."""
        rows = self._rows("private_get_v5_position_list", self._market)
        if len(rows) != 1 or str(rows[0].get("positionIdx")) != "0":
            if rows:
                raise VenueRefused("the account is in hedge mode: set one-way mode for this market")
            raise VenueUnknown("the venue lists no position, not even an empty one")
        return _read(rows[0], _held)

    def order(self, order_id: str) -> VenueOrder | None:
        """An order by our id, whether it rests or has ended; None where the venue knows none."""
        request = self._market | {"orderLinkId": order_id}
        for method in ("private_get_v5_order_realtime", "private_get_v5_order_history"):
            for row in self._rows(method, request):
                found = _read(row, self._order)
                if found.order_id != order_id:
                    raise VenueUnknown(f"asked for order {order_id}, the venue told of another")
                return found
        return None

    def open_orders(self) -> list[VenueOrder]:
        """Everything that rests, stops and targets included."""
        rows = self._rows("private_get_v5_order_realtime", self._market | {"limit": 50})
        return [order for order in (_read(row, self._order) for row in rows) if not order.ended]

    def executions(self, since_ms: int, now_ms: int) -> list[Execution]:
        """Executions and payments from then until now, by the venue's clock, each once, in the order of time."""
        windows = range(since_ms, max(now_ms, since_ms) + 1, _WINDOW_MS)
        return [each for begins in windows for each in self._window(begins, begins + _WINDOW_MS <= now_ms)]

    def _window(self, since_ms: int, is_past: bool) -> list[Execution]:
        """Those of one window; one that goes on has no end, as the clocks may differ a little."""
        found: list[Execution] = []
        seen: set[object] = set()  #: what comes while pages are turned stands on two of them
        request = self._market | {"startTime": since_ms, "limit": _PAGE}
        request |= {"endTime": since_ms + _WINDOW_MS - 1} if is_past else {}
        for _ in range(_PAGES):
            result = self.wire.ask("private_get_v5_execution_list", request)
            for row in _listed(result):
                name = row.get("execId") or None
                if name is None or name not in seen:
                    found.append(_read(row, self._execution))
                seen.add(name)
            cursor = result.get("nextPageCursor")
            if not cursor or len(_listed(result)) < _PAGE:
                found.reverse()  # the venue tells the newest first
                return sorted(found, key=lambda each: each.at_ms)
            request = request | {"cursor": cursor}
        raise VenueUnknown(f"more than {_PAGES * _PAGE} executions in {_WINDOW_MS // 86_400_000} days")

    def enter(self, order_id: str, direction: str, size: Decimal, stop: Decimal, target: Decimal) -> None:
        """A market order that opens, with the stop and the target of what it opens."""
        self._send(order_id, ENTRY_SIDE[direction], size, {"reduceOnly": False} | _exits(stop, target))

    def leave(self, order_id: str, side: str, size: float) -> None:
        """A market order that can only make the position smaller."""
        self._send(order_id, side, Decimal(repr(size)), {"reduceOnly": True})

    def cancel(self, order_id: str) -> None:
        """Cancel what is left of an order."""
        self.wire.ask("private_post_v5_order_cancel", self._market | {"orderLinkId": order_id})

    def set_exits(self, stop: Decimal, target: Decimal) -> None:
        """Let stop and target of the position rest at these prices."""
        self.wire.ask(
            "private_post_v5_position_trading_stop", self._market | {"positionIdx": 0} | _exits(stop, target)
        )

    def _order(self, row: Row) -> VenueOrder:
        if row["orderStatus"] not in _KNOWN:
            raise ValueError("a status that is not known")
        ended = row["orderStatus"] in _ENDED
        filled = _size(row["cumExecQty"] if ended else row["cumExecQty"] or 0)
        return VenueOrder(
            order_id=row["orderLinkId"],
            ended=ended,
            filled=filled,
            price=_price(row["avgPrice"]) if filled else 0.0,
            fee=self._fee(row),
            at_ms=int(row["updatedTime"]),
            of_position=row.get("stopOrderType") in _OF_POSITION,
        )

    def _fee(self, row: Row) -> float | None:
        """Of an order; None where it was paid in another coin."""
        fees = row.get("cumFeeDetail")
        if not self._coin or not isinstance(fees, dict) or not fees:
            return _number(row["cumExecFee"] or 0)
        return _number(fees[self._coin]) if set(fees) == {self._coin} else None

    def _execution(self, row: Row) -> Execution:
        payment = row["execType"] == "Funding"
        fee = _number(row["execFee"] or 0)
        if self._coin and row.get("feeCurrency") not in (
            None,
            "",
            self._coin,
        ):  # what it is worth, by its rate
            fee = _number(row["feeRate"]) * _size(row["execQty"]) * _price(row["execPrice"])
        return Execution(
            order_id=row["orderLinkId"],
            side=row["side"],
            size=0.0 if payment else _size(row["execQty"]),
            price=_price(row["execPrice"]),
            fee=fee,
            at_ms=int(row["execTime"]),
            cause=row["execType"] if row["execType"] in FORCED else row.get("stopOrderType") or "",
        )

    def _send(self, order_id: str, side: str, size: Decimal, more: Row) -> None:
        request = {"side": side, "orderType": "Market", "qty": f"{size:f}", "timeInForce": "IOC"}
        ours = {"positionIdx": 0, "orderLinkId": order_id}
        self.wire.ask("private_post_v5_order_create", self._market | request | ours | dict(more))

    def _rows(self, method: str, request: Row) -> list[Row]:
        return _listed(self.wire.ask(method, request))

    def _one(self, method: str, request: Row, read: Callable[[Row], T]) -> T:
        rows = self._rows(method, request)
        if not rows:
            raise VenueUnknown(f"{method}: an empty answer")
        return _read(rows[0], read)


def _exits(stop: Decimal, target: Decimal) -> dict[str, object]:
    triggers = {"tpslMode": "Full", "slTriggerBy": "LastPrice", "tpTriggerBy": "LastPrice"}
    return {"stopLoss": f"{stop:f}", "takeProfit": f"{target:f}"} | triggers


def _listed(result: Row) -> list[Row]:
    rows = result.get("list")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise VenueUnknown("an answer without a list")
    return rows


def _read(row: Row, read: Callable[[Row], T]) -> T:
    try:
        return read(row)
    except (KeyError, IndexError, TypeError, ValueError, InvalidOperation) as error:
        raise VenueUnknown(f"an answer that cannot be read: {type(error).__name__} {error}") from None


def _decimals(*texts: Any, zero: bool = False) -> list[Decimal]:
    """Steps and limits as they are told; ValueError for what is none, as 0 is unless it may be."""
    found = [Decimal(text) for text in texts]
    if not all(each.is_finite() and (each > 0 or (zero and each == 0)) for each in found):
        raise ValueError("no step or limit")
    return found


def _number(text: Any) -> float:
    """What must be told: an empty text is no 0."""
    number = float(text)
    if isinstance(text, bool) or not math.isfinite(number):
        raise ValueError("no number")
    return number


def _size(text: Any) -> float:
    number = _number(text)
    if number < 0:
        raise ValueError("less than nothing")
    return number


def _price(text: Any) -> float:
    number = _number(text)
    if number <= 0:
        raise ValueError("no price")
    return number


def _held(row: Row) -> VenuePosition:
    size = _size(row["size"])
    if size and row["side"] not in (BUY, SELL):
        raise ValueError("a position without a side")
    direction = ("LONG" if row["side"] == BUY else "SHORT") if size else ""
    return VenuePosition(direction, size, _size(row["stopLoss"] or 0), _size(row["takeProfit"] or 0))
