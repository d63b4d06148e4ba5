"""What own trades would have made held longer: the stream `held`, one track for each hold time.

A trade that was closed before M minutes, and not by its stop, is kept with its stop in place and its target ignored until the close of
the finest candle that shows minute M; its result is what that makes, less what it made as closed, both net. Only whole price
paths count. What would surprise: the outcome is dated by minute M even where the stop came sooner, so that losers are not known before
winners. lib.analysis.actual_trades.longer_holds describes a window the same way.
"""

from __future__ import annotations

from math import isnan

import numpy as np

from lib.lessons.streams.models import Candidate
from lib.lessons.streams.own_trades import OwnTrade, unsettled
from lib.market.candles import is_covered
from lib.market.costs import Costs
from lib.market.exits import MINUTE, PricePath
from lib.market.longer_hold import FORCED_EXITS, longer_hold_pct
from lib.market.terms import declared_bounds

#: Gain beyond the declared loss that a held trade is given room for, in percent: without its target it has no largest gain.
_OPEN_GAIN_PCT = 1.0


def longer_hold_candidates(
    trades: list[OwnTrade],
    path: PricePath,
    minutes: int,
    settled_until: int,
    previous_hour: int,
    hour: int,
    costs: Costs,
) -> list[Candidate]:
    """One track of `held`. Left out, by reason: `late`; `not_earlier` (held that long anyway, or for an unknown time);
    `forced_exit`; `gap` (no whole price path).
    """
    return [
        _held(trade, path, minutes, hour, costs)
        if trade.entry_at > settled_until
        else _without_outcome(trade, left_out="late")
        for trade in unsettled(trades, settled_until, previous_hour)
    ]


def _held(trade: OwnTrade, path: PricePath, minutes: int, hour: int, costs: Costs) -> Candidate:
    until = trade.entry_at + minutes * MINUTE
    if until > hour:
        return _without_outcome(trade)
    if trade.exit_at is None or isnan(trade.hold_minutes) or trade.hold_minutes >= minutes:
        return _without_outcome(trade, left_out="not_earlier")
    if trade.exit_reason in FORCED_EXITS:
        return _without_outcome(trade, left_out="forced_exit")
    first = int(np.searchsorted(path.closes_at, trade.entry_at, side="right"))
    last = int(np.searchsorted(path.closes_at, until, side="left"))
    if not is_covered(path.opens, path.closes_at, first, last, trade.entry_at):
        return _without_outcome(trade, left_out="gap")
    made = longer_hold_pct(
        path,
        trade.sign,
        trade.entry_at,
        trade.entry_price,
        trade.exit_at,
        trade.exits.stop_pct,
        np.array([last]),
        costs.slippage_pct,
    )
    worst, best = declared_bounds(trade.exits, costs)
    return Candidate(
        trade.entry_at,
        int(path.closes_at[last]),
        trade.direction,
        trade.trade,
        float(made[0]) - trade.fees_pct - trade.net_pct,
        worst_pct=worst + best,
        best_pct=_OPEN_GAIN_PCT + worst + best,
        words={"hold": str(minutes)},
    )


def _without_outcome(trade: OwnTrade, left_out: str = "") -> Candidate:
    return Candidate(trade.entry_at, None, trade.direction, trade.trade, left_out=left_out)
