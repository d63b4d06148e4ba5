from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.draw import history
from lib.draw.axis import days
from lib.history.trends import trends
from tests.lib.draw.made import at

HOURS = [0, 1, 2, 30]
TIMES = [at(60 * hour) for hour in HOURS]


def cycles() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "win_rate": [40.0, 50.0, np.nan, 60.0],
            "win_rate_low": [20.0, 30.0, np.nan, 50.0],
            "win_rate_high": [60.0, 70.0, np.nan, 70.0],
            "n": [10.0, 20.0, 0.0, 90.0],
            "scalper_score": [np.nan, 55.0, np.nan, 65.0],
            "backtest_win_rate": [45.0, 46.0, 47.0, 48.0],
            "proven_lessons": [np.nan, 0.0, 1.0, 3.0],
            "lessons_to_act_on": [np.nan, np.nan, 0.0, 2.0],
            "nearest_share": [np.nan, 0.4, np.nan, 0.2],
        },
        index=pd.DatetimeIndex(TIMES, name="timestamp"),
    )


def line(ax, label):
    return next(artist for artist in ax.lines if artist.get_label() == label)


def test_win_rate_skips_cycles_without_trades_and_breaks_after_a_day_without_cycles(ax):
    history.draw_win_rate_trend(ax, cycles())
    x, y = line(ax, "net win rate").get_data()
    assert np.allclose(x[[0, 1, 3]], days([TIMES[0], TIMES[1], TIMES[3]])) and np.isnan(x[2])
    assert y[[0, 1, 3]].tolist() == [40, 50, 60]
    band = next(artist for artist in ax.collections if artist.get_label() == "95 % interval (n 10–90 trades)")
    assert {20.0, 60.0, 30.0, 70.0} <= set(band.get_paths()[0].vertices[:, 1])
    assert ax.get_title(loc="left") == "Win rate of the trades  ·  n 3 cycles" and "%" in ax.get_ylabel()


def test_score_and_backtest(ax):
    history.draw_score_trend(ax, cycles())
    score = line(ax, "score").get_ydata()
    assert score[~np.isnan(score)].tolist() == [55, 65] and ax.get_ylabel() == "score (0–100)"
    ax.clear()
    history.draw_backtest_trend(ax, cycles())
    rate = line(ax, "net win rate").get_ydata()
    assert rate[~np.isnan(rate)].tolist() == [45, 46, 47, 48]
    assert ax.get_title(loc="left").endswith("n 4 cycles")


def test_evidence_has_lessons_as_steps_and_the_nearest_candidate_s_share(ax):
    history.draw_evidence_trend(ax, cycles())
    share = line(ax, "nearest candidate (left)").get_ydata()
    assert share[~np.isnan(share)].tolist() == [0.4, 0.2] and ax.get_ylim() == (0, 1.05)
    right = next(other for other in ax.figure.axes if other is not ax)
    drawn = {steps.get_label(): steps.get_ydata() for steps in right.lines}
    known = {label: values[~np.isnan(values)].tolist() for label, values in drawn.items()}
    assert known == {"to act on (right)": [0, 2], "proven (right)": [0, 1, 3]}
    assert {steps.get_drawstyle() for steps in right.lines} == {"steps-post"}
    assert right.get_ylim()[0] == 0 and all(tick == int(tick) for tick in right.get_yticks())
    assert ax.get_title(loc="left").endswith("n 3 cycles")
    assert len(ax.get_legend().get_texts()) == 3
    ax.figure.canvas.draw()


def test_rows_out_of_order_are_drawn_in_order(ax):
    history.draw_backtest_trend(ax, cycles().iloc[::-1])
    x = line(ax, "net win rate").get_xdata()
    assert (np.diff(x[~np.isnan(x)]) > 0).all()


@pytest.mark.parametrize(
    "draw",
    [
        history.draw_win_rate_trend,
        history.draw_score_trend,
        history.draw_evidence_trend,
    ],
)
def test_one_cycle_is_no_trend(ax, draw):
    draw(ax, cycles().iloc[[1]])
    assert ax.texts[0].get_text() == "one cycle is no trend yet" and not ax.lines


def test_the_legend_names_no_line_between_cycles_that_are_too_far_apart(ax):
    history.draw_score_trend(ax, cycles().iloc[[1, 3]])
    assert line(ax, "score").get_linestyle() == "None"
    assert ax.figure.alt == "Scalper score, 0 to 100: from 55 to 65 over 2 cycles."


@pytest.mark.parametrize(
    "draw",
    [
        history.draw_win_rate_trend,
        history.draw_score_trend,
        history.draw_evidence_trend,
        history.draw_backtest_trend,
    ],
)
def test_no_cycles_is_said(ax, draw):
    for none in (None, cycles().head(0), trends([])):
        ax.clear()
        draw(ax, none)
        assert ax.texts[0].get_text().startswith("no cycle")


def test_the_columns_are_those_of_the_history():
    known = {
        name for name in history.COLUMNS if not name.startswith("backtest_win_rate_") and name != "backtest_n"
    }
    assert known <= set(trends([]).columns)
