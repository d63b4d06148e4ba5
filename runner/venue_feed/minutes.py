"""The newest minutes of one market, as an exchange told them: what is the price, which minutes have closed.

Pure: rows go in, in any order, from the stream or from an answer. What would surprise: a row that shows less than what is known of its
minute is an older copy (answers come from several machines), and is left out; a minute has closed only once a later one is known. That its
time is over does not close it: of an exchange that stands still or lags nobody knows what the rest of it was. A minute whose row cannot be
one is asked for again, and with what follows it waits; after three minutes it stays missing, and no flat one is made in its place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.data.grown import has_grown
from lib.market.candles import with_flat

LENGTH_S = 60
#: After a minute's end an exchange may still add its last trades for so long, seconds; it is asked after that.
SETTLE_S = 1.0
#: A row that begins so long after now or later tells of no instant that has been: clocks that are believed are no further apart, seconds.
AHEAD_S = 5.0
#: So long a minute whose row cannot be one is asked for again, seconds.
_AWAITED_S = 180
#: A price beyond these shares of the last one is likelier a fault than a move.
_LEAST, _MOST = 0.5, 2.0
#: A price older than this says nothing about the one now, seconds.
_LONG_AGO_S = 3_600.0
#: Minutes that are remembered once they were given out: those of the longest candle, and some to compare.
_KEPT = 60


class Minute(NamedTuple):
    """A candle of one minute; `opened` in whole seconds since 1970 UTC, volume in units of the asset."""

    opened: int
    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def ended(self) -> int:
        """Its end, seconds since 1970."""
        return self.opened + LENGTH_S

    @property
    def sound(self) -> bool:
        """Whether it can be a candle of a minute."""
        if not all(map(math.isfinite, self)) or self.opened % LENGTH_S:
            return False
        ordered = 0 < self.low <= min(self.open, self.close) and self.high >= max(self.open, self.close)
        return ordered and self.volume >= 0


#: A row that says of no instant which minute it is one of: any that lacks beside it.
NOWHERE = Minute(-1, *[math.nan] * 5)


@dataclass
class Counts:
    """Rows that were not taken, closed minutes that changed after they were given out, and minutes that stay missing."""

    torn: int = 0
    implausible: int = 0
    stale: int = 0
    revised: int = 0
    lost: int = 0  #: minutes of which no row was one that can be
    lost_at: int = 0  #: the open of the newest of them, 0 for none


class MinuteTable:
    """Minutes by their open. `given`: the open of the last one that was given out as closed (and is in the files), 0 for none."""

    def __init__(self, past: Iterable[Minute] = ()) -> None:
        self._minutes = {minute.opened: minute for minute in past}
        self.given = max(self._minutes, default=0)
        self.counts = Counts()
        self._revised: set[int] = set()
        self._unread: set[int] = (
            set()
        )  #: opens of minutes whose row was set aside, and no sound one came since
        self._price_at = float("-inf")

    @property
    def newest(self) -> Minute | None:
        """The last minute that is known, mostly the running one."""
        return self._minutes[max(self._minutes)] if self._minutes else None

    def take(self, rows: Iterable[Minute], now: float) -> bool:
        """Take in rows at `now`; whether the newest price is of a row that was set aside as implausible."""
        odd, nowhere = 0, 0
        for row in sorted(rows):
            if row.opened < 0:
                nowhere += 1
                continue
            if row.opened > now + AHEAD_S:
                self.counts.torn += 1
                continue
            if not row.sound:
                self.counts.torn += 1
            elif self._is_implausible(row, now):
                self.counts.implausible += 1
                odd = max(odd, row.opened)
            else:
                self._merge(row, now)
                if self._minutes.get(row.opened) == row:
                    self._unread.discard(row.opened)
                continue
            opened = row.opened // LENGTH_S * LENGTH_S
            if opened > self.given:
                self._unread.add(opened)
        self.counts.torn += nowhere
        newest = self.newest
        if nowhere and newest is not None:
            begin = max(self.given, min(self._minutes))
            self._unread |= set(range(begin + LENGTH_S, newest.opened, LENGTH_S)) - self._minutes.keys()
        return odd > 0 and newest is not None and odd >= newest.opened

    def close(self) -> list[Minute]:
        """The minutes that closed and were not given out yet, in order; flat ones between them where nothing was traded.

        Call it only after an answer that begins at `given` or before it: what is missing in between is then without a trade.
        """
        newest = self.newest
        if newest is None:
            return []
        lost = {opened for opened in self._unread if opened + _AWAITED_S < newest.opened}
        until = min([newest.opened, *(self._unread - lost)])
        for opened in lost:
            self._minutes.pop(opened, None)
        known = _with_flat(sorted(self._minutes.values()), lost)
        closed = [each for each in known if self.given < each.opened < until]
        if closed:
            self.given = closed[-1].opened
            self._count_lost([opened for opened in lost if opened < self.given])
            self._unread = {opened for opened in self._unread if opened > self.given}
            self._minutes |= {each.opened: each for each in closed}
            for opened in sorted(self._minutes)[:-_KEPT]:
                del self._minutes[opened]
        return closed

    def ended_at(self, instant: int) -> Minute | None:
        """The minute that ended at `instant`, as far as it is known; None where nothing was traded in it, or nothing told."""
        return self._minutes.get(instant - LENGTH_S)

    def whole(self, ended: int, minutes: int) -> list[Minute] | None:
        """The minutes of the candle of so many that ended at `ended`; None where one is missing."""
        opens = range(ended - minutes * LENGTH_S, ended, LENGTH_S)
        found = [self._minutes[each] for each in opens if each in self._minutes]
        return found if len(found) == minutes else None

    def _count_lost(self, opens: list[int]) -> None:
        self.counts.lost += len(opens)
        self.counts.lost_at = max([self.counts.lost_at, *opens])

    def _is_implausible(self, row: Minute, now: float) -> bool:
        newest = self.newest
        if newest is None or now - max(self._price_at, newest.ended) > _LONG_AGO_S:
            return False
        return not _LEAST < row.low / newest.close <= row.high / newest.close < _MOST

    def _merge(self, row: Minute, now: float) -> None:
        held = self._minutes.get(row.opened)
        if held is None and row.opened < self.given:
            return  # forgotten long ago, or known to be without a trade
        if held is None or _grew(row, held) or (row.volume == held.volume and row[1:4] == held[1:4]):
            if held is not None and row.opened <= self.given:
                self._note_revised(row, held)
                return  # it stands in the files as it was when it closed
            self._minutes[row.opened] = row
            self._price_at = now
        elif row != held:
            self.counts.stale += 1

    def _note_revised(self, row: Minute, held: Minute) -> None:
        if row != held and row.opened not in self._revised:
            self._revised.add(row.opened)
            self.counts.revised += 1


def _grew(later: Minute, earlier: Minute) -> bool:
    return bool(has_grown(np.array([later[1:]]), np.array([earlier[1:]]))[0])


def _with_flat(minutes: list[Minute], lost: set[int]) -> list[Minute]:
    """The minutes and the flat ones between them (docs/definitions.md, Ribbon: Candles); none in a stretch with one of `lost`."""
    if len(minutes) < 2 or minutes[-1].opened - minutes[0].opened == (len(minutes) - 1) * LENGTH_S:
        return minutes
    index = pd.DatetimeIndex(pd.to_datetime([each.opened for each in minutes], unit="s", utc=True))
    columns = ["open", "high", "low", "close", "volume"]
    frame = pd.DataFrame([each[1:] for each in minutes], columns=columns, index=index.as_unit("us"))
    allowed = [
        not any(before.opened < opened < after.opened for opened in lost)
        for before, after in pairwise(minutes)
    ]
    filled = with_flat(frame, 1, np.array(allowed))
    opens = (filled.index.asi8 // 1_000_000).tolist()
    return [Minute(at, *row) for at, row in zip(opens, filled[columns].to_numpy().tolist(), strict=True)]
