"""The collector on a chart page in real Chromium: ten times as fast as life where candles are needed, in real time where waits are."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from lib.data.loaders import load_candles, load_samples
from runner.collect.browser import Browser
from runner.collect.collector import Collector
from tests.chart_page.market import PageMarket
from tests.chart_page.server import ChartPage
from tests.runner.collect.clocks import FastClock
from tests.runner.collect.conftest import living, settings_for, until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.serial]

RATE = 10.0
#: Twenty seconds before a full five minutes.
WALL = pd.Timestamp("2026-01-05T00:04:40Z").timestamp()


@contextmanager
def running(
    page: ChartPage, chromium: str, folder: Path, clock: FastClock, **settings: object
) -> Iterator[Collector]:
    """A collector at work in a thread; it is stopped, and its errors raised, at the end."""
    stop, errors = threading.Event(), []
    chosen = settings_for(page, chromium, folder, **settings)
    with Browser(chosen) as browser, Collector(chosen, folder / "data", browser, clock) as collector:

        def work() -> None:
            try:
                collector.run(stop.is_set)
            except Exception as error:
                errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield collector
        finally:
            stop.set()
            thread.join(60)
    assert errors == []


@pytest.fixture
def fast() -> FastClock:
    return FastClock(WALL, RATE)


@pytest.fixture
def fast_page(fast) -> Iterator[ChartPage]:
    with ChartPage(PageMarket.fresh(WALL - 5, seed=2), fast, RATE) as page:
        yield page


def market_until(fast: FastClock, minutes: float) -> None:
    """Wait until the market's clock stands `minutes` after WALL."""
    fast.sleep(WALL + minutes * 60 - fast.wall())


def test_candles_and_samples_are_those_of_the_market(fast, fast_page, chromium, tmp_path):
    fast_page.set(study_lag_ms=80)
    with running(fast_page, chromium, tmp_path, fast):
        market_until(fast, 11.5)
    market = fast_page.market
    candles, counts = load_candles(tmp_path / "data", "5min", None, None)
    assert counts.ok == counts.rows_in
    assert len(candles) == 2
    for opened, candle in candles.iterrows():
        end = opened.timestamp() + 300
        # The page asks ten times a second and is looked at five times a second: a second or more of this fast market.
        seen = [market.candle_at(at, 5) for at in np.arange(end - 12, end, 0.5)]
        assert (candle["open"], candle["close"]) in [(each.open, each.close) for each in seen]
        assert candle["high"] in [each.high for each in seen]
        assert candle["low"] in [each.low for each in seen]
    samples, counts = load_samples(tmp_path / "data", "5min", None, None)
    assert counts.ok == counts.rows_in >= 50
    assert (samples["quality"] == "ok").mean() > 0.95
    for at, row in samples.iterrows():
        shown = [market.lines_at(at.timestamp() - late, 5)[5][0] for late in np.arange(0, 12, 0.5)]
        assert min(abs(row["MMA5"] - line) for line in shown) < 0.0051
    assert pd.read_csv(tmp_path / "data" / "candlesticks_15min.csv").empty


def quality_after(folder: Path) -> list[str]:
    return load_samples(folder / "data", "5min", None, None)[0]["quality"].tolist()


def test_frozen_lines_another_venue_and_a_lost_network(fast, fast_page, chromium, tmp_path):
    with running(fast_page, chromium, tmp_path, fast, timeframes=("5min",)):
        market_until(fast, 2.0)
        assert set(quality_after(tmp_path)) == {"ok"}
        fast_page.set(freeze="lines")
        begin = fast.wall()
        until(
            lambda: "frozen" in pd.read_csv(tmp_path / "data" / "ema_data_5min.csv")["quality"].tolist(), 15
        )
        assert fast.wall() - begin <= 60 + 2 * 10 + 10  # within a minute, to the beat
        fast_page.reset()
        market_until(fast, 4.5)
        assert quality_after(tmp_path)[-1] == "ok"
        fast_page.set(offline=True)  # the page goes on showing the last it had
        until(lambda: quality_after(tmp_path)[-1] == "frozen", 15)
        fast_page.set(offline=False, venue_pct=0.15)
        until(lambda: quality_after(tmp_path)[-1] == "venue_mismatch", 90)


def test_averaged_candles_are_refused_until_the_chart_draws_a_markets(chromium, tmp_path):
    fast = FastClock(WALL, 3 * RATE)
    market = PageMarket.fresh(WALL - 5, seed=2)
    with (
        ChartPage(market, fast, 3 * RATE) as page,
        running(page, chromium, tmp_path, fast, timeframes=("5min",)) as collector,
    ):
        page.set(averaged=True)
        (five,) = collector.tracks
        until(lambda: five.refusal and five.refusal.reason == "averaged", 120)
        told, refused_at = five.summary(), pd.Timestamp(fast.wall(), unit="s", tz="UTC")
        (doubted,) = told.doubted
        assert doubted.doubt == "averaged" and doubted.samples >= 20
        fast.sleep(660)  # two more of them pass
        page.reset()
        until(lambda: five.refusal is None, 60)
        taken_again_at = pd.Timestamp(fast.wall(), unit="s", tz="UTC")
    candles = load_candles(tmp_path / "data", "5min", None, None)[0]
    # It shows after four at least and eight at most; until then each that was seen whole is taken, the others are counted.
    assert 4 <= told.candles + told.candles_missed <= 8
    assert len(candles[candles.index < refused_at]) == told.candles >= 1
    assert candles[
        (candles.index >= refused_at) & (candles.index < taken_again_at - pd.Timedelta("5min"))
    ].empty


