"""Blocks: the unit that is drawn and judged (docs/definitions.md, Blocks).

A block begins at its draw, ends when the position that it led to is closed, or after the standard hold if nothing was entered, and its
outcome is the sum of the net returns that were entered in it, 0 without one. Nothing is dropped after the draw. What would surprise: a
block's last row says its outcome, so the log alone is judged; the trades are looked at once, when a block ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan, nan

import numpy as np
import pandas as pd

from lib.analysis.trades import price_log
from lib.experiments.arm import Letter
from lib.experiments.rows import BlockEnded
from lib.experiments.running import ExperimentRows
from lib.market.exits import MINUTE
from lib.market.readings import instants
from lib.market.terms import Terms


@dataclass(frozen=True)
class EnteredTrade:
    """An executed decision as a block sees it; times in microseconds, returns in percent of the entry price, net of costs."""

    decision_id: str
    asked_at: int  #: the tick at which it was asked: the decision row's timestamp
    entry_at: int
    exit_at: int | None  #: None while it is open
    net_pct: float  #: nan while it is open
    stop_pct: float
    target_pct: float


@dataclass(frozen=True)
class Block:
    """A block that has ended. `outcome_pct` is the sum of the net returns entered in it; times in microseconds."""

    number: int
    arm: Letter
    probability: float  #: with which arm a was drawn
    begun: int
    ended: int
    trades: int
    outcome_pct: float
    stop_pct: float  #: furthest of its trades, 0 without one
    target_pct: float


def entered_trades(decisions: pd.DataFrame, terms: Terms) -> list[EnteredTrade]:
    """The executed rows of a decisions frame (schema.DECISION_COLUMNS), in order of their asks, priced from their fills.

    A distance that a row lacks is the standard one. Rows whose prices make no trade are none (`ExecutedTrades.incomplete`).
    """
    found = price_log(decisions, terms.costs)
    known = [
        EnteredTrade(
            str(row.decision_id),
            int(asked),
            int(entry),
            int(left) if closed else None,
            float(row.net_pct) if closed else nan,
            terms.stop_pct if isnan(row.stop_pct) else float(row.stop_pct),
            terms.target_pct if isnan(row.target_pct) else float(row.target_pct),
        )
        for frame, closed in ((found.closed, True), (found.still_open, False))
        for row, asked, entry, left in zip(
            frame.itertuples(),
            instants(frame["timestamp"]),
            instants(frame["entry_time"]),
            instants(frame["exit_time"]) if closed else np.zeros(len(frame), dtype=np.int64),
            strict=True,
        )
    ]
    return sorted(known, key=lambda trade: (trade.asked_at, trade.entry_at))


def block_end(
    rows: ExperimentRows, trades: Sequence[EnteredTrade], ordered: bool, now: int
) -> BlockEnded | None:
    """The row that ends the open block, to be written as soon as there is one; None while it lasts, or where none is open.

    `trades` are those of the account (those asked before the block are passed over); `ordered`: an order is out, of which nobody knows yet
    whether it fills; `now` in microseconds, by the time of the data. `at` of the row is the exit of its position, else begin + hold, else
    the stop of the experiment, however late it is written; and never before its begin, which a clock that was ahead for a while may have
    put behind all that follows.
    """
    block = rows.open_block
    if block is None or ordered:
        return None
    own = [trade for trade in trades if trade.asked_at >= block.at]
    if any(trade.exit_at is None for trade in own):
        return None
    known = {"experiment": block.experiment, "block": block.block, "trades": len(own)}
    if own:
        return BlockEnded(
            **known,
            at=max(block.at, *(trade.exit_at or 0 for trade in own)),
            why="closed",
            net_pct=sum(trade.net_pct for trade in own),
            stop_pct=max(trade.stop_pct for trade in own),
            target_pct=max(trade.target_pct for trade in own),
        )
    due = block.at + int(rows.definition.terms.hold_minutes * MINUTE)
    stopped = inf if rows.stop is None else max(rows.stop.at, block.at)
    if now < due and (rows.stop is None or now < rows.stop.at):
        return None
    at = int(min(due, stopped))
    return BlockEnded(**known, at=at, why="hold" if at == due else "stopped", net_pct=0.0)


def blocks_of(rows: ExperimentRows) -> list[Block]:
    """The blocks of an experiment that have ended, in their order."""
    return [block_of(rows, number) for number in sorted(rows.ends)]


def block_of(rows: ExperimentRows, number: int) -> Block:
    """A block that has ended."""
    drawn, end = rows.draws[number - 1], rows.ends[number]
    return Block(
        number=number,
        arm=drawn.arm,
        probability=drawn.probability,
        begun=drawn.at,
        ended=end.at,
        trades=end.trades,
        outcome_pct=end.net_pct,
        stop_pct=end.stop_pct,
        target_pct=end.target_pct,
    )
