"""A stretch of hours: what its rows show, found once, and the window of each hour in it.

The same for one hour that is read alone and for a month of them, so there is one way to find what an hour saw. What would surprise: what
is found once rests on rows alone, or on few before it, all of them within a window's warm-up; exits are sought in each hour's own path.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib.analysis.answers import Answer, AnswerLog, Asked, score_answer
from lib.contract.times import microseconds
from lib.data.hours import HoursRead, Reach, read_hour, read_hours
from lib.data.window import DECISIONS_WARMUP, WARMUP
from lib.lessons.streams.attributes import group_words
from lib.lessons.streams.episodes import FURTHEST_BACK
from lib.lessons.streams.market import MarketEntries
from lib.lessons.streams.models import HOUR, Candidate
from lib.lessons.streams.own_trades import OwnLog, OwnTrade, trade_id
from lib.market.exits import PricePath
from lib.market.known_path import known_path
from lib.market.readings import MICROSECOND, instants
from lib.market.setups import SetupReadings
from lib.market.terms import Terms

#: Hours that are read at once at the most, a month.
MOST_HOURS = 744
#: Where so many cannot be read at once, each of them is read alone.
_LEAST_AT_ONCE = 12
#: What an hour looks back over at the least; an unfinished episode reaches further.
_LEAST_HOURS = 3
_WARMUP, _DECISIONS_WARMUP = (warmup // MICROSECOND for warmup in (WARMUP, DECISIONS_WARMUP))


@dataclass(frozen=True)
class Stretch:
    """What rows show under `terms`; times in int64 microseconds."""

    reach: Reach
    terms: Terms
    path: PricePath
    sampled_at: np.ndarray  #: of the 5-minute ribbon
    entries: MarketEntries
    readings: SetupReadings
    own: OwnLog
    asked: AnswerLog

    @classmethod
    def of(cls, read: HoursRead, terms: Terms) -> Stretch:
        """Find all of it."""
        frames = (read.candles_5min, read.samples_5min, read.samples_15min)
        # A price of another venue is no price to judge by (docs/decisions/trading-conventions.md).
        own = read.samples_5min[read.samples_5min["quality"] != "venue_mismatch"]
        return cls(
            reach=read.reach,
            terms=terms,
            path=PricePath.of(read.candles_1min, read.candles_5min, own),
            sampled_at=instants(read.samples_5min.index),
            entries=MarketEntries.of(*frames),
            readings=SetupReadings.of(*frames),
            own=OwnLog.of(read.decisions, terms),
            asked=AnswerLog.of(read.decisions, read.kind),
        )

    def window(self, start: int, hour: int) -> HourWindow:
        """What was known at an hour of what became known after `start`, warm-up included."""
        return HourWindow(self, start, hour, known_path(self.path, start - _WARMUP, hour))


@dataclass(frozen=True)
class HourWindow:
    """The window (start, hour] of a stretch; instants in microseconds."""

    stretch: Stretch
    start: int
    hour: int
    path: PricePath

    @property
    def terms(self) -> Terms:
        """The terms that everything is judged under."""
        return self.stretch.terms

    def own_trades(self) -> list[OwnTrade]:
        """The executed decisions, as they were known."""
        return self.stretch.own.trades(self.start - _DECISIONS_WARMUP, self.start, self.hour)

    def answers(self, after: int, names: Collection[str]) -> list[Answer]:
        """The answers that were entered after an instant, or are among those named, as they were known; and maybe others."""
        log, until = self.stretch.asked, self.hour
        sampled = self.stretch.sampled_at
        steps = sampled[slice(*sampled.searchsorted([self.start - _WARMUP, until], side="right"))]
        # Whatever was asked for before the last price up to then had met that price.
        prices = self.path.sample_at
        met = int(prices.searchsorted(after, side="right"))
        first = int(prices[met - 1]) if met else 0
        rows = log.answers(
            log.between(self.start - _DECISIONS_WARMUP, until),
            self.start,
            until,
            self.terms,
            lambda asked: asked.answered_at >= first or (bool(names) and answer_id(asked) in names),
        )
        found = (score_answer(log.rows[row], self.path, steps, until, self.terms) for row in rows)
        return [answer for answer in found if answer is not None]

    def group_words(self, trades: Sequence[Candidate]) -> list[dict[str, str]]:
        """The families of trades of it (lib.lessons.streams.attributes)."""
        return group_words(trades, self.stretch.readings, self.start - _WARMUP)


def answer_id(answer: Asked | Answer) -> str:
    """The id of an answer: the log's, or one made of its time and direction."""
    return answer.decision_id or trade_id(answer.answered_at, answer.direction)


class HourReader:
    """Gives the windows of hours of a folder, which are asked for in their order.

    Many are read at once where that shows each what it would see alone; where it does not, fewer, and in the end each alone.
    `at_hand` is what rows of the folder show that somebody has read already; hours that it does not show are read here.
    """

    def __init__(
        self,
        folder: str | Path | None,
        hours: Sequence[pd.Timestamp],
        terms: Terms,
        at_hand: Stretch | None = None,
    ):
        self._folder, self._terms = folder, terms
        self._at_hand = at_hand if at_hand is not None and at_hand.terms == terms else None
        self._hours = list(hours)
        self._count = MOST_HOURS
        self._stretch: Stretch | None = None
        self._until = 0

    def window(self, hour: pd.Timestamp, oldest: int) -> HourWindow:
        """The window of an hour, which looks back to just before `oldest` (microseconds), in whole hours, but never further than what
        is not settled may lie back. Raises as lib.data.window.load_window.
        """
        at = microseconds(hour)
        back = max(_LEAST_HOURS, min(-(-(at - oldest) // HOUR), FURTHEST_BACK // HOUR))
        start = at - back * HOUR
        if found := _shown(self._at_hand, oldest, start, at):
            return found
        if at > self._until:
            self._read_on(hour)
        if found := _shown(self._stretch, oldest, start, at):
            return found
        alone = read_hour(self._folder, hour - pd.Timedelta(hours=back), hour)
        return Stretch.of(alone, self._terms).window(start, at)

    def _read_on(self, hour: pd.Timestamp) -> None:
        """Read as many hours from this one on as may be read at once; where that are too few, none, and they are read alone."""
        ahead = [later for later in self._hours if later >= hour]
        count = min(self._count, len(ahead))
        begin = hour - pd.Timedelta(microseconds=FURTHEST_BACK)
        read = read_hours(self._folder, begin, ahead[count - 1]) if count > 1 else None
        while read is None and count > _LEAST_AT_ONCE:
            count = max(count // 2, _LEAST_AT_ONCE)
            read = read_hours(self._folder, begin, ahead[count - 1])
        self._stretch = None if read is None else Stretch.of(read, self._terms)
        self._hours, self._until = ahead[count:], microseconds(ahead[count - 1])
        self._count = min(_LEAST_AT_ONCE if read is None else 2 * count, MOST_HOURS)


def _shown(stretch: Stretch | None, oldest: int, start: int, hour: int) -> HourWindow | None:
    """The window of an hour, where the rows of a stretch hold it."""
    if stretch is None or oldest < start or not stretch.reach.show(hour, start - _WARMUP):
        return None
    return stretch.window(start, hour)
