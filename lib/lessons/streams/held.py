"""What own trades would have made held longer: the stream `held`, one track for each hold time.

A trade that was closed before M minutes, and not by its stop, is kept with its stop in place and its target ignored until the close of
the finest candle that shows minute M; its result is what that makes, less what it made as closed, both net. Only whole price
paths count. What would surprise: the stop is judged from the exit on, the candle of the exit included, so where it is unclear whether
the stop was touched before or after, it counts as after; and the outcome is dated by minute M even where the stop came sooner,
so that losers are not known before winners. lib.analysis.actual_trades.longer_holds describes a window the same way, without a stop.
"""

from __future__ import annotations

from math import isnan

import numpy as np

from lib.lessons.streams.models import Candidate, declared_bounds
from lib.lessons.streams.own_trades import OwnTrade, unsettled
from lib.market.candles import is_covered
from lib.market.costs import Costs
from lib.market.exits import MINUTE, PricePath, levels, own_close, reached

#: Exits that were no choice: nobody could have held on.
_FORCED_EXITS = ("SL_HIT", "DATA_LOSS")
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
    if trade.exit_reason in _FORCED_EXITS:
        return _without_outcome(trade, left_out="forced_exit")
    first = int(np.searchsorted(path.closes_at, trade.entry_at, side="right"))
    last = int(np.searchsorted(path.closes_at, until, side="left"))
    if not is_covered(path.opens, path.closes_at, first, last, trade.entry_at):
        return _without_outcome(trade, left_out="gap")
    net = _longer_hold_net_pct(trade, path, last, costs)
    worst, best = declared_bounds(trade.exits, costs)
    return Candidate(
        trade.entry_at,
        int(path.closes_at[last]),
        trade.direction,
        trade.trade,
        net - trade.net_pct,
        worst_pct=worst + best,
        best_pct=_OPEN_GAIN_PCT + worst + best,
        words={"hold": str(minutes)},
    )


def _longer_hold_net_pct(trade: OwnTrade, path: PricePath, last: int, costs: Costs) -> float:
    """Net percent of a closed trade kept until candle `last` of the path closes, or until its stop; from its fill.

    A stop fills at exactly its price and pays the trade's fees, the market exit at the close slippage as well (docs/definitions.md, Money).
    """
    _, stop = levels(trade.sign, trade.entry_price, trade.exits)
    if _touches_stop(trade, path, last, stop):
        return -trade.exits.stop_pct - trade.fees_pct
    moved = trade.sign * (path.close[last] - trade.entry_price) / trade.entry_price * 100
    return float(moved - trade.fees_pct - costs.slippage_pct)


def _touches_stop(trade: OwnTrade, path: PricePath, last: int, stop: float) -> bool:
    """Whether the stop was reached after the exit: on the candles that begin after the entry, inside the entry's own on samples."""
    begun = int(np.searchsorted(path.opens, trade.entry_at, side="left"))
    left = int(np.searchsorted(path.closes_at, trade.exit_at, side="left"))
    since = slice(max(begun, left), last + 1)
    if reached(path.high[since], path.low[since], stop, -trade.sign).any():
        return True
    inside = (path.sample_at > trade.exit_at) & (path.sample_at <= own_close(path, trade.entry_at, begun))
    prices = path.sample_price[inside]
    return bool(reached(prices, prices, stop, -trade.sign).any())


def _without_outcome(trade: OwnTrade, left_out: str = "") -> Candidate:
    return Candidate(trade.entry_at, None, trade.direction, trade.trade, left_out=left_out)
