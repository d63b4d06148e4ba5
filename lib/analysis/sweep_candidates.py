"""What a sweep tries (the values of each parameter) and what it tries them on: signals with their first touches and wicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from lib.analysis.smart_backtest import window_signals
from lib.analysis.sweep_exits import FirstTouches, first_touches
from lib.data.window import MarketWindow
from lib.market.costs import DEFAULT_COSTS, Costs
from lib.market.exits import PricePath
from lib.market.readings import instants
from lib.market.setups import TRIGGER_REACH, shown_within
from lib.market.wicks import wicks

CHUNK_BYTES = 256 * 2**20
_NO_WICK = "none"
PARAMETERS = ["target_pct", "stop_pct", "hold_minutes", "spacing_minutes", "wick"]


@dataclass(frozen=True)
class SweepSpace:
    """The values of each parameter; every combination of them is one trial.

    A wick band (low, high in percent of the close) asks for a wick of that size in the trade's direction within 10 minutes; an
    empty one asks for none.
    """

    targets_pct: Sequence[float]
    stops_pct: Sequence[float]
    holds_minutes: Sequence[float] = (45.0,)
    spacings_minutes: Sequence[float] = (20.0,)
    wick_bands_pct: Sequence[Sequence[float]] = ((),)

    def combinations(self) -> pd.DataFrame:
        """One row a combination: the parameters, the band as text ("none", "0.3–0.8"); spacing and wick vary fastest."""
        labels = [_band_label(band) for band in self.wick_bands_pct]
        rows = product(self.targets_pct, self.stops_pct, self.holds_minutes, self.spacings_minutes, labels)
        return pd.DataFrame(rows, columns=PARAMETERS)


def _band_label(band: Sequence[float]) -> str:
    """ "none" or "0.3–0.8"."""
    return f"{band[0]:g}–{band[1]:g}" if len(band) else _NO_WICK


@dataclass(frozen=True)
class Candidates:
    """All signals of a stretch of history with their exits looked up once; every run over a part of it starts from here."""

    space: SweepSpace
    costs: Costs
    touches: FirstTouches
    has_wick: np.ndarray  #: signals × bands
    begin: int  #: first and last instant of the candles, microseconds
    end: int
    candles: int  #: 5-minute candles

    @property
    def combinations(self) -> int:
        """How many trials a run makes."""
        space = self.space
        exits = len(space.targets_pct) * len(space.stops_pct) * len(space.holds_minutes)
        return exits * len(space.spacings_minutes) * len(space.wick_bands_pct)


def prepare_sweep(
    window: MarketWindow, space: SweepSpace, costs: Costs = DEFAULT_COSTS, chunk_bytes: int = CHUNK_BYTES
) -> Candidates:
    """Signals of the entry rule in the window and their first touches, on the finest candles there are."""
    candles = window.in_window(window.candles_5min)
    prepared = prepare_signals(
        window_signals(window), window.candles_5min, window.path, space, costs, chunk_bytes
    )
    closed = instants(candles["closed_at"])
    begin, end = (int(closed[0]), int(closed[-1])) if len(closed) else (0, 0)
    return Candidates(
        space, costs, prepared.touches, prepared.has_wick, begin=begin, end=end, candles=len(candles)
    )


def prepare_signals(
    signals: pd.DataFrame,
    candles_5min: pd.DataFrame,
    path: PricePath,
    space: SweepSpace,
    costs: Costs = DEFAULT_COSTS,
    chunk_bytes: int = CHUNK_BYTES,
) -> Candidates:
    """The same for any signals in time order (columns direction, entry_time, entry_price)."""
    touches = first_touches(
        signals, path, space.targets_pct, space.stops_pct, space.holds_minutes, chunk_bytes
    )
    shown = [wick_shown(signals, candles_5min, band) for band in space.wick_bands_pct]
    closed = instants(candles_5min["closed_at"])
    begin, end = (int(closed[0]), int(closed[-1])) if len(closed) else (0, 0)
    return Candidates(space, costs, touches, np.stack(shown, axis=1), begin, end, len(candles_5min))


def wick_shown(signals: pd.DataFrame, candles: pd.DataFrame, band: Sequence[float]) -> np.ndarray:
    """Whether a wick of this band in the signal's direction closed within the 10 minutes before; always, for an empty band."""
    if not len(band):
        return np.ones(len(signals), dtype=bool)
    flags = wicks(candles, (band[0], band[1]))
    times = pd.DatetimeIndex(signals["entry_time"])
    down, up = (
        shown_within(times, candles["closed_at"], flags[name].to_numpy(), TRIGGER_REACH)
        for name in ("wick_down", "wick_up")
    )
    return np.where(signals["direction"] == "LONG", down, up)
