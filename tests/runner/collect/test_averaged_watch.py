"""Charts that draw averaged candles: seen by where they begin, and never seen in a market."""

from __future__ import annotations

import numpy as np
import pytest

from runner.collect.averaged_watch import AveragedWatch
from runner.collect.chart_reading import Bar
from tests.runner.collect.test_candle_watch import T0, Market


def averaged(market: Market, until: float) -> Bar:
    """What Heikin Ashi shows of the market at `until`."""
    opened = close = 0.0
    last = market.times[market.times <= until][-1]
    for slot in np.arange(0.0, last, 300.0):
        bar = market.bar(slot, until)
        opened = (opened + close) / 2 if slot else bar.open
        close = (bar.open + bar.high + bar.low + bar.close) / 4
    high, low = max(bar.high, opened, close), min(bar.low, opened, close)
    return Bar(round(opened, 2), round(high, 2), round(low, 2), round(close, 2), bar.volume)


@pytest.mark.parametrize("step", [0.5, 6.0])
@pytest.mark.parametrize("seed", range(4))
def test_averaged_candles_are_seen(seed, step):
    market, watch = Market(seed, minutes=60), AveragedWatch()
    for instant in np.arange(20.0, 3_590.0, step):
        watch.observe(T0 + instant, averaged(market, instant))
    assert "candle after candle began in the middle of the body before" in watch.wrong
    assert watch.right_at == -np.inf


@pytest.mark.parametrize("step", [0.5, 6.0])
@pytest.mark.parametrize("seed", range(8))
def test_a_market_never_is(seed, step):
    market, watch = Market(seed, minutes=60), AveragedWatch()
    for instant in np.arange(20.0, 3_590.0, step):
        watch.observe(T0 + instant, market.shown(instant))
        assert watch.wrong == ""
    assert watch.right_at > T0


def test_a_candle_whose_end_was_not_seen_tells_nothing_and_the_verdict_stays():
    market, watch = Market(1, minutes=60), AveragedWatch()
    for instant in np.arange(20.0, 3_000.0, 2.0):
        watch.observe(T0 + instant, averaged(market, instant))
    told = watch.wrong
    assert told
    for instant in (3_020.0, 3_310.0, 3_320.0):
        watch.observe(T0 + instant, market.shown(instant))
    watch.forget()
    watch.observe(T0 + 3_330.0, averaged(market, 3_330.0))
    assert watch.wrong
