from __future__ import annotations

import pandas as pd

from lib.stats.groups import (
    group_stats,
    named_groups,
    round_dollars,
    round_percent,
    round_rate,
    signature_stats,
)
from tests.lib.contract.made import trades


def test_rounding_for_publication():
    assert (round_rate(44.444), round_dollars(1.005001), round_percent(0.123456)) == (44.4, 1.01, 0.1235)
    assert round_rate(None) is None and round_dollars(float("nan")) is None
    assert str(round_percent(-0.00001)) == "0.0"


def test_figures_of_three_trades_in_two_episodes():
    # Net +.10, +.30 (one episode, mean .20) and −.20: sum .20 % and $2 at 10 dollars a point.
    # Episode means .20 and −.20: mean 0, sd .2828, t(.975, 1) = 12.706: half width 12.706 · .2 = 2.5412
    stats = group_stats(trades([0.1, 0.3, -0.2]).assign(episode=[4, 4, 9]))
    assert (stats.total, stats.wins, stats.win_rate, stats.episodes) == (3, 2, 66.7, 2)
    assert (stats.total_pnl, stats.total_pnl_pct, stats.avg_pnl) == (2.0, 0.2, 0.67)
    assert (stats.net_mean_pct, stats.net_low_pct, stats.net_high_pct) == (0.0, -2.5412, 2.5412)
    # Wilson, 2 of 3: 20.8 to 93.9
    assert (stats.win_rate_low, stats.win_rate_high) == (20.8, 93.9)


def test_no_trades():
    stats = group_stats(trades([]))
    assert (stats.total, stats.wins, stats.episodes, stats.total_pnl) == (0, 0, 0, 0.0)
    assert stats.win_rate is stats.win_rate_low is stats.avg_pnl is stats.net_mean_pct is None


def test_signatures_by_size_then_name_and_none_lost():
    names = ["SHORT_MIXED", "LONG_MIXED", "LONG_BOTH_GREEN", "LONG_BOTH_GREEN"]
    found = signature_stats(trades([0.1, -0.1, 0.2, 0.3], signature=pd.array(names, dtype="str")))
    assert [(group.signature, group.total) for group in found] == [
        ("LONG_BOTH_GREEN", 2),
        ("LONG_MIXED", 1),
        ("SHORT_MIXED", 1),
    ]


def test_named_groups_keep_their_order_and_show_empty_ones():
    frame = trades([0.1, -0.1, 0.2, 0.3])
    by = pd.Series(["b", "x", "b", None], index=frame.index, dtype="str")
    found = named_groups(frame, by, ["a", "b"])
    assert [(group.name, group.total, group.win_rate) for group in found] == [
        ("a", 0, None),
        ("b", 2, 100.0),
        ("x", 1, 0.0),
    ]
