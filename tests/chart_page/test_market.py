"""The page's market is the simulated one, gone on with: the truth that the collector is held against."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.data.loaders import load_samples
from lib.market.ribbon import LINE_PERIODS, classify_colour, ribbon_on_forming_bars, ribbon_state
from lib.simulation.market import simulate_market
from runner.fetch.simulated import Simulation, write_simulation
from tests.chart_page.market import Move, PageMarket

END = pd.Timestamp("2026-01-05T10:07:30Z")


def test_it_goes_on_where_a_folder_ends(tmp_path):
    write_simulation(Simulation(days=0.5, seed=4, end=END.isoformat(), gaps=0, decisions="none"), tmp_path)
    start = END.timestamp()
    market = PageMarket.continuing(tmp_path, start)
    for timeframe, minutes in (("5min", 5), ("15min", 15)):
        samples, _ = load_samples(tmp_path, timeframe, None, None)
        last = samples.iloc[-1]
        shown = market.lines_at(start - 0.1, minutes)
        for period in LINE_PERIODS:
            assert shown[period][0] == pytest.approx(last[f"MMA{period}"], abs=1e-3)
        assert market.candle_at(start - 0.1, minutes).close == last["price"]
        assert ribbon_state(market.colours_at(start - 0.1, minutes).values()) == last["state"]
    assert abs(market.candle_at(start + 1, 5).close / samples["price"].iloc[-1] - 1) < 0.002


def test_lines_agree_with_the_house_s_own_over_closed_candles():
    market = PageMarket.fresh(END.timestamp(), seed=3, hours=2.0)
    made = simulate_market(0.25, 3, END.floor("1min").as_unit("us"), decisions="none", gaps=0)
    inside = market.times >= END.timestamp()
    times = pd.to_datetime(market.times[inside] * 1e6, unit="us", utc=True)
    prices = pd.Series(
        market.prices[inside], index=pd.DatetimeIndex(times).as_unit("us") + pd.Timedelta(microseconds=1)
    )
    ours = ribbon_on_forming_bars(pd.concat([made.prices, prices]), 5)
    at = prices.index[5_000]
    shown = market.lines_at(at.timestamp(), 5)
    # The house's lines start anew at the first price, so only the fast ones have forgotten that.
    for period in (5, 10):
        assert shown[period][0] == pytest.approx(ours.loc[at, f"MMA{period}"], abs=0.02)
        assert (
            classify_colour(market.colours_at(at.timestamp(), 5)[period])
            == ours.loc[at, f"MMA{period}_color"]
        )


def test_candles_are_those_of_the_ticks_and_moves_come_when_planned():
    start = END.timestamp()
    plain = PageMarket.fresh(start, seed=5)
    moved = PageMarket.fresh(start, seed=5, moves=[Move(60.0, 30.0, 0.8), Move(120.0, 10.0, -0.5)])
    ratio = {
        after: moved.candle_at(start + after, 5).close / plain.candle_at(start + after, 5).close
        for after in (59, 91, 119, 131)
    }
    assert [round((each - 1) * 100, 2) for each in ratio.values()] == pytest.approx(
        [0.0, 0.8, 0.8, 0.296], abs=0.02
    )
    candle = moved.candle_at(start + 300, 5)
    ticks = moved.prices[(moved.times >= candle.slot) & (moved.times <= start + 300)]
    assert (candle.open, candle.high, candle.low, candle.close) == (
        ticks[0],
        ticks.max(),
        ticks.min(),
        ticks[-1],
    )
    assert np.isclose(
        candle.volume, moved.volumes[(moved.times >= candle.slot) & (moved.times <= start + 300)].sum()
    )


def test_a_push_moves_what_is_to_come_and_nothing_before():
    market = PageMarket.fresh(END.timestamp(), seed=3, hours=0.5)
    now = END.timestamp() + 100
    before, shown, lines = market.prices, market.payload(now, 5), market.lines_at(now, 15)
    market.push(now, 10.0, -0.5)
    assert market.payload(now, 5) == shown and market.lines_at(now, 15) == lines
    ratio = market.prices / before
    assert (ratio[market.times <= now] == 1.0).all()
    assert ratio[market.times >= now + 10] == pytest.approx(0.995, abs=1e-5)
    half = np.searchsorted(market.times, now + 5)
    assert ratio[half] == pytest.approx(0.9975, abs=1e-5)
