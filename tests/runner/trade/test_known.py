"""What is known at a tick, and by what an open trade is judged."""

from __future__ import annotations

import numpy as np
import pytest

from runner.trade.known import CandleTable, MarketTables, SampleTable
from tests.builders import at, candles, samples
from tests.runner.trade.made import at_us


def known_of(frame, fives):
    tables = {
        name: CandleTable(fives if name == "5min" else candles([])) for name in ("1min", "5min", "15min")
    }
    return MarketTables({name: SampleTable(name, frame) for name in ("5min", "15min")}, tables, measured=True)


def test_nothing_beyond_the_instant_is_known():
    frame = samples([(minute, 100.0 + minute, "mixed") for minute in range(1, 16)])
    known = known_of(frame, candles([(1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3)]))
    known.know(at_us(9 * 60 + 59))
    assert (known.price, known.candles["5min"].recent(9)["close"].tolist()) == (109.0, [1.0])
    assert known.samples["5min"].reading().at == at(9)
    path, states = known.watched_since(at_us(60))
    assert path.sample_at.max() == at_us(9 * 60)
    assert len(states) == len(path.sample_at)
    known.know(at_us(10 * 60))
    assert known.candles["5min"].recent(9)["close"].tolist() == [1.0, 2.0]
    assert known.watched_since(at_us(60))[0].bar_close.tolist() == [1.0, 2.0]


def test_candles_since_an_instant_closed_after_it():
    table = CandleTable(candles([(1, 1, 1, 1), (2, 2, 2, 2)]))
    table.know(at_us(600))
    assert table.since(at_us(300) - 1)["close"].tolist() == [1.0, 2.0]
    assert table.since(at_us(300))["close"].tolist() == [2.0]


def test_a_trade_sees_a_new_candle_though_an_old_one_was_dropped_for_it():
    known = known_of(
        samples([(minute, 100.0, "mixed") for minute in range(1, 16)]), candles([(1, 1, 1, 1), (2, 2, 2, 2)])
    )
    known.know(at_us(15 * 60))
    assert known.watched_since(at_us(60))[0].bar_close.tolist() == [1.0, 2.0]
    table = known.candles["5min"]
    table.load(candles([(2, 2, 2, 2), (3, 3, 3, 3)], start=5))
    table.known = 2
    assert known.watched_since(at_us(60))[0].bar_close.tolist() == [2.0, 3.0]


def test_prices_of_another_venue_and_of_a_chart_that_stands_still_judge_nothing():
    faults = [(2, 50.0, "all_red", "venue_mismatch"), (3, 60.0, "all_red", "frozen")]
    frame = samples([(1, 100.0, "mixed"), *faults, (4, 101.0, "all_red", "partial")])
    known = known_of(frame, candles([]))
    known.know(at_us(240))
    path, states = known.watched_since(at_us(30))
    assert path.sample_price.tolist() == [100.0, 101.0]
    assert states.tolist() == ["mixed", "unknown"]
    assert known.told_since(at_us(60) - 1).tolist() == [at_us(60), at_us(240)]
    assert known.told_since(at_us(60)).tolist() == [at_us(240)]


def two_charts(five, fifteen):
    tables = {"5min": SampleTable("5min", five), "15min": SampleTable("15min", fifteen)}
    return MarketTables(tables, {name: CandleTable(candles([])) for name in ("1min", "5min", "15min")})


def rows_at(seconds, price=100.0):
    return samples([(second / 60, price, "all_red") for second in seconds], MMA5=np.arange(len(seconds)))


def test_the_other_charts_price_stands_in_while_the_five_minute_chart_is_silent():
    known = two_charts(rows_at(range(0, 31, 10)), rows_at(range(0, 100, 10), 101.0))
    known.know(at_us(95))
    path, states = known.watched_since(at_us(5))
    stood_in = path.sample_at[path.sample_price == 101.0]
    assert stood_in.tolist() == [at_us(second) for second in (60, 70, 80, 90)]
    assert (np.diff(path.sample_at) > 0).all()
    assert set(states[path.sample_price == 101.0]) == {"unknown"}  # its colours are another ribbon's
    assert known.priced_at == at_us(90)


@pytest.mark.parametrize(("step", "longest"), [(10, 25), (60, 75)])
def test_it_stands_in_after_the_age_that_grows_with_the_datas_step(step, longest):
    seconds = [step * beat for beat in range(20)]
    for late, found in ((0, 0), (1e-6, 1)):
        other = [*seconds, seconds[-1] + longest + late]
        known = two_charts(rows_at(seconds), rows_at(other, 101.0))
        known.step_s = float(step)
        known.know(at_us(other[-1]))
        path, _ = known.watched_since(at_us(5))
        assert (path.sample_price == 101.0).sum() == found