def test_a_page_that_went_elsewhere_is_back_and_the_other_chart_was_read_all_along(
    fast, fast_page, chromium, tmp_path
):
    with running(fast_page, chromium, tmp_path, fast) as collector:
        five, fifteen = collector.tracks
        until(lambda: five.read and fifteen.read, 60)
        loads = len(fast_page.loads)
        fast_page.set("5min", elsewhere=True)
        until(lambda: five.refusal and five.refusal.reason == "blank", 15)
        begin, read, browser = fast.wall(), fifteen.read, collector.summary().restarts
        fast_page.reset()
        until(lambda: len(fast_page.loads) > loads, 15)
        assert 14 <= fast.wall() - begin <= 45  # 15 s, and what a second of ours is here
        until(lambda: five.refusal is None, 30)
        assert fifteen.read > read
        assert collector.summary().restarts == browser


def test_a_crash_of_single_emas_is_all_red_and_of_this_venue(fast, fast_page, chromium, tmp_path):
    fast_page.set(studies="twelve", rows_fit=6, volume="hidden", inputs="many")
    with running(fast_page, chromium, tmp_path, fast, timeframes=("5min",)):
        market_until(fast, 1.5)
        fast_page.market.push(fast.wall(), 20.0, -14.0)
        market_until(fast, 4.0)
    samples, _ = load_samples(tmp_path / "data", "5min", None, None)
    assert samples["price"].iloc[-1] < 0.88 * samples["price"].iloc[0]
    assert (samples["MMA5"].iloc[-1] / samples["price"].iloc[-1] - 1) > 0.05
    assert set(samples["quality"]) == {"ok"}
    assert samples["state"].iloc[-1] == "all_red"
    assert set(samples["MMA5_color"].iloc[-3:]) == {"red"}


def command(page: ChartPage, chromium: str, folder: Path, *more: str) -> list[str]:
    run = [sys.executable, "-c", "from runner.main import main; main()", "collect", "--headless"]
    run += ["--url", page.url, "--browser", chromium, "--profile", str(folder / "profile")]
    return [*run, "--trading-data", str(folder / "data"), *more]


def told(folder: Path) -> dict:
    try:
        return json.loads((folder / "data" / "collector.json").read_text())
    except FileNotFoundError:
        return {"charts": {"5min": {"read": 0}, "15min": {"read": 0}}, "status": ""}


def read(folder: Path) -> int:
    return told(folder)["charts"]["15min"]["read"]


@pytest.mark.parametrize("name", ["chromium", "chromedriver"])
def test_a_killed_browser_is_back_within_half_a_minute_and_all_ends_with_the_collector(
    page, chromium, tmp_path, name
):
    with subprocess.Popen(command(page, chromium, tmp_path), stderr=subprocess.PIPE, text=True) as collector:
        try:
            until(lambda: read(tmp_path) >= 1, 60)
            before = read(tmp_path)
            children = psutil.Process(collector.pid).children(recursive=True)
            victims = [
                each for each in children if each.name() == name and "--type=" not in " ".join(each.cmdline())
            ]
            assert victims
            old = {process.pid for process in living(tmp_path)}
            for victim in victims:
                victim.kill()
            assert (
                until(lambda: told(tmp_path)["status"] == "browser_down" or told(tmp_path)["restarts"], 5) < 5
            )
            until(lambda: read(tmp_path) > before, 30)
            assert old.isdisjoint(process.pid for process in living(tmp_path))
        finally:
            collector.send_signal(signal.SIGTERM)
            _, words = collector.communicate(timeout=20)
    assert collector.returncode == 0, words
    assert "it is replaced" in words
    assert "Traceback" not in words
    until(lambda: not living(tmp_path), 3)
    assert told(tmp_path)["status"] == "stopped"
    assert told(tmp_path)["restarts"] == 1


def test_ctrl_c_ends_it_at_once(page, chromium, tmp_path):
    with subprocess.Popen(command(page, chromium, tmp_path), stderr=subprocess.PIPE, text=True) as collector:
        until(lambda: told(tmp_path)["status"], 60)
        collector.send_signal(signal.SIGINT)
        begin = time.monotonic()
        _, words = collector.communicate(timeout=20)
    assert time.monotonic() - begin < 8
    assert collector.returncode == 0, words
    until(lambda: not living(tmp_path), 3)


def test_once_prints_a_reading_and_what_is_wrong(page, chromium, tmp_path):
    page.set("15min", missing=[20], volume="none")
    done = subprocess.run(
        command(page, chromium, tmp_path, "--once", "--json"), capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["5min"]["problems"] == []
    assert found["5min"]["lines"]["MMA40"]["word"] == "yellow"
    assert found["15min"]["problems"] == [
        "no volume is shown, so candles have none: let the legend show it, or add the study Volume",
        "no value for MMA20",
    ]
    assert "15min: price" in done.stderr
    assert not (tmp_path / "data").exists()  # nothing is collected


def test_once_says_why_a_chart_is_not_read(page, chromium, tmp_path, monkeypatch):
    page.set(symbol="BTCUSDT")
    done = subprocess.run(
        command(page, chromium, tmp_path, "--once"), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 22
    assert (
        "5min: not read, wrong_symbol (the page says 'Chart for BTCUSDT, 5 minutes', wanted is ETHUSDT"
        in done.stdout
    )
    assert "Traceback" not in done.stderr
