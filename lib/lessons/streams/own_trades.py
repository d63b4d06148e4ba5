"""The trader's own closed trades: the stream `trades` (notebook 01's trades), and what the stream `held` begins with.

What would surprise: a decision that only becomes known when its entry lies behind what is settled is left out as `late`, and a fill
more than three hours after its decision is not seen at all: no writer of a decisions log does either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.trades import ExecutedTrades, price_log
from lib.contract import schema
from lib.contract.times import iso_of_microseconds
from lib.data.decisions import known_from, without
from lib.lessons.streams.models import Candidate
from lib.market.costs import SIGN, Costs
from lib.market.exits import ExitRule
from lib.market.readings import instant, instants
from lib.market.terms import Terms, declared_bounds


@dataclass(frozen=True)
class OwnTrade:
    """An executed decision as known at an hour; `exit_at` None while open, `is_timed` False where the log has no exit time."""

    entry_at: int
    exit_at: int | None
    decided_at: int
    direction: str
    entry_price: float
    exits: ExitRule  #: its own stop and target, or the standard ones where none are logged
    net_pct: float
    fees_pct: float  #: of the round trip
    hold_minutes: float  #: NaN where the log has no exit time
    exit_reason: str
    trade: str
    words: dict[str, object]

    @property
    def sign(self) -> float:
        """+1 for LONG, −1 for SHORT."""
        return SIGN[self.direction]


@dataclass(frozen=True)
class OwnLog:
    """The executed decisions of a log, each as it is known before its exit and after; times in int64 microseconds."""

    asked_at: np.ndarray
    entry_at: np.ndarray
    exit_known_at: np.ndarray
    still_open: dict[int, OwnTrade]  #: by row; only those that make a trade
    closed: dict[int, OwnTrade]  #: what becomes of them, which may still be open

    @classmethod
    def of(cls, log: pd.DataFrame, terms: Terms) -> OwnLog:
        """The log of a decisions frame as it was written; what a row does not log is as in `terms`."""
        _, exit_known = known_from(log)
        before = without(log, schema.EXIT_COLUMNS, np.ones(len(log), dtype=bool))
        return cls(
            asked_at=instants(log["timestamp"]),
            entry_at=instants(log["entry_time"].fillna(log["timestamp"])),
            exit_known_at=instants(exit_known),
            still_open=_trades(price_log(before, terms.costs), terms),
            closed=_trades(price_log(log, terms.costs), terms),
        )

    def trades(self, asked_after: int, start: int, until: int) -> list[OwnTrade]:
        """The trades asked for after an instant and entered in (start, until], as known then, in order of entry and exit."""
        first, behind = self.asked_at.searchsorted([asked_after, until], side="right").tolist()
        rows = slice(first, behind)
        entered = (self.entry_at[rows] > start) & (self.entry_at[rows] <= until)
        left = self.exit_known_at[rows] <= until
        known = [
            ((self.closed if is_left else self.still_open).get(row), row)
            for row, is_left in zip(
                (np.flatnonzero(entered) + first).tolist(), left[entered].tolist(), strict=True
            )
        ]
        found = [(trade.entry_at, trade.exit_at or np.inf, row, trade) for trade, row in known if trade]
        return [trade for *_, trade in sorted(found, key=lambda each: each[:3])]


def _trades(executed: ExecutedTrades, terms: Terms) -> dict[int, OwnTrade]:
    return {
        row.Index: _own(row, terms)
        for frame in (executed.closed, executed.still_open)
        for row in frame.itertuples()
    }


def _own(row: object, terms: Terms) -> OwnTrade:
    sign, price = SIGN[row.direction], row.entry_price
    closed = pd.notna(row.exit_price)
    return OwnTrade(
        entry_at=instant(row.entry_time),
        exit_at=instant(row.exit_time) if closed else None,
        decided_at=instant(row.timestamp),
        direction=row.direction,
        entry_price=price,
        exits=ExitRule(
            _distance(sign * (row.target_price - price) / price * 100, terms.target_pct),
            _distance(sign * (price - row.stop_price) / price * 100, terms.stop_pct),
            terms.hold_minutes,
        ),
        net_pct=row.net_pct if closed else 0.0,
        fees_pct=row.fees_pct,
        hold_minutes=row.hold_minutes if closed else float("nan"),
        exit_reason=row.exit_reason,
        trade=row.decision_id or trade_id(instant(row.entry_time), row.direction),
        words={name: getattr(row, name) for name in ("confidence", "state_5min", "state_15min")},
    )


def _distance(logged: float, standard: float) -> float:
    """A logged stop's or target's distance in percent; the standard one where none is logged, or on the wrong side of the entry."""
    return float(logged) if logged > 0 else standard


def trade_id(entry_at: int, direction: str) -> str:
    """The id of a trade that has none of its own; `entry_at` in microseconds."""
    return f"{iso_of_microseconds(entry_at)}-{direction}"


def trade_candidates(
    trades: list[OwnTrade], settled_until: int, previous_hour: int, costs: Costs
) -> list[Candidate]:
    """The track `trades`: each own trade with what it made."""
    return [
        Candidate(
            trade.entry_at,
            trade.exit_at,
            trade.direction,
            trade.trade,
            trade.net_pct,
            *declared_bounds(trade.exits, costs),
            left_out="late" if trade.entry_at <= settled_until else "",
            words=trade.words,
        )
        for trade in unsettled(trades, settled_until, previous_hour)
    ]


def unsettled(trades: list[OwnTrade], settled_until: int, previous_hour: int) -> list[OwnTrade]:
    """Trades entered since `settled_until`, and those that became known since `previous_hour` though entered before."""
    return [trade for trade in trades if trade.entry_at > settled_until or trade.decided_at > previous_hour]
