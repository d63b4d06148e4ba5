from __future__ import annotations

import numpy as np
import pytest

from lib.contract.smart_backtest import GridCell
from lib.draw import style
from lib.draw.grid import draw_grid, outline


def cell(target: float, stop: float, mean: float | None, total: int = 10) -> GridCell:
    return GridCell(
        target_pct=target,
        stop_pct=stop,
        total_trades=total,
        win_rate=60.0 if total else None,
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
    written = {
        (text.get_position()[0], round(text.get_position()[1])): text.get_text() for text in ax.texts[1::2]
    }
    assert written == {
        (1, 1): "n 10",
        (0, 0): "n 10",
        (1, 0): "n 30",
        (0, 1): "n 0",
    }
    assert "n 0–30 a cell, 4 cells tried" in ax.get_title(loc="left")
    assert "%" in ax.get_xlabel() and "%" in ax.get_ylabel()


def test_cells_that_broke_even_are_enclosed(ax):
    draw_grid(ax, [cell(0.3, 0.1, 0.0), cell(0.4, 0.1, -0.01)], standard=None)
    edges = next(artist for artist in ax.collections if artist.get_label() == "_breakeven").get_segments()
    assert len(edges) == 4 and {float(x) for edge in edges for x in edge[:, 0]} == {-0.5, 0.5}


def test_the_legend_names_what_is_there(ax):
    for means, named in (((0.01, -0.01), ["break-even or better"]), ((-0.02, -0.01), [])):
        ax.clear()
        draw_grid(ax, [cell(0.3, 0.1, means[0]), cell(0.4, 0.1, means[1])], standard=None)
        legend = ax.get_legend()
        assert [text.get_text() for text in legend.get_texts()] == named if named else legend is None


@pytest.mark.parametrize(
    ("standard", "framed"), [((0.4, 0.1), [(0.55, -0.45)]), ((0.35, 0.1), []), (None, [])]
)
def test_the_exits_that_are_named_are_framed_where_there_is_such_a_cell(ax, standard, framed):
    draw_grid(ax, [cell(0.3, 0.1, -0.01), cell(0.4, 0.1, -0.02)], standard=standard)
    assert [patch.get_xy() for patch in ax.patches] == framed
    told = [text.get_text() for text in ax.get_legend().get_texts()] if ax.get_legend() else []
    assert told == ["standard exits"] * len(framed)


def test_figures_are_white_on_deep_colours_only(ax):
    draw_grid(
        ax, [cell(0.3, 0.1, -0.05), cell(0.4, 0.1, -0.035), cell(0.5, 0.1, -0.01), cell(0.6, 0.1, 0.05)]
    )
    assert [text.get_color() for text in ax.texts[::2]] == ["white", style.INK, style.INK, "white"]


def test_neighbours_share_one_outline():
    # Two cells side by side: six outer edges, none between them.
    edges = outline(np.array([[True, True]]))
    assert len(edges) == 6 and ((0.5, -0.5), (0.5, 0.5)) not in edges


def test_colours_reach_equally_far_both_ways(ax):
    draw_grid(ax, [cell(0.3, 0.1, 0.01), cell(0.4, 0.1, -0.05)])
    norm = ax.images[0].norm
    assert (norm.vmin, norm.vmax) == (-0.05, 0.05)


def test_empty_grid_is_said(ax):
    for grid in (None, [], [cell(0.3, 0.1, None, 0)]):
        ax.clear()
        draw_grid(ax, grid)
        assert ax.texts[0].get_text() == "no trades in this window"
