"""Directions by value, and colours that are none."""

from __future__ import annotations

import pytest

from runner.collect.chart_reading import Bar, ChartReading
from runner.collect.direction_watch import DirectionWatch, direction, goes_against
from runner.collect.legend import Line
from runner.collect.page_texts import Number
from runner.collect.sample_watch import SampleWatch
from tests.builders import START

RED, GREEN = "#ff5252", "#4caf50"
LINES = {5: 99.0, 10: 100.0, 20: 104.0, 40: 98.0}


def ema(closed: float, price: float, period: int) -> Number:
    """A line that stood at `closed` at the last closed candle, as the legend rounds it."""
    return Number(round(closed + 2 / (period + 1) * (price - closed), 2), 2)


def reading(
    price: float, closed: dict[int, float] = LINES, hue: str | None = None, opened: float = 100.0
) -> ChartReading:
    """Single EMAs; with a `hue`, plots of one study painted in it."""
    lines = {
        f"MMA{period}": Line(ema(value, price, period), hue or "", by_value=hue is None)
        for period, value in closed.items()
    }
    bar = Bar(opened, max(price, opened), min(price, opened), price, None)
    return ChartReading(Number(price, 2), bar, lines, frozenset())


def colours(watch: DirectionWatch, found: ChartReading, at: float = 0.0, compare: bool = True) -> list[str]:
    return list(watch.colours(found, list(found.lines), at, compare)[0].values())


@pytest.mark.parametrize("price", [90.0, 98.5, 99.7, 102.0, 110.0])
def test_a_single_line_is_held_against_its_own_value_at_the_last_closed_candle(price):
    told = dict(zip(LINES, colours(DirectionWatch(300), reading(price)), strict=True))
    for period, closed in LINES.items():
        line = ema(closed, price, period).value
        expected = "yellow" if period == 40 else "green" if line > closed else "red"
        assert told[period] == expected


def test_a_line_at_the_price_goes_nowhere():
    assert direction(Number(100.0, 2), Number(100.0, 2)) == "gray"


def test_a_line_of_length_one_is_the_price_and_goes_nowhere():
    lines = {"MMA1": Line(Number(100.0, 2), by_value=True), "MMA5": Line(Number(99.0, 2), by_value=True)}
    found = ChartReading(Number(100.0, 2), None, lines, frozenset())
    assert colours(DirectionWatch(300), found) == ["", "green"]
    assert SampleWatch(5, "X").judge(found, list(lines), START, 0.0).quality == "ok"


def test_a_line_whose_candle_began_elsewhere_has_no_direction():
    watch = DirectionWatch(300)
    for price in (100.0, 100.4, 100.2):
        assert colours(watch, reading(price))[0] == "green"
    strange = reading(100.6, LINES | {5: 103.0})
    told, words = watch.colours(strange, list(strange.lines), 0.0, True)
    assert (told["MMA5"], told["MMA10"], told["MMA40"]) == ("", "green", "yellow")
    assert words == ["the direction of MMA5 is not known: no EMA of the price shown"]
    # The next candle begins from another value.
    assert colours(watch, reading(100.6, LINES | {5: 103.0}, opened=101.0))[0] == "red"


def test_without_candle_prices_the_clock_tells_the_next_one():
    watch = DirectionWatch(300)
    bare = [
        ChartReading(each.price, None, each.lines, frozenset())
        for each in (reading(100.0), reading(100.6, LINES | {5: 103.0}))
    ]
    assert [colours(watch, bare[0], 0.0)[0], colours(watch, bare[1], 299.0)[0]] == ["green", ""]
    assert colours(watch, bare[1], 300.0)[0] == "red"


def test_lines_of_another_market_have_no_direction():
    assert colours(DirectionWatch(300), reading(100.0), compare=False) == ["", "", "", "yellow"]


@pytest.mark.parametrize(
    ("price", "colour", "against"),
    [
        (101.0, RED, True),
        (101.0, GREEN, False),
        (99.0, GREEN, True),
        (101.0, "#2196f3", False),  # blue says nothing
        (101.0, "", False),
        (101.0, "#ffeb3b", False),  # a marker
        (100.01, RED, False),  # within what rounding explains
    ],
)
def test_what_goes_against_its_line(price, colour, against):
    assert goes_against(Number(price, 2), Number(100.0, 2), colour) == against


def test_a_ribbon_that_is_red_under_the_price_says_nothing_and_then_its_values_do():
    watch, found = DirectionWatch(300), []
    for price in (106.0, 107.0, 108.0):
        told, words = watch.colours(reading(price, hue=RED), [f"MMA{period}" for period in LINES], 0.0, True)
        assert words == ["the colour of MMA5, MMA10, MMA20, MMA40 does not follow its line"]
        found.append(list(told.values()))
    assert found[0] == found[1] == [""] * 4
    assert found[2] == ["green", "green", "green", "yellow"]
    # That it agrees for once does not make it a colour; that it changes does.
    assert colours(watch, reading(90.0, hue=RED))[:3] == ["red", "red", "red"]
    assert colours(watch, reading(90.0, hue=GREEN))[:3] == ["", "", ""]
    assert colours(watch, reading(106.0, hue=GREEN))[:3] == [GREEN, GREEN, GREEN]


def test_a_line_that_stands_still_while_the_price_moves_is_not_blamed_on_its_colour():
    watch = DirectionWatch(300)
    still = reading(103.0, {20: 100.0, 50: 100.0}, GREEN)
    for step in range(6):  # the price falls under lines that no longer come
        price = 99.9 - step / 100
        bar = Bar(100.0, 103.0, price, price, None)
        assert colours(watch, ChartReading(Number(price, 2), bar, still.lines, frozenset())) == ["", ""]
    assert colours(watch, reading(103.0, {20: 100.0, 50: 100.0}, GREEN)) == [GREEN, GREEN]


def test_lines_that_are_no_ema_keep_their_colours_where_the_check_is_off():
    assert colours(DirectionWatch(300, check_colours=False), reading(106.0, hue=RED)) == [RED] * 4
