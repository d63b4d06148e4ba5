"""Blocks: the unit that is drawn and judged (docs/definitions.md, Blocks).

A block begins at its draw, ends when the position that it led to is closed, or after the standard hold if nothing was entered, and its
outcome is the sum of the net returns that were entered in it, 0 without one. Nothing is dropped after the draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lib.experiments.arm import Letter
from lib.experiments.log import ExperimentRows
from lib.experiments.rows import BlockEnded, Draw
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
    direction: str = ""


@dataclass(frozen=True)
class Block:
    """One block as far as it is known. `outcome_pct` is None until it has ended and all its trades are closed."""

    number: int
    arm: Letter
    probability: float  #: with which arm a was drawn
    begun: int
    ended: int | None
    trades: tuple[EnteredTrade, ...]
    outcome_pct: float | None


def entered_trades(decisions: pd.DataFrame, terms: Terms) -> list[EnteredTrade]:
    """The executed rows of a decisions frame (schema.DECISION_COLUMNS), in order of their asks, priced from their fills."""
    raise NotImplementedError


def block_end(
    block: Draw, trades: Sequence[EnteredTrade], hold_minutes: float, ordered: bool, now: int
) -> BlockEnded | None:
    """The row that ends a block, to be written as soon as there is one; None while it lasts.

    `trades` are those of the account (older ones are passed over); `ordered`: whether an order is out, of which nobody knows yet whether it
    fills; `now` in microseconds, by the time of the data. The row's `at` is the exit of its position, or begin + hold.
    """
    raise NotImplementedError


def blocks_of(rows: ExperimentRows, trades: Sequence[EnteredTrade]) -> list[Block]:
    """The blocks of an experiment in their order, each with the trades that were asked for in it."""
    raise NotImplementedError
