from __future__ import annotations

import numpy as np
import pytest

from lib.contract.smart_backtest import GridCell
from lib.draw import style
from lib.draw.grid import LOSS_TO_GAIN, draw_grid, grid_sentence
from lib.draw.style import ink_on


def cell(target: float, stop: float, mean: float | None, total: int = 10, won: float = 60.0) -> GridCell:
    return GridCell(
        target_pct=target,
        stop_pct=stop,
        total_trades=total,
        win_rate=won if total else None,
        breakeven_win_rate=57.8,
        net_mean_pct=mean,
        total_pnl_pct=0.0 if mean is None else mean * total,
    )


def test_cells_lie_at_their_target_and_stop_whatever_their_order(ax):
    draw_grid(
        ax, [cell(0.4, 0.2, -0.03), cell(0.3, 0.1, 0.01), cell(0.4, 0.1, 0.02, 30), cell(0.3, 0.2, None, 0)]
    )
    shown = ax.images[0].get_array()
    assert shown[0].tolist() == [0.01, 0.02] and shown[1][1] == -0.03 and np.isnan(shown.data[1][0])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0.3", "0.4"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["0.1", "0.2"]
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (1, 1): "−3",
        (0, 0): "+1",
        (1, 0): "+2",
        (0, 1): "–",
    }
    assert ax.get_title(loc="left").endswith("0.01 % a trade, n 0–30 a pair")
    assert "%" in ax.get_xlabel() and "%" in ax.get_ylabel()


def test_a_gain_that_is_next_to_nothing_is_not_shown_as_none(ax):
    draw_grid(ax, [cell(0.3, 0.1, 0.0044), cell(0.4, 0.1, -0.0951), cell(0.5, 0.1, 0.0)])
    assert [text.get_text() for text in ax.texts] == ["+0.4", "−10", "0"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([cell(0.3, 0.1, -0.1), cell(0.4, 0.1, -0.1)], "2 of 2 pairs lost"),
        ([cell(0.3, 0.1, -0.1), cell(0.4, 0.1, 0.1)], "1 of 2 pairs lost; the one gain is within chance"),
        (
            [cell(0.3, 0.1, 0.0), cell(0.4, 0.1, 0.1), cell(0.5, 0.1, 0.1)],
            "0 of 3 pairs lost; the two gains are within chance",
        ),
        (
            # Of 40 trades 31 won: 62 to 88 % by Wilson, above the 57.8 % needed; of 10 six are 31 to 83 %.
            [cell(0.3, 0.1, -0.1), cell(0.4, 0.1, 0.1, 40, 77.5), cell(0.5, 0.1, 0.1)],
            "1 of 3 pairs lost; of 2 that gained 1 is clear of chance, each taken alone",
        ),
        ([cell(0.3, 0.1, 0.4, 4, 100.0), cell(0.4, 0.1, -0.1)], "1 of 1 pairs lost"),
    ],
)
def test_the_title_says_how_many_lost_and_whether_gains_are_chance(ax, cells, said):
    assert grid_sentence(cells) == said
    draw_grid(ax, cells)
    assert ax.get_title(loc="left").startswith(said) and said in ax.figure.alt
    ax.clear()
    draw_grid(ax, cells, heading="At hold 45 min", tried=900)
    assert ax.get_title(loc="left").startswith("At hold 45 min") and "of 900 tried" in ax.get_title(
        loc="left"
    )


def test_the_legend_names_what_is_there(ax):
    for means, shown in (((0.01, -0.01), ["loss", "gain"]), ((-0.02, -0.01), ["loss"])):
        ax.clear()
        draw_grid(ax, [cell(0.3, 0.1, means[0]), cell(0.4, 0.1, means[1])], standard=None)
        assert [text.get_text() for text in ax.get_legend().get_texts()] == shown


@pytest.mark.parametrize(
    ("standard", "framed"), [((0.4, 0.1), [(0.55, -0.45)]), ((0.35, 0.1), []), (None, [])]
)
def test_the_exits_that_are_named_are_framed_where_there_is_such_a_cell(ax, standard, framed):
    draw_grid(ax, [cell(0.3, 0.1, -0.01), cell(0.4, 0.1, -0.02)], standard=standard)
    assert [patch.get_xy() for patch in ax.patches] == framed
    told = [text.get_text() for text in ax.get_legend().get_texts()]
    assert told == ["loss"] + ["standard exits"] * len(framed)


def test_dark_figures_stand_out_on_every_shade(ax):
    assert {ink_on(LOSS_TO_GAIN(share)) for share in np.linspace(0, 1, 101)} == {style.INK}
    draw_grid(ax, [cell(0.3, 0.1, -0.05), cell(0.6, 0.1, 0.05)])
    assert {text.get_color() for text in ax.texts} == {style.INK}


def test_colours_reach_equally_far_both_ways(ax):
    draw_grid(ax, [cell(0.3, 0.1, 0.01), cell(0.4, 0.1, -0.05)])
    norm = ax.images[0].norm
    assert (norm.vmin, norm.vmax) == (-0.05, 0.05)


def test_empty_grid_is_said(ax):
    for grid in (None, [], [cell(0.3, 0.1, None, 0)]):
        ax.clear()
        draw_grid(ax, grid)
        assert ax.texts[0].get_text() == "no trades in this window"
