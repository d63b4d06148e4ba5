"""Parts of price charts: close line, candles, the ribbon as a band, doubtful stretches, trades.

Each part draws onto an axis that others draw on too, sets no title and may be left out; the subjects' modules compose them. Prices are
in the quote currency of the market, taken as dollars.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Patch

from lib.draw import style
from lib.draw.axis import GAP_MINUTES, MINUTES_PER_DAY, TickTexts, days, runs, thin, time_axis, with_gaps
from lib.draw.words import name_words
from lib.market.readings import lines_of

#: More candles than this are narrower than two pixels: they are drawn as a high–low band with the close.
MOST_CANDLES = 420
_MARK_SIZE = 28.0  #: of an entry, square points
#: Of more trades than this the marks are smaller, as they stand closer.
_MANY = 25


def price_axis(ax: Axes, *, narrow: bool = False) -> Axes:
    """UTC time on x, dollars on y; a price axis has no zero line, as it does not reach down to zero."""
    time_axis(ax, narrow=narrow)
    ax.set_ylabel("price ($)")
    ax.yaxis.set_major_formatter(TickTexts(lambda value, digits: f"{value:,.{digits}f}"))
    ax.margins(x=0.01)
    return ax


def draw_close(ax: Axes, candles: pd.DataFrame, *, colour: str = style.INK, label: str = "close") -> Axes:
    """Closes at the time they were known (`closed_at`), broken across gaps of more than two candles."""
    moments = days(candles["closed_at"])
    kept = thin(moments, gap_minutes=gap_minutes(candles), most=20_000)
    x, y = with_gaps(moments[kept.keep], candles["close"].to_numpy(dtype=float)[kept.keep], kept.stretch)
    ax.plot(x, y, color=colour, linewidth=1.1, label=label, zorder=3)
    return ax


def gap_minutes(candles: pd.DataFrame) -> float:
    """Minutes that count as a gap in a candle frame: two of its candles."""
    if candles.empty:
        return GAP_MINUTES
    length = (candles["closed_at"].iloc[0] - candles.index[0]).total_seconds() / 60
    return 2 * length


def draw_candles(ax: Axes, candles: pd.DataFrame) -> Axes:
    """Candles between open time and `closed_at`: risen ones hollow, fallen ones filled; beyond 420 a high–low band.

    They are gray, so that the colours of trades, wicks and ribbon over and under them keep their meaning.
    """
    if len(candles) > MOST_CANDLES:
        return _draw_candle_band(ax, candles)
    opened, closed = days(candles.index), days(candles["closed_at"])
    middle, half = (opened + closed) / 2, (closed - opened) * 0.36
    first, last = candles["open"].to_numpy(dtype=float), candles["close"].to_numpy(dtype=float)
    low, high = candles["low"].to_numpy(dtype=float), candles["high"].to_numpy(dtype=float)
    bottom, top = np.minimum(first, last), np.maximum(first, last)
    risen = last >= first
    # Two stems a candle, outside its body, so that a hollow body stays hollow.
    stems = np.concatenate(
        [
            np.stack([np.c_[middle, low], np.c_[middle, bottom]], axis=1),
            np.stack([np.c_[middle, top], np.c_[middle, high]], axis=1),
        ]
    )
    ax.add_collection(LineCollection(stems, colors=style.CANDLE, linewidths=0.8, zorder=3, label="_stems"))
    bodies = np.stack(
        [
            np.c_[middle - half, bottom],
            np.c_[middle + half, bottom],
            np.c_[middle + half, top],
            np.c_[middle - half, top],
        ],
        axis=1,
    )
    fill = np.where(risen, "#FFFFFF", style.CANDLE)
    ax.add_collection(
        PolyCollection(
            bodies, facecolors=fill, edgecolors=style.CANDLE, linewidths=0.8, zorder=3.1, label="_bodies"
        )
    )
    ax.autoscale_view()
    return ax


def candle_key() -> list[Patch]:
    """What a hollow candle is and what a filled one, for a legend."""
    looks = (("candle up", "#FFFFFF"), ("candle down", style.CANDLE))
    return [
        Patch(facecolor=fill, edgecolor=style.CANDLE, linewidth=0.8, label=label) for label, fill in looks
    ]


def _draw_candle_band(ax: Axes, candles: pd.DataFrame) -> Axes:
    moments = days(candles["closed_at"])
    kept = thin(moments, gap_minutes=gap_minutes(candles), most=20_000)
    edges = candles[["low", "high"]].to_numpy(dtype=float)[kept.keep]
    x, band = with_gaps(moments[kept.keep], edges, kept.stretch)
    ax.fill_between(x, band[:, 0], band[:, 1], color="#BFD7E6", linewidth=0, label="high–low", zorder=2)
    return draw_close(ax, candles)


def draw_ribbon(ax: Axes, samples: pd.DataFrame) -> str:
    """The lines as one band in the colour of the ribbon's state, each line a hair in it; returns a remark on thinning.

    Rows whose quality is `partial` are left out: their lines are not settled. Gaps of more than 10 minutes stay open.
    """
    shown = samples[samples["quality"] != "partial"]
    names = lines_of(samples)
    if shown.empty or not names:
        return ""
    moments = days(shown.index)
    kept = thin(moments)
    x = moments[kept.keep]
    lines = shown[names].to_numpy(dtype=float)[kept.keep]
    states = shown["state"].to_numpy(dtype=object)[kept.keep]
    low, high = lines.min(axis=1), lines.max(axis=1)
    shapes: dict[str, list[np.ndarray]] = {}
    for first, last in runs(states, kept.stretch):
        # A run's band reaches to the first point of the next one, unless a gap lies between.
        joined = last + 1 < len(x) and kept.stretch[last + 1] == kept.stretch[last]
        span = slice(first, last + 1 + int(joined))
        outline = np.r_[np.c_[x[span], low[span]], np.c_[x[span], high[span]][::-1]]
        shapes.setdefault(str(states[first]), []).append(outline)
    for state in sorted(shapes, key=list(style.STATE_COLOURS).index):
        colour = style.STATE_COLOURS[state]
        ax.add_collection(
            PolyCollection(
                shapes[state],
                facecolors=colour,
                edgecolors="none",
                alpha=0.55,
                zorder=1.6,
                label=name_words(state),
            )
        )
    _draw_hairs(ax, x, lines, kept.stretch)
    ax.autoscale_view()
    return kept.remark


def _draw_hairs(ax: Axes, x: np.ndarray, lines: np.ndarray, stretch: np.ndarray) -> None:
    moments, values = with_gaps(x, lines, stretch)
    paths = [np.c_[moments, values[:, column]] for column in range(values.shape[1])]
    ax.add_collection(
        LineCollection(paths, colors="#FFFFFF", linewidths=0.35, alpha=0.6, zorder=1.7, label="_lines")
    )


def shade_quality(ax: Axes, samples: pd.DataFrame) -> Axes:
    """Shade the stretches whose quality is not `ok` over the axis' full height, hatched by kind."""
    quality = samples["quality"].to_numpy(dtype=object)
    moments = days(samples.index)
    spans: dict[str, list[tuple[float, float]]] = {}
    for first, last in runs(quality, thin(moments, most=len(moments) + 1).stretch):
        spans.setdefault(str(quality[first]), []).append((moments[first], moments[last]))
    hatches = {"frozen": "////", "partial": "....", "venue_mismatch": "xxxx"}
    for kind in sorted(set(spans) - {"ok"}):
        look = {
            "facecolors": "#F7F7F7",
            "edgecolors": "#C9C9C9",
            "hatch": hatches.get(kind, "////"),
            "zorder": 0.5,
        }
        draw_spans(ax, spans[kind], label=kind.replace("_", " "), **look)
    return ax


