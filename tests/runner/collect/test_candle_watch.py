"""Candles out of the running one: whole ones are written, others are not, whatever the two clocks say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from runner.collect.candle_watch import CandleWatch
from runner.collect.chart_reading import Bar
from tests.builders import START

T0 = START.timestamp()


class Market:
    """Trades of a random walk; what a page shows that is `late_s` behind (negative: ahead of) the clock."""

    def __init__(self, seed: int = 1, minutes: int = 30, quiet: tuple[float, float] | None = None) -> None:
        random = np.random.default_rng(seed)
        times = np.sort(random.uniform(0, minutes * 60, minutes * 120))
        if quiet:
            times = times[(times < quiet[0]) | (times > quiet[1])]
        self.times, self.prices = times, np.round(100 + np.cumsum(random.normal(0, 0.02, len(times))), 2)

    def bar(self, slot: float, until: float, length: float = 300.0) -> Bar | None:
        inside = (self.times >= slot) & (self.times < slot + length) & (self.times <= until)
        prices = self.prices[inside]
        if not len(prices):
            return None
        return Bar(prices[0], prices.max(), prices.min(), prices[-1], float(inside.sum()))

    def shown(self, at: float, late_s: float = 0.0) -> Bar:
        """The newest candle that has a trade."""
        until = at - late_s
        slot = self.times[self.times <= until][-1] // 300 * 300
        return self.bar(slot, until)


def watched(
    market: Market, instants, late_s: float = 0.0, watch: CandleWatch | None = None
) -> dict[float, Bar]:
    watch = watch or CandleWatch(5)
    found = {}
    for instant in instants:
        for opened, bar in watch.observe(T0 + instant, market.shown(instant, late_s)):
            found[opened.timestamp() - T0] = bar
    return found


EVERY = np.arange(20.0, 1490.0, 0.4)


@pytest.mark.parametrize("late_s", [0.0, 0.3, 2.0, -0.3, -2.0])
def test_whole_candles_as_the_market_made_them(late_s):
    market = Market()
    found = watched(market, EVERY, late_s)
    assert list(found) == [0.0, 300.0, 600.0, 900.0]
    for slot, bar in found.items():
        true = market.bar(slot, 1e9)
        last = max(instant for instant in EVERY if market.shown(instant, late_s).open == true.open)
        assert bar == market.shown(last, late_s)  # all but what happened after the last look
        assert (bar.open, true.volume - bar.volume <= 3) == (true.open, True)


def test_read_every_ten_seconds_a_candle_is_whole_too():
    assert list(watched(Market(), np.arange(3.0, 1500.0, 10.0))) == [0.0, 300.0, 600.0, 900.0]


def test_a_candle_is_told_once_its_end_is_certain():
    watch, market = CandleWatch(5), Market()
    for instant in EVERY[EVERY < 300]:
        assert watch.observe(T0 + instant, market.shown(instant)) == []
    ((opened, bar),) = watch.observe(T0 + 306.0, market.shown(306.0))
    assert opened == START
    assert bar.close == market.bar(0.0, 299.9).close


@pytest.mark.parametrize("gap", [(55.0, 125.0), (30.0, 200.0), (270.0, 330.0), (286.0, 299.0)])
def test_a_candle_with_an_unwatched_minute_or_end_is_not_written(gap):
    instants = [instant for instant in np.arange(3.0, 1500.0, 3.0) if not gap[0] < instant < gap[1]]
    found = watched(Market(), instants)
    whole = gap == (286.0, 299.0)  # the last look is 12 s before the end
    assert (0.0 in found) == whole
    assert 600.0 in found


def test_a_start_amid_a_candle_writes_the_next_one():
    assert list(watched(Market(), EVERY[EVERY > 70])) == [300.0, 600.0, 900.0]


def test_a_market_without_trades_opens_no_candle():
    market = Market(quiet=(590.0, 930.0))
    found = watched(market, EVERY)
    assert list(found) == [0.0, 300.0, 900.0]
    assert found[300.0] == market.bar(300.0, 1e9)
    assert found[900.0].open == market.bar(900.0, 1e9).open


def test_a_page_that_shows_another_candle_for_a_moment_spoils_the_one_watched():
    watch, market, found = CandleWatch(5), Market(), []
    for instant in EVERY:
        bar = market.shown(100.0) if 400 < instant < 403 else market.shown(instant)
        found += [opened.timestamp() - T0 for opened, _ in watch.observe(T0 + instant, bar)]
    assert found == [0.0, 600.0, 900.0]
    assert watch.missed == 1


@pytest.mark.parametrize("late_s", [8.0, 18.0, 40.0])
def test_a_clock_that_is_far_off_writes_nothing_and_says_by_how_much(late_s):
    watch = CandleWatch(5)
    assert watched(Market(), EVERY[late_s + 1 < EVERY], late_s, watch) == {}
    assert watch.missed >= 3
    assert watch.off_clock_s == pytest.approx(late_s, abs=1.0)


@pytest.mark.parametrize(("last", "seen"), [(299.5, True), (298.5, True), (289.0, False)])
def test_the_very_end_of_a_candle_is_seen_or_not(last, seen):
    watch, market = CandleWatch(5), Market()
    for instant in [*np.arange(3.0, 280.0, 3.0), last, 304.0]:
        watch.observe(T0 + instant, market.shown(instant))
    assert watch.closed == ((T0, market.shown(last).close) if seen else None)


def test_without_volume_the_prices_tell():
    market, watch, found = Market(), CandleWatch(5), {}
    for instant in EVERY:
        shown = market.shown(instant)
        bar = Bar(shown.open, shown.high, shown.low, shown.close, None)
        found |= {opened.timestamp() - T0: closed for opened, closed in watch.observe(T0 + instant, bar)}
    assert list(found) == [0.0, 300.0, 600.0, 900.0]


def test_a_spoilt_candle_is_not_written_and_time_never_goes_back():
    watch, market = CandleWatch(5), Market()
    found = []
    for instant in EVERY[EVERY < 650]:
        if abs(instant - 100) < 0.3:
            watch.spoil()
        found += watch.observe(T0 + instant, market.shown(instant))
    assert [opened for opened, _ in found] == [START + pd.Timedelta(minutes=5)]
    assert watch.observe(T0 + 100.0, market.shown(100.0)) == []


def test_a_clock_that_is_off_is_seen_at_ten_second_looks_too():
    assert watched(Market(), np.arange(18.5, 1490.0, 10.0), late_s=12.0) == {}
