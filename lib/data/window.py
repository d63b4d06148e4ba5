"""Everything an analysis may know at an instant: one window over all files of a data folder.

The window is (start, as_of] by known-at; frames also hold warm-up rows before `start` (WARMUP; decisions one hour), which `in_window`
leaves out. Without an `as_of` the newest known-at in the folder is taken, read from the files' tails.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib import paths
from lib.contract import schema
from lib.contract.times import configured_zone, iso, microseconds, parse_instant
from lib.data.looked import Looked
from lib.data.newest import newest_in, newest_known_at
from lib.data.rows import RowCounts
from lib.data.source import DataSource, source_of
from lib.data.window_bytes import DECISIONS_WARMUP, WARMUP, WindowBytes, WindowFrames, still_holds
from lib.data.window_file import read_window_file, window_key, write_window_file
from lib.errors import EmptyWindowError, MissingDataError, ParameterError
from lib.market.exits import PricePath
from lib.market.readings import instants
from lib.market.setups import SetupReadings

_MAX_LOOKBACK_HOURS = 876_600.0
NEWEST = "newest"
#: Files of which one row must be known in a window that is not to be empty.
_MAKES_A_WINDOW = (*schema.SAMPLE_FILES.values(), schema.CANDLE_FILES["5min"])
_MAKE = "Make one with `ribbon backfill` or `ribbon simulate`, or name another with RIBBON_TRADING_DATA"

__all__ = [
    "DECISIONS_WARMUP",
    "WARMUP",
    "KeptWindow",
    "MarketWindow",
    "load_window",
    "newest_known_at",
    "read_window",
]


@dataclass(frozen=True)
class MarketWindow:
    """What was known in (start, as_of], warm-up rows before it included; frames as in lib.data.loaders.

    What several analyses read of it (`path`, `own_path`, `readings`) is found once, when it is first asked for.
    """

    trading_data: Path
    as_of: pd.Timestamp
    start: pd.Timestamp
    lookback_hours: float
    samples_5min: pd.DataFrame
    samples_15min: pd.DataFrame
    candles_1min: pd.DataFrame
    candles_5min: pd.DataFrame
    candles_15min: pd.DataFrame
    decisions: pd.DataFrame
    counts: dict[str, RowCounts]  #: by file name, warm-up rows included
    source: DataSource

    def in_window(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of one of the frames that became known after `start`."""
        return frame[self._is_inside(frame)]

    def _is_inside(self, frame: pd.DataFrame) -> np.ndarray:
        return instants(_known_at(frame)) > microseconds(self.start)

    @property
    def has_market(self) -> bool:
        """Whether any sample or 5-minute candle became known in it."""
        frames = (self.candles_5min, self.samples_5min, self.samples_15min)
        return any(self._is_inside(frame).any() for frame in frames)

    @cached_property
    def data_until(self) -> pd.Timestamp:
        """The newest known-at among samples and candles; `as_of` if the window has none of them."""
        frames = (
            self.samples_5min,
            self.samples_15min,
            self.candles_1min,
            self.candles_5min,
            self.candles_15min,
        )
        newest = [_known_at(frame).max() for frame in frames if len(frame)]
        return max(newest, default=self.as_of)

    @cached_property
    def path(self) -> PricePath:
        """Its prices, warm-up included: what hypothetical exits are judged on."""
        return PricePath.of(self.candles_1min, self.candles_5min, self.samples_5min)

    @cached_property
    def own_path(self) -> PricePath:
        """`path` without the samples that show another venue's price, which is none to trade at."""
        own = (self.samples_5min["quality"] != "venue_mismatch").to_numpy()
        path = self.path
        return replace(path, sample_at=path.sample_at[own], sample_price=path.sample_price[own])

    @cached_property
    def readings(self) -> SetupReadings:
        """What its candles and ribbons say of an entry at any time."""
        return SetupReadings.of(self.candles_5min, self.samples_5min, self.samples_15min)

    def coverage(self) -> dict[str, Any]:
        """How much the window holds: hours of closed 5-minute candles, and its samples by quality, of either ribbon."""
        return {
            name: dict(value) if isinstance(value, dict) else value for name, value in self._coverage.items()
        }

    @cached_property
    def _coverage(self) -> dict[str, Any]:
        counted = {}
        for name, samples in (("samples_5min", self.samples_5min), ("samples_15min", self.samples_15min)):
            seen = Counter(samples["quality"].to_numpy(dtype=object)[self._is_inside(samples)].tolist())
            counted[name] = {word: seen[word] for word in schema.QUALITIES if word in seen}
        return {"candle_hours": round(int(self._is_inside(self.candles_5min).sum()) / 12, 2), **counted}


#: The fields of MarketWindow that are frames.
FRAMES = tuple(field.name for field in fields(MarketWindow) if field.type == "pd.DataFrame")


def _known_at(frame: pd.DataFrame) -> pd.Series | pd.Index:
    for column in ("closed_at", "timestamp"):
        if column in frame:
            return frame[column]
    return frame.index


@dataclass(frozen=True)
class KeptWindow:
    """A window that was parsed, with the hashes of its files, fit to be left for others that ask for the same."""

    window: MarketWindow
    hashes: dict[str, dict[str, int | str]]
    key: str
    looked: dict[str, Looked]

    def leave(self, run_dir: Path) -> None:
        """Write its frames into the run folder (lib.data.window_file), for `load_window` to take; raises OSError."""
        frames = {name: getattr(self.window, name) for name in FRAMES}
        write_window_file(run_dir, self.key, self.looked, frames, self.window.counts)


