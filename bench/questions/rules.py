"""Two hundred questions that a person might explore: well-known ideas with many parameters, each followed and faded.

They are functions of closed candles, so none looks ahead, and on a martingale none has an edge. Many are near to each other, as those of
people who turn one knob after another are; so the best of them is not the best of 200 independent ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter1d, minimum_filter1d
from scipy.signal import lfilter

COUNT = 200
_ORDER = 20261130
_HOURS = {"all": (0, 24), "asia": (0, 8), "europe": (8, 16), "america": (16, 24)}


class Seen(NamedTuple):
    """What the ideas are made of: arrays over the rows, each known at its row's close."""

    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    spread: np.ndarray  #: of a row's log return over the last day
    hour: np.ndarray
    fives: np.ndarray  #: which 5-minute candle of the day

    @classmethod
    def of(cls, candles: pd.DataFrame) -> Seen:
        """Out of candles by `closed_at`."""
        price = [candles[name].to_numpy(float) for name in ("open", "high", "low", "close")]
        minutes = candles.index.hour.to_numpy() * 60 + candles.index.minute.to_numpy()
        returns = np.diff(np.log(price[3]), prepend=np.log(price[3][0]))
        spread = np.sqrt(_ema(returns**2, 288))
        return cls(*price, spread, minutes // 60, minutes // 5)


Idea = Callable[[Seen], np.ndarray]


class Rule(NamedTuple):
    """A question: an idea that says +1, -1 or 0 of each row, followed (+1) or faded (-1), at some hours."""

    name: str
    idea: Idea
    sign: int
    hours: tuple[int, int]


def answers(seen: Seen, asked: Sequence[Rule]) -> Iterator[np.ndarray]:
    """What each rule says of each row, (n,) int8: where its idea begins to hold. An idea that several rules share is looked at once."""
    began: dict[int, np.ndarray] = {}
    for rule in asked:
        if id(rule.idea) not in began:
            held = rule.idea(seen)
            began[id(rule.idea)] = np.where(held == np.r_[0, held[:-1]], 0, held)
        inside = (seen.hour >= rule.hours[0]) & (seen.hour < rule.hours[1])
        yield (rule.sign * began[id(rule.idea)] * inside).astype(np.int8)


def rules() -> list[Rule]:
    """The two hundred, always the same ones, in an order that tells nothing."""
    found = [
        Rule(f"{name}_{'follow' if sign > 0 else 'fade'}_{hours}", idea, sign, _HOURS[hours])
        for name, idea in _ideas()
        for sign in (1, -1)
        for hours in (_HOURS if not name.startswith("clock") else ("all",))
    ]
    order = np.random.default_rng(_ORDER).permutation(len(found))[:COUNT]
    return [found[place] for place in order]


def _ideas() -> Iterator[tuple[str, Idea]]:
    for length in (3, 6, 12, 24, 48, 96):
        for width in (1.5, 2.0, 2.5):
            yield f"momentum_{length}_{width:g}", partial(_momentum, length=length, width=width)
    for length in (24, 48, 96, 288):
        yield f"channel_{length}", partial(_channel, length=length)
    for fast, slow in ((5, 20), (10, 30), (12, 48), (20, 100), (50, 145)):
        yield f"cross_{fast}_{slow}", partial(_cross, fast=fast, slow=slow)
    for length in (12, 24, 48):
        for width in (1.5, 2.0):
            yield f"band_{length}_{width:g}", partial(_band, length=length, width=width)
    for part in (0.6, 0.75):
        yield f"wick_{part:g}", partial(_wick, part=part)
    for count in (4, 5, 6):
        yield f"run_{count}", partial(_run, count=count)
    for at in range(0, 288, 24):
        yield f"clock_{at}", partial(_clock, at=at)


def _momentum(seen: Seen, length: int, width: float) -> np.ndarray:
    """The move over so many rows lies beyond so many usual ones."""
    moved = np.log(seen.close / _before(seen.close, length))
    return _beyond(moved, width * seen.spread * np.sqrt(length))


def _channel(seen: Seen, length: int) -> np.ndarray:
    """The close lies beyond all prices of the rows before."""
    # A filter centred on its row, moved so that it ends one row before.
    shift = (length - 1) // 2 + 1
    top = _before(maximum_filter1d(seen.high, length, mode="nearest", origin=0), shift)
    floor = _before(minimum_filter1d(seen.low, length, mode="nearest", origin=0), shift)
    return np.where(seen.close > top, 1, np.where(seen.close < floor, -1, 0))


def _cross(seen: Seen, fast: int, slow: int) -> np.ndarray:
    """Which of two moving averages is above."""
    return np.sign(_ema(seen.close, fast) - _ema(seen.close, slow)).astype(int)


def _band(seen: Seen, length: int, width: float) -> np.ndarray:
    """The close lies so many usual moves beyond its moving average."""
    return _beyond(seen.close / _ema(seen.close, length) - 1, width * seen.spread * np.sqrt(length) / 2)


def _wick(seen: Seen, part: float) -> np.ndarray:
    """Most of the candle is a wick on one side: down is told as +1."""
    whole = np.maximum(seen.high - seen.low, 1e-12)
    down = (np.minimum(seen.open, seen.close) - seen.low) / whole
    up = (seen.high - np.maximum(seen.open, seen.close)) / whole
    wide = whole / seen.close > seen.spread
    return np.where(wide & (down > part), 1, np.where(wide & (up > part), -1, 0))


def _run(seen: Seen, count: int) -> np.ndarray:
    """So many candles in one direction, one after another."""
    way = np.sign(seen.close - seen.open)
    same = lfilter(np.ones(count), [1.0], way)
    return np.where(same >= count, 1, np.where(same <= -count, -1, 0))


def _clock(seen: Seen, at: int) -> np.ndarray:
    """The move of the last hour, at one time of the day."""
    moved = np.sign(seen.close - _before(seen.close, 12))
    return np.where(seen.fives == at, moved, 0).astype(int)


def _beyond(values: np.ndarray, width: np.ndarray) -> np.ndarray:
    return np.where(values > width, 1, np.where(values < -width, -1, 0))


def _before(values: np.ndarray, rows: int) -> np.ndarray:
    """The values so many rows before; the first one for rows that have none."""
    return np.r_[np.full(rows, values[0]), values[:-rows]]


def _ema(values: np.ndarray, length: int) -> np.ndarray:
    kept = 1 - 2 / (length + 1)
    return lfilter([1 - kept], [1.0, -kept], values, zi=[kept * values[0]])[0]
