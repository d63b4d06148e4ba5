"""The bytes of a data folder that one window is read from, and what they are parsed into."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pandas as pd

from lib.contract import schema
from lib.contract.standing import is_there
from lib.contract.times import configured_zone, microseconds_or_none
from lib.data.decisions import decision_slice, decisions_known, empty_decisions, parse_decisions
from lib.data.looked import Looked
from lib.data.market import FILES, market_frames, market_slices, market_there, parse_market
from lib.data.rows import RowCounts, Rows
from lib.data.slices import Slice
from lib.data.window_file import Frames

WARMUP = pd.Timedelta(hours=3)
DECISIONS_WARMUP = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class WindowFrames:
    """The frames of a window by the names of MarketWindow's fields, what was read by file name, and the hashes of what was parsed."""

    frames: Frames
    counts: dict[str, RowCounts]
    #: By file name: its size, and size and SHA-256 of the bytes its rows are from, warm-up included. Empty where nothing was parsed.
    hashes: dict[str, dict[str, int | str]] = field(default_factory=dict)
    #: By file name: what it was parsed from. Empty where nothing was parsed.
    looked: dict[str, Looked] = field(default_factory=dict)


@dataclass(frozen=True)
class WindowBytes:
    """What was read of the files for the window (start, until], warm-up and context included, and not yet parsed."""

    folder: Path
    start: pd.Timestamp
    until: pd.Timestamp
    zone: str | None
    market: dict[str, Slice]
    decisions: Slice | None  #: None: nobody decided anything yet

    @classmethod
    def read(cls, folder: Path, start: pd.Timestamp, until: pd.Timestamp, zone: str | None = None) -> Self:
        """Raises MissingDataError, HeaderError."""
        path = folder / schema.DECISIONS_FILE
        begin = start - DECISIONS_WARMUP
        decisions = decision_slice(path, begin, until, zone) if is_there(path) else None
        return cls(folder, start, until, zone, market_slices(folder, start - WARMUP, until, zone), decisions)

    def parse(self) -> WindowFrames:
        """Raises HeaderError, RaggedHeaderError, NaiveTimeError."""
        warm, begin = self.start - WARMUP, self.start - DECISIONS_WARMUP
        market = parse_market(self.market, warm, self.until, self.zone)
        rows = {FILES[name]: found for name, found in market.items()}
        frames = market_frames(market, warm)
        if self.decisions is None:
            decisions = empty_decisions()
        else:
            bounds = microseconds_or_none(begin), microseconds_or_none(self.until)
            decided = parse_decisions(self.decisions, *bounds, configured_zone(self.zone))
            rows[schema.DECISIONS_FILE] = decided
            decisions = decisions_known(decided, begin, self.until)
        counts = {name: found.counts for name, found in rows.items()}
        counts.setdefault(schema.DECISIONS_FILE, RowCounts())
        hashes = {name: _hashes(found) for name, found in rows.items()}
        return WindowFrames(frames | {"decisions": decisions}, counts, hashes, self._looked(rows))

    def _looked(self, rows: dict[str, Rows]) -> dict[str, Looked]:
        looked = {}
        for field_name, piece in self.market.items():
            kind, timeframe = field_name.split("_")
            length = pd.Timedelta(minutes=schema.MINUTES[timeframe] if kind == "candles" else 0)
            end = microseconds_or_none(self.until - length)
            looked[piece.path.name] = Looked.of(piece, rows[piece.path.name], end)
        if self.decisions is not None:
            name = schema.DECISIONS_FILE
            looked[name] = Looked.of(self.decisions, rows[name], None)
        return looked


def still_holds(folder: Path, looked: Mapping[str, Looked], zone: str | None) -> bool:
    """Whether a parse of the folder now would give what it gave when these were looked at."""
    there = {FILES[field_name] for field_name in market_there(folder)}
    if (folder / schema.DECISIONS_FILE).exists():
        there.add(schema.DECISIONS_FILE)
    named = configured_zone(zone)
    return there == set(looked) and all(found.holds(folder / name, named) for name, found in looked.items())


def _hashes(rows: Rows) -> dict[str, int | str]:
    return {
        "bytes": rows.file_size,
        "window_bytes": len(rows.window),
        "sha256": hashlib.sha256(rows.window).hexdigest(),
    }