def load_window(
    trading_data: str | Path | None = None,
    as_of: str | pd.Timestamp | None = None,
    lookback_hours: float = 24.0,
    zone: str | None = None,
    allow_empty: bool = False,
    trades_suffice: bool = False,
    run_dir: str | Path = "",
) -> MarketWindow:
    """The window of `lookback_hours` up to `as_of` (ISO text or Timestamp; None, "" or "newest": the newest known-at).

    `allow_empty`: a window in which nothing was known comes back with empty frames instead of an EmptyWindowError; `trades_suffice`: one
    in which only decisions were known does, as in a folder of imported trades. `run_dir`: the folder of a cycle, whose own parse of the
    very same bytes is taken where it lies there; the window is the same without.
    Raises ParameterError, MissingDataError, HeaderError, NaiveTimeError, MixedDecisionsError, EmptyWindowError.
    """
    folder, start, until = _bounds(trading_data, as_of, lookback_hours, zone)
    read = _left(Path(run_dir), folder, start, until, zone) if run_dir else None
    if read is None:
        read = WindowBytes.read(folder, start, until, zone).parse()
    window = _window(folder, start, until, lookback_hours, read, zone)
    return _checked(window, zone, allow_empty, trades_suffice)


def read_window(
    trading_data: str | Path | None, as_of: str | pd.Timestamp | None, lookback_hours: float
) -> KeptWindow:
    """`load_window` of a cycle, parsed in any case: decisions alone suffice. Raises as it does."""
    folder, start, until = _bounds(trading_data, as_of, lookback_hours, None)
    read = WindowBytes.read(folder, start, until).parse()
    window = _window(folder, start, until, lookback_hours, read, None)
    window = _checked(window, None, allow_empty=False, trades_suffice=True)
    return KeptWindow(window, read.hashes, _key(folder, start, until, None), read.looked)


def _bounds(
    trading_data: str | Path | None, as_of: str | pd.Timestamp | None, hours: float, zone: str | None
) -> tuple[Path, pd.Timestamp, pd.Timestamp]:
    folder, lookback = folder_of(trading_data), _lookback(hours)
    until = _as_of(folder, as_of, zone)
    return folder, until - lookback, until


def _key(folder: Path, start: pd.Timestamp, until: pd.Timestamp, zone: str | None) -> str:
    return window_key(folder, start, until, configured_zone(zone))


def _left(
    run_dir: Path, folder: Path, start: pd.Timestamp, until: pd.Timestamp, zone: str | None
) -> WindowFrames | None:
    """The frames that a cycle left, where they are those of this window still."""
    key = _key(folder, start, until, zone)
    taken = read_window_file(run_dir, key, lambda looked: still_holds(folder, looked, zone))
    return WindowFrames(*taken) if taken else None


def _window(
    folder: Path,
    start: pd.Timestamp,
    until: pd.Timestamp,
    hours: float,
    read: WindowFrames,
    zone: str | None,
) -> MarketWindow:
    source = source_of(folder, read.frames, zone, read=read.counts[schema.DECISIONS_FILE])
    return MarketWindow(folder, until, start, float(hours), counts=read.counts, source=source, **read.frames)


def _checked(window: MarketWindow, zone: str | None, allow_empty: bool, trades_suffice: bool) -> MarketWindow:
    if not allow_empty and not (trades_suffice and len(window.in_window(window.decisions))):
        _refuse_empty(window, zone)
    return window


def folder_of(trading_data: str | Path | None) -> Path:
    """The data folder; raises MissingDataError where there is none."""
    folder = paths.trading_data(trading_data)
    if not folder.is_dir():
        raise MissingDataError("the data folder is not there", path=folder, fix=_MAKE)
    return folder


def _lookback(hours: float) -> pd.Timedelta:
    usable = (
        isinstance(hours, int | float) and not isinstance(hours, bool) and math.isfinite(hours) and hours > 0
    )
    if not usable:
        raise ParameterError(f"lookback_hours = {hours!r}: it must be a number of hours above 0")
    if hours > _MAX_LOOKBACK_HOURS:
        raise ParameterError(f"lookback_hours = {hours!r}: at most {_MAX_LOOKBACK_HOURS:.0f}, a century")
    return pd.Timedelta(hours=hours)


def _as_of(folder: Path, as_of: str | pd.Timestamp | None, zone: str | None) -> pd.Timestamp:
    if as_of is not None and not (isinstance(as_of, str) and as_of.strip().lower() in ("", NEWEST)):
        return parse_instant(as_of, zone)
    newest = newest_known_at(folder, zone)
    if newest is None:
        raise MissingDataError("the folder holds no rows yet", path=folder, fix=_MAKE)
    return newest


def _refuse_empty(window: MarketWindow, zone: str | None) -> None:
    if window.has_market:
        return
    if len(window.in_window(window.decisions)):
        raise EmptyWindowError(
            f"{window.trading_data}: there are decisions, but no candle and no sample in ({iso(window.start)}, {iso(window.as_of)}], "
            "and this needs both. Fetch them: `ribbon backfill --exchange NAME --symbol ETH/USDT --since TIME`"
        )
    known = (newest_in(window.trading_data / name, zone) for name in _MAKES_A_WINDOW)
    newest = max((instant for instant in known if instant is not None), default=None)
    told = "there is none at all"
    way = "Collect some with `ribbon collect`, or fetch them with `ribbon backfill`"
    if newest is not None:
        told = f"the newest is known at {iso(newest)}"
        way = f"Use `--as-of {iso(newest)}`, a longer --lookback-hours, or collect newer data"
    raise EmptyWindowError(
        f"{window.trading_data}: nothing was known in ({iso(window.start)}, {iso(window.as_of)}] of samples and 5-minute candles; {told}, "
        f"as_of is {iso(window.as_of)}. {way}"
    )