def draw_spans(
    ax: Axes, spans: list[tuple[float, float]], *, bottom: float = 0.0, top: float = 1.0, **look: Any
) -> PolyCollection:
    """Boxes over spans of time (date numbers), from `bottom` to `top` in parts of the axis' height; prices keep their scale."""
    boxes = [[(start, bottom), (end, bottom), (end, top), (start, top)] for start, end in spans]
    collection = PolyCollection(boxes, transform=ax.get_xaxis_transform(), **({"linewidths": 0} | look))
    ax.add_collection(collection, autolim=False)
    return collection


def draw_trades(ax: Axes, trades: pd.DataFrame) -> Axes:
    """Entries as ▲ LONG / ▼ SHORT, exits as circles (filled: profit, hollow: loss), joined solid for profit, dashed for loss."""
    size = _MARK_SIZE if len(trades) <= _MANY else _MARK_SIZE / 2
    for direction in ("LONG", "SHORT"):
        chosen = trades[trades["direction"] == direction]
        if len(chosen):
            ax.scatter(
                days(chosen["entry_time"]),
                chosen["entry_price"],
                marker=style.DIRECTION_MARKERS[direction],
                s=size,
                color=style.DIRECTION_COLOURS[direction],
                edgecolors="white",
                linewidths=0.6,
                zorder=5,
                label=f"{direction} entry",
            )
    for won, colour, fill, dash in (
        (True, style.PROFIT, style.PROFIT, "-"),
        (False, style.LOSS, "#FFFFFF", (0, (2, 1.5))),
    ):
        chosen = trades[trades["win"].to_numpy(dtype=bool) == won]
        if chosen.empty:
            continue
        start, end = days(chosen["entry_time"]), days(chosen["exit_time"])
        paths = np.stack([np.c_[start, chosen["entry_price"]], np.c_[end, chosen["exit_price"]]], axis=1)
        ax.add_collection(
            LineCollection(paths, colors=colour, linestyles=[dash], linewidths=1.2, zorder=4, label="_held")
        )
        ax.scatter(
            end,
            chosen["exit_price"],
            s=size * 0.55,
            facecolors=fill,
            edgecolors=colour,
            linewidths=1.2,
            zorder=4.5,
            label="exit in profit" if won else "exit in loss",
        )
    return ax


def minutes(count: float) -> float:
    """Minutes as the unit of a time axis (days)."""
    return count / MINUTES_PER_DAY
