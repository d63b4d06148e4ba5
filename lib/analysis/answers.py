"""Every LONG or SHORT that the decider recommended while flat, and what it would have made (docs/definitions.md, Confidence)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.analysis.trades import executed_trades
from lib.contract.times import times_index
from lib.data.window import MarketWindow
from lib.market.costs import SIGN
from lib.market.exits import PricePath, find_exit
from lib.market.readings import instants
from lib.market.terms import Terms


class ScoredAnswers(NamedTuple):
    """One row an answer, in the order of `answered_at`."""

    frame: pd.DataFrame


def score_answers(window: MarketWindow, terms: Terms) -> ScoredAnswers:
    """The window's answers, entered at the first sample after each, with the standard exits; `exit_time` NaT while open."""
    log, samples = window.decisions, window.samples_5min
    rows = log[log["direction"].isin(list(SIGN))]
    at = instants(rows["timestamp"])
    rows = rows[~_held(at, window, terms)]
    at, sampled = instants(rows["timestamp"]), instants(samples.index)
    path = PricePath.of(window.candles_1min, window.candles_5min, samples)
    first = np.searchsorted(sampled, at, side="right")
    found = []
    for row, place in zip(rows.itertuples(), first, strict=True):
        entry = int(sampled[place]) if place < len(sampled) else None
        price = float(samples["price"].iloc[place]) if entry else np.nan
        sign = SIGN[row.direction]
        done = find_exit(path, sign, entry, price, terms.exits) if entry else None
        found.append((entry, price, done.at if done else None, done.price if done else np.nan))
    entries, prices, exits, ends = zip(*found, strict=True) if found else ((), (), (), ())
    sign = rows["direction"].map(SIGN).to_numpy(dtype=float)
    net = (
        sign * (np.array(ends, dtype=float) / np.array(prices, dtype=float) - 1) * 100 - terms.round_trip_pct
    )
    frame = pd.DataFrame(
        {
            "decision_id": rows["decision_id"].astype("str").to_numpy(),
            "answered_at": rows["timestamp"].to_numpy(),
            "direction": rows["direction"].to_numpy(),
            "confidence": rows["confidence"].astype(float).to_numpy(),
            "executed": rows["executed"].to_numpy(),
            "entry_time": _times(entries),
            "entry_price": np.array(prices, dtype=float),
            "stop_pct": terms.stop_pct,
            "target_pct": terms.target_pct,
            "own_distances": False,
            "exit_time": _times(exits),
            "exit_price": np.array(ends, dtype=float),
            "exit_reason": "",
            "net_pct": net,
            "unscored": "",
            "state_5min": rows["state_5min"].to_numpy(),
            "state_15min": rows["state_15min"].to_numpy(),
        }
    )
    return ScoredAnswers(frame)


def _held(at: np.ndarray, window: MarketWindow, terms: Terms) -> np.ndarray:
    """Whether an own trade was open when each answer was given."""
    executed = executed_trades(window, terms.costs)
    held = np.zeros(len(at), dtype=bool)
    for frame in (executed.closed, executed.still_open):
        ends = instants(frame["exit_time"].fillna(pd.Timestamp.max.tz_localize("UTC").as_unit("us")))
        for entry, end in zip(instants(frame["entry_time"]), ends, strict=True):
            held |= (at > entry) & (at < end)
    return held


def _times(values: tuple[int | None, ...]) -> pd.DatetimeIndex:
    return times_index(
        np.array([np.iinfo(np.int64).min if value is None else value for value in values], dtype=np.int64)
    )
