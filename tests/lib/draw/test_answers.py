"""The answer to "does confidence mean anything" goes by intervals, and its picture draws the one series that there is more of."""

from __future__ import annotations

import numpy as np
import pytest

from lib.draw import answers
from tests.lib.draw.made import group


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("≥ 0.85", (85, 100)),
        ("0.75–0.85", (75, 85)),
        ("< 0.75", (50, 75)),
        ("< 0.40", (0, 40)),
        (".75-.85", (75, 85)),
        ("unknown", None),
    ],
)
def test_bounds_of_bands(name, bounds):
    assert answers.band_bounds(name) == bounds


def bands(high: tuple[float, float, float], low: tuple[float, float, float], n: int = 20):
    """Two bands: the win rate of each with its interval, percent."""
    return [
        group(name, n, round(rate * n / 100), low=bottom, high=top)
        for name, (rate, bottom, top) in (("≥ 0.85", high), ("< 0.75", low))
    ]


@pytest.mark.parametrize(
    ("executed", "said"),
    [
        (None, "there is no trade and no answer"),
        ([group("≥ 0.85", 4, 2)], "no band of confidence has 5 executed trades."),
        ([group("≥ 0.85", 9, 2, low=30, high=90)], "only one band of confidence has 5 executed trades."),
        (
            bands((60, 40, 86), (45, 28, 65)),
            "It cannot be told: by the 95 % intervals no band of confidence is clear of another, and none of what it promises (n 40).",
        ),
        (
            bands((90, 70, 97), (55, 30, 69)),
            "Yes: more confidence won more often in this window. Executed trades at ≥ 0.85 won 90.0 % (n 20, 70–97), those at < 0.75 won "
            "55.0 % (n 20, 30–69); the intervals do not meet.",
        ),
        (
            bands((20, 8, 41), (65, 43, 81)),
            "No: more confidence won less often in this window. Executed trades at ≥ 0.85 won 20.0 % (n 20, 8–41), those at < 0.75 won "
            "65.0 % (n 20, 43–81); the intervals do not meet. Executed trades at ≥ 0.85 won 20.0 % (n 20, 8–41), less than the 85–100 % "
            "that they promise.",
        ),
        (
            bands((60, 40, 80), (55, 30, 69)),
            "It cannot be told: by the 95 % intervals no band of confidence is clear of another (n 40). Executed trades at ≥ 0.85 won "
            "60.0 % (n 20, 40–80), less than the 85–100 % that they promise.",
        ),
    ],
)
def test_the_answer_goes_by_the_intervals(executed, said):
    told = answers.calibration_finding(executed)
    assert said in told[0]
    assert len(told) == (1 if executed is None or ("no band" in said and len(executed) == 1) else 2)


def test_bands_that_all_fall_short_are_an_answer():
    told = answers.calibration_finding(bands((40, 30, 55), (38, 25, 49)))[0]
    assert told.startswith(
        "No: every band of confidence won less than it promises, and none is clear of another (n 40). Executed"
    )
    assert told.count("that they promise") == 2


def test_intervals_that_touch_are_not_apart():
    assert answers.calibration_finding(bands((90, 69, 97), (55, 30, 69)))[0].startswith("It cannot be told")


def test_what_there_is_more_of_is_drawn_and_that_is_said(ax):
    executed = [group("≥ 0.85", 18, 9, low=29, high=71), group("< 0.75", 0, 0)]
    scored = [group("≥ 0.85", 20, 5, low=10, high=47), group("< 0.75", 90, 27, low=21, high=40)]
    assert (
        "Drawn are the 110 answers to enter, executed or not"
        in answers.calibration_finding(executed, scored)[1]
    )
    answers.draw_calibration(ax, executed, scored)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["< 0.75\nn 90", "≥ 0.85\nn 20"]
    drawn = [(box.lines[0].get_xdata()[0], box.lines[0].get_ydata()[0]) for box in ax.containers]
    assert drawn == [(0, 30), (1, 25)]
    assert ax.get_title(loc="left").endswith("n 110 answers")
    ax.clear()
    answers.draw_calibration(ax, executed, [group("≥ 0.85", 18, 5)])
    assert ax.get_title(loc="left").endswith("n 18 executed trades"), "of as many those that happened"


def test_calibration_has_rate_interval_and_promise(ax):
    found = [
        group("≥ 0.85", 18, 9, low=29, high=71),
        group("< 0.75", 8, 2, low=5, high=70),
        group("unknown", 4, 1),
    ]
    answers.draw_calibration(ax, found, breakeven=52.0)
    assert [text.get_text() for text in ax.get_xticklabels()] == [
        "< 0.75\nn 8",
        "≥ 0.85\nn 18",
        "unknown\nn 4: too few",
    ]
    rates = [container.lines[0].get_ydata()[0] for container in ax.containers]
    assert rates == [25, 50], "four trades say nothing of a rate"
    assert [text.xy for text in ax.texts] == [(0, 25), (1, 50)], "a figure stands at its dot"
    interval = ax.containers[1].lines[2][0].get_segments()[0][:, 1]
    assert np.allclose(interval, [29, 71])
    promised = [(patch.get_y(), patch.get_height()) for patch in ax.patches]
    assert promised == [(50, 25), (85, 15)]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "promised win rate" in legend
    assert ax.get_title(loc="left").endswith("n 30 executed trades") and "%" in ax.get_ylabel()


@pytest.mark.parametrize("none", [None, []])
def test_nothing_to_draw_is_said(ax, none):
    assert answers.draw_calibration(ax, none) is ax
    assert ax.texts[0].get_text() == "no trades in this window" and "n 0" in ax.get_title(loc="left")


def test_the_table_has_both_series():
    table = answers.show_calibration([group("≥ 0.85", 18, 9)], None)
    assert "executed, won (95 %)" in repr(table) and table.frame.iloc[0, 3] == "–"
