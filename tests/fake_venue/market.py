"""The market of the stand-in: days of minutes up to now, and hours beyond, told as far as they have come at an instant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.simulation.market import simulate_market

DAYS, AHEAD_HOURS = 6.0, 3.0


class VenueMarket:
    """Minutes as (opened in seconds, open, high, low, close, volume). `moves`: (after how many seconds, over how many, percent)."""

    def __init__(self, start: float, seed: int = 1, moves: Sequence[tuple[float, float, float]] = ()) -> None:
        end = pd.Timestamp(start, unit="s", tz="UTC").ceil("min") + pd.Timedelta(hours=AHEAD_HOURS)
        made = simulate_market(DAYS, seed, end.as_unit("us"), decisions="none", gaps=0)
        candles = made.candles_1min
        self.opens = candles.index.as_unit("us").asi8 // 1_000_000
        self.values = candles[["open", "high", "low", "close", "volume"]].to_numpy(float).copy()
        self.times = made.prices.index.as_unit("us").asi8 / 1e6
        self.prices = made.prices.to_numpy(float).copy()
        for after, length, pct in moves:
            self._move(start + after, length, pct)

    def _move(self, begin: float, length: float, pct: float) -> None:
        def factor(at: np.ndarray) -> np.ndarray:
            return (1 + pct / 100) ** np.clip((at - begin) / length, 0.0, 1.0)

        self.prices = np.round(self.prices * factor(self.times), 2)
        opened, closed = factor(self.opens), factor(self.opens + 60)
        later = self.opens + 60 > begin
        moved = self.values.copy()
        moved[:, 0] = np.round(moved[:, 0] * opened, 2)
        moved[:, 3] = np.round(moved[:, 3] * closed, 2)
        moved[:, 1] = np.maximum(
            np.round(moved[:, 1] * np.maximum(opened, closed), 2), moved[:, [0, 3]].max(axis=1)
        )
        moved[:, 2] = np.minimum(
            np.round(moved[:, 2] * np.minimum(opened, closed), 2), moved[:, [0, 3]].min(axis=1)
        )
        self.values[later] = moved[later]

    def candles(
        self, minutes: int, since: float, now: float, limit: int, newest: bool = False
    ) -> list[list[float]]:
        """Candles that opened from `since` on, the one running at `now` included: the first `limit` of them, or the newest."""
        first = int(since // (minutes * 60) * minutes * 60)
        opens = range(max(first, int(self.opens[0]) // 900 * 900 + 900), int(now) + 1, minutes * 60)
        wanted = [at for at in opens if at >= since]
        chosen = wanted[-limit:] if newest else wanted[:limit]
        return [self.candle(at, minutes, now) for at in chosen]

    def candle(self, opened: int, minutes: int, now: float) -> list[float]:
        """One candle as it stands at `now`."""
        place = int(np.searchsorted(self.opens, opened))
        whole = min(int((now - opened) // 60), minutes)
        parts = list(self.values[place : place + whole])
        if whole < minutes:
            parts.append(self._running(place + whole, now))
        rows = np.array(parts)
        return [
            opened,
            rows[0, 0],
            rows[:, 1].max(),
            rows[:, 2].min(),
            rows[-1, 3],
            round(float(rows[:, 4].sum()), 6),
        ]

    def _running(self, place: int, now: float) -> np.ndarray:
        opened, values = int(self.opens[place]), self.values[place]
        inside = (self.times > opened) & (self.times <= now)
        prices = np.concatenate([[values[0]], np.clip(self.prices[inside], values[2], values[1])])
        share = max(now - opened, 0.5) / 60
        return np.array([prices[0], prices.max(), prices.min(), prices[-1], round(values[4] * share, 6)])
