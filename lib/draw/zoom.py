"""The price block of a zoomable chart (lib.contract.price_block), out of the frames that its still picture is drawn from.

Nothing is drawn here: a script in the page does that. Candles and samples are so few that a block has some tens of kilobytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib.contract.price_block import (
    STATE_LETTERS,
    Band,
    BlockTrade,
    Candles,
    Doubt,
    Level,
    PriceBlock,
)
from lib.contract.schema import RIBBON_TIMEFRAMES
from lib.contract.words import exit_word
from lib.draw.axis import days, runs, thin
from lib.draw.words import name_words
from lib.market.costs import SIGN
from lib.market.readings import instant, instants, lines_of

#: More candles than this are put together, two or more to one.
MOST_CANDLES = 800
#: About so many samples of a ribbon are kept.
MOST_SAMPLES = 700
#: Of more trades than this the newest are kept: a hundred bytes each.
MOST_TRADES = 800
#: Doubtful stretches of one kind are joined where less than this part of the whole lies between them.
_JOINED = 1 / 500
_SECOND = 1_000_000
_DIGITS = 7
_LEAST = 1e-300
_PRICES = ["open", "high", "low", "close"]


def price_block(
    candles: pd.DataFrame,
    ribbons: dict[str, pd.DataFrame],
    trades: pd.DataFrame | None = None,
    *,
    levels: Sequence[tuple[str, float, pd.Timestamp, pd.Timestamp]] = (),
    asked: pd.Timestamp | None = None,
) -> PriceBlock | None:
    """The block of candles, ribbons (samples by timeframe) and trades; None without a candle.

    A trade without time or price of its exit is not left yet; one without those of its entry, and a candle without a price, are left out.
    `levels`: name (entry, stop, target), price, since and until. `asked`: when a decision was asked for.
    """
    candles = candles[np.isfinite(candles[_PRICES].to_numpy(dtype=float)).all(axis=1)]
    if candles.empty:
        return None
    start = instant(candles.index[0])
    closed = instants(candles["closed_at"])

    def after(at: pd.Timestamp) -> int:
        return round((instant(at) - start) / _SECOND)

    bands = [_band(name, ribbons[name], start) for name in RIBBON_TIMEFRAMES if name in ribbons]
    held = pd.DataFrame() if trades is None else _entered(trades)
    lines = [
        Level(name=name, price=_rounded(price), since=after(since), until=after(until))  # type: ignore[arg-type]
        for name, price, since, until in levels
    ]
    return PriceBlock(
        start=start // 1000,
        first=0,
        last=max(round((int(closed[-1]) - start) / _SECOND), 0 if asked is None else after(asked)),
        candles=_candles(candles, start),
        bands=[band for band in bands if band.at],
        trades=_trades(held.tail(MOST_TRADES), after),
        trades_before=max(0, len(held) - MOST_TRADES),
        doubts=_doubts(ribbons[RIBBON_TIMEFRAMES[0]], start) if RIBBON_TIMEFRAMES[0] in ribbons else [],
        levels=lines,
        asked=None if asked is None else after(asked),
    )


def _candles(candles: pd.DataFrame, start: int) -> Candles:
    opened = instants(candles.index)
    seconds = round(float(np.median(instants(candles["closed_at"]) - opened)) / _SECOND)
    values = candles[_PRICES].to_numpy(dtype=float)
    together = -(-len(opened) // MOST_CANDLES)
    if together > 1:
        # By the clock, so that no candle reaches over a gap.
        seconds *= together
        _, first = np.unique(opened // (seconds * _SECOND), return_index=True)
        last = np.append(first[1:], len(opened)) - 1
        values = np.column_stack(
            [
                values[first, 0],
                np.maximum.reduceat(values[:, 1], first),
                np.minimum.reduceat(values[:, 2], first),
                values[last, 3],
            ]
        )
        opened = opened[first]
    columns = _round(values).T.tolist()
    return Candles(
        seconds=seconds,
        at=_seconds(opened, start),
        open=columns[0],
        high=columns[1],
        low=columns[2],
        close=columns[3],
    )


def _band(timeframe: str, samples: pd.DataFrame, start: int) -> Band:
    """Samples that are `partial` are left out, as in the picture: their lines are not settled."""
    names = lines_of(samples)
    whole = (samples["quality"] != "partial").to_numpy() & np.isfinite(
        samples[names].to_numpy(dtype=float)
    ).all(axis=1)
    shown = samples[whole] if names else samples.iloc[:0]
    kept = thin(days(shown.index), most=MOST_SAMPLES)
    lines = shown[names].to_numpy(dtype=float)[kept.keep] if names else np.empty((0, 1))
    states = shown["state"].to_numpy(dtype=object)[kept.keep]
    return Band(
        minutes=int(timeframe.removesuffix("min")),  # type: ignore[arg-type]
        at=_seconds(instants(shown.index)[kept.keep], start),
        low=_round(lines.min(axis=1)).tolist() if len(lines) else [],
        high=_round(lines.max(axis=1)).tolist() if len(lines) else [],
        states="".join(STATE_LETTERS[state] for state in states),
        gaps=(np.flatnonzero(np.diff(kept.stretch)) + 1).tolist(),
    )


def _doubts(samples: pd.DataFrame, start: int) -> list[Doubt]:
    """The stretches whose quality is not `ok`, in order."""
    quality, at = samples["quality"].to_numpy(dtype=object), _seconds(instants(samples.index), start)
    near = (at[-1] - at[0]) * _JOINED if at else 0.0
    found: list[Doubt] = []
    for first, last in runs(quality, thin(days(samples.index), most=len(at) + 1).stretch):
        if quality[first] == "ok":
            continue
        if found and found[-1].kind == quality[first] and at[first] - found[-1].until <= near:
            found[-1].until = at[last]
        else:
            found.append(Doubt(kind=quality[first], since=at[first], until=at[last]))
    return found


def _entered(trades: pd.DataFrame) -> pd.DataFrame:
    """The trades whose entry is known, in its order."""
    known = np.isfinite(trades["entry_price"].to_numpy(dtype=float)) & trades["entry_time"].notna().to_numpy()
    return trades[known & trades["direction"].isin(list(SIGN)).to_numpy()].sort_values(
        "entry_time", kind="stable"
    )


def _trades(trades: pd.DataFrame, after: Any) -> list[BlockTrade]:
    return [_trade(row, after) for row in trades.itertuples()]


def _trade(row: Any, after: Any) -> BlockTrade:
    left = not (pd.isna(row.exit_time) or pd.isna(row.exit_price))
    return BlockTrade(
        direction=row.direction,
        entry_at=after(row.entry_time),
        entry=_rounded(row.entry_price),
        exit_at=after(row.exit_time) if left else None,
        exit=_rounded(row.exit_price) if left else None,
        net_pct=round(float(row.net_pct), 4) if left and np.isfinite(float(row.net_pct)) else None,
        how=name_words(exit_word(str(row.exit_reason))) if left and row.exit_reason else "",
    )


def _seconds(at: np.ndarray, start: int) -> list[int]:
    return np.round((at - start) / _SECOND).astype(int).tolist()


def _round(values: np.ndarray) -> np.ndarray:
    """Values of about one size with seven digits of the largest."""
    largest = float(np.abs(values).max()) if values.size else 0.0
    # Beyond that numpy has no power of ten to round by.
    return np.round(values, _DIGITS - 1 - int(np.floor(np.log10(largest)))) if largest > _LEAST else values


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
