from __future__ import annotations

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from lib.draw import axis
from lib.draw.style import new_axes, new_axes_grid
from tests.lib.draw.made import at


def test_days_are_utc_whatever_the_zone_of_the_times():
    paris = pd.DatetimeIndex(["2025-06-14T10:00:00+02:00"])
    assert mdates.num2date(axis.days(paris)[0]).isoformat() == "2025-06-14T08:00:00+00:00"
    assert axis.days(pd.DatetimeIndex([], tz="UTC")).size == 0
    assert np.isnan(axis.days(pd.Series([pd.NaT], dtype="datetime64[us, UTC]"))[0])


def test_lines_break_at_gaps_and_only_there():
    moments = axis.days([at(minute) for minute in (0, 5, 15, 26)])
    kept = axis.thin(moments, gap_minutes=10)
    # 5 → 15 is ten minutes, exactly two candles: no gap. 15 → 26 is one.
    assert kept.stretch.tolist() == [0, 0, 0, 1]
    x, y = axis.with_gaps(moments, np.array([1.0, 2.0, 3.0, 4.0]), kept.stretch)
    assert np.isnan(x[3]) and y[[0, 1, 2, 4]].tolist() == [1.0, 2.0, 3.0, 4.0]


def test_thinning_keeps_the_ends_of_every_stretch_and_says_what_it_left_out():
    minutes = [*range(100), *range(200, 203)]
    kept = axis.thin(axis.days([at(minute) for minute in minutes]), most=10)
    assert kept.stride == 11 and kept.remark == "1 in 11 samples drawn"
    assert {0, 99, 100, 102} <= set(kept.keep.tolist())
    assert kept.stretch.max() == 1 and len(kept.keep) <= 14
    assert axis.thin(axis.days([at(0), at(1)])).remark == ""


def test_a_stride_longer_than_the_gap_limit_is_no_gap():
    kept = axis.thin(axis.days([at(minute) for minute in range(1000)]), gap_minutes=10, most=20)
    assert kept.stride == 50 and set(kept.stretch.tolist()) == {0}


def test_runs():
    states = np.array(["a", "a", "b", "b", "b"], dtype=object)
    stretch = np.array([0, 0, 0, 1, 1])
    assert axis.runs(states, stretch) == [(0, 1), (2, 2), (3, 4)]
    assert axis.runs(np.array([], dtype=object)) == []


def test_ticks_are_written_with_the_decimals_that_keep_them_apart():
    texts = axis.TickTexts(lambda value, digits: f"{value:,.{digits}f}")
    assert texts.format_ticks([2500.0, 2550.0]) == ["2,500", "2,550"]
    assert texts.format_ticks([2502.5, 2505.0]) == ["2,502.5", "2,505.0"]
    assert texts.format_ticks([0.012, 0.014]) == ["0.012", "0.014"]


def test_two_dollar_amounts_in_a_title_are_no_formula(ax):
    axis.title(ax, "net −$103.96, gross −$20.77", n=1234)
    assert ax.get_title(loc="left") == "net −$103.96, gross −$20.77  ·  n 1,234"
    assert ax.title.get_parse_math() is False and ax._left_title.get_parse_math() is False


def test_legend_reads_row_by_row_and_leaves_room_for_itself(ax):
    for name in "abcde":
        ax.plot([0, 1], [0, 1], label=name)
    axis.title(ax, "five", n=5)
    axis.legend_above(ax, columns=3)
    columns = [text.get_text() for text in ax.get_legend().get_texts()]
    # Filled column by column: a d | b e | c reads a b c / d e.
    assert columns == ["a", "d", "b", "e", "c"]
    assert ax.get_title(loc="left") == "five  ·  n 5"


def test_time_axis_says_utc_and_warns_at_no_length_of_window(ax):
    ax.plot(axis.days([at(0), at(60)]), [0, 1])
    for narrow in (False, True):
        axis.time_axis(ax, narrow=narrow)
        locator = ax.xaxis.get_major_locator()
        for hours in (0.05, 0.5, 2, 7, 24, 50, 24 * 7, 24 * 41, 24 * 400, 24 * 2000):
            start = at(0).to_pydatetime()
            assert len(locator.tick_values(start, start + pd.Timedelta(hours=hours))) >= 2
    assert ax.get_xlabel() == "time (UTC)"


def test_a_figure_with_nothing_to_draw_is_low():
    alone, (upper, lower) = new_axes(height=4.8), new_axes_grid(2, height=5.0)
    axis.draw_nothing(alone, "no trades", "Equity")
    assert alone.figure.get_figheight() == 0.9 and alone.figure.alt == "Equity: no trades."
    axis.draw_nothing(upper, "no trades")
    assert upper.figure.get_figheight() == 5.0, "the other axis may have something"
    axis.draw_nothing(lower, "")
    assert upper.figure.get_figheight() == 1.8
    for axes in (alone, upper):
        axes.figure.canvas.draw()
    plt.close("all")
