"""Trades of the market alone, each at a candle's close with the standard exits: setups, the entry rule, wicks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.analysis.optimal import setup_directions
from lib.analysis.streams.models import LONGEST_WAIT, Carry
from lib.data.window import MarketWindow
from lib.market.costs import SIGN
from lib.market.exits import MINUTE, PricePath, find_exit, standard_exits
from lib.market.readings import instants
from lib.market.rules import SPACING_MINUTES, entry_signals
from lib.market.wicks import wick_entries, wicks

WALKS = {"setups": 0.0, "rule": SPACING_MINUTES}


def setup_entries(window: MarketWindow) -> pd.DataFrame:
    """Closes of 5-minute candles that have a direction (DEFINITIONS, Optimal): direction, entry_time, entry_price."""
    candles = window.candles_5min
    sign = setup_directions(candles, window.samples_5min)
    entries = pd.DataFrame(
        {
            "direction": np.where(sign > 0, "LONG", "SHORT"),
            "entry_time": pd.DatetimeIndex(candles["closed_at"]),
            "entry_price": candles["close"].to_numpy(),
        }
    )
    return entries[sign != 0].reset_index(drop=True)


def rule_entries(window: MarketWindow) -> pd.DataFrame:
    """Signals of the original entry rule."""
    signals = entry_signals(window.candles_5min, window.samples_5min, window.samples_15min)
    return signals[["direction", "entry_time", "entry_price"]]


def walk(stream: str, entries: pd.DataFrame, path: PricePath, hour: int, carry: Carry) -> pd.DataFrame:
    """The trades that one position at a time makes of the entries and that have ended by `hour`, with their exits.

    Goes on where the carry stopped: an entry whose exit is not known yet is found again the next hour.
    """
    begin, free_at = carry.walked.get(stream, 0), carry.free_at.get(stream, -1)
    last, spacing = carry.last_entry.get(stream, -(10**18)), WALKS[stream] * MINUTE
    times = instants(entries["entry_time"])
    rows, found = [], []
    carry.walked[stream] = hour + 1
    carry.waiting_since.pop(stream, None)
    for row in range(int(np.searchsorted(times, begin)), len(times)):
        at = int(times[row])
        if at < free_at or at - last < spacing:
            continue
        sign = SIGN[entries["direction"].iat[row]]
        ended = find_exit(path, sign, at, float(entries["entry_price"].iat[row]))
        if ended is None:
            if at <= hour - LONGEST_WAIT:
                carry.leave_out(stream, "abandoned")
                continue
            carry.walked[stream] = carry.waiting_since[stream] = at
            break
        rows.append(row)
        found.append(ended)
        last, free_at = at, ended.at
    carry.free_at[stream], carry.last_entry[stream] = free_at, last
    trades = entries.iloc[rows].reset_index(drop=True)
    exits = pd.DatetimeIndex(pd.to_datetime([ended.at for ended in found], unit="us", utc=True)).as_unit("us")
    return trades.assign(
        exit_time=exits,
        exit_price=np.array([ended.price for ended in found], dtype=float),
        exit_reason=[ended.reason for ended in found],
        ambiguous=[ended.ambiguous for ended in found],
    )


def wick_trades(window: MarketWindow, path: PricePath) -> pd.DataFrame:
    """A trade for each wick of the window's candles, in its direction at the close; open ones with a blank exit."""
    candles = window.candles_5min
    entries = wick_entries(wicks(candles), candles, "wick_down", "wick_up")
    return entries.drop(columns="kind").join(standard_exits(entries, path))
