"""A simulated market as a folder has it: explored up to its boundary, confirmed on its sealed part, followed from a keeping on.

The trades and verdicts are the product's own (lib.questions.trades, lib.questions.confirmation). What would surprise: exits of every row
and side are looked up once a market, because all questions of the simulation have the standard exits; a question takes those it speaks at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from bench.questions.market import STEPS_A_DAY
from lib.contract.times import iso
from lib.market.costs import price_trades
from lib.market.readings import instant
from lib.market.terms import Terms
from lib.questions.confirmation import Confirmation, confirmation
from lib.questions.history import History, boundary_of
from lib.questions.trades import EntryExits, entry_exits, one_at_a_time, trades_of


@dataclass(frozen=True)
class Folder:
    """One market and the terms it is judged under; `asked_on`: how many days there were at the first ask, which fixes the boundary."""

    history: History
    terms: Terms
    asked_on: int

    @cached_property
    def asked_rows(self) -> int:
        """Rows there were at the first ask."""
        return self.asked_on * STEPS_A_DAY

    @cached_property
    def boundary(self) -> pd.Timestamp:
        """Where the sealed part begins."""
        return boundary_of(self.history.until(self.history.rows.index[self.asked_rows - 1]))

    @cached_property
    def sealed_from(self) -> int:
        """The first row of the sealed part."""
        return self.history.first_row_after(self.boundary)

    @cached_property
    def _every(self) -> EntryExits:
        rows = len(self.history.rows)
        return entry_exits(
            self.history.rows,
            np.repeat(np.arange(rows), 2),
            np.tile([1, -1], rows),
            self.history.path,
            self.terms.exits,
        )

    def closed(self, said: np.ndarray, begin: int = 0, end: int | None = None) -> pd.DataFrame:
        """Closed trades of what was said of the rows from `begin` up to, not at, `end`, known at the last of these."""
        end = len(said) if end is None else end
        rows = begin + np.flatnonzero(said[begin:end])
        spoken = self._every.taken(2 * rows + (said[rows] < 0))
        return trades_of(spoken.until(instant(self.history.rows.index[end - 1])), self.terms.costs).closed

    @cached_property
    def _net_pct(self) -> np.ndarray:
        """Net return of each entry of `_every`, percent; of what has not ended it says nothing."""
        ends = self._every.entries.assign(
            exit_price=self._every.price, exit_time=self._every.entries["entry_time"]
        )
        return price_trades(ends, self.terms.costs.round_trip_pct)["net_pct"].to_numpy()

    def explored(self, said: np.ndarray) -> np.ndarray:
        """Net returns of the closed trades of the open part, percent: those of `closed`, without a frame of each of 200 questions."""
        rows = np.flatnonzero(said[: self.sealed_from])
        places = 2 * rows + (said[rows] < 0)
        ends = self._every.at[places]
        taken = one_at_a_time(self._every.entry_at[places], ends)
        return self._net_pct[places[taken & (ends <= instant(self.boundary))]]

    def verdict(self, closed: pd.DataFrame, k: int, begin: int, end: int | None = None) -> Confirmation:
        """What the trades of the rows from `begin` up to `end` say at level number `k` of confirmed questions."""
        times = self.history.rows.index
        since, until = times[max(begin - 1, 0)], times[(len(times) if end is None else end) - 1]
        days = (until - since) / pd.Timedelta(days=1)
        return confirmation(closed, k, iso(since), iso(until), days, self.terms.exits, self.terms)
