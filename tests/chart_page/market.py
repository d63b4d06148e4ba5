"""The market behind the chart page: a price for every half second, and what a chart shows of it at any instant, with known truth.

It goes on where simulated samples end, so that the data of `ribbon simulate` and those collected from the page are of one market.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.data.loaders import load_samples
from lib.market.ribbon import LINE_PERIODS, MARKER_PERIODS
from lib.simulation.market import simulate_market
from lib.simulation.path import StepPath

STEP_S = 0.5
#: Standard deviation of a step's return in percent: about that of the simulated market at a lively hour.
SPREAD_PCT = 0.012
REFERENCE = 100


@dataclass(frozen=True)
class Move:
    """A planned move of the price: `pct` percent, spread over `length_s`, `after_s` seconds after the page's start."""

    after_s: float
    length_s: float
    pct: float


@dataclass(frozen=True)
class Candle:
    """A candle as it stands at an instant."""

    slot: float
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass
class PageMarket:
    """Ticks at `times` (seconds since 1970, increasing), and the lines as they stood at the close before the first tick's candle."""

    times: np.ndarray
    prices: np.ndarray
    volumes: np.ndarray
    seeds: dict[int, dict[int, float]]  #: by minutes, by period
    begins: dict[int, float]  #: by minutes: the close at which the seeds stood
    periods: tuple[int, ...] = LINE_PERIODS
    _known: dict[tuple[float, int], dict[int, float]] = field(default_factory=dict, repr=False)

    @classmethod
    def fresh(cls, start: float, seed: int = 1, moves: Sequence[Move] = (), hours: float = 3.0) -> PageMarket:
        """A market of its own from `start` on."""
        end = pd.Timestamp(start, unit="s", tz="UTC").floor("1min").as_unit("us")
        made = simulate_market(0.25, seed, end, decisions="none", gaps=0)
        return cls._going_on({5: made.samples_5min, 15: made.samples_15min}, start, seed, moves, hours)

    @classmethod
    def continuing(
        cls, folder: Path, start: float, seed: int = 1, moves: Sequence[Move] = (), hours: float = 3.0
    ) -> PageMarket:
        """The market whose samples lie in `folder`, from `start` on; its last price holds until then."""
        samples = {
            schema.MINUTES[name]: load_samples(folder, name, None, None)[0]
            for name in schema.RIBBON_TIMEFRAMES
        }
        return cls._going_on(samples, start, seed, moves, hours)

    @classmethod
    def _going_on(
        cls, samples: dict[int, pd.DataFrame], start: float, seed: int, moves: Sequence[Move], hours: float
    ) -> PageMarket:
        quarter = pd.Timestamp(start // 900 * 900, unit="s", tz="UTC")
        seeds, begins = {}, []
        for minutes, frame in samples.items():
            slot = min(
                pd.Timestamp(start // (minutes * 60) * minutes * 60, unit="s", tz="UTC"),
                frame.index[-1].floor(f"{minutes}min"),
            )
            last = frame[frame.index <= slot].iloc[-1]
            seeds[minutes] = {period: float(last[f"MMA{period}"]) for period in LINE_PERIODS}
            begins.append(slot)
        past = samples[5]["price"][samples[5].index > min(*begins, quarter)]
        rng = np.random.default_rng(seed)
        count = int(hours * 3600 / STEP_S)
        path = StepPath(rng, np.full(count, SPREAD_PCT), STEP_S)  # type: ignore[arg-type]
        path.set_price(0, float(samples[5]["price"].iloc[-1]))
        for move in moves:
            length = int(move.length_s / STEP_S)
            path.add_drift(int(move.after_s / STEP_S) + 1, np.full(length, np.log1p(move.pct / 100) / length))
        old = past.index.as_unit("us").asi8 / 1e6
        old, before = old[old < start], past.to_numpy()[old < start]
        times = np.concatenate([old, start + STEP_S * np.arange(count)])
        prices = np.round(np.concatenate([before, np.exp(path.close)]), 2)
        at = {minutes: slot.timestamp() for minutes, slot in zip(samples, begins, strict=True)}
        return cls(times, prices, np.round(rng.exponential(2.0, len(times)), 3), seeds, at)

    def push(self, now: float, length_s: float, pct: float) -> None:
        """A move that was not planned: `pct` percent over the `length_s` seconds after `now`. What was shown up to `now` stays."""
        ramp = np.clip((self.times - now) / length_s, 0.0, 1.0)
        later = self.times > now
        self.prices = np.where(later, np.round(self.prices * (1 + pct / 100) ** ramp, 2), self.prices)

    def candle_at(self, at: float, minutes: int) -> Candle:
        """The candle of `minutes` that is running at `at`, as far as it has come: ticks of [open, at]."""
        slot = at // (minutes * 60) * minutes * 60
        first, last = (
            np.searchsorted(self.times, slot, side="left"),
            np.searchsorted(self.times, at, side="right"),
        )
        prices = self.prices[first:last]
        if not len(prices):  # no tick yet: the chart still shows the candle before
            return self.candle_at(float(self.times[last - 1]), minutes)
        volume = float(self.volumes[first:last].sum())
        return Candle(
            slot, float(prices[0]), float(prices.max()), float(prices.min()), float(prices[-1]), volume
        )

    def averaged_at(self, at: float, minutes: int) -> Candle:
        """The candle that is running at `at` as Heikin Ashi draws it."""
        candle, length = self.candle_at(at, minutes), minutes * 60
        slots = np.arange(self.times[0] // length * length + length, candle.slot, length)
        opened, close = candle.open, candle.close
        for place, each in enumerate(
            [*(self.candle_at(slot + length - 0.001, minutes) for slot in slots), candle]
        ):
            opened = (opened + close) / 2 if place else each.open
            close = (each.open + each.high + each.low + each.close) / 4
        high, low = max(candle.high, opened, close), min(candle.low, opened, close)
        return Candle(candle.slot, opened, high, low, close, candle.volume)

    def lines_at(self, at: float, minutes: int) -> dict[int, tuple[float, float]]:
        """By period: the line as it stands at `at`, and as it stood at the close before."""
        candle = self.candle_at(at, minutes)
        closed = self._closed_lines(candle.slot, minutes)
        return {
            period: (line + 2.0 / (period + 1) * (candle.close - line), line)
            for period, line in closed.items()
        }

    def _closed_lines(self, slot: float, minutes: int) -> dict[int, float]:
        """The lines after the last close before the candle that opens at `slot`."""
        if (slot, minutes) not in self._known:
            inside = (self.times >= self.begins[minutes]) & (self.times < slot)
            slots = self.times[inside] // (minutes * 60)
            closes = self.prices[inside][np.flatnonzero(np.diff(slots, append=np.inf))]
            lines = {period: self.seeds[minutes][period] for period in self.periods}
            for close in closes:
                lines = {period: line + 2.0 / (period + 1) * (close - line) for period, line in lines.items()}
            self._known[slot, minutes] = lines
        return self._known[slot, minutes]

    def colours_at(self, at: float, minutes: int) -> dict[int, str]:
        """By period lime, green, red, maroon, yellow or gray: rising or falling, above or below the reference line."""
        lines = self.lines_at(at, minutes)
        reference = lines[REFERENCE][0]
        found = {}
        for period, (line, before) in lines.items():
            above = line > reference
            words = ("gray", "lime" if above else "green", "maroon" if above else "red")
            found[period] = "yellow" if period in MARKER_PERIODS else words[int(np.sign(line - before))]
        return found

    def payload(self, at: float, minutes: int, averaged: bool = False) -> dict[str, object]:
        """What the page is told: the running candle, drawn as Heikin Ashi if `averaged`, the one before, and the lines, all as numbers."""
        candle = (self.averaged_at if averaged else self.candle_at)(at, minutes)
        colours = self.colours_at(at, minutes)
        rows = [
            {"period": period, "value": line, "before": before, "colour": colours[period]}
            for period, (line, before) in self.lines_at(at, minutes).items()
        ]
        return {
            "candle": vars(candle),
            "old": vars(self.candle_at(candle.slot - 0.001, minutes)),
            "lines": rows,
        }
