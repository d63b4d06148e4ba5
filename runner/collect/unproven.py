"""Samples written while nothing had shown yet whether their chart's candles are as long as its label says, and those of a market.

A whole candle of the right length, or ones that are not averaged, prove those before. Where they show to be wrong first, the samples since
the last proof stand in the file as ok, and a file is only ever appended to; so they are named, also after a restart, until a person took
them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import pandas as pd

from lib.contract.times import iso, parse_instant
from lib.data.loaders import sample_rows
from lib.errors import DataError, MissingDataError
from runner.collect.collector_state import Doubt, DoubtedSamples, state_before

#: So many stretches are told apart; further ones make the oldest two one.
_MOST = 20


class CandlesWatch(Protocol):
    """What judges a chart by its candles."""

    wrong: str  #: in words; "" while nothing shows it
    right_at: float  #: when they had last shown to be right, seconds since 1970; -inf before


class Unproven:
    """The samples of one chart. `file`: its name in the folder; `doubt`: what they are watched for; `before`: what was found before this
    collector (`doubted_before`).
    """

    def __init__(self, file: str, doubt: Doubt, before: Iterable[DoubtedSamples] = ()) -> None:
        self._file, self._doubt = file, doubt
        self._proven_at = float("-inf")
        self._first: pd.Timestamp | None = None  #: since the last proof
        self._last = pd.Timestamp(0, tz="UTC")
        self._count = 0
        self.doubted = [each for each in before if (each.file, each.doubt) == (file, doubt)]

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


def doubted_before(folder: Path) -> list[DoubtedSamples]:
    """What the collectors of a folder have doubted so far and its files still hold a row of."""
    return [each for each in state_before(folder).all_doubted if _is_there(folder, each)]


def _is_there(folder: Path, doubted: DoubtedSamples) -> bool:
    first, last = parse_instant(doubted.since), parse_instant(doubted.until)
    try:
        times = sample_rows(folder / doubted.file, first, last).frame.index
    except MissingDataError:
        return False
    except DataError:  # told by whoever reads the file
        return True
    return bool(((times >= first) & (times <= last)).any())
