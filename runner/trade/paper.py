"""The paper broker: fills at the next sample's price, pays slippage and fees, holds one position, ends it as docs/definitions.md says.

Target and stop are taken to rest at a venue: they fill at exactly their price, the kill file notwithstanding. Everything else is a market
order: it pays slippage, and none leaves while the kill file is there. A position that had no valid price for too long is closed at the
first one, whatever it is, because its stop's price is then a wish (docs/guarantees.md, L9).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lib.market.costs import SIGN, Costs
from lib.market.exits import Exit, PricePath
from lib.market.fills import AT_LEVEL, entry_fill, exit_fill
from lib.market.watched import NEVER, OpenTrade, exit_on_candles, exit_on_samples
from runner.errors import WriteFailedError
from runner.trade.book import Book
from runner.trade.broker import Order
from runner.trade.clock import Clock
from runner.trade.events import Event
from runner.trade.known import MarketTables
from runner.trade.settings import PaperSettings

DATA_LOSS = "DATA_LOSS"


@dataclass(frozen=True)
class Watch:
    """How a position is watched."""

    on_candles: bool = False  #: judge on the finest candles, as a batch does (replays); else on every sample
    reverses: bool = False  #: the opposite all_* ends it (the rule decider's exit)
    spacing_us: int = 0  #: least time between two entries
    data_loss_s: float | None = 60.0  #: None: a gap ends nothing


class PaperBroker:
    """Implements Broker on what the loop sees."""

    name = "paper"
    blind = "it is closed at the next one, unless the prices of that time still come"

    def __init__(self, book: Book, settings: PaperSettings, costs: Costs, watch: Watch, clock: Clock) -> None:
        self.book, self.costs, self.watch, self.clock = book, costs, watch, clock
        self.size_pct = settings.size_pct
        self._expires = float("inf")  #: of the order, by the monotonic clock

    def submit(self, order: Order) -> None:
        """Keep the order until the next sample."""
        self.book.record(order.event())
        self._expires = self.clock.monotonic() + (order.valid_until - order.decided_at) / 1e6

    def leave(self, now: int, reason: str) -> None:
        """Close at the next sample."""
        held = self.book.held
        if held and not self.book.leaving:
            self.book.record(Event("leave", now, held.decision_id, reason=reason))

    def advance(self, known: MarketTables, now: int, killed: Callable[[], bool]) -> list[Event]:
        """What happened by the newest sample. A disk that takes nothing makes nothing happen: it is tried again."""
        try:
            if self.book.held:
                return self._exit(known, now, killed)
            return self._fill(known, now, killed) if self.book.order else []
        except WriteFailedError:
            return []

    def _fill(self, known: MarketTables, now: int, killed: Callable[[], bool]) -> list[Event]:
        order = self.book.order
        assert order is not None
        table = known.main
        rows = slice(int(np.searchsorted(table.at, order.at, side="right")), table.known)
        places = np.flatnonzero(table.usable[rows])
        expired = now > order.valid_until or self.clock.monotonic() > self._expires
        if not len(places) or table.broken:
            return [self._void(order, now, "expired")] if expired else []
        # The order leaves now: of several samples that came at once it meets the newest.
        found = entry_fill(
            table.at[rows][places[-1:]],
            table.price[rows][places[-1:]],
            order.at,
            order.valid_until,
            SIGN[order.direction],
            self.costs,
        )
        if expired or found is None:
            return [self._void(order, now, "expired")]
        if self.book.fills and found.at - self.book.fills[-1].at < self.watch.spacing_us:
            return [self._void(order, now, "spacing")]
        if killed():
            return [self._void(order, now, "kill")]
        size = order.notional / found.price
        fill = Event(
            "fill",
            found.at,
            order.decision_id,
            order.direction,
            size=size,
            price=found.price,
            fee=size * found.price * self.costs.fee_pct / 100,
            stop_pct=order.stop_pct,
            target_pct=order.target_pct,
            hold_minutes=order.hold_minutes,
        )
        return [self.book.record(fill)]

    def _void(self, order: Event, now: int, reason: str) -> Event:
        return self.book.record(Event("void", now, order.decision_id, reason=reason))

    def _exit(self, known: MarketTables, now: int, killed: Callable[[], bool]) -> list[Event]:
        trade, held = self.book.watched(self.watch.reverses), self.book.held
        assert trade is not None and held is not None
        stopped = killed()
        if stopped:  # only what rests at its price may still happen
            trade = replace(trade, rule=replace(trade.rule, hold_minutes=NEVER), reverses=False)
        found = self._found(trade, known, stopped)
        if found is None:
            return []
        event = Event(
            "exit",
            min(found.at, now),
            held.decision_id,
            held.direction,
            held.size,
            exit_fill(found, trade.sign, self.costs),
            held.fee,
            reason=found.reason,
        )
        return [self.book.record(event)]

    def _found(self, trade: OpenTrade, known: MarketTables, stopped: bool) -> Exit | None:
        path, states = known.watched_since(trade.entry_at)
        judge = exit_on_candles if self.watch.on_candles else exit_on_samples
        found = judge(trade, path, states)
        newest = self._newest(path, trade.entry_at)
        if newest is None or stopped:
            return found
        lost = self._lost(trade, known)
        if lost is not None and (found is None or found.at >= lost):
            found = replace(newest, reason=DATA_LOSS)
        leaving = self.book.leaving
        if found is None and leaving is not None and newest.at > leaving.at and not known.main.broken:
            found = replace(newest, reason=leaving.reason)
        if found is None or found.reason in AT_LEVEL or self.watch.on_candles:
            return found
        # An order leaves now: what was due while nobody looked is not filled at the price of then.
        return replace(newest, reason=found.reason)

    def _newest(self, path: PricePath, entry_at: int) -> Exit | None:
        """The newest price since the entry, as an exit without a reason."""
        if not len(path.sample_at) or path.sample_at[-1] <= entry_at:
            return None
        return Exit(int(path.sample_at[-1]), float(path.sample_price[-1]), "")

    def _lost(self, trade: OpenTrade, known: MarketTables) -> int | None:
        """When either chart's prices came back after more than the longest gap since the entry; None if there was no such gap.

        A clock that is set forward makes none (docs/guarantees.md, D6).
        """
        if self.watch.data_loss_s is None:
            return None
        longest = (self.watch.data_loss_s + known.growth_s) * 1e6
        times = np.append(trade.entry_at, known.told_since(trade.entry_at))
        late = np.flatnonzero(np.diff(known.as_passed(times)) > longest)
        return int(times[late[0] + 1]) if len(late) else None
