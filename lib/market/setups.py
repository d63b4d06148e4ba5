"""The setup of an entry: what triggered it and how the two ribbons stood (docs/definitions.md, Setup signature).

Everything is read as known at the entry: candles that had closed, the last sample taken. What would surprise: an entry whose ribbons
or candles are not known has the signature UNKNOWN, which counts and is no setup.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contract.schema import STATES, UNKNOWN_SETUP
from lib.market.readings import CANDLE, MICROSECOND, fresh_rows_at, instants, rows_at, states_of
from lib.market.regime import regimes
from lib.market.wicks import wicks

TRIGGER_REACH = pd.Timedelta(minutes=10)
BREAKOUT_FACTOR = 0.0015
BREAKOUT_CANDLES = 3


def breakouts(candles: pd.DataFrame) -> pd.DataFrame:
    """breakout_up, breakout_down per candle: its close 0.15 % beyond the extreme of the three candles
    before, without a gap.
    """
    high = candles["high"].rolling(BREAKOUT_CANDLES).max().shift(1)
    low = candles["low"].rolling(BREAKOUT_CANDLES).min().shift(1)
    whole = candles.index.to_series().diff(BREAKOUT_CANDLES) == BREAKOUT_CANDLES * CANDLE
    slack = 1e-9 * candles["close"]
    return pd.DataFrame(
        {
            "breakout_up": whole & (candles["close"] >= high * (1 + BREAKOUT_FACTOR) - slack),
            "breakout_down": whole & (candles["close"] <= low * (1 - BREAKOUT_FACTOR) + slack),
        }
    )


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
    shown = instants(closed_at[flags])
    at = instants(times)
    rows = np.searchsorted(shown, at, side="right") - 1
    if len(shown) == 0:
        return np.zeros(len(at), dtype=bool)
    return (rows >= 0) & (at - shown[np.maximum(rows, 0)] <= reach // MICROSECOND)


def triggers_at(times: pd.DatetimeIndex, direction: np.ndarray, candles: pd.DataFrame) -> np.ndarray:
    """Trigger of each entry: its own wick closed within 10 minutes, before a breakout of the last closed candle, before "".

    Without a wick UNKNOWN, where one of the last closed candle and the three before it is missing.
    """
    flags, broken = wicks(candles), breakouts(candles)
    long = direction == "LONG"
    closed = candles["closed_at"]
    down = shown_within(times, closed, flags["wick_down"].to_numpy(), TRIGGER_REACH)
    up = shown_within(times, closed, flags["wick_up"].to_numpy(), TRIGGER_REACH)
    last = rows_at(times, candles.set_index("closed_at"), CANDLE)
    at_last = {name: (last >= 0) & broken[name].to_numpy()[last] for name in broken} if len(candles) else {}
    above = at_last.get("breakout_up", np.zeros(len(long), dtype=bool))
    below = at_last.get("breakout_down", np.zeros(len(long), dtype=bool))
    return np.select(
        [long & down, ~long & up, ~_are_there(times, closed), np.where(long, above, below)],
        ["WICK_DOWN", "WICK_UP", UNKNOWN_SETUP, "BREAKOUT"],
        default="",
    ).astype(object)


def _are_there(times: pd.DatetimeIndex, closed_at: pd.Series) -> np.ndarray:
    """Whether the candles that a trigger at each time needs are there: by the clock the last to close, and the three before it."""
    step = CANDLE // MICROSECOND
    last = instants(times) // step * step
    wanted = last[:, None] - np.arange(BREAKOUT_CANDLES + 1) * step
    return np.isin(wanted, instants(closed_at)).all(axis=1)


def describe_entries(
    entries: pd.DataFrame, candles: pd.DataFrame, samples_5min: pd.DataFrame, samples_15min: pd.DataFrame
) -> pd.DataFrame:
    """The entries (columns direction, entry_time) with state_5min, state_15min, trigger, alignment, signature
    and regime added.

    Where no sample was taken at the entry, a state that the entries bring along (a logged one) stands in; a
    word that is no state is unknown.
    """
    described = entries.copy()
    times = pd.DatetimeIndex(entries["entry_time"])
    for name, samples in (("state_5min", samples_5min), ("state_15min", samples_15min)):
        rows = fresh_rows_at(times, samples)
        seen = states_of(rows, samples)
        if name in entries:
            logged = entries[name].astype("str").str.lower()
            logged = logged.where(logged.isin(STATES), "unknown").to_numpy(dtype=object)
            seen = np.where(rows < 0, logged, seen)
        described[name] = pd.array(seen, dtype="str")
    described["trigger"] = pd.array(
        triggers_at(times, entries["direction"].to_numpy(dtype=object), candles), dtype="str"
    )
    described["alignment"] = pd.array(
        [alignment(*pair) for pair in zip(described["state_5min"], described["state_15min"], strict=True)],
        dtype="str",
    )
    parts = zip(described["direction"], described["trigger"], described["alignment"], strict=True)
    described["signature"] = pd.array([signature_of(*each) for each in parts], dtype="str")
    last = rows_at(times, candles.set_index("closed_at"), CANDLE)
    names = regimes(candles)["regime"].to_numpy(dtype=object)
    known = (
        np.where(last >= 0, names[last], "UNKNOWN")
        if len(candles)
        else np.full(len(last), "UNKNOWN", dtype=object)
    )
    described["regime"] = pd.array(known, dtype="str")
    return described
