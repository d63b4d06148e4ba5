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
        list(line.get_xdata()) == [57.8, 57.8] and line.get_label() == "break-even of the trades 57.8 %"
        for line in ax.lines
    )
    assert [text.get_text() for text in ax.get_yticklabels()] == ["B\nn 5", "A\nn 20"]
    assert ax.get_title(loc="left") == "Win rate by group  ·  n 25" and "%" in ax.get_xlabel()


def test_groups_beyond_the_most_are_left_out_and_that_is_said(ax):
    many = [group(f"G{place}", place, 0) for place in range(3, 9)]
    groups.draw_win_rates(ax, many, most=3, heading="Setups")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["G8\nn 8", "G7\nn 7", "G6\nn 6"]
    assert ax.get_title(loc="left") == "Setups  ·  21 of 33 trades"
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


def test_what_is_clear_of_break_even_is_said_first_and_what_is_not_drawn_last():
    found = [
        group("A", 17, 13, low=55, high=90),
        group("B", 8, 1, low=2, high=47),
        group("C", 9, 5, low=20, high=80),
        group("few", 4, 4),
        group("fewer", 3, 0),
    ]
    assert groups.setups_finding(found, 54.4) == [
        "In this window A won 76.5 % (n 17, 55–90), clearly more; B won 12.5 % (n 8, 2–47), clearly less than the 54.4 % that these "
        "trades need to break even. "
        "By its win rate that cannot be said of the other one drawn.",
        "7 trades in 2 setups of fewer than 5 each are not drawn: so few say nothing.",
    ]
    assert groups.setups_finding(found[2:3], 54.4) == [
        "No setup is told apart from the 54.4 % that these trades need to break even, by the 95 % intervals of this window."
    ]
    assert groups.setups_finding(found[3:4], 54.4) == [
        "4 trades in 1 setup of fewer than 5 each are not drawn: so few say nothing."
    ]
    many = [group(f"S{place}", 20, 1, low=1, high=24) for place in range(5)]
    assert groups.setups_finding(many, 54.4)[0].endswith(
        "S2 won 5.0 % (n 20, 1–24), clearly less than the 54.4 % that these trades need to break even; 2 more are clear of it too."
    )
    assert groups.setups_finding([], None) == ["No trade was closed in this window."]


def meant(total: int, mean: float, low: float | None, high: float | None):
    return stats(total, 1).model_copy(
        update={"episodes": total, "net_mean_pct": mean, "net_low_pct": low, "net_high_pct": high}
    )


def test_a_habit_is_worse_only_where_the_intervals_part():
    asked, conflict = "whether it is worse", ("in conflict", meant(11, -0.2, -0.29, -0.108))
    assert groups.habit_sentence(asked, conflict, ("that agree", meant(25, 0.03, -0.063, 0.123))) == (
        "In this window entries in conflict did worse than those that agree: −0.200 % on average (n 11, −0.290 to −0.108) against "
        "+0.030 % on average (n 25, −0.063 to +0.123)."
    )
    assert "did better than" in groups.habit_sentence(
        asked, ("a", meant(9, 0.2, 0.1, 0.3)), ("b", conflict[1])
    )
    meets = groups.habit_sentence(asked, conflict, ("that agree", meant(25, 0.03, -0.108, 0.123)))
    assert (
        meets
        == "It cannot be told whether it is worse: the intervals of the means meet (n 11 in conflict, 25 that agree)."
    )
    few = groups.habit_sentence(asked, conflict, ("with a wick", meant(2, 0.0, None, None)))
    assert few == "It cannot be told whether it is worse: n 11 in conflict, 2 with a wick."
