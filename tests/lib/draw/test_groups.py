from __future__ import annotations

from lib.draw import groups
from tests.lib.draw.made import group, stats


def test_dots_intervals_breakeven_and_n(ax):
    groups.draw_win_rates(
        ax, [group("A", 20, 8, low=20, high=60), group("B", 5, 4, low=30, high=95)], breakeven=57.8
    )
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    intervals = [
        list(line.get_xdata())
        for line in ax.lines
        if len(line.get_xdata()) == 2 and line.get_label().startswith("_")
    ]
    assert sorted(float(dot.get_xdata()[0]) for dot in dots) == [40, 80]
    assert [20, 60] in intervals and [30, 95] in intervals
    assert any(
        list(line.get_xdata()) == [57.8, 57.8] and line.get_label() == "break-even 57.8 %"
        for line in ax.lines
    )
    # Fewer than ten trades: hollow.
    assert {float(dot.get_xdata()[0]): dot.get_markerfacecolor() == "white" for dot in dots} == {
        40: False,
        80: True,
    }
    assert [text.get_text() for text in ax.get_yticklabels()] == ["B   n 5", "A   n 20"]
    assert ax.get_title(loc="left") == "Win rate by group  ·  n 25" and "%" in ax.get_xlabel()


def test_groups_beyond_the_most_are_left_out_and_that_is_said(ax):
    many = [group(f"G{place}", place, 0) for place in range(1, 6)]
    groups.draw_win_rates(ax, many, most=3, heading="Setups")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["G5   n 5", "G4   n 4", "G3   n 3"]
    assert ax.get_title(loc="left") == "Setups (3 of 5)  ·  n 15"


def test_a_dict_names_its_groups(ax):
    groups.draw_win_rates(ax, {"LONG": stats(10, 5), "SHORT": stats(0, 0)})
    assert [text.get_text() for text in ax.get_yticklabels()] == ["LONG   n 10"]


def test_bars_are_dollars_with_n(ax):
    groups.draw_pnl_bars(ax, [group("x", 4, 1, -2.5), group("y", 2, 2, 3.0)], heading="P&L", xlabel="thing")
    assert [bar.get_height() for bar in ax.containers[0]] == [-2.5, 3.0]
    assert [bar.get_hatch() for bar in ax.containers[0]] == ["////", None]
    assert {text.get_text() for text in ax.texts} == {"−$2.50\nn 4, 25 % won", "+$3.00\nn 2, 100 % won"}
    assert ax.get_title(loc="left") == "P&L  ·  n 6" and ax.get_ylabel() == "net P&L ($ per 1 coin)"
    assert any(list(line.get_ydata()) == [0, 0] for line in ax.lines)


def test_no_groups_is_said(ax):
    groups.draw_win_rates(ax, None)
    assert ax.texts[0].get_text() == "no trades in this window" and "n 0" in ax.get_title(loc="left")
