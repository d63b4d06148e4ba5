"""Whether a folder's files belong together: one market, two charts, one unit of price.

Each file alone can be sound. A ribbon of both charts that is one chart's twice, lines of one market beside the candles of another, and
prices in cents beside prices in dollars are seen only where the files are read together.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.dollars import plain_number
from lib.contract.times import iso
from lib.data.jumps import LARGEST_PCT
from lib.data.loaders import candles_of, parse_candles, parse_samples
from lib.data.newest import newest_symbol, tail_of
from lib.errors import DataError
from lib.market.readings import instants
from lib.market.ribbon import line_names

TWO_MARKETS_FIX = "One market, one folder: move the files of the other one away"
#: So many changes in a row that two charts of unlike length show at the same times and to the same value are no chance.
_SAME_CHANGES = 20
#: So many candles are judged at least.
_CANDLES = 3


class Mixed(NamedTuple):
    """What does not belong together and what to do about it, in words; both "" where all does."""

    what: str = ""
    fix: str = ""


def folder_market(folder: Path) -> str:
    """The market of a folder's newest samples, "" where none is named. Raises DataError where its files do not belong together."""
    if told := mixed_folder(folder):
        raise DataError(told.what, path=folder, fix=told.fix)
    return next((symbol for symbol in _markets(folder).values() if symbol), "")


def mixed_folder(folder: Path) -> Mixed | None:
    """What does not belong together by the newest rows of a folder's files; None where all does. Raises HeaderError, NaiveTimeError."""
    named = {symbol: name for name, symbol in _markets(folder).items() if symbol}
    if len(named) > 1:
        told = ", ".join(f"{name} is of {symbol}" for symbol, name in named.items())
        return Mixed(f"its samples are of two markets: {told}", TWO_MARKETS_FIX)
    parsed = {
        f"samples_{timeframe}": tail_of(folder / name, lambda piece: parse_samples(piece, None, None, None))
        for timeframe, name in schema.SAMPLE_FILES.items()
    }
    for timeframe, name in schema.CANDLE_FILES.items():
        rows = tail_of(folder / name, lambda piece: parse_candles(piece, None, None, None))
        parsed[f"candles_{timeframe}"] = candles_of(rows, schema.MINUTES[timeframe]) if len(rows) else rows
    return mixed_frames(parsed)


def mixed_frames(frames: Mapping[str, pd.DataFrame]) -> Mixed | None:
    """The same of frames by the names of MarketWindow's fields; which markets samples name is left to who has them all."""
    five, fifteen = frames["samples_5min"], frames["samples_15min"]
    return one_chart_twice(five, fifteen) or next(
        (
            told
            for timeframe, name in schema.CANDLE_FILES.items()
            if (told := _priced_apart(five, frames[f"candles_{timeframe}"], name))
        ),
        None,
    )


def one_chart_twice(five: pd.DataFrame, fifteen: pd.DataFrame) -> Mixed | None:
    """That two files of samples show one chart: lines of two timeframes change to the same values only where the price stands still."""
    names = [name for name in line_names(five.columns) if name in fifteen]
    common = five.index.intersection(fifteen.index).unique()
    if len(common) <= _SAME_CHANGES or not names:
        return None
    lines, others = (
        frame.loc[~frame.index.duplicated(), names].loc[common].to_numpy(float) for frame in (five, fifteen)
    )
    same = ((lines == others) | (np.isnan(lines) & np.isnan(others))).all(axis=1)
    changed = np.append(False, (lines[1:] != lines[:-1]).any(axis=1))
    runs = np.cumsum(~same)
    counts = np.bincount(runs, weights=same & changed)
    if counts.max() < _SAME_CHANGES:
        return None
    places = np.flatnonzero(same & (runs == counts.argmax()))
    one, other = schema.SAMPLE_FILES.values()
    span = f"from {iso(common[places[0]])} to {iso(common[places[-1]])}"
    return Mixed(
        f"{one} and {other} hold the same lines {span}, {len(places):,} rows: one of them is the other's copy",
        "Put the samples of the other chart there, or move both files away and collect or fetch them anew",
    )


def _priced_apart(samples: pd.DataFrame, candles: pd.DataFrame, name: str) -> Mixed | None:
    """That samples and the candles of the same minutes lie further apart than one market's: another market, or another unit."""
    if samples.empty or candles.empty:
        return None
    if "quality" in samples:
        samples = samples[samples["quality"] != "venue_mismatch"]
    at, price = instants(samples.index), samples["price"].to_numpy(float)
    places = np.searchsorted(at, instants(candles["closed_at"]), side="right") - 1
    within = places >= 0
    within[within] = at[places[within]] > instants(candles.index)[within]
    if within.sum() < _CANDLES:
        return None
    told, close = price[places[within]], candles["close"].to_numpy(float)[within]
    ratio = float(np.median(told / close))
    if max(ratio, 1 / ratio) <= 1 + LARGEST_PCT / 100:
        return None
    when = iso(candles["closed_at"][within].iloc[-1])
    return Mixed(
        f"{schema.SAMPLE_FILES['5min']} and {name} are not of one market or not in one unit: until {when} the samples tell "
        f"{plain_number(told[-1], 8)} and the candle {plain_number(close[-1], 8)}",
        f"{TWO_MARKETS_FIX}; what tells prices in another unit (cents, say) fetch or collect anew",
    )


def _markets(folder: Path) -> dict[str, str]:
    return {name: newest_symbol(folder / name) for name in schema.SAMPLE_FILES.values()}
