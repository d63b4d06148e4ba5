from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lib.analysis.sweep import Luck, Sweep
from lib.analysis.sweep_candidates import SweepSpace
from lib.analysis.walkforward import SCORES, WalkForward
from lib.draw import sweep as draw
from lib.draw.style import new_axes_grid
from lib.stats.deflated import Deflated

SPACE = SweepSpace((0.2, 0.3), (0.1, 0.15), (45.0,), (0.0, 20.0), ((), (0.3, 0.8)))


def made(traded: bool = True) -> Sweep:
    """Sixteen combinations; the net mean is -.16, -.15 … -.01, the Sharpe ratio ten times that."""
    table = SPACE.combinations()
    mean = np.arange(-16, 0) / 100 if traded else np.full(16, np.nan)
    table["trades"], table["open"], table["ambiguous"] = (40 if traded else 0), 0, 3
    table["win_rate"], table["net_mean_pct"], table["total_pct"] = 40.0, mean, np.nan_to_num(mean * 40)
    table["sharpe"], table["skew"], table["kurtosis"] = mean * 10, 0.0, 3.0
    return Sweep(table, periods=50 if traded else 0, mean_correlation=-0.25, signals=99, gap=4)


def walked(folds: int = 2) -> WalkForward:
    table = made().table[["target_pct", "stop_pct", "hold_minutes", "spacing_minutes", "wick", *SCORES]]
    pairs = []
    for number in range(1, folds + 1):
        pair = table.drop(columns=SCORES).assign(fold=number)
        for name in SCORES:
            pair[f"in_{name}"] = table[name]
            # The best in sample is the worst out of sample.
            pair[f"out_{name}"] = table[name][::-1].to_numpy()
        pairs.append(pair)
    moments = pd.date_range("2025-06-01", periods=3, freq="D", tz="UTC")
    names = ("train_from", "split", "test_until")
    chosen = [
        {**dict(zip(names, moments, strict=True)), **pair.iloc[-1], "out_median_pct": -0.085}
        for pair in pairs
    ]
    columns = [*names, *pairs[0].columns, "out_median_pct"] if pairs else [*names, "split"]
    return WalkForward(
        folds=pd.DataFrame(chosen, columns=columns),
        pairs=pd.concat(pairs)
        if pairs
        else pd.DataFrame(columns=["fold", "in_net_mean_pct", "out_net_mean_pct"]),
        train_days=4.0,
        test_days=2.0,
    )


def luck() -> Luck:
    deflated = Deflated(sharpe=-0.1, expected_maximum=0.4, probability=0.0123, trials=16)
    return Luck(made().table.iloc[-1], deflated, None)


@pytest.fixture
def five():
    axes = new_axes_grid(5, height=8.0)
    yield axes
    axes[0].figure.canvas.draw()
    plt.close("all")


def test_the_grid_is_that_of_the_chosen_others_and_says_of_how_many(ax):
    draw.draw_target_stop(ax, made(), 45.0, 20.0, "0.3–0.8")
    shown = ax.images[0].get_array()
    # Rows are stops, columns targets; of each four with the same exits the last: -.13, -.05 at .1, -.09, -.01 at .15.
    assert shown.tolist() == [[-0.13, -0.05], [-0.09, -0.01]]
    heading = ax.get_title(loc="left")
    assert "hold 45 min, spacing 20 min, wick 0.3–0.8 %" in heading and "4 of 16 tried" in heading
    ax.clear()
    draw.draw_target_stop(ax, made(), 45.0, 0.0, "none")
    assert "no wick asked" in ax.get_title(loc="left")


def test_values_that_were_not_swept_are_said_to_be_absent(ax):
    draw.draw_target_stop(ax, made(), 15.0, 20.0, "none")
    assert ax.texts[0].get_text() == "no trades in this window"


def test_medians_of_each_value_on_one_scale(five):
    draw.draw_by_value(five, made())
    # Targets .2 and .3: the first and the last eight of -.16 … -.01.
    assert five[0].lines[0].get_ydata().tolist() == pytest.approx([-0.125, -0.045])
    assert [text.get_text() for text in five[4].get_xticklabels()] == ["none", "0.3–0.8"]
    assert len({ax.get_ylim() for ax in five}) == 1


def test_nothing_traded_by_value(five):
    draw.draw_by_value(five, made(traded=False))
    assert {ax.texts[0].get_text() for ax in five} == {"no trades"}


def test_the_best_stands_beside_what_luck_would_reach(ax):
    draw.draw_luck(ax, made(), luck())
    assert [line.get_xdata()[0] for line in ax.lines[:2]] == [-0.1, 0.4]
    assert sum(patch.get_height() for patch in ax.patches) == 16
    ax.clear()
    draw.draw_luck(ax, made(traded=False), None)
    assert ax.texts[0].get_text() == "no combination has enough trades"


def test_in_and_out_of_sample(ax):
    found = walked()
    assert found.rank_correlation == pytest.approx(-1.0)
    draw.draw_in_and_out(ax, found)
    assert len(ax.collections[0].get_offsets()) == 32
    assert ax.collections[1].get_offsets().tolist() == [[-0.01, -0.16], [-0.01, -0.16]]
    assert "rank correlation −1.00" in ax.get_title(loc="left")


def test_fold_by_fold(ax):
    draw.draw_forward(ax, walked(3))
    drawn = [line.get_ydata().tolist() for line in ax.lines[:3]]
    assert drawn == [[-0.01] * 3, [-0.16] * 3, [-0.085] * 3]
    assert ax.get_xticklabels()[0].get_text() == "02 Jun\nn 40"


def test_a_market_too_short_for_a_fold_is_said(ax):
    for figure in (draw.draw_in_and_out, draw.draw_forward):
        ax.clear()
        figure(ax, walked(0))
        assert ax.texts[0].get_text() == "a fold needs 6 days of candles"
    assert draw.show_folds(walked(0)).frame.empty


def test_tables_say_how_many_were_tried():
    shown = draw.show_best(luck()).frame.set_index("what")["value"]
    assert shown["deflated Sharpe ratio, every combination a trial"] == (
        "1.2 % likely better than luck (Sharpe −0.100 against 0.400 expected of luck; n 16 trials)"
    )
    assert shown["deflated, for as many as their correlation leaves"] == "not defined: too few periods"
    assert shown["net mean per trade"] == "−0.010 % (n 40)"
    assert draw.show_best(None).frame.empty
    row = draw.show_folds(walked(1)).frame.iloc[0]
    assert row["chosen: target / stop / hold / spacing / wick"] == "0.3 / 0.15 / 45 / 20 / 0.3–0.8"
    assert (row["in sample"], row["out of sample"]) == ("−0.010 % (n 40)", "−0.160 % (n 40)")
