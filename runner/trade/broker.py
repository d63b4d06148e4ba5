"""The broker's small interface: take an order, close what is held, say what happened. Paper implements it; runner.exchange too.

Whatever a broker does it records in the book first (`Book.record`): the event log is the truth, and a start goes by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lib.market.exits import ExitRule
from runner.trade.events import Event
from runner.trade.known import MarketTables


@dataclass(frozen=True)
class Order:
    """An entry to be made at the market. Times in microseconds UTC; never filled after `valid_until` (docs/guarantees.md, L4)."""

    decision_id: str
    direction: str
    notional: float  #: value in quote currency, at most
    rule: ExitRule  #: stop and target as distances from the fill, hold time
    decided_at: int
    valid_until: int
    row: str = ""  #: the decision row, kept with the order

    def event(self) -> Event:
        """As it is recorded."""
        return Event(
            "order",
            self.decided_at,
            self.decision_id,
            self.direction,
            notional=self.notional,
            stop_pct=self.rule.stop_pct,
            target_pct=self.rule.target_pct,
            hold_minutes=self.rule.hold_minutes,
            valid_until=self.valid_until,
            row=self.row,
        )


class Broker(Protocol):
    """One position at a time. What is held, ordered and left stands in the book that the broker was made with."""

    name: str
    size_pct: float  #: value of a position in percent of the equity, before the rails cap it
    blind: str  #: what becomes of a position while no price comes, in words

    def submit(self, order: Order) -> None:
        """Accept an order: durable when this returns; raises WriteFailedError where it is not, and then there is no order.

        What becomes of it is told by `advance`, also where that is known at once.
        """
        ...

    def leave(self, now: int, reason: str) -> None:
        """Close what is held at the next price."""
        ...

    def advance(self, known: MarketTables, now: int, killed: Callable[[], bool]) -> Sequence[Event]:
        """Everything that happened since the last call: fill, void, exit, in order, each recorded already."""
        ...
