"""What an answer would have made that nobody executed: the same rails, fills, costs, exits and price path as one that was.

Both answers of a pair are scored here, also the one that was executed, so that two answers that are the same differ by exactly 0. What would
surprise: the pair of a block is that of the first tick at which either arm would enter. Until then both arms stand alike; after it one of
them holds a position, and the other cannot be asked the same question any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lib.experiments.arm import Letter
from lib.experiments.log import ExperimentRows
from lib.experiments.rows import Answered
from lib.market.exits import PricePath
from lib.market.terms import Terms

#: Why a block has no pair: the other arm was not asked, a candle is missing, or an answer was not written (the program died).
Unpaired = Literal["left_out", "gap", "no_row"]


@dataclass(frozen=True)
class Scored:
    """What one answer made; percent net. `net_pct` is 0 where it makes no order or the order expires, nan while open or over a gap."""

    net_pct: float
    entry_at: int | None = None
    exit_at: int | None = None
    exit_reason: str = (
        ""  #: TP_HIT, SL_HIT, TIME_EXIT, RIBBON_REVERSAL; GAP; "" while open or without an entry
    )


@dataclass(frozen=True)
class Pair:
    """The one difference of a block: what arm a's answer made less what arm b's did, percent net."""

    block: int
    at: int  #: the tick
    known_at: int  #: when both outcomes were known
    a_pct: float
    b_pct: float
    worst_pct: float  #: largest loss that either answer declared
    best_pct: float  #: largest gain that either answer declared

    @property
    def difference_pct(self) -> float:
        """a less b."""
        return self.a_pct - self.b_pct


@dataclass(frozen=True)
class Prices:
    """What answers are scored on. `states` are those of the path's samples (for exits of the rule decider), empty if nobody needs them."""

    path: PricePath
    states: np.ndarray
    until: int  #: what is known: microseconds


def score_answer(answer: Answered, prices: Prices, terms: Terms, reverses: bool = False) -> Scored:
    """What an answer made as known at `prices.until`. `reverses`: the opposite ribbon ends it (the rule decider's exit)."""
    raise NotImplementedError


def pairs_of(
    rows: ExperimentRows, prices: Prices, terms: Terms, entered: Sequence[int] = ()
) -> tuple[list[Pair], dict[int, Unpaired]]:
    """The pairs that are known, in order of their blocks, and the ended blocks that will have none, with why.

    A block in which neither arm would enter is a pair of 0 and 0. `entered`: numbers of the blocks that led to a trade.
    """
    raise NotImplementedError
