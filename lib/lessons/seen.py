"""What the observations of a hypothesis show: bounds, tempering, the newest trades; read once, though many hours ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lib.lessons.evidence import Snapshot
from lib.lessons.hypotheses import Hypothesis, hypothesis_of, log_needed_of
from lib.lessons.store import LedgerStore
from lib.stats.betting import DIFFERENCE, MEAN

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
        self._until = 0  #: number of the last observation that the groups at hand hold
        self._read: dict[tuple[str, bool], ObservationArrays] = {}
        self._seen: dict[Snapshot, _Behind] = {}

    def go_on(self, store: LedgerStore) -> None:
        """The same ledger opened anew, which may have grown; what was read of it stays at hand."""
        self._store = store

    def of(self, group: str, pair: bool) -> ObservationArrays:
        """All of a group, or of its pairs, by the time when they ended."""
        self._read_on()
        return self._at_hand(group, pair)

    def seen(self, rows: Sequence[Snapshot]) -> list[Seen]:
        """What stands behind each of these rows; what is asked for again is kept."""
        self._read_on()
        kept = self._seen
        self._seen = {row: self._behind(row, kept.get(row)) for row in rows}
        return [behind.seen for behind in self._seen.values()]

    def _read_on(self) -> None:
        """What came since, in one look, for the groups that are at hand."""
        if (last := self._store.observations()) == self._until:
            return
        if self._read:
            for key, columns in self._store.observed_beyond(self._until).items():
                if (known := self._read.get(key)) is not None:
                    self._read[key] = _merged(known, ObservationArrays(*columns))
        self._until = last

    def _at_hand(self, group: str, pair: bool) -> ObservationArrays:
        found = self._read.get((group, pair))
        if found is None:
            found = ObservationArrays(*self._store.observed(group, pair, -1, _EVER))
            self._read[group, pair] = found
        return found

    def _behind(self, row: Snapshot, before: _Behind | None) -> _Behind:
        hypothesis = hypothesis_of(row.id)
        own = self._at_hand(hypothesis.group, False)
        bets = self._at_hand(hypothesis.group, True) if hypothesis.claim == "beats" else own
        if before is not None and before.own is own and before.bets is bets:
            return before
        span = (row.registered, row.at)
        found = bets.during(*span)
        # Observations are only ever added, so as many are the same ones.
        sizes = (len(found.at), len(own.during(*span).at))
        if before is not None and before.sizes == sizes:
            return before._replace(own=own, bets=bets)
        tempering = float(found.tempering[-1]) if len(found.at) else 1.0
        trades = self._store.newest_trades(hypothesis.group, *span, _NEWEST_TRADES)
        seen = Seen(found.at, *bounds_of(hypothesis, row.k, found), tempering, trades)
        return _Behind(own, bets, sizes, seen)


class _Behind(NamedTuple):
    """What stands behind a row, and what it was found in: all of its group, and the bets of its claim; how many were of its span."""

    own: ObservationArrays
    bets: ObservationArrays
    sizes: tuple[int, int]
    seen: Seen


def _merged(known: ObservationArrays, new: ObservationArrays) -> ObservationArrays:
    both = ObservationArrays(*(np.concatenate(columns) for columns in zip(known, new, strict=True)))
    if not (len(known.at) and len(new.at)) or known.at[-1] <= new.at[0]:
        return both
    order = np.argsort(both.at, kind="stable")
    return ObservationArrays(*(column[order] for column in both))


def bounds_of(hypothesis: Hypothesis, k: int, seen: ObservationArrays) -> tuple[float | None, float | None]:
    """Bounds of a mean, or difference, that hold at every look at the level of the k-th hypothesis, on either side."""
    mixture = DIFFERENCE if hypothesis.claim == "beats" else MEAN
    low = mixture.lower_bound(seen.x, seen.worst, seen.tempering, log_needed_of(hypothesis, k))
    high = mixture.lower_bound(-seen.x, seen.best, seen.tempering, log_needed_of(hypothesis, k))
    return low, None if high is None else -high
