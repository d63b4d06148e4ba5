"""Hours of the simulated market: beside the browser collector, and a day of faults at which no beat is lost that was delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from lib.data.loaders import load_candles, load_samples
from lib.market.ribbon import LINE_PERIODS
from runner.collect.collector import Collector
from runner.venue_feed.collector import VenueCollector
from runner.venue_feed.minutes import Minute
from tests.chart_page.market import PageMarket
from tests.runner.collect.clocks import HandClock
from tests.runner.collect.paper_charts import PaperCharts
from tests.runner.collect.raws import SETTINGS as CHART_SETTINGS
from tests.runner.venue_feed.bench import START, Bench
from tests.runner.venue_feed.paper_venue import PaperVenue

pytestmark = pytest.mark.slow


def test_two_hours_beside_the_browser_collector_give_the_same_states(bench, past, tmp_path):
    """1,440 samples of each; a state may differ where a line stands still to within the decimals that a page shows."""
    bench.run(beats=720)
    clock = HandClock(START.timestamp() + 1.0)
    charts = PaperCharts(PageMarket.continuing(past, START.timestamp()), clock)
    settings = CHART_SETTINGS.model_copy(update={"periods": LINE_PERIODS})
    with Collector(settings, tmp_path / "chart", charts, clock) as collector:
        collector.run(beats=720)
    compared = differing = 0
    for name in ("5min", "15min"):
        ours = bench.samples(name)
        theirs = load_samples(tmp_path / "chart", name, None, None)[0]
        both = pd.DataFrame(
            {"one": ours["state"], "other": theirs["state"].set_axis(theirs.index.round("s"))}
        )
        assert both.notna().all(axis=None)
        assert not both.isin(["unknown"]).any(axis=None)
        compared += len(both)
        differing += int((both["one"] != both["other"]).sum())
        assert both["one"].nunique() >= 4  # a market that changes its state
    assert compared == 1_440
    assert differing <= 3


@dataclass(frozen=True)
class Fault:
    """Something goes wrong for `minutes` at minute 10 of an hour; `delivers`: the exchange still tells what a beat needs."""

    begin: Callable[[PaperVenue], None]
    delivers: bool
    minutes: int = 15


def down(word: str, stream: str = "well") -> Callable[[PaperVenue], None]:
    def begin(venue: PaperVenue) -> None:
        venue.fault, venue.stream = word, stream

    return begin


def stream(kind: str) -> Callable[[PaperVenue], None]:
    return lambda venue: setattr(venue, "stream", kind)


def standing_still(venue: PaperVenue) -> None:
    since = venue.now()
    venue.as_of = lambda now: min(now, since)


def lagging(venue: PaperVenue) -> None:
    venue.as_of = lambda now: now - 150


def jumping(venue: PaperVenue) -> None:
    venue.change = lambda rows, now: [
        Minute(each.opened, *(2.2 * value for value in each[1:5]), each.volume) for each in rows
    ]


def older_copies(venue: PaperVenue) -> None:
    venue.stream = "none"
    turn = iter(range(10_000))
    venue.as_of = lambda now: now - 45 * (next(turn) % 2)


def late_trades(venue: PaperVenue) -> None:
    """Ten seconds after its end a minute has a trade more."""

    def change(rows: list[Minute], now: float) -> list[Minute]:
        return [
            each._replace(high=each.high + 1, volume=each.volume + 1) if now > each.ended + 10 else each
            for each in rows
        ]

    venue.change = change


def well(venue: PaperVenue) -> None:
    venue.fault, venue.stream, venue.ahead_s = "", "well", 0.0
    venue.as_of = lambda now: now
    venue.change = lambda rows, now: rows


FAULTS = (
    Fault(down("down"), True),
    Fault(down("down", "silent"), False),
    Fault(stream("silent"), True),
    Fault(stream("stuck"), True),
    Fault(stream("none"), True),
    Fault(down("rate"), True, 30),
    Fault(down("country"), True),
    Fault(down("forbidden", "stuck"), False),
    Fault(standing_still, False),
    Fault(lagging, False),
    Fault(jumping, False),
    Fault(lambda venue: setattr(venue, "ahead_s", 30.0), False),
    Fault(older_copies, True),
    Fault(late_trades, True),
)


def test_a_day_of_faults_loses_no_beat_that_was_delivered(past, tmp_path):
    bench = Bench(past, tmp_path / "data", hours=25.0, beat_s=30.0, timeframes=("5min",))
    delivered: set[int] = set()
    hours = iter(range(24))
    for _ in range(6):  # started anew every four hours
        with bench.collector() as collector:
            for _ in range(4):
                delivered |= an_hour(bench, collector, FAULTS[next(hours) % len(FAULTS)])
    samples, counts = load_samples(bench.folder, "5min", None, None)
    assert counts.ok == counts.rows_in
    live = samples[samples.index > START]
    taken = live.index.round("s").as_unit("us").asi8 // 1_000_000
    assert len(delivered) > 2_300
    assert delivered - set(taken.tolist()) == set()
    for at, whole, price, quality in zip(
        live.index, taken.tolist(), live["price"], live["quality"], strict=True
    ):
        if whole in delivered:
            assert price == _price(bench.market, at)
        elif quality != "frozen":  # what stands still is marked after a minute
            assert price in _prices_before(bench.market, at)
    _hold_minutes(bench)


def an_hour(bench: Bench, collector: VenueCollector, fault: Fault) -> set[int]:
    """An hour of beats with a fault in it; the instants of those at which the exchange told what a beat needs."""
    delivered = set()
    for half in range(120):
        minute = half / 2
        if minute == 10:
            fault.begin(bench.venue)
        if minute == 10 + fault.minutes:
            well(bench.venue)
        collector.run(beats=1)
        if fault.delivers or not 10 <= minute <= 10 + fault.minutes + 1.5:
            delivered.add(round(bench.clock.wall() // 30 * 30))
    return delivered


def _hold_minutes(bench: Bench) -> None:
    """Every minute of the day is there, with the values told."""
    minutes, _ = load_candles(bench.folder, "1min", None, None)
    told = [row for row in bench.venue.rows(START.timestamp()) if row.ended <= bench.clock.wall() - 30]
    assert len(told) > 1_430
    ours = minutes.loc[minutes.index >= START, ["open", "high", "low", "close", "volume"]].iloc[: len(told)]
    np.testing.assert_allclose(ours.to_numpy(), np.array([row[1:] for row in told]), atol=1e-9)


def _price(market: PageMarket, at: pd.Timestamp) -> float:
    """The price at an instant; at a minute's end the close of the minute."""
    seconds = at.timestamp()
    return market.candle_at(seconds - 0.001 if seconds % 60 == 0 else seconds, 1).close


def _prices_before(market: PageMarket, at: pd.Timestamp) -> set[float]:
    """The prices of the 90 seconds before an instant."""
    seconds = at.timestamp()
    inside = (market.times > seconds - 90) & (market.times <= seconds)
    return set(market.prices[inside].tolist())
