"""What a simulated trader has before it: the path on the clock, with its gaps, and the ribbon of each timeframe so far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lib.market.exits import MINUTE, SECOND, PricePath
from lib.market.ribbon import LINE_PERIODS, MARKER_PERIODS, ribbon_state
from lib.simulation.path import StepPath, to_price

_ALPHAS = np.array([2.0 / (period + 1) for period in LINE_PERIODS if period not in MARKER_PERIODS])


@cache
def _state(green: int, red: int, gray: int) -> str:
    return ribbon_state(["green"] * green + ["red"] * red + ["gray"] * gray)


class RibbonTracker:
    """The ribbon of one timeframe as a chart shows it: a line is green where the price lies above its value at the last close."""

    def __init__(self) -> None:
        self.lines: np.ndarray | None = None

    def state(self, price: float) -> str:
        """The state while the forming bar stands at `price`."""
        if self.lines is None:
            return "unknown"
        green, red = int((price > self.lines).sum()), int((price < self.lines).sum())
        return _state(green, red, len(self.lines) - green - red)

    def close(self, price: float) -> None:
        """Take in a bar's close; the first one seeds all lines."""
        lines = np.full(len(_ALPHAS), price) if self.lines is None else self.lines
        self.lines = lines + _ALPHAS * (price - lines)


@dataclass
class Market:
    """A path on the clock: step i ends at `start_at` + (i + 1) steps; `start_at` lies on a quarter of an hour (microseconds).

    `shown`: steps that leave a sample. `whole`: minutes that leave a candle.
    """

    path: StepPath
    start_at: int
    shown: np.ndarray
    whole: np.ndarray

    @property
    def per_minute(self) -> int:
        """Steps in a minute."""
        return 60 // self.path.step_seconds

    def time(self, step: int) -> int:
        """When a step ends, in microseconds since 1970 UTC."""
        return self.start_at + (step + 1) * self.path.step_seconds * SECOND

    def step(self, time: int) -> int:
        """The step that ends at `time`."""
        return (time - self.start_at) // (self.path.step_seconds * SECOND) - 1

    def exit_path(self, step: int, minutes: int, drift: np.ndarray) -> PricePath:
        """What exits are judged on in the `minutes` after the end of `step`, with `drift` added from the step after it on."""
        per_minute = self.per_minute
        first = (step + 1) // per_minute // 5 * 5
        last = min(first + minutes, len(self.whole))
        begin, end = first * per_minute, last * per_minute
        close, high, low = (
            levels[begin:end].copy() for levels in (self.path.close, self.path.high, self.path.low)
        )
        added = min(len(drift), end - step - 1)
        if added > 0:
            inside = slice(step + 1 - begin, step + 1 - begin + added)
            close[inside], high[inside], low[inside] = self.path.with_drift(step + 1, drift[:added])
            for levels in (close, high, low):
                levels[inside.stop :] += drift[:added].sum()
        prices, whole = to_price(close), self.whole[first:last]
        before, closing = to_price(self.path.close[max(begin - 1, 0)]), prices[per_minute - 1 :: per_minute]
        opened = self.start_at + np.arange(first, last) * MINUTE
        bars = whole[: len(whole) // 5 * 5].reshape(-1, 5).all(axis=1)
        ends = np.arange(4, len(whole), 5)[: len(bars)][bars]
        shown = self.shown[begin:end]
        sampled = self.start_at + np.arange(begin + 1, end + 1) * self.path.step_seconds * SECOND
        return PricePath(
            opens=opened[whole],
            closes_at=opened[whole] + MINUTE,
            open=np.append(before, closing)[:-1][whole],
            high=to_price(high.reshape(-1, per_minute).max(axis=1))[whole],
            low=to_price(low.reshape(-1, per_minute).min(axis=1))[whole],
            close=closing[whole],
            bar_closes_at=opened[ends] + MINUTE,
            bar_close=closing[ends],
            sample_at=sampled[shown],
            sample_price=prices[shown],
        )
