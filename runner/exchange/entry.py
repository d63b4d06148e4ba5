"""The entry: sent at most once, then looked up by its id until it is known what became of it (docs/guarantees.md, L4).

The order is in the event log before it leaves, and its id at the venue follows from the decision's. A sending whose outcome is unknown is
neither repeated nor taken for failed: the venue is asked for that id. Only where it does not know the id although nothing sent can arrive
any more is the order void.
"""

from __future__ import annotations

from decimal import Decimal

from lib.contract.dollars import plain_number
from lib.market.exits import ExitRule
from runner.errors import ExchangeError, VenueRefused, VenueUnknown
from runner.exchange.desk import VENUE, Desk
from runner.exchange.models import VenueOrder, order_id
from runner.trade.broker import Order
from runner.trade.events import Event


class Entry:
    """Makes orders of decisions and fills of orders."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        #: When a sending may last have left, by the monotonic clock; a start counts, because one may have left just before.
        self._left_at = desk.clock.monotonic()
        self._refused = False  #: the last entry; its market may take other sizes or prices by now

    def make(self, order: Order, chart_price: float) -> None:
        """Send what is ordered, or make it void."""
        try:
            obstacle, size, price = self._prepared(order, chart_price)
        except ExchangeError as error:
            obstacle = "unanswered"
            self.desk.tell("error", f"no order was sent: {error}")
        if not obstacle:
            obstacle = self._send(order, size, price)
        if obstacle:
            self._void(order.decision_id, obstacle)
        else:
            self.settle()

    def settle(self) -> None:
        """Make a fill or a void of what is ordered, if it is known what became of it. Raises VenueUnknown while it is not."""
        desk, order = self.desk, self.desk.book.order
        assert order is not None
        if desk.venue.wire.busy:  # a sending that hangs may still leave
            self._left_at = desk.clock.monotonic()
        name = order_id(order.decision_id, "e")
        found = desk.venue.order(name)
        if found is None:
            if desk.clock.monotonic() - self._left_at > desk.arrives_within_s:
                self._void(order.decision_id, "not_accepted")
        elif not found.ended:
            if desk.clock.now_us() > order.valid_until:
                desk.venue.cancel(name)
        elif found.filled:
            desk.record(self._fill(order, found))
        else:
            self._void(order.decision_id, "unfilled")

    def _prepared(self, order: Order, chart_price: float) -> tuple[str, Decimal, float]:
        """Why nothing is sent ("" if something is), the size, and the venue's price."""
        desk, none = self.desk, Decimal(0)
        fills = desk.book.fills
        if fills and desk.clock.now_us() - fills[-1].at < desk.watch.spacing_us:
            return "spacing", none, 0.0
        if self._refused:
            desk.market, self._refused = desk.venue.market(), False
        if desk.venue.position().size or desk.venue.open_orders():
            desk.halt(VENUE, "the exchange holds a position or an order that the book does not know")
            return "venue", none, 0.0
        price = desk.venue.last_price()
        gap = abs(price / chart_price - 1) * 100 if chart_price > 0 else float("inf")
        if gap > desk.settings.max_price_gap_pct:
            symbol, here, there = (
                desk.market.symbol,
                *(plain_number(each, 6) for each in (chart_price, price)),
            )
            desk.tell(
                "error",
                f"no order was sent: {symbol} is at {there} at the exchange and the chart at {here}, {gap:.2g} % apart; "
                "max_price_gap_pct allows less. See that both are the same market",
            )
            return "price_gap", none, price
        size = desk.market.size(order.notional, price)
        if not size:
            desk.tell(
                "error",
                f"no order was sent: {order.notional:.2f} is less than the least that the exchange takes "
                f"({desk.market.least(price):.2f} {desk.market.coin} at this price). Raise size_pct, or what the rails allow",
            )
        return ("" if size else "too_small"), size, price

    def _send(self, order: Order, size: Decimal, price: float) -> str:
        """Why it did not leave or was refused; "" where it was accepted or nobody knows."""
        desk = self.desk
        if desk.killed():
            return "kill"
        window_us = desk.settings.receive_window_ms * 1_000
        if desk.clock.now_us() + window_us > order.valid_until:
            desk.tell(
                "error",
                f"no order was sent: the decision would be over before {desk.settings.receive_window_ms / 1_000:g} s have passed, "
                "within which the exchange may still take it. Lower receive_window_ms where it happens often",
            )
            return "expired"  # it could still be accepted after that (L4)
        stop, target = desk.market.exits(order.direction, price, order.rule)
        try:
            desk.venue.enter(order_id(order.decision_id, "e"), order.direction, size, stop, target)
        except VenueRefused as error:
            self._refused = True
            desk.tell("error", f"the entry was refused: {error}")
            return "refused"
        except VenueUnknown as error:
            desk.tell("error", f"nobody knows yet whether the entry was accepted; it is looked up: {error}")
        finally:
            self._left_at = desk.clock.monotonic()  # it may have left, however this ended
        return ""

    def _void(self, decision_id: str, reason: str) -> None:
        self.desk.record(Event("void", self.desk.clock.now_us(), decision_id, reason=reason))

    def _fill(self, order: Event, found: VenueOrder) -> Event:
        return Event(
            "fill",
            max(self.desk.at(found.at_ms), order.at + 1),
            order.decision_id,
            order.direction,
            size=found.filled,
            price=found.price,
            fee=self._worth(order, found) if found.fee is None else found.fee,
            stop_pct=order.stop_pct,
            target_pct=order.target_pct,
            hold_minutes=order.hold_minutes,
        )

    def _worth(self, order: Event, found: VenueOrder) -> float:
        """Of a fee in another coin, by the executions. Raises VenueUnknown while they do not tell of all that was filled."""
        desk = self.desk
        parts = [each for each in desk.executions_of(order) if each.order_id == found.order_id]
        if not desk.market.same_size(sum(each.size for each in parts), found.filled):
            raise VenueUnknown("the executions of an entry do not tell yet what its fee is worth")
        return sum(each.fee for each in parts)


def rule_of(fill: Event) -> ExitRule:
    """The exits of a fill."""
    return ExitRule(fill.target_pct, fill.stop_pct, fill.hold_minutes)
