"""What the observations of a hypothesis show: bounds, tempering, the newest trades; read once, though many hours ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lib.lessons.evidence import Snapshot
from lib.lessons.hypotheses import Hypothesis, hypothesis_of
from lib.lessons.store import LedgerStore
from lib.stats.betting import DIFFERENCE, MEAN
from lib.stats.levels import log_needed

_NEWEST_TRADES = 5
_EVER = int(np.iinfo(np.int64).max)


class ObservationArrays(NamedTuple):
    """A hypothesis' observations, as arrays of one length: at (microseconds), x, worst, best, tempering."""

    at: np.ndarray
    x: np.ndarray
    worst: np.ndarray
    best: np.ndarray
    tempering: np.ndarray

    def during(self, after: int, until: int) -> ObservationArrays:
        """Those that ended in (after, until]."""
        kept = slice(*np.searchsorted(self.at, (after, until), side="right"))
        return ObservationArrays(*(column[kept] for column in self))


class Seen(NamedTuple):
    """What stands behind a row of a hypothesis."""

    at: np.ndarray  #: when its observations ended, microseconds
    low: float | None
    high: float | None
    tempering: float
    trades: list[str]  #: ids of the newest, newest first


class Observations:
    """The observations of a ledger that only grows: of each group those are read that came since it was last asked for."""

    def __init__(self, store: LedgerStore):
        self._store = store
        self._read: dict[tuple[str, bool], tuple[int, ObservationArrays]] = {}
        self._seen: dict[Snapshot, tuple[tuple[int, int], Seen]] = {}

    def of(self, group: str, pair: bool) -> ObservationArrays:
        """All of a group, or of its pairs, by the time when they ended."""
        last = self._store.observations()
        seq, known = self._read.get((group, pair), (0, None))
        if known is not None and seq == last:
            return known
        found = ObservationArrays(*self._store.observed(group, pair, -1, _EVER, seq))
        found = found if known is None else _merged(known, found)
        self._read[group, pair] = last, found
        return found

    def seen(self, rows: Sequence[Snapshot]) -> list[Seen]:
        """What stands behind each of these rows; what is asked for again is kept."""
        kept = self._seen
        self._seen = {row: self._behind(row, kept.get(row)) for row in rows}
        return [self._seen[row][1] for row in rows]

    def _behind(
        self, row: Snapshot, before: tuple[tuple[int, int], Seen] | None
    ) -> tuple[tuple[int, int], Seen]:
        hypothesis = hypothesis_of(row.id)
        group, span = hypothesis.group, (row.registered, row.at)
        found = self.of(group, hypothesis.claim == "beats").during(*span)
        # Observations are only ever added, so as many are the same ones.
        sizes = (len(found.at), len(self.of(group, False).during(*span).at))
        if before is not None and before[0] == sizes:
            return before
        tempering = float(found.tempering[-1]) if len(found.at) else 1.0
        trades = self._store.newest_trades(group, *span, _NEWEST_TRADES)
        return sizes, Seen(found.at, *bounds_of(hypothesis, row.k, found), tempering, trades)


def _merged(known: ObservationArrays, new: ObservationArrays) -> ObservationArrays:
    both = ObservationArrays(*(np.concatenate(columns) for columns in zip(known, new, strict=True)))
    if not (len(known.at) and len(new.at)) or known.at[-1] <= new.at[0]:
        return both
    order = np.argsort(both.at, kind="stable")
    return ObservationArrays(*(column[order] for column in both))


def bounds_of(hypothesis: Hypothesis, k: int, seen: ObservationArrays) -> tuple[float | None, float | None]:
    """Bounds of a mean, or difference, that hold at every look at the level of the k-th hypothesis, on either side."""
    mixture = DIFFERENCE if hypothesis.claim == "beats" else MEAN
    low = mixture.lower_bound(seen.x, seen.worst, seen.tempering, log_needed(k))
    high = mixture.lower_bound(-seen.x, seen.best, seen.tempering, log_needed(k))
    return low, None if high is None else -high
