"""Samples written while nothing had shown yet whether their chart's candles are as long as its label says, and those of a market.

A whole candle of the right length, or ones that are not averaged, prove those before. Where they show to be wrong first, the samples since
the last proof stand in the file as ok, and a file is only ever appended to; so they are named, also after a restart, until a person took
them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pandas as pd

from lib.contract.times import iso, parse_instant
from runner.collect.collector_state import Doubt, DoubtedSamples
from runner.files.journal import Journal
from runner.files.present import prices_since

#: So many stretches are told apart; further ones make the oldest two one.
_MOST = 20


class CandlesWatch(Protocol):
    """What judges a chart by its candles."""

    wrong: str  #: in words; "" while nothing shows it
    right_at: float  #: when they had last shown to be right, seconds since 1970; -inf before


class Unproven:
    """The samples of one chart. `samples`: their file; `doubt`: what they are watched for; `before`: what the collector before this one had
    found.
    """

    def __init__(self, samples: Journal, doubt: Doubt, before: Iterable[DoubtedSamples] = ()) -> None:
        self._file, self._doubt = samples.path.name, doubt
        self._proven_at = float("-inf")
        self._first: pd.Timestamp | None = None  #: since the last proof
        self._last = pd.Timestamp(0, tz="UTC")
        self._count = 0
        self.doubted = [each for each in before if each.doubt == doubt and _is_there(samples, each)]

    def write(self, at: pd.Timestamp) -> None:
        """A sample stamped `at` is written as ok."""
        self._first = at if self._first is None else self._first
        self._last = at
        self._count += 1

    def follow(self, watch: CandlesWatch) -> DoubtedSamples | None:
        """What of the samples so far has become doubtful by what was seen of the candles; None for nothing."""
        if watch.right_at > self._proven_at:
            self._proven_at = watch.right_at
            self._first, self._count = None, 0
        if not watch.wrong or self._first is None:
            return None
        found = DoubtedSamples(
            file=self._file,
            since=iso(self._first),
            until=iso(self._last),
            samples=self._count,
            doubt=self._doubt,
        )
        self._first, self._count = None, 0
        self.doubted.append(found)
        if len(self.doubted) > _MOST:
            first, second, *rest = self.doubted
            both = {"until": second.until, "samples": first.samples + second.samples}
            self.doubted = [first.model_copy(update=both), *rest]
        return found


def _is_there(samples: Journal, doubted: DoubtedSamples) -> bool:
    """Whether the file still holds a row of that stretch."""
    first, last = parse_instant(doubted.since), parse_instant(doubted.until)
    times = prices_since(samples, first - pd.Timedelta(microseconds=1)).index
    return bool((times <= last).any())
