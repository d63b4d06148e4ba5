"""docs/ribbon.pine draws the ribbon that the program computes: formula, lengths and colours read out of the script, none known here."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.market.ribbon import (
    LINE_PERIODS,
    MARKER_PERIODS,
    WARM_CANDLES,
    classify_colour,
    ribbon_on_forming_bars,
)
from runner.collect.chart_reading import judge
from runner.collect.legend import read_legend
from runner.collect.once import read_once
from runner.collect.settings import CollectSettings
from runner.setup.pine import script
from tests.runner.collect import raws
from tests.runner.setup.pine_script import PineScript, Plot

#: Minutes of a candle, candles in all, and readings of one of the last candles before it closes; of the others only the close is read.
STEP, BARS, LATE, READINGS = 5, WARM_CANDLES + 30, 40, 4
ONE = CollectSettings(timeframes=("5min",))


def made_prices() -> pd.Series:
    """A fall, a rise, and at the end candles that stand still."""
    moves = np.random.default_rng(5).normal(0, 2.0, (BARS, READINGS)).round(2)
    moves[: BARS - 20] -= 0.3
    moves[-20:] += 3.0
    moves[-6:] = 0.0
    prices = 2_500 + moves.ravel().cumsum().round(2)
    start = pd.Timestamp("2025-05-01", tz="UTC")
    minutes = STEP * np.arange(1, BARS * READINGS + 1) / READINGS
    index = pd.DatetimeIndex(start + pd.to_timedelta(minutes, unit="min")).as_unit("us")
    kept = (minutes % STEP == 0) | (minutes > STEP * (BARS - LATE))
    return pd.Series(prices, index=index)[kept]


def drawn(text: str, prices: pd.Series) -> list[list[Plot]]:
    """The script's plots at each price."""
    pine, plots = PineScript(text), []
    for time, price in prices.items():
        plots.append(pine.run(float(price)))
        if closes_bar(time):
            pine.close_bar()
    return plots


def closes_bar(time: pd.Timestamp) -> bool:
    return time == time.floor(f"{STEP}min")


@pytest.fixture(scope="module")
def prices() -> pd.Series:
    return made_prices()


@pytest.fixture(scope="module")
def plots(prices) -> list[list[Plot]]:
    return drawn(script(), prices)


@pytest.fixture(scope="module")
def computed(prices) -> pd.DataFrame:
    return ribbon_on_forming_bars(prices, STEP)


def differences(plots: list[list[Plot]], computed: pd.DataFrame) -> list[str]:
    """Where a drawn line that is shown differs from the computed one, by what."""
    found = []
    for shown, (_, row) in zip(plots, computed.iterrows(), strict=True):
        for plot in shown:
            if math.isnan(plot.value):
                continue
            if not math.isclose(plot.value, row[plot.title], rel_tol=1e-12):
                found.append("value")
            if classify_colour(plot.colour) != row[f"{plot.title}_color"]:
                found.append("colour")
    return found


def test_its_lines_are_those_of_the_computed_ribbon_by_name_and_order(plots):
    assert [plot.title for plot in plots[0]] == [f"MMA{period}" for period in LINE_PERIODS]


def test_values_and_colours_are_those_of_the_computed_ribbon_on_forming_bars_too(plots, computed):
    assert differences(plots, computed) == []
    shown = computed[computed["quality"] == "ok"]
    assert len(shown) > 100
    words = {word for period in LINE_PERIODS for word in shown[f"MMA{period}_color"]}
    assert words >= {"green", "red", "yellow"}


def test_a_line_is_shown_from_where_the_computed_row_is_no_longer_partial(plots, computed):
    shown = [not math.isnan(plot.value) for row in plots for plot in row]
    by_row = np.reshape(shown, (len(plots), len(LINE_PERIODS)))
    assert (by_row.all(axis=1) == by_row.any(axis=1)).all()
    # The last reading of a bar is computed as that of a closed candle; a chart counts it only when the next one opens.
    forming = np.array([not closes_bar(time) for time in computed.index])
    assert (by_row.any(axis=1)[forming] == (computed["quality"] == "ok").to_numpy()[forming]).all()


def test_the_chart_reader_reads_its_colours_and_finds_nothing_wrong(plots, prices, computed):
    states = set()
    for number in range(len(plots) - 100, len(plots)):
        found = read_once(ONE, Page(plots[number], float(prices.iloc[number])))["5min"]
        row = computed.iloc[number]
        assert found["problems"] == []
        assert found["missing"] == []
        assert {name: line["word"] for name, line in found["lines"].items()} == {
            f"MMA{period}": row[f"MMA{period}_color"] for period in LINE_PERIODS
        }
        assert found["state"] == row["state"]
        states.add(found["state"])
    assert len(states) > 1


def test_while_a_chart_has_too_little_history_the_reader_says_which_lines_are_not_shown(plots, prices):
    none = judge(Page(plots[0], float(prices.iloc[0])).read("5min"), "5min", ONE)
    assert none.reason == "no_lines" and "too few candles" in none.detail
    some = [replace(plot, value=math.nan) if plot.title == "MMA145" else plot for plot in plots[-1]]
    found = read_once(ONE, Page(some, float(prices.iloc[-1])))["5min"]
    assert found["missing"] == ["MMA145"] and "no value for MMA145" in found["problems"]


def test_it_has_few_enough_plots_for_the_page():
    """A colour that changes counts as one more series, and the page takes 64 of them."""
    assert 2 * len(LINE_PERIODS) - len(MARKER_PERIODS) <= 64


def test_it_names_its_version_first():
    assert script().startswith("//@version=6\n")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("2.0 / (length + 1)", "1.0 / length", "value"),
        ("na(ema[1]) ? close :", "na(ema[1]) ? close + 1 :", "value"),
        ("average(145)", "average(144)", "value"),
        ("ema > ema[1] ? UP", "ema > ema[1] ? DOWN", "colour"),
        ("#00c853", "#2962ff", "colour"),
        ("#ffd600", "#00c853", "colour"),
        ('average(100)), "MMA100", MARKER', 'average(100)), "MMA100", FLAT', "colour"),
    ],
)
def test_a_script_that_draws_something_else_is_seen(before, after, what, prices, computed):
    assert script().count(before) == 1
    assert what in differences(drawn(script().replace(before, after), prices), computed)


class Page:
    """A chart with the script on it: the legend rows that its plots give, as the page writes numbers and colours."""

    alive = True

    def __init__(self, plots: list[Plot], price: float) -> None:
        texts = [(plot.title, f"{plot.value:,.6f}", plot.colour) for plot in plots]
        values = [
            raws.value(title, "∅" if text == "nan" else text, _rgb(colour)) for title, text, colour in texts
        ]
        close = f"{price:,.2f}"
        series = raws.series(opened=close, high=close, low=close, close=close)
        self.shown = raws.raw([raws.chart(series=series, studies=[raws.row("Ribbon Lab", "", values)])])

    def start(self) -> None: ...

    def close(self) -> None: ...

    def reload(self, timeframe: str) -> None: ...

    def read(self, timeframe: str) -> dict:
        return self.shown


def _rgb(colour: str) -> str:
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:7], 16)})"


def test_the_legend_knows_every_plot():
    plots = [Plot(f"MMA{period}", 2_500.0, "#00c853") for period in LINE_PERIODS]
    legend = read_legend(Page(plots, 2_500.0).shown["charts"][0]["studies"])
    assert list(legend.lines) == [plot.title for plot in plots]
    assert all(line.colour == "#00c853" for line in legend.lines.values())
