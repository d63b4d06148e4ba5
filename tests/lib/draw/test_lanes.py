from __future__ import annotations

import numpy as np

from lib.draw import style
from lib.draw.axis import days
from lib.draw.lanes import draw_lanes
from tests.lib.draw.made import at, candles, trades


def bars(ax):
    """Start and end of each bar as (entry, exit, bottom), with the colour of its edge."""
    found = []
    for artist in ax.collections:
        for path in artist.get_paths():
            x, y = path.vertices[:, 0], path.vertices[:, 1]
            found.append((x.min(), x.max(), round(float(y.min()), 3), tuple(artist.get_edgecolor()[0])))
    return found


def test_each_trade_is_a_bar_in_its_lane_long_above_short_below(ax):
    draw_lanes(ax, candles([0, 5, 10]), trades().head(2), trades())
    drawn = bars(ax)
    assert len(drawn) == 5
    first = days([at(0), at(10)])
    assert sum(np.allclose(bar[:2], first, rtol=0, atol=1e-5) for bar in drawn) == 2, (
        "the first trade is in both lanes"
    )
    short = [bar for bar in drawn if np.allclose(bar[:2], days([at(20), at(30)]), rtol=0, atol=1e-5)]
    long = [bar for bar in drawn if np.allclose(bar[:2], days([at(12), at(40)]), rtol=0, atol=1e-5)]
    assert short[0][2] < min(bar[2] for bar in long)
    assert ax.get_title(loc="left") == "Perfect timing held 19 min on average, the trades 16  ·  n 2 and 3"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["close", "perfect", "won", "lost"]


def test_won_and_lost_differ_in_fill_too(ax):
    draw_lanes(ax, candles([0, 5, 10]), None, trades())
    fills = {tuple(artist.get_facecolor()[0][:3]) for artist in ax.collections}
    assert (1.0, 1.0, 1.0) in fills and len(fills) == 2
    assert ax.get_title(loc="left").startswith("No perfect trade; the trades were held 16 min")


def test_the_price_has_the_upper_part_and_ticks_of_its_own(ax):
    draw_lanes(ax, candles([0, 5, 10]), trades(), trades().head(0))
    low, high = ax.get_ylim()
    assert (101 - low) / (high - low) > 0.4 and (103 - low) / (high - low) < 1
    assert all(101 <= tick <= 103 for tick in ax.get_yticks())
    assert ax.get_title(loc="left").startswith("Perfect timing held 16 min on average; there was no trade")
    assert {text.get_color() for text in ax.texts} == {style.MUTED}


def test_nothing_is_said_too(ax):
    draw_lanes(ax, None, None, None)
    assert ax.texts[0].get_text() == "no candles in this window"
    ax.clear()
    flat = candles([0, 5]).assign(open=100.0, high=100.0, low=100.0, close=100.0)
    draw_lanes(ax, flat, trades().head(0), None)
    assert ax.get_title(loc="left") == "No perfect trade and no trade  ·  n 0 and 0"
