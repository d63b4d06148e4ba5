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
    assert [text.get_text() for text in ax.get_yticklabels()] == ["B\nn 5", "A\nn 20"]
    assert ax.get_title(loc="left") == "Win rate by group  ·  n 25" and "%" in ax.get_xlabel()


def test_groups_beyond_the_most_are_left_out_and_that_is_said(ax):
    many = [group(f"G{place}", place, 0) for place in range(3, 9)]
    groups.draw_win_rates(ax, many, most=3, heading="Setups")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["G8\nn 8", "G7\nn 7", "G6\nn 6"]
    assert ax.get_title(loc="left") == "Setups  ·  n 26"
    assert ax.figure.alt.endswith("; 3 groups left out.")


def test_a_dict_names_its_groups(ax):
    groups.draw_win_rates(ax, {"LONG": stats(10, 5), "SHORT": stats(0, 0)})
    assert [text.get_text() for text in ax.get_yticklabels()] == ["LONG\nn 10"]


def test_a_group_that_says_nothing_is_not_drawn(ax):
    groups.draw_win_rates(ax, [group("few", 4, 4), group("many", 5, 1)])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["many\nn 5"]
    ax.clear()
    groups.draw_win_rates(ax, [group("few", 4, 4)])
    assert ax.texts[0].get_text() == "no group has 5 trades"


def test_no_groups_is_said(ax):
    groups.draw_win_rates(ax, None)
    assert ax.texts[0].get_text() == "no trades in this window" and "n 0" in ax.get_title(loc="left")
