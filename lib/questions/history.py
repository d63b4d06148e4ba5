"""The history that questions are asked of: candles of one market, and where its open part ends and the sealed part begins.

The boundary is an instant for each market: the close of the 5-minute candle at 70 % of those there are at the first ask
(docs/definitions.md, Questions). It is written down then and never moves, so what comes later lies beyond it. What would surprise: `until`
cuts the candles themselves, so that neither a question nor an exit can see a price beyond the boundary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.standing import is_there
from lib.contract.times import iso
from lib.data.loaders import empty_candles, load_candles
from lib.data.newest import newest_symbol
from lib.data.rows import RowCounts
from lib.errors import EmptyWindowError, MissingDataError
from lib.market.exits import PricePath
from lib.market.readings import instants
from lib.questions.frames import COLUMNS, QuestionFrames, question_frames

OPEN_SHARE = 0.7
#: The market of a folder whose rows name none.
UNNAMED = "unnamed"
#: With fewer 5-minute candles there is nothing to ask of: the lines of the 15-minute ribbon take 4.5 days to run in.
LEAST_ROWS = 2_000


@dataclass(frozen=True)
class History:
    """Candles of one market (index: open; `closed_at`), 5-minute ones and, where there are, 1-minute ones for the exits."""

    market: str
    source: str  #: where the candles are from: a file's name, or "folder"
    candles_1min: pd.DataFrame
    candles_5min: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> pd.Timestamp:
        """When the first row was known."""
        return self.candles_5min["closed_at"].iloc[0]

    @property
    def newest(self) -> pd.Timestamp:
        """When the last row was known."""
        return self.candles_5min["closed_at"].iloc[-1]

    @cached_property
    def frames(self) -> QuestionFrames:
        """What a question is given of it."""
        return question_frames(self.candles_5min)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The candles by `closed_at`: the first of `frames`, without the ribbons."""
        return self.candles_5min.set_index("closed_at", drop=False)

    @cached_property
    def path(self) -> PricePath:
        """What exits are judged on."""
        return PricePath.of(self.candles_1min, self.candles_5min)

    def until(self, instant: pd.Timestamp) -> History:
        """Only what was known at `instant`."""
        parts = (
            frame[(frame["closed_at"] <= instant).to_numpy()]
            for frame in (self.candles_1min, self.candles_5min)
        )
        return replace(self, **dict(zip(("candles_1min", "candles_5min"), parts, strict=True)))

    def sha256(self) -> str:
        """Hash of its candles, whatever file they stood in."""
        digest = hashlib.sha256(self.market.encode())
        for frame in (self.candles_1min, self.candles_5min):
            digest.update(instants(frame["closed_at"]).astype("<i8").tobytes())
            for name in COLUMNS:
                digest.update(frame[name].to_numpy("<f8").tobytes())
        return digest.hexdigest()

    def first_row_after(self, instant: pd.Timestamp) -> int:
        """Place of the first row that became known later than `instant`."""
        return int((self.candles_5min["closed_at"] <= instant).sum())


def boundary_of(history: History) -> pd.Timestamp:
    """Where the sealed part begins if this is the first ask: the close of the 5-minute candle at 70 % of them."""
    return history.candles_5min["closed_at"].iloc[int(OPEN_SHARE * len(history.candles_5min)) - 1]


def folder_history(folder: Path) -> History:
    """All candles of a data folder.

    Raises MissingDataError without 5-minute candles, EmptyWindowError with too few, and as the loaders do.
    """
    names = {minutes: folder / schema.CANDLE_FILES[minutes] for minutes in ("1min", "5min")}
    if not is_there(names["5min"]):
        raise MissingDataError(
            "the folder holds no candles to ask of",
            path=folder,
            fix="Name a file of candles with --candles FILE (in a study `candles`), or fill the folder: `ribbon backfill --candles FILE`",
        )
    five, *counts = load_candles(folder, "5min", None, None)
    one = empty_candles()
    if is_there(names["1min"]):
        one, of_minutes = load_candles(folder, "1min", None, None)
        counts.append(of_minutes)
    files = (*schema.SAMPLE_FILES.values(), schema.DECISIONS_FILE)
    named = next((symbol for symbol in (newest_symbol(folder / name) for name in files) if symbol), "")
    return checked(History(named or UNNAMED, "folder", one, five, _notes(counts)))


def _notes(counts: Sequence[RowCounts]) -> tuple[str, ...]:
    """What of the candle files was set aside, in words; nothing where all rows are sound."""
    found: dict[str, int] = {}
    for each in counts:
        for reason, number in each.set_aside.items():
            found[reason] = found.get(reason, 0) + number
    told = ", ".join(f"{number:,} {reason}" for reason, number in found.items())
    return (f"Rows of the folder's candles set aside: {told}.",) if told else ()


def checked(history: History) -> History:
    """The history; raises EmptyWindowError where it is too short to be asked anything."""
    rows = len(history.candles_5min)
    if rows < LEAST_ROWS:
        span = f" ({iso(history.first)} to {iso(history.newest)})" if rows else ""
        raise EmptyWindowError(
            f"{history.source}: {rows:,} 5-minute candles{span} are too few to ask a question of: {LEAST_ROWS:,}, a week, are needed. "
            "Fetch months: `ribbon backfill --exchange NAME --symbol ETH/USDT --since TIME`, or name a longer file"
        )
    return history
