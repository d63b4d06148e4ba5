"""One timeframe of an exchange's market over time: prices become samples, or counted refusals; told of for `ribbon status`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.contract.quality import VENUE_REMEDIES
from lib.contract.times import iso
from runner.collect.chart_files import ChartFiles
from runner.collect.collector_state import ChartState, RefusalState
from runner.venue_feed.chart import PriceAt, VenueChart
from runner.venue_feed.minutes import Minute
from runner.venue_feed.words import FeedRefusal


class VenueTrack:
    """The ribbon of one timeframe, written to `files`."""

    def __init__(self, chart: VenueChart, files: ChartFiles) -> None:
        self.chart = chart
        self._files = files
        self._last = 0.0 if files.last is None else files.last.timestamp()
        self._told: dict[str, Any] = {}  #: of the newest sample
        self._refusal: FeedRefusal | None = None
        self.read = self.candles = self.missed = 0
        self.refused: Counter[str] = Counter()

    def take(self, prices: Sequence[PriceAt], closed: Sequence[Minute]) -> None:
        """Turn prices, in order of time, into samples where they are later than the last one; `closed` minutes end their bars."""
        later = [each for each in prices if each.at > self._last]
        for minute in closed:
            if minute.ended <= self._last:
                self.chart.note(minute.ended, minute.close)
        if not later:
            return
        samples = self.chart.samples(later)
        self._files.take_sample(samples)
        self._last = later[-1].at
        self.read += len(later)
        if later[-1].source == schema.BACKFILL_SOURCE:
            return
        self._refusal = None
        self._note(samples)

    def refuse(self, refusal: FeedRefusal) -> None:
        """Count a beat without a sample."""
        self.refused[refusal.reason] += 1
        self._refusal = refusal

    def _note(self, samples: pd.DataFrame) -> None:
        row, quality = samples.iloc[-1], str(samples["quality"].iloc[-1])
        if quality != self._told.get("quality"):
            self._told["quality_since"] = iso(samples.index[-1])
        self._told |= {
            "last_reading": iso(samples.index[-1]),
            "price": float(row["price"]),
            "state": str(row["state"]),
            "quality": quality,
            "remedy": VENUE_REMEDIES.get(quality, ""),
            "volume": True,
        }

    def summary(self) -> ChartState:
        """The ribbon as `collector.json` tells of it."""
        no = self._refusal
        return ChartState(
            **self._told,
            read=self.read,
            refused=dict(self.refused),
            refusal=None
            if no is None
            else RefusalState(reason=no.reason, detail=no.detail, remedy=no.remedy),
            candles=self.candles,
            candles_missed=self.missed,
            rows_waiting=self._files.waiting,
            rows_given_up=self._files.given_up,
        )
