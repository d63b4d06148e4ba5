"""Before the first beat: an empty folder gets days that teach, one collected before what it lacks, and no market another's rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from lib.data.loaders import load_candles, load_samples
from lib.errors import DataError
from lib.market.ribbon import WARM_CANDLES
from lib.market.terms import DEFAULT_TERMS
from runner.collect.settings import CollectSettings
from runner.errors import ExchangeError, LockedError
from runner.files.lock import WriterLock
from runner.venue_feed.chart import PriceAt, VenueChart
from runner.venue_feed.collector import VenueCollector
from runner.venue_feed.history import prepare, warm_closes
from runner.venue_feed.live import LiveVenue
from tests.fake_venue.server import FakeVenue, Faults, running

pytestmark = [pytest.mark.serial, pytest.mark.slow]


@pytest.fixture(scope="module")
def server() -> Iterator[FakeVenue]:
    with running() as server:
        yield server
        server.faults = Faults()


@pytest.fixture
def settings(server) -> CollectSettings:
    server.faults = Faults()
    return CollectSettings(source="exchange", symbol="ETH/USDT", exchange_address=server.address)


def prepared(settings: CollectSettings, folder: Path, now: pd.Timestamp) -> list[str]:
    said: list[str] = []
    with LiveVenue(settings) as venue:
        prepare(venue, folder, settings.market, DEFAULT_TERMS, now, said.append)
    return said


def now() -> pd.Timestamp:
    return pd.Timestamp.now("UTC").as_unit("us")


def test_an_empty_folder_gets_days_and_the_first_sample_is_ok(settings, tmp_path):
    begun = time.monotonic()
    prepared(settings, tmp_path, now())
    with LiveVenue(settings) as venue, VenueCollector(settings, tmp_path, venue) as collector:
        collector.take()
    assert time.monotonic() - begun < 60
    for name, minutes in (("5min", 5), ("15min", 15)):
        samples, counts = load_samples(tmp_path, name, None, None)
        assert counts.ok == counts.rows_in
        assert samples["quality"].iloc[-1] == "ok"
        assert len(load_candles(tmp_path, name, None, None)[0]) >= WARM_CANDLES
        assert (samples["quality"] == "partial").sum() <= WARM_CANDLES * minutes
    rows = (tmp_path / "ema_data_5min.csv").read_text().splitlines()
    assert rows[0].endswith(",source")
    assert rows[1].endswith(",backfill") and rows[-1].endswith(",binance")


def test_a_clock_that_is_ahead_takes_no_running_candle_for_a_whole_one(settings, server, tmp_path):
    server.faults.lag_s, server.faults.clock_off_s = 90.0, -90.0  # so it looks to a clock that is 90 s fast
    at = time.time() - 90
    prepared(settings, tmp_path, now())
    last = load_candles(tmp_path, "1min", None, None)[0].index[-1]
    assert at - 120 <= last.timestamp() <= time.time() - 150


def test_the_hole_since_it_last_ran_is_filled(settings, tmp_path):
    prepared(settings, tmp_path, now() - pd.Timedelta(hours=3))
    before = (tmp_path / "ema_data_5min.csv").read_bytes()
    said = prepared(settings, tmp_path, now())
    assert "fetching 18" in said[0]  # three hours and the minute that was still running
    assert (tmp_path / "ema_data_5min.csv").read_bytes().startswith(before)
    minutes = load_candles(tmp_path, "1min", None, None)[0]
    assert minutes.index.to_series().diff().dropna().eq(pd.Timedelta(minutes=1)).all()
    assert now() - minutes.index[-1] < pd.Timedelta(minutes=3)
    assert prepared(settings, tmp_path, minutes.index[-1] + pd.Timedelta(seconds=61)) == []


def test_a_hole_of_months_is_filled_from_thirty_days_on(settings, tmp_path):
    prepared(settings, tmp_path, now() - pd.Timedelta(hours=1))
    text = (tmp_path / "candlesticks_1min.csv").read_text().splitlines()
    old = "2025-01-01T00:00:00Z,2500.0,2501.0,2499.0,2500.0,1.0,binance"
    for path in tmp_path.glob("*.csv"):
        path.unlink()
    (tmp_path / "candlesticks_1min.csv").write_text("\n".join([text[0], old]) + "\n")
    said = prepared(settings, tmp_path, now())
    assert "the folder ends at 2025-01-01T00:00:00Z" in said[0] and "ribbon backfill --gaps" in said[0]


def test_where_too_few_minutes_are_kept_longer_candles_warm_the_lines(settings, server, tmp_path):
    with (
        LiveVenue(settings) as venue,
        VenueCollector(
            settings, tmp_path, venue, warm=lambda name: warm_closes(venue, name, now())
        ) as collector,
    ):
        collector.take()
    samples = load_samples(tmp_path, "15min", None, None)[0]
    assert samples["quality"].iloc[-1] == "ok"
    with LiveVenue(settings) as venue:
        closes = warm_closes(venue, "15min", now())
    alone = VenueChart("15min", closes).samples([PriceAt(time.time(), 2500.0, "binance")])
    assert WARM_CANDLES < len(closes) < 6 * 96
    assert closes.index[-1] <= now() - pd.Timedelta(minutes=15)
    assert alone["quality"].tolist() == ["ok"]


def test_another_market_is_refused(settings, server, tmp_path):
    prepared(settings, tmp_path, now() - pd.Timedelta(minutes=10))
    with pytest.raises(DataError, match="ETHUSDT"):
        prepared(settings.model_copy(update={"symbol": "BTC/USDT"}), tmp_path, now())


def test_lines_that_an_exchange_has_not_are_refused(settings, tmp_path):
    (tmp_path / "ema_data_5min.csv").write_text(
        "timestamp,price,state,MMA7,MMA7_color,quality,classifier,symbol,seq\n"
    )
    with LiveVenue(settings) as venue, pytest.raises(DataError, match="MMA7"):
        VenueCollector(settings, tmp_path, venue).__enter__()


def test_a_folder_that_is_written_is_refused_before_anything_is_fetched(settings, server, tmp_path):
    with LiveVenue(settings) as venue, WriterLock(tmp_path / "ema_data_5min.csv"):
        server.asked.clear()
        with pytest.raises(LockedError):
            prepare(venue, tmp_path, settings.market, DEFAULT_TERMS, now(), lambda words: None)
        assert server.asked == []


def test_an_exchange_that_is_down_at_the_start_is_told(settings, server, tmp_path):
    server.faults.status, server.faults.body = 503, "<html>maintenance</html>"
    with pytest.raises(ExchangeError, match="maintenance"):
        prepared(settings, tmp_path, now())
