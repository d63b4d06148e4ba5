"""Book and venue brought together at a start. What executions explain is recorded; anything else ends the start, and nothing is guessed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from runner.errors import ExchangeError, ReconcileError, VenueUnknown
from runner.exchange.broker import ExchangeBroker
from runner.exchange.bybit import Bybit
from runner.exchange.models import exact
from runner.exchange.settings import ExchangeSettings
from runner.exchange.wire import RequestNotSent
from runner.trade.clock import Clock

T = TypeVar("T")
Wait = Callable[[float], None]
#: Seconds between two looks.
_PAUSE_S = 0.5
_FIX = (
    "Look at the exchange, close or cancel there what is not wanted, and start again; where the book is what is wrong, "
    "move trade_events.csv away (decisions stay) and begin a new account with `ribbon trade --new-account`"
)


def patiently(
    ask: Callable[[], T], venue: Bybit, settings: ExchangeSettings, clock: Clock, wait: Wait = time.sleep
) -> T:
    """What `ask` gives once the venue tells. Raises VenueRefused at once, ExchangeError after `start_s` without an answer."""
    end = clock.monotonic() + settings.start_s
    while True:
        try:
            with venue.wire.within(settings.tick_s):
                return ask()
        except (VenueUnknown, RequestNotSent) as error:
            if clock.monotonic() > end:
                raise ExchangeError(
                    f"book and exchange could not be brought together within {settings.start_s:g} s: {error}. "
                    "Whatever rests at the exchange goes on resting; start again when it answers"
                ) from None
        wait(_PAUSE_S)


def reconcile(broker: ExchangeBroker, wait: Wait = time.sleep) -> None:
    """Settle what was ordered, record an exit made meanwhile, see that both agree.

    Raises ReconcileError where they do not and what may still be under way has had its time, and what `patiently` raises.
    """
    desk = broker.desk

    def look() -> str:
        if desk.book.order:
            broker.entry.settle()
        if desk.book.order:
            raise VenueUnknown("nobody knows yet what became of an order")
        return _disagreement(broker)

    began = desk.clock.monotonic()
    while fault := patiently(look, desk.venue, desk.settings, desk.clock, wait):
        if desk.clock.monotonic() - began > desk.arrives_within_s:
            raise ReconcileError(f"{fault}. {_FIX}")
        wait(_PAUSE_S)


def _disagreement(broker: ExchangeBroker) -> str:
    desk = broker.desk
    held = desk.venue.position()
    if desk.book.held and not held.size:
        broker.holding.look(None, killed=True)  # records the exit, if executions explain it
    fill = desk.book.held
    there = f"the exchange holds {held.direction or 'nothing'} {exact(held.size)} {desk.market.symbol}"
    if fill is None and held.size:
        return f"{there}, and the book knows nothing of it"
    if fill is not None:
        closed = broker.holding.closed_since(fill)
        if held.direction != fill.direction or not desk.market.same_size(held.size + closed, fill.size):
            return f"{there}, the book {fill.direction} {exact(fill.size)}"
    for order in desk.venue.open_orders():
        if not (fill and order.of_position):
            return (
                f"an order for {desk.market.symbol} rests at the exchange that the book does not know "
                f"(client id {order.order_id or 'none'})"
            )
    return ""
