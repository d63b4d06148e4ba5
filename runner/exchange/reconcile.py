"""Book and venue brought together at a start. What executions explain is recorded; anything else ends the start, and nothing is guessed."""

from __future__ import annotations

import time
from collections.abc import Callable

from runner.errors import ExchangeError, ReconcileError
from runner.exchange.broker import ExchangeBroker

#: Seconds between two looks.
PAUSE_S = 0.5
_FIX = (
    "Look at the exchange, close or cancel there what is not wanted, and start again; where the book is what is wrong, "
    "move trade_events.csv away (decisions stay) and begin a new account"
)


def reconcile(broker: ExchangeBroker, wait: Callable[[float], None] = time.sleep) -> None:
    """Settle what was ordered, record an exit made meanwhile, see that both agree.

    Raises ReconcileError where they do not and what may still be under way has had its time, ExchangeError where the venue does not tell
    within `start_s`.
    """
    desk = broker.desk
    began = desk.clock.monotonic()
    while True:
        unknown, fault = _look(broker)
        if not fault:
            return
        waited = desk.clock.monotonic() - began
        if unknown and waited > desk.settings.start_s:
            raise ExchangeError(
                f"book and exchange could not be brought together within {desk.settings.start_s:g} s: {fault}. "
                "Whatever rests at the exchange goes on resting; start again when it answers"
            )
        if not unknown and waited > desk.arrives_within_s:
            raise ReconcileError(f"{fault}. {_FIX}")
        wait(PAUSE_S)


def _look(broker: ExchangeBroker) -> tuple[bool, str]:
    """Whether it is merely unknown how things stand, and what is wrong; "" if nothing is."""
    desk = broker.desk
    try:
        with desk.venue.wire.within(desk.settings.tick_s):
            if desk.book.order:
                broker.entry.settle()
            if desk.book.order:
                return True, "it is not known what became of an order"
            return False, _disagreement(broker)
    except ExchangeError as error:
        return True, str(error)


def _disagreement(broker: ExchangeBroker) -> str:
    desk = broker.desk
    held = desk.venue.held()
    if desk.book.held and not held.size:
        broker.holding.look(None, killed=True)  # records the exit, if executions explain it
    fill = desk.book.held
    there = f"the exchange holds {held.direction or 'nothing'} {held.size:g} {desk.market.symbol}"
    if fill is None and held.size:
        return f"{there}, and the book knows nothing of it"
    if fill is not None:
        closed = broker.holding.closed_since(fill)
        if held.direction != fill.direction or not desk.market.same_size(held.size + closed, fill.size):
            return f"{there}, the book {fill.direction} {fill.size:g}"
    for order in desk.venue.open_orders():
        if not (fill and order.of_position):
            return (
                f"an order for {desk.market.symbol} rests at the exchange that the book does not know "
                f"(client id {order.order_id or 'none'})"
            )
    return ""
