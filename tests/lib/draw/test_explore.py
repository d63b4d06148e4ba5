from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from lib.draw import explore, style
from lib.draw.axis import days
from tests.lib.draw.made import at, candles, samples


def test_heat_map_has_a_row_a_line_and_leaves_gaps_white(ax):
    explore.draw_ribbon_colours(ax, samples([0, 1, 2, 60, 61]))
    mesh = ax.collections[0]
    cells = mesh.get_array()
    # Three samples, an empty column for the gap, two samples; green, red, yellow from the shortest line up.
    assert cells.shape == (3, 6)
    assert (
        cells[:, 0].tolist() == [0, 1, 3]
        and cells.mask[:, 3].all()
        and not cells.mask[:, [0, 1, 2, 4, 5]].any()
    )
    edges = mesh.get_coordinates()[0, :, 0]
    assert np.allclose(edges[[0, 1, 2, 4, 5]], days([at(minute) for minute in (0, 1, 2, 60, 61)]))
    assert np.isclose((edges[3] - edges[2]) * 1440, 1)
    assert [to_hex(mesh.cmap(mesh.norm(code))) for code in (0, 1, 3)] == [
        style.LINE_COLOURS[name].lower() for name in ("green", "red", "yellow")
    ]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["5", "10", "40"]
    assert "n 5 samples × 3 lines" in ax.get_title(loc="left")


def test_unknown_colours_stay_white(ax):
    frame = samples([0, 1])
    frame["MMA5_color"] = ["#00ff00", None]
    explore.draw_ribbon_colours(ax, frame)
    assert ax.collections[0].get_array().mask[0].tolist() == [False, True]


def test_one_sample_has_a_width(ax):
    explore.draw_ribbon_colours(ax, samples([0]))
    assert np.ptp(ax.collections[0].get_coordinates()[0, :, 0]) > 0


def test_quality_bars_span_their_samples(ax):
    frame = samples([0, 1, 2, 3], quality=["ok", "frozen", "frozen", "ok"])
    explore.draw_quality(ax, {"5 min": frame, "15 min": frame.head(0)})
    frozen = next(artist for artist in ax.collections if artist.get_label() == "_frozen")
    x = frozen.get_paths()[0].vertices[:, 0]
    assert np.allclose([x.min(), x.max()], days([at(1), at(3)]))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["5 min\nn 4\n50.0 % ok"]
    assert ax.get_title(loc="left").endswith("n 4 samples")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["ok", "frozen"]


def test_wicks_are_marked_on_their_candles(ax):
    frame = candles([0, 5, 10])
    flags = pd.DataFrame(
        {"wick_down": [True, False, False], "wick_up": [False, False, True]}, index=frame.index
    )
    explore.draw_candlesticks(ax, frame, flags)
    marks = {
        artist.get_label(): artist.get_offsets() for artist in ax.collections if "wick" in artist.get_label()
    }
    assert set(marks) == {"wick down, traded LONG, n 1", "wick up, traded SHORT, n 1"}
    down, up = marks["wick down, traded LONG, n 1"][0], marks["wick up, traded SHORT, n 1"][0]
    assert np.isclose(down[0], days([at(2.5)])[0]) and down[1] < frame["low"].iloc[0]
    assert np.isclose(up[0], days([at(12.5)])[0]) and up[1] > frame["high"].iloc[2]
    assert ax.get_title(loc="left") == "Candles and wicks  ·  n 3 candles, 2 wicks"


def test_many_candles_say_that_they_are_a_band(ax):
    explore.draw_candlesticks(ax, candles([5 * place for place in range(500)]))
    assert ax.get_title(loc="left").endswith("n 500 candles (drawn as a band)")


def test_nothing_to_draw_is_said(ax):
    bare = samples([0])[["price", "state", "quality", "MMA5"]]
    for draw, given, message in (
        (explore.draw_ribbon_colours, None, "no samples in this window"),
        (explore.draw_ribbon_colours, samples([]), "no samples in this window"),
        (explore.draw_ribbon_colours, bare, "these samples have no line colours"),
        (explore.draw_quality, None, "no samples in this window"),
        (explore.draw_quality, {"5 min": samples([])}, "no samples in this window"),
        (explore.draw_candlesticks, candles([]), "no candles in this window"),
    ):
        ax.clear()
        draw(ax, given)
        assert ax.texts[0].get_text() == message
