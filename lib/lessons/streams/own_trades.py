"""The trader's own closed trades: the stream `trades` (notebook 01's trades), and what the stream `held` begins with.

What would surprise: a decision that only becomes known when its entry lies behind what is settled is left out as `late`, and a fill
more than three hours after its decision is not seen at all: no writer of a decisions log does either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.trades import ExecutedTrades, executed_trades
from lib.contract.times import iso
from lib.data.window import MarketWindow
from lib.lessons.streams.models import Candidate, declared_bounds
from lib.market.costs import SIGN, Costs
from lib.market.exits import ExitRule
from lib.market.readings import instant
from lib.market.terms import Terms


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


def own_trades(window: MarketWindow, terms: Terms) -> list[OwnTrade]:
    """The window's executed decisions, closed and open, in order of entry and exit; what a row does not log is as in `terms`."""
    executed: ExecutedTrades = executed_trades(window, terms.costs)
    found = [
        _own(row, terms) for frame in (executed.closed, executed.still_open) for row in frame.itertuples()
    ]
    return sorted(found, key=lambda trade: (trade.entry_at, trade.exit_at or np.inf))


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
        trade=row.decision_id or trade_id(row.entry_time, row.direction),
        words={name: getattr(row, name) for name in ("confidence", "state_5min", "state_15min")},
    )


def _distance(logged: float, standard: float) -> float:
    """A logged stop's or target's distance in percent; the standard one where none is logged, or on the wrong side of the entry."""
    return float(logged) if logged > 0 else standard


def trade_id(entry_time: pd.Timestamp, direction: str) -> str:
    """The id of a trade that has none of its own."""
    return f"{iso(entry_time)}-{direction}"


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
