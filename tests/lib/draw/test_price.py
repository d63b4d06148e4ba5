from __future__ import annotations

import time

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex, to_rgba

from lib.draw import price, style
from lib.draw.axis import days
from tests.lib.draw.made import at, candles, samples, trades


def labelled(ax, label):
    return next(artist for artist in [*ax.collections, *ax.lines] if artist.get_label() == label)


def test_close_is_drawn_when_it_was_known_and_broken_at_a_gap(ax):
    frame = candles([0, 5, 10, 25, 30])
    price.draw_close(ax, frame)
    x, y = ax.lines[0].get_data()
    # 10 → 25 skips two candles; a gap is more than two candles (15 > 10 minutes).
    assert np.isnan(x[3])
    assert np.allclose(np.delete(x, 3), days(frame["closed_at"]))
    assert np.delete(y, 3).tolist() == [101, 102, 103, 104, 105]


def test_candle_bodies_and_stems_are_the_prices(ax):
    frame = candles([0, 5])
    frame.loc[frame.index[1], ["open", "close", "low", "high"]] = [102.0, 100.0, 99.0, 104.0]
    price.draw_candles(ax, frame)
    bodies, stems = labelled(ax, "_bodies"), labelled(ax, "_stems")
    assert [sorted(set(path.vertices[:, 1])) for path in bodies.get_paths()] == [[100, 101], [100, 102]]
    # The fallen candle is filled, the risen one hollow.
    assert [to_hex(colour) for colour in bodies.get_facecolors()] == ["#ffffff", style.CANDLE.lower()]
    assert [segment[:, 1].tolist() for segment in stems.get_segments()] == [
        [99.5, 100],
        [99, 100],
        [101, 101.5],
        [102, 104],
    ]


def test_many_candles_become_a_band(ax):
    frame = candles([5 * place for place in range(price.MOST_CANDLES + 1)])
    price.draw_candles(ax, frame)
    assert labelled(ax, "high–low").get_paths() and labelled(ax, "close")


def test_ribbon_is_a_band_from_lowest_to_highest_line_by_state(ax):
    frame = samples([0, 1, 2, 3], states=["all_green", "all_green", "mixed", "mixed"])
    remark = price.draw_ribbon(ax, frame)
    assert remark == ""
    green, mixed = labelled(ax, "all green"), labelled(ax, "mixed")
    assert to_rgba(green.get_facecolor()[0])[:3] == to_rgba(style.STATE_COLOURS["all_green"])[:3]
    corners = green.get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (70, 90)
    # The band of a state reaches to the first sample of the next.
    assert np.isclose(corners[:, 0].max(), days([at(2)])[0])
    assert np.isclose(mixed.get_paths()[0].vertices[:, 0].max(), days([at(3)])[0])


def test_ribbon_leaves_gaps_open_and_partial_samples_out(ax):
    frame = samples([0, 1, 60, 61, 62], quality=["ok", "ok", "ok", "ok", "partial"])
    price.draw_ribbon(ax, frame)
    shapes = labelled(ax, "mixed").get_paths()
    spans = [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in shapes]
    assert np.allclose(spans, [days([at(0), at(1)]), days([at(60), at(61)])])
    assert len(labelled(ax, "_lines").get_segments()) >= 3


def test_doubtful_stretches_are_shaded_where_they_are(ax):
    frame = samples([0, 1, 2, 3], quality=["ok", "frozen", "frozen", "ok"])
    price.shade_quality(ax, frame)
    box = labelled(ax, "frozen").get_paths()[0].vertices
    assert np.allclose([box[:, 0].min(), box[:, 0].max()], days([at(1), at(2)]))
    assert [artist.get_label() for artist in ax.collections] == ["frozen"]


def test_trades_stand_at_their_prices_and_times(ax):
    price.draw_trades(ax, trades())
    assert labelled(ax, "LONG entry").get_offsets()[:, 1].tolist() == [100, 104]
    assert labelled(ax, "SHORT entry").get_offsets()[:, 1].tolist() == [104]
    lost = labelled(ax, "exit in loss")
    assert lost.get_offsets().tolist() == [[mdates.date2num(at(40).to_pydatetime()), 103]]
    # Outcome differs in fill as well as in colour.
    assert to_hex(lost.get_facecolor()[0]) == "#ffffff"
    assert to_hex(labelled(ax, "exit in profit").get_facecolor()[0]) == style.PROFIT.lower()


def test_a_day_of_ten_second_samples_is_thinned_and_quick(ax):
    count = 8640
    index = pd.date_range(at(0), periods=count, freq="10s").as_unit("us")
    lines = {f"MMA{5 * place}": np.linspace(100, 101 + place, count) for place in range(1, 29)}
    frame = pd.DataFrame({"price": 100.0, "state": "mixed", "quality": "ok", **lines}, index=index)
    started = time.process_time()
    remark = price.draw_ribbon(ax, frame)
    ax.figure.canvas.draw()
    # About 0.1 s; the bound is generous, as it only has to tell thinned drawing from one of every line and sample.
    assert time.process_time() - started < 2.0
    assert remark == "1 in 5 samples drawn"
