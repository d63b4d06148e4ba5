from __future__ import annotations

import pytest
from matplotlib.colors import to_hex

from lib.contract.dollars import Coin
from lib.contract.optimal_vs_actual import (
    Ceiling,
    GapPart,
    Learnable,
    OptimalComparison,
    SetupTrades,
    ShiftedTotals,
)
from lib.draw import optimal_vs_actual as optimal
from lib.draw import style
from lib.draw.summaries import show_optima


def comparison(**changes) -> OptimalComparison:
    figures = {
        "optimal_trades": 5,
        "optimal_pnl": 30.0,
        "optimal_pnl_pct": 1.5,
        "optimal_win_rate": 100.0,
        "actual_trades": 3,
        "actual_pnl": -10.0,
        "actual_pnl_pct": -0.5,
        "actual_win_rate": 33.3,
        "matched_trades": 1,
        "missed_opportunities": 4,
        "false_entries": 2,
        "missed_pnl": 35.0,
        "gap_pnl": 40.0,
        "gap_parts": [
            GapPart(name="missed", count=4, pnl=35.0),
            GapPart(name="early_exit", count=1, pnl=-3.0),
            GapPart(name="false_entry", count=2, pnl=8.0),
        ],
        "ceiling": Ceiling(trades=9, pnl=60.0, pnl_pct=3.0),
        "optimal_null": ShiftedTotals(mean=1.0, p5=0.4, p95=1.4, shifts=200),
        "optimal_rank": 0.97,
        "events": 12,
        "selection": SetupTrades(
            trades=4,
            pnl=14.0,
            pnl_pct=0.7,
            null=ShiftedTotals(mean=0.6, p5=0.2, p95=1.1, shifts=200),
            rank=0.6,
        ),
        "learnable": Learnable(
            trades=0, pnl=0.0, pnl_pct=0.0, signatures=[], past_events=40, past_signatures=3
        ),
        "optimal_patterns": [],
    }
    return OptimalComparison(**(figures | changes))


def test_waterfall_leads_from_actual_to_optimum(ax):
    optimal.draw_gap_parts(ax, comparison())
    bars = [(patch.get_x(), patch.get_width()) for patch in ax.patches]
    # Actual −10; missed −10 → 25; early exit 25 → 22; false entries 22 → 30; optimum 30.
    assert bars == [(0, -10), (-10, 35), (25, -3), (22, 8), (0, 30)]
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert (names[0], names[1], names[-1]) == (
        "what was made, n 3",
        "perfect trades missed, n 4",
        "perfect timing, n 5",
    )
    assert {text.get_text() for text in ax.texts} == {"−$10", "+$35", "−$3", "+$8", "+$30"}
    assert ax.get_title(loc="left").endswith("+$40.00") and "only hindsight" in ax.figure.alt


def test_the_legend_says_what_filled_and_hatched_mean(ax):
    optimal.draw_gap_parts(ax, comparison())
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["perfect timing did better", "the trades did better"]
    ax.clear()
    optimal.draw_gap_parts(ax, comparison(gap_parts=[GapPart(name="missed", count=4, pnl=40.0)]))
    assert len(ax.get_legend().get_texts()) == 1


def test_figures_stand_on_white_over_the_zero_line(ax):
    optimal.draw_gap_parts(ax, comparison())
    zero = next(line for line in ax.lines if line.get_label() == "_zero")
    for text in ax.texts:
        assert (
            text.get_bbox_patch().get_facecolor()[:3] == (1, 1, 1) and text.get_zorder() > zero.get_zorder()
        )


def test_each_figure_is_a_bar_and_the_same_at_other_times_lies_below_it(ax):
    optimal.draw_setup_trades(ax, comparison())
    assert [patch.get_width() for patch in ax.patches] == [-10.0, 0.0, 14.0, 30.0]
    colours = [to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    assert colours == [style.NEUTRAL, style.NEUTRAL, style.OPTIMUM, style.OPTIMUM], "as in the gap's bars"
    bands = [
        list(line.get_xdata())
        for line in ax.lines
        if len(line.get_xdata()) == 2 and line.get_linewidth() == 3
    ]
    # Perfect timing makes 20 dollars a percent: at that the other times are drawn.
    assert bands == [pytest.approx([4, 22]), pytest.approx([8, 28])]
    assert [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "|"] == pytest.approx([12, 20])
    assert [text.get_text() for text in ax.texts] == ["−$10", "nothing", "+$14", "+$30"]
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names[0] == "made, n 3" and names[1] == "had paid before"
    assert names[2].startswith("hindsight") and names[3].startswith("hindsight")
    assert "nobody can have it" in ax.get_legend().get_texts()[0].get_text()
    assert (
        "hindsight, perfect timing +$30.00 in 5 trades (+1.50 %, at other times +1.00 % on average)"
        in ax.figure.alt
    )
    assert ax.get_title(loc="left").endswith("n 12 setups") and "$ per 1 coin" in ax.get_xlabel()


def test_without_shifts_the_figures_stand_alone(ax):
    optimal.draw_setup_trades(ax, comparison(optimal_null=None, selection=None, learnable=None))
    assert len(ax.patches) == 2 and len(ax.get_legend().get_texts()) == 1
    ax.clear()
    optimal.draw_setup_trades(ax, comparison(optimal_pnl=0.0, optimal_pnl_pct=0.0))
    assert not [line for line in ax.lines if line.get_linewidth() == 3], (
        "no price is known to draw other times at"
    )


def test_nothing_to_draw_is_said(ax):
    none = comparison(optimal_trades=0, actual_trades=0, events=0, gap_parts=[])
    for draw, given in (
        (optimal.draw_gap_parts, None),
        (optimal.draw_gap_parts, none),
        (optimal.draw_setup_trades, none),
    ):
        ax.clear()
        draw(ax, given)
        assert "in this window" in ax.texts[0].get_text()


def test_the_table_says_better_than_how_many_other_times_and_has_no_ceiling():
    folded = show_optima(comparison(), "your trades", Coin("ETH"))
    (told, table) = folded.parts
    assert "above 95 %" in repr(told)
    assert table.frame["what"].tolist() == [
        "hindsight, perfect timing of the setups",
        "hindsight, best choice with standard exits",
        "setups that had paid before, at every signal",
        "your trades",
    ]
    assert table.frame["better than"].tolist() == ["97 % of these times", "60 % of these times", "–", "–"]
    assert table.frame.iloc[0, 3] == "+1.00 % (+0.40 to +1.40; 200 times tried)"
