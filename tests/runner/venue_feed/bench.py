"""A collector over a paper venue, in a folder that days of the same market were written to, with a clock turned by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd

from lib.data.loaders import load_samples
from lib.foreign.ohlcv import CandleHistory, tidy
from lib.market.terms import DEFAULT_TERMS
from lib.simulation.market import simulate_market
from runner.collect.settings import CollectSettings
from runner.collect.state_file import STATE_FILE
from runner.fetch.backfill import backfill
from runner.files import tables
from runner.venue_feed.collector import VenueCollector
from tests.chart_page.market import PageMarket
from tests.runner.collect.clocks import HandClock
from tests.runner.venue_feed.paper_venue import PaperVenue

#: The folder's last minute ends here; the first beat is ten seconds later.
START = pd.Timestamp("2026-01-05T00:00:00Z")
SETTINGS = CollectSettings(source="exchange", exchange="binance", symbol="ETH/USDT", beat_s=10.0)


def write_past(folder: Path, days: float = 5.0) -> None:
    """Days of minutes up to START, as `prepare` writes them into a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("1min", "5min", "15min"):
        with tables.candles_journal(folder, name, with_source=True) as journal:
            journal.begin()
    candles = simulate_market(days, 1, START, decisions="none", gaps=0).candles_1min
    backfill(history_of(candles), folder, "test", DEFAULT_TERMS, "ETHUSDT", quiet=True)


def history_of(candles: pd.DataFrame) -> CandleHistory:
    """Candles of one minute as they would come from an exchange."""
    columns = ["open", "high", "low", "close", "volume"]
    return tidy(candles[columns], 1, candles.index[-1] + pd.Timedelta(minutes=2), {})


class Bench:
    """`past`: a folder by `write_past`, which is copied."""

    def __init__(self, past: Path, folder: Path, hours: float = 3.0, **settings: object) -> None:
        self.folder = folder
        shutil.copytree(past, folder, dirs_exist_ok=True)
        self.clock = HandClock(START.timestamp() + 1.0)
        self.market = PageMarket.continuing(past, START.timestamp(), hours=hours)
        self.venue = PaperVenue(self.market, self.clock)
        self.settings = SETTINGS.model_copy(update=settings)
        self.said: list[str] = []

    def collector(self) -> VenueCollector:
        return VenueCollector(self.settings, self.folder, self.venue, self.clock, self.said.append)

    def run(self, beats: int) -> VenueCollector:
        with self.collector() as collector:
            collector.run(beats=beats)
        return collector

    def samples(self, timeframe: str = "5min") -> pd.DataFrame:
        """The samples later than START, all of which must be readable."""
        found, counts = load_samples(self.folder, timeframe, None, None)
        assert counts.ok == counts.rows_in
        return found[found.index > START]

    def rows(self, file: str = "ema_data_5min.csv") -> pd.DataFrame:
        """The rows later than START as texts."""
        table = pd.read_csv(self.folder / file, dtype=str, keep_default_na=False)
        return table[
            pd.to_datetime(table["timestamp"], utc=True) > START - pd.Timedelta(seconds=int("candle" in file))
        ]

    def state(self) -> dict:
        return json.loads((self.folder / STATE_FILE).read_text())
