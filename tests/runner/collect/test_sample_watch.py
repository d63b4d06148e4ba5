"""Quality over readings: frozen within a minute, two venues, missing lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.market.ribbon import CLASSIFIER, frozen_mask
from runner.collect.chart_reading import Bar, ChartReading
from runner.collect.legend import Line
from runner.collect.page_texts import Number
from runner.collect.sample_watch import FrozenWatch, SampleWatch
from tests.builders import START

LINES = ["MMA5", "MMA10", "MMA40"]


def reading(price: float, lines: dict[str, float | None], volume: float | None = 1.0, **more) -> ChartReading:
    shown = {
        name: Line(None if value is None else Number(value, 2), "#4caf50") for name, value in lines.items()
    }
    bar = Bar(100.0, max(price, 100.0), min(price, 100.0), price, volume)
    return ChartReading(Number(price, 2), bar, shown, more.get("symbols", frozenset()))


def qualities(
    watch: SampleWatch, readings: list[ChartReading], lines: list[str] = LINES, step_s: float = 10.0
) -> list[str]:
    found = []
    for place, each in enumerate(readings):
        since = step_s * place
        slot = int(since // 300)
        closed = (START.timestamp() + 300 * (slot - 1), readings[30 * slot - 1].price.value) if slot else None
        found.append(watch.judge(each, lines, START + pd.Timedelta(seconds=since), since, closed)[0])
    return found


def test_lines_that_stand_still_while_the_price_moves_are_frozen_after_a_minute():
    still = {"MMA5": 99.0, "MMA10": 98.0, "MMA40": 97.0}
    readings = [reading(100 + place / 100, still, place) for place in range(9)]
    found = qualities(SampleWatch(5, "X", check_venue=False), readings)
    assert found == ["ok"] * 6 + ["frozen"] * 3  # the seventh is 60 s after the first
    thawed = SampleWatch(5, "X", check_venue=False)
    assert qualities(thawed, [*readings, reading(100.0, still | {"MMA10": 98.01})])[-1] == "ok"


def test_a_chart_on_which_nothing_moves_is_frozen_and_one_that_trades_at_one_price_is_not():
    still = {"MMA5": 99.0, "MMA10": 98.0, "MMA40": 97.0}
    stopped = [reading(100.0, still, 5.0)] * 8
    assert qualities(SampleWatch(5, "X", check_venue=False), stopped) == ["ok"] * 6 + ["frozen"] * 2
    trading = [reading(100.0, still, float(place)) for place in range(8)]
    assert qualities(SampleWatch(5, "X", check_venue=False), trading) == ["ok"] * 8


def test_what_is_written_agrees_with_what_readers_find():
    """The last row of `frozen_mask` over the readings so far is the quality written, but for charts on which nothing moves."""
    random, checked = np.random.default_rng(3), 0
    for _ in range(40):
        watch, rows = FrozenWatch(), []
        lines, price, volume = (1.0, 2.0), 100.0, 0.0
        for place in range(60):
            if random.random() < 0.12:
                lines = (float(random.integers(0, 4)), float(random.integers(0, 4)))
            price += float(random.choice([0, 0, 0.01, -0.01]))
            volume += 1
            rows.append((place * 10.0, price, *lines))
            table = pd.DataFrame(rows, columns=["at", "price", "MMA5", "MMA10"])
            frame = table.set_index(START + pd.to_timedelta(table["at"], unit="s"))
            expected = bool(frozen_mask(frame).iloc[-1])
            assert watch.frozen(lines, price, (volume,), place * 10.0) == expected
            checked += expected
    assert checked > 50


def test_a_line_without_value_makes_a_row_partial_and_its_state_unknown():
    watch = SampleWatch(5, "ETHUSDT")
    partial = reading(100.0, {"MMA5": 99.0, "MMA10": None})
    verdict = watch.judge(partial, LINES, START, 0.0)
    assert verdict.quality == "partial"
    assert verdict.wrong == ["no value for MMA10, MMA40"]
    row = watch.sample(partial, LINES, START, verdict).iloc[0]
    assert (row["state"], row["quality"], row["symbol"]) == ("unknown", "partial", "ETHUSDT")
    assert row["MMA5"] == 99.0
    assert np.isnan(row["MMA10"])
    assert (row["MMA5_color"], row["MMA10_color"]) == ("#4caf50", "")


def test_a_whole_row():
    watch = SampleWatch(5, "ETHUSDT")
    whole = reading(100.0, {"MMA5": 99.0, "MMA10": 98.0, "MMA40": 97.0, "MMA50": 96.0})
    verdict = watch.judge(whole, LINES, START, 0.0)
    assert verdict[:2] == ("ok", [])
    frame = watch.sample(whole, LINES, START, verdict)
    assert frame.index.tolist() == [START]
    assert frame["state"].tolist() == ["all_green"]
    assert "MMA50" not in frame  # the file has no column for it
    assert CLASSIFIER  # written beside it by runner.files.tables


def market(factor: float, bars: int = 3, per_bar: int = 30, late: bool = False) -> list[ChartReading]:
    """Readings every 10 s of 5-minute candles whose line MMA5 is made of `factor` times the price."""
    random = np.random.default_rng(1)
    prices = np.round(2500 * np.exp(np.cumsum(random.normal(0, 0.0003, bars * per_bar))), 2)
    closed, shown, found = 2502.0 * factor, None, []
    for place, price in enumerate(prices):
        if place and place % per_bar == 0:
            closed += (prices[place - 1] * factor - closed) / 3
        opened = prices[place // per_bar * per_bar - 1] if place >= per_bar else prices[0]
        line = round(closed + (price * factor - closed) / 3, 2)
        value = shown if late and place % 3 == 0 and shown else line
        shown = line
        lines = {
            "MMA5": Line(Number(value, 2), "#4caf50"),
            "MMA10": Line(Number(round(2400 + place / 100, 2), 2)),
        }
        bar = Bar(float(opened), 1e4, 1.0, float(price), float(place))
        found.append(ChartReading(Number(float(price), 2), bar, lines, frozenset()))
    return found


@pytest.mark.parametrize("late", [False, True])
def test_a_ribbon_of_the_same_venue_is_ok(late):
    assert set(qualities(SampleWatch(5, "X"), market(1.0, late=late), ["MMA5", "MMA10"])) == {"ok"}


def test_a_ribbon_of_another_venue_is_seen_in_the_second_candle_and_forgiven_in_a_later_one():
    found = qualities(SampleWatch(5, "X"), market(1.0008), ["MMA5", "MMA10"])
    assert set(found[:30]) == {"ok"}
    assert set(found[36:]) == {"venue_mismatch"}
    assert set(qualities(SampleWatch(5, "X", check_venue=False), market(1.0008), ["MMA5", "MMA10"])) == {"ok"}
    watch = SampleWatch(5, "X")
    both = [*market(1.0008, 2), *market(1.0, 3)]
    assert qualities(watch, both, ["MMA5", "MMA10"])[-1] == "ok"


def test_a_ribbon_that_stood_still_for_a_while_is_not_taken_for_another_venue():
    readings = market(1.0, bars=3)
    for place in range(32, 52):  # most of the second candle
        readings[place] = replace(readings[place], lines=readings[31].lines)
    found = qualities(SampleWatch(5, "X"), readings, ["MMA5", "MMA10"])
    assert set(found[:37]) == {"ok"}
    assert set(found[38:52]) == {"frozen"}
    assert set(found[52:]) == {"ok"}


def test_a_ribbon_of_another_market_is_seen_at_once():
    far = reading(100.0, {"MMA5": 65.0, "MMA10": 66.0, "MMA40": 70.0})
    assert SampleWatch(5, "X").judge(far, LINES, START, 0.0)[0] == "venue_mismatch"
    named = reading(
        100.0, {"MMA5": 99.0, "MMA10": 98.0, "MMA40": 97.0}, symbols=frozenset({"COINBASE:ETHUSD"})
    )
    assert SampleWatch(5, "X").judge(named, LINES, START, 0.0)[:2] == (
        "venue_mismatch",
        ["the ribbon's study names another market"],
    )


def crash(pct: float, bars: int = 3, start: float = 2500.0) -> list[ChartReading]:
    """Readings of a fall of `pct` percent in the middle of the second candle, each line exact as the legend rounds it."""
    periods = (5, 10, 40)
    closed = dict.fromkeys(periods, start)
    found, opened, price = [], start, start
    for place in range(30 * bars):
        if place and place % 30 == 0:
            closed = {n: value + 2 / (n + 1) * (price - value) for n, value in closed.items()}
            opened = price
        price = round(start * (1 + place / 1e5) * (1 - pct / 100 * min(max(place - 40, 0), 3) / 3), 2)
        lines = {
            f"MMA{n}": Line(Number(round(value + 2 / (n + 1) * (price - value), 2), 2), by_value=True)
            for n, value in closed.items()
        }
        bar = Bar(opened, max(opened, price), min(opened, price), price, float(place))
        found.append(ChartReading(Number(price, 2), bar, lines, frozenset()))
    return found


@pytest.mark.parametrize("pct", [12.0, 25.0, 45.0, -30.0])
@pytest.mark.parametrize("begin", [0, 35, 60])
def test_a_crash_is_no_other_venue_wherever_watching_begins(pct, begin):
    readings = crash(pct, 4)
    fast = readings[44].lines["MMA5"].number.value
    assert abs(fast / readings[44].price.value - 1) > 0.07
    watch = SampleWatch(5, "X")
    for place, each in enumerate(readings[begin:], begin):
        slot = place // 30
        closed = (300.0 * (slot - 1), readings[30 * slot - 1].price.value) if slot else None
        at = pd.Timestamp(10 * place, unit="s", tz="UTC")
        verdict = watch.judge(each, LINES, at, 10.0 * place, closed)
        assert verdict.quality == "ok"
    state = watch.sample(each, LINES, at, verdict)["state"].iloc[0]
    assert state == ("all_red" if pct > 0 else "all_green")


def test_a_study_that_is_put_on_another_market_is_seen_at_once():
    watch = SampleWatch(5, "X")
    own = {"MMA5": 99.9, "MMA10": 99.8, "MMA40": 99.0}
    other = {"MMA5": 65.0, "MMA10": 66.0, "MMA40": 70.0}
    readings = [reading(100 + place / 100, own | {"MMA5": 99.9 + place / 300}) for place in range(5)]
    readings += [reading(100 + place / 100, other | {"MMA5": 65 + place / 100}) for place in range(5, 40)]
    assert qualities(watch, readings) == ["ok"] * 5 + ["venue_mismatch"] * 35


def test_the_gravest_reason_is_the_quality():
    still = {"MMA5": 65.0, "MMA10": None, "MMA40": 97.0}
    readings = [reading(100 + place / 100, still) for place in range(7)]
    assert qualities(SampleWatch(5, "X"), readings)[5:] == ["venue_mismatch", "frozen"]
