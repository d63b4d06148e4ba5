"""Wicks of closed 5-minute candles, and dips through the whole ribbon (docs/definitions.md, Wicks)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market.readings import CANDLE, lines_of, rows_at

#: Smallest and largest wick that counts, in percent of the close.
WICK_RANGE_PCT = (0.3, 0.8)
SLACK = 1e-9


def _in_range(size_pct: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    return (size_pct >= band[0] - SLACK) & (size_pct <= band[1] + SLACK)


def wicks(candles: pd.DataFrame, band: tuple[float, float] = WICK_RANGE_PCT) -> pd.DataFrame:
    """Wicks of each candle: wick_down, wick_up (bool) and their sizes down_pct, up_pct in percent of the
    close.
    """
    opened, high, low, close = (candles[name].to_numpy() for name in ("open", "high", "low", "close"))
    down = (np.fmin(opened, close) - low) / close * 100
    up = (high - np.fmax(opened, close)) / close * 100
    return pd.DataFrame(
        {"wick_down": _in_range(down, band), "wick_up": _in_range(up, band), "down_pct": down, "up_pct": up},
        index=candles.index,
    )


def newest_wick(candles: pd.DataFrame, since: pd.Timestamp) -> str:
    """WICK_DOWN or WICK_UP of the newest candle that has one and closed at `since` or later; "" without one.

    A candle with both says the longer one.
    """
    found = wicks(candles[(candles["closed_at"] >= since).to_numpy()])
    found = found[found["wick_down"] | found["wick_up"]]
    if found.empty:
        return ""
    last = found.iloc[-1]
    down = last["wick_down"] and not (last["wick_up"] and last["up_pct"] > last["down_pct"])
    return "WICK_DOWN" if down else "WICK_UP"


def ribbon_dips(candles: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """RIBBON_DIP_DOWN / _UP per candle (bool columns dip_down, dip_up).

    The low (high) lies 0.3–0.8 % of the close beyond all lines as they stood at the previous candle's close,
    and the close is back inside, that is not beyond them. Without a usable sample at that moment, or across a
    gap, there is no dip.
    """
    none = pd.DataFrame({"dip_down": False, "dip_up": False}, index=candles.index)
    names = lines_of(samples)
    if candles.empty or samples.empty or not names:
        return none
    rows = rows_at(pd.DatetimeIndex(candles.index), samples, CANDLE)
    follows = np.concatenate([[False], np.diff(candles.index) == CANDLE])
    usable = (rows >= 0) & follows
    usable[usable] = samples["quality"].to_numpy()[rows[usable]] == "ok"
    lines = samples[names].to_numpy()[rows[usable]]
    lowest, highest = lines.min(axis=1), lines.max(axis=1)
    high, low, close = (candles[name].to_numpy()[usable] for name in ("high", "low", "close"))
    below, above = (lowest - low) / close * 100, (high - highest) / close * 100
    dips = {name: np.zeros(len(candles), dtype=bool) for name in none}
    dips["dip_down"][usable] = _in_range(below, WICK_RANGE_PCT) & (close >= lowest)
    dips["dip_up"][usable] = _in_range(above, WICK_RANGE_PCT) & (close <= highest)
    return pd.DataFrame(dips, index=candles.index)


def wick_entries(flags: pd.DataFrame, candles: pd.DataFrame, down: str, up: str) -> pd.DataFrame:
    """One entry a wick, in the wick's direction at its candle's close: direction, entry_time, entry_price,
    kind (`down` or `up`).

    `flags` has bool columns named `down` (traded LONG) and `up` (traded SHORT) on the candles' index.
    """
    rows = [np.flatnonzero(flags[kind].to_numpy(dtype=bool)) for kind in (down, up)]
    short = np.repeat([False, True], [len(part) for part in rows])
    row = np.concatenate(rows)
    order = np.argsort(row, kind="stable")
    row, short = row[order], short[order]
    return pd.DataFrame(
        {
            "direction": pd.array(np.where(short, "SHORT", "LONG"), dtype="str"),
            "entry_time": pd.DatetimeIndex(candles["closed_at"])[row],
            "entry_price": candles["close"].to_numpy()[row],
            "kind": pd.array(np.where(short, up, down), dtype="str"),
        }
    )
