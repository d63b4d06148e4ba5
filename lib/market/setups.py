"""The setup of an entry: what triggered it and how the two ribbons stood (docs/definitions.md, Setup signature).

Everything is read as known at the entry: candles that had closed, the last sample taken. What would surprise: an entry whose ribbons
or candles are not known has the signature UNKNOWN, which counts and is no setup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from lib.contract.schema import STATES, UNKNOWN_SETUP
from lib.market.readings import (
    CANDLE,
    MICROSECOND,
    fresh_places,
    instants,
    known_states,
    places_at,
    usable_states,
)
from lib.market.regime import regimes
from lib.market.wicks import wicks

TRIGGER_REACH = pd.Timedelta(minutes=10)
BREAKOUT_FACTOR = 0.0015
BREAKOUT_CANDLES = 3


def breakouts(candles: pd.DataFrame) -> pd.DataFrame:
    """breakout_up, breakout_down per candle: its close 0.15 % beyond the extreme of the three candles
    before, without a gap.
    """
    up, down = np.zeros(len(candles), dtype=bool), np.zeros(len(candles), dtype=bool)
    if len(candles) > BREAKOUT_CANDLES:
        before, at = BREAKOUT_CANDLES, instants(candles.index)
        whole = at[before:] - at[:-before] == before * (CANDLE // MICROSECOND)
        close = candles["close"].to_numpy()[before:]
        high = sliding_window_view(candles["high"].to_numpy()[:-1], before).max(axis=1)
        low = sliding_window_view(candles["low"].to_numpy()[:-1], before).min(axis=1)
        slack = 1e-9 * close
        up[before:] = whole & (close >= high * (1 + BREAKOUT_FACTOR) - slack)
        down[before:] = whole & (close <= low * (1 - BREAKOUT_FACTOR) + slack)
    return pd.DataFrame({"breakout_up": up, "breakout_down": down}, index=candles.index)


def alignment(state_5min: str, state_15min: str) -> str:
    """The first alignment that fits the two states; UNKNOWN if one of them is."""
    if "unknown" in (state_5min, state_15min):
        return UNKNOWN_SETUP
    families = {
        ("green" if "green" in state else "red") for state in (state_5min, state_15min) if "_" in state
    }
    if len(families) == 2:
        return "MIXED_TIMEFRAMES"
    if state_5min == state_15min and state_5min.startswith("all_"):
        return f"BOTH_{state_5min[4:].upper()}"
    for state, timeframe in ((state_5min, "5MIN"), (state_15min, "15MIN")):
        if state.startswith("all_"):
            return f"{state.upper()}_{timeframe}"
    return "MIXED"


def signature_of(direction: str, trigger: str, aligned: str) -> str:
    """DIRECTION[_TRIGGER]_ALIGNMENT; UNKNOWN if trigger or alignment is."""
    if UNKNOWN_SETUP in (trigger, aligned):
        return UNKNOWN_SETUP
    return "_".join(part for part in (direction, trigger, aligned) if part)


def shown_within(
    times: pd.DatetimeIndex, closed_at: pd.Series, flags: np.ndarray, reach: pd.Timedelta
) -> np.ndarray:
    """Whether a flagged candle closed at most `reach` before each time, or at it."""
    return _shown_within(instants(times), instants(closed_at[flags]), reach)


def _shown_within(at: np.ndarray, shown: np.ndarray, reach: pd.Timedelta) -> np.ndarray:
    rows = shown.searchsorted(at, side="right") - 1
    if len(shown) == 0:
        return np.zeros(len(at), dtype=bool)
    return (rows >= 0) & (at - shown[np.maximum(rows, 0)] <= reach // MICROSECOND)


def triggers_at(times: pd.DatetimeIndex, direction: np.ndarray, candles: pd.DataFrame) -> np.ndarray:
    """Trigger of each entry: its own wick closed within 10 minutes, before a breakout of the last closed candle, before "".

    Without a wick UNKNOWN, where one of the last closed candle and the three before it is missing.
    """
    return _Triggers.of(candles).at(instants(times), direction == "LONG")


@dataclass(frozen=True)
class _Triggers:
    """What the candles show; `closed_at` of all of them, of those with a wick, and where each broke out. Times in int64 microseconds."""

    closed_at: np.ndarray
    down: np.ndarray
    up: np.ndarray
    above: np.ndarray
    below: np.ndarray

    @classmethod
    def of(cls, candles: pd.DataFrame) -> _Triggers:
        flags, broken, closed_at = wicks(candles), breakouts(candles), instants(candles["closed_at"])
        down, up = (closed_at[flags[name].to_numpy(dtype=bool)] for name in ("wick_down", "wick_up"))
        return cls(closed_at, down, up, *(broken[name].to_numpy(dtype=bool) for name in broken))

    def at(self, at: np.ndarray, long: np.ndarray) -> np.ndarray:
        """The trigger of an entry at each instant, `long` (n,) bool."""
        down, up = (_shown_within(at, shown, TRIGGER_REACH) for shown in (self.down, self.up))
        last = places_at(at, self.closed_at, CANDLE)
        above, below = (
            (last >= 0) & flags[last] if len(flags) else np.zeros(len(at), dtype=bool)
            for flags in (self.above, self.below)
        )
        return np.select(
            [long & down, ~long & up, ~self._are_there(at), np.where(long, above, below)],
            ["WICK_DOWN", "WICK_UP", UNKNOWN_SETUP, "BREAKOUT"],
            default="",
        ).astype(object)

    def _are_there(self, at: np.ndarray) -> np.ndarray:
        """Whether the candles that a trigger at each time needs are there: by the clock the last to close, and the three before it."""
        step = CANDLE // MICROSECOND
        wanted = (at // step * step)[:, None] - np.arange(BREAKOUT_CANDLES + 1) * step
        if not len(self.closed_at):
            return np.zeros(len(at), dtype=bool)
        places = np.minimum(self.closed_at.searchsorted(wanted), len(self.closed_at) - 1)
        return (self.closed_at[places] == wanted).all(axis=1)


class Described(NamedTuple):
    """What `SetupReadings.describe` says of n entries, each (n,) object."""

    state_5min: np.ndarray
    state_15min: np.ndarray
    trigger: np.ndarray
    alignment: np.ndarray
    signature: np.ndarray
    regime: np.ndarray


@dataclass(frozen=True)
class SetupReadings:
    """Candles and samples, read once for any number of entries."""

    triggers: _Triggers
    regimes: np.ndarray  #: per candle
    samples: tuple[
        tuple[np.ndarray, np.ndarray], ...
    ]  #: of 5 and 15 minutes: instants, and states (unknown where not ok)

    @classmethod
    def of(
        cls, candles: pd.DataFrame, samples_5min: pd.DataFrame, samples_15min: pd.DataFrame
    ) -> SetupReadings:
        """Read frames of one stretch of history."""
        shown = tuple(
            (instants(frame.index), usable_states(frame)) for frame in (samples_5min, samples_15min)
        )
        return cls(_Triggers.of(candles), regimes(candles)["regime"].to_numpy(dtype=object), shown)

    def describe(
        self,
        at: np.ndarray,
        long: np.ndarray,
        logged: Sequence[Sequence[str] | None] = (None, None),
        since: int | None = None,
    ) -> Described:
        """Describe entries at instants (int64 microseconds) of either direction, `long` (n,) bool, as `describe_entries` does.

        `logged`: states that the entries bring along, of 5 and 15 minutes. Samples up to `since` are as if they were not there.
        """
        states = [self._states(place, at, logged[place], since) for place in (0, 1)]
        triggers = self.triggers.at(at, long)
        aligned = [alignment(*pair) for pair in zip(*states, strict=True)]
        names = np.where(long, "LONG", "SHORT").tolist()
        signatures = [signature_of(*each) for each in zip(names, triggers, aligned, strict=True)]
        last = places_at(at, self.triggers.closed_at, CANDLE)
        known = self.regimes[last] if len(self.regimes) else last
        regime = np.where(last >= 0, known, "UNKNOWN").astype(object)
        lists = (np.array(words, dtype=object) for words in (aligned, signatures))
        return Described(*states, triggers, *lists, regime)

    def describe_frame(self, entries: pd.DataFrame) -> pd.DataFrame:
        """The entries (columns direction, entry_time) with the columns of `Described` added, as `columns_of`."""
        return entries.assign(**self.columns_of(entries))

    def columns_of(self, entries: pd.DataFrame) -> dict[str, pd.api.extensions.ExtensionArray]:
        """What `describe` says of the entries (columns direction, entry_time), as columns of text by the names of `Described`.

        Where no sample was taken at the entry, a state that the entries bring along (a logged one) stands in; a word that is no state
        is unknown.
        """
        logged = [
            entries[name].astype("str").tolist() if name in entries else None
            for name in ("state_5min", "state_15min")
        ]
        long = (entries["direction"] == "LONG").to_numpy(dtype=bool)
        found = self.describe(instants(entries["entry_time"]), long, logged)
        return {name: pd.array(words, dtype="str") for name, words in found._asdict().items()}

    def _states(
        self, place: int, at: np.ndarray, logged: Sequence[str] | None, since: int | None
    ) -> np.ndarray:
        index, states = self.samples[place]
        rows = fresh_places(at, index, since)
        seen = known_states(rows, states)
        if logged is None:
            return seen
        words = [word if word in STATES else "unknown" for word in map(str.lower, logged)]
        return np.where(rows < 0, np.array(words, dtype=object), seen)


def describe_entries(
    entries: pd.DataFrame, candles: pd.DataFrame, samples_5min: pd.DataFrame, samples_15min: pd.DataFrame
) -> pd.DataFrame:
    """The entries (columns direction, entry_time) with state_5min, state_15min, trigger, alignment, signature
    and regime added.

    As SetupReadings.describe_frame.
    """
    return SetupReadings.of(candles, samples_5min, samples_15min).describe_frame(entries)