def test_the_price_of_another_market_stands_in_for_nothing():
    known = two_charts(rows_at([0, 10]), rows_at(range(0, 100, 10), 50.0).assign(symbol="BTCUSDT"))
    known.know(at_us(95))
    assert known.watched_since(at_us(5))[0].sample_price.tolist() == [100.0, 100.0]
    assert known.priced_at == at_us(10)


def test_rows_that_repeat_without_a_mark_are_frozen_after_a_minute():
    table = SampleTable("5min", samples([(beat / 6, 100.0, "mixed") for beat in range(9)], MMA5=99.0))
    assert table.quality.tolist() == ["ok"] * 6 + ["frozen"] * 3
    assert table.told_at.tolist() == [at_us(0)]
    assert table.usable.tolist() == [True] * 6 + [False] * 3


def test_minutes_without_a_trade_are_no_chart_that_stands_still():
    table = SampleTable("5min", samples([(minute, 100.0, "mixed") for minute in range(5)], MMA5=99.0))
    assert table.quality.tolist() == ["ok"] * 5
    assert len(table.told_at) == 5


@pytest.mark.parametrize(("step", "growth"), [(10, 0.0), (5, 0.0), (60, 50.0), (300, 290.0)])
def test_ages_grow_with_the_step_of_the_data(step, growth):
    known = known_of(samples([(place * step / 60, 1.0, "mixed") for place in range(20)]), candles([]))
    known.know(at_us(step * 15))
    assert known.growth_s == growth


def test_a_few_rows_far_apart_are_no_step():
    known = known_of(samples([(minute, 1.0, "mixed") for minute in (0, 60, 120)]), candles([]))
    known.know(at_us(7_200))
    assert known.growth_s == 0.0


def test_as_a_batch_has_it_a_chart_that_stands_still_is_no_silence():
    frame = samples(
        [*((beat / 6, 100.0, "mixed") for beat in range(9)), (2, 99.0, "all_red", "frozen")], MMA5=99.0
    )
    table = SampleTable("5min", frame, as_batch=True)
    assert (set(table.quality[:9]), table.usable.all()) == ({"ok"}, True)
    other = SampleTable("15min", rows_at(range(0, 300, 10)), as_batch=True)
    tables = {name: CandleTable(candles([])) for name in ("1min", "5min", "15min")}
    known = MarketTables({"5min": table, "15min": other}, tables)
    known.know(at_us(300))
    assert known.watched_since(at_us(5))[0].sample_price.tolist() == frame["price"].tolist()


def test_a_reading_has_each_line_and_its_colour_by_the_line_s_name():
    frame = samples([(1, 100.0, "mixed")], MMA5=[99.5], MMA20=[98.0]).assign(
        MMA5_color="green", MMA20_color="red"
    )
    known = known_of(frame, candles([]))
    known.know(at_us(60))
    reading = known.samples["5min"].reading()
    assert reading.lines == {"MMA5": 99.5, "MMA20": 98.0}
    assert reading.colours == {"MMA5": "green", "MMA20": "red"}


def test_rows_that_lie_too_far_apart_or_gain_a_line_do_not_repeat():
    rows = [(beat / 3, 100.0, "mixed") for beat in range(5)]  # 20 s apart: the furthest that still repeats
    assert SampleTable("5min", samples(rows, MMA5=99.0)).quality.tolist() == ["ok"] * 3 + ["frozen"] * 2
    apart = [(minute * 1.01, price, state) for minute, price, state in rows]
    assert SampleTable("5min", samples(apart, MMA5=99.0)).quality.tolist() == ["ok"] * 5
    # A line that comes and goes: each change begins anew, though the first row had none either.
    line = [np.nan, 99.0, np.nan, np.nan, np.nan]
    assert SampleTable("5min", samples(rows, MMA5=line)).quality.tolist() == ["ok"] * 5


def test_prices_of_another_venue_count_in_no_batch_either():
    rows = [(0, 100.0, "mixed"), (1, 50.0, "mixed", "venue_mismatch"), (2, 101.0, "mixed", "frozen")]
    assert SampleTable("5min", samples(rows), as_batch=True).usable.tolist() == [True, False, True]
    assert SampleTable("5min", samples(rows)).usable.tolist() == [True, False, False]


def test_only_rows_that_are_known_and_repeat_nothing_have_told_something():
    table = SampleTable(
        "5min", samples([(beat / 6, 100.0 + (beat > 3), "mixed") for beat in range(6)], MMA5=99.0)
    )
    table.know(at_us(30))
    assert (table.told, table.told_at.tolist()) == (1, [at_us(0), at_us(40)])
    table.know(at_us(50))
    assert table.told == 2
