"""Figures for exploring: the ribbon line by line, the quality of samples over time, candles with their wicks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from lib.contract import schema
from lib.draw import style
from lib.draw.axis import GAP_MINUTES, days, draw_nothing, legend_above, runs, tell, thin, time_axis, title
from lib.draw.numbers import counted, percent
from lib.draw.price import MOST_CANDLES, draw_candles, minutes, price_axis
from lib.market.readings import lines_of
from lib.market.ribbon import classify_colour

COLOURS = ("green", "red", "gray", "yellow")
_COLOUR_WORDS = {"green": "rising", "red": "falling", "gray": "flat", "yellow": "marker"}


def draw_ribbon_colours(
    ax: Axes, samples: pd.DataFrame | None, *, heading: str = "Ribbon colours, line by line"
) -> Axes:
    """Heat map: one row a line (shortest period below), one column a sample, in the line's colour; gaps stay white.

    `samples` need `MMA<n>_color` columns; a colour that is none of the four stays white as well.
    """
    names = (
        [] if samples is None else [name for name in lines_of(samples) if f"{name}_color" in samples.columns]
    )
    if samples is None or samples.empty or not names:
        missing = (
            "no samples in this window"
            if samples is None or samples.empty
            else "these samples have no line colours"
        )
        return draw_nothing(ax, missing, heading)
    moments = days(samples.index)
    kept = thin(moments)
    shown = samples.iloc[kept.keep]
    codes = np.stack([_codes(shown[f"{name}_color"]) for name in names])
    edges, columns = _columns(moments[kept.keep], kept.stretch, codes)
    ax.pcolormesh(
        edges,
        np.arange(len(names) + 1) - 0.5,
        np.ma.masked_invalid(columns),
        cmap=ListedColormap([style.LINE_COLOURS[colour] for colour in COLOURS]),
        norm=BoundaryNorm(np.arange(len(COLOURS) + 1) - 0.5, len(COLOURS)),
        zorder=1,
    )
    every = max(1, len(names) // 10)
    ax.set_yticks(range(0, len(names), every), [name.removeprefix("MMA") for name in names[::every]])
    ax.set_ylabel("line (period)")
    ax.grid(False)
    time_axis(ax)
    remark = f", {kept.remark}" if kept.remark else ""
    title(ax, f"{heading}  ·  n {len(samples):,} samples × {len(names)} lines{remark}")
    handles = [
        Patch(color=style.LINE_COLOURS[colour], label=f"{colour}: {_COLOUR_WORDS[colour]}")
        for colour in COLOURS
    ]
    return legend_above(ax, handles=handles)


def _codes(column: pd.Series) -> np.ndarray:
    """Position in COLOURS of each entry; NaN for what is no known colour."""
    texts = column.astype(object).fillna("")
    known = {text: classify_colour(str(text)) for text in texts.unique()}
    place = {text: float(COLOURS.index(word)) if word in COLOURS else np.nan for text, word in known.items()}
    return texts.map(place).to_numpy(dtype=float)


def _columns(moments: np.ndarray, stretch: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Column edges and codes: each sample reaches to the next, the last of a stretch as far as the one before it did."""
    step = np.diff(moments, append=np.nan)
    inner = np.append(stretch[1:] == stretch[:-1], False)
    usual = float(np.nanmedian(step[inner])) if inner.any() else minutes(1.0)
    ends = np.where(inner, moments + np.nan_to_num(step), moments + min(usual, minutes(GAP_MINUTES)))
    at = np.flatnonzero(~inner[:-1]) + 1
    edges = np.append(np.insert(moments, at, ends[at - 1]), ends[-1])
    return edges, np.insert(codes, at, np.nan, axis=1)


def draw_quality(ax: Axes, samples: dict[str, pd.DataFrame] | None) -> Axes:
    """One bar a timeframe, in the colour of its samples' quality over time, white where there are none; only `ok` rows teach.

    `samples`: frames by name, say {"5 min": …, "15 min": …}. The labels give n and the share that is ok.
    """
    heading = "Quality of samples"
    shown = {name: frame for name, frame in (samples or {}).items() if len(frame)}
    if not shown:
        return draw_nothing(ax, "no samples in this window", heading)
    found: set[str] = set()
    labels = []
    for row, (name, frame) in enumerate(shown.items()):
        quality = frame["quality"].to_numpy(dtype=object)
        found |= {str(kind) for kind in quality}
        _draw_quality_row(ax, row, days(frame.index), quality)
        labels.append(f"{name}\nn {len(frame):,}\n{percent(100 * float((quality == 'ok').mean()))} ok")
    ax.set_yticks(range(len(shown)), labels)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    time_axis(ax)
    title(ax, heading, n=sum(len(frame) for frame in shown.values()), unit="samples")
    kinds = [kind for kind in schema.QUALITIES if kind in found]
    return legend_above(ax, handles=[Patch(color=style.QUALITY_COLOURS[kind], label=kind) for kind in kinds])


def _draw_quality_row(ax: Axes, row: int, moments: np.ndarray, quality: np.ndarray) -> None:
    stretch = thin(moments, most=len(moments) + 1).stretch
    spans: dict[str, list[tuple[float, float]]] = {}
    for first, last in runs(quality, stretch):
        joined = last + 1 < len(moments) and stretch[last + 1] == stretch[last]
        end = moments[last + 1] if joined else moments[last]
        # A lone sample would have no width: it gets that of a ten-second beat.
        spans.setdefault(str(quality[first]), []).append(
            (moments[first], max(end - moments[first], minutes(1 / 6)))
        )
    for kind, parts in spans.items():
        colour = style.QUALITY_COLOURS.get(kind, style.NEUTRAL)
        ax.broken_barh(parts, (row - 0.3, 0.6), facecolors=colour, linewidth=0, zorder=2, label=f"_{kind}")


def draw_candlesticks(ax: Axes, candles: pd.DataFrame | None, wicks: pd.DataFrame | None = None) -> Axes:
    """Candles with their wicks of 0.3–0.8 % highlighted: blue ▲ below a down-wick, magenta ▼ above an up-wick.

    `wicks`: bool columns wick_down and wick_up on the candles' index (lib.market.wicks). Beyond 420 candles a high–low band is drawn.
    """
    heading = "Candles and wicks"
    if candles is None or candles.empty:
        return draw_nothing(ax, "no candles in this window", heading)
    draw_candles(ax, candles)
    flagged = 0
    for column, price, direction, label in (
        ("wick_down", "low", "LONG", "wick down, traded LONG"),
        ("wick_up", "high", "SHORT", "wick up, traded SHORT"),
    ):
        if wicks is None:
            continue
        chosen = candles[wicks[column].reindex(candles.index, fill_value=False).to_numpy(dtype=bool)]
        flagged += len(chosen)
        if len(chosen):
            _draw_wicks(ax, chosen, price, direction, f"{label}, n {len(chosen)}")
    price_axis(ax)
    drawn = "" if len(candles) <= MOST_CANDLES else " (drawn as a band)"
    wicked = "" if wicks is None else f", {counted(flagged, 'wicks')}"
    title(ax, f"{heading}  ·  n {counted(len(candles), 'candles')}{drawn}{wicked}")
    tell(ax, f"Price over {counted(len(candles), 'candles')}{wicked}.")
    return legend_above(ax)


def _draw_wicks(ax: Axes, candles: pd.DataFrame, price: str, direction: str, label: str) -> None:
    colour = style.DIRECTION_COLOURS[direction]
    body = candles[["open", "close"]]
    inner = body.min(axis=1) if price == "low" else body.max(axis=1)
    middle = (days(candles.index) + days(candles["closed_at"])) / 2
    ax.vlines(middle, candles[price], inner, color=colour, linewidth=3.0, alpha=0.75, zorder=3.6)
    reach = float(np.ptp(ax.get_ylim())) * 0.025 * (-1 if price == "low" else 1)
    ax.scatter(
        middle,
        candles[price] + reach,
        marker=style.DIRECTION_MARKERS[direction],
        s=42,
        color=colour,
        edgecolors="white",
        linewidths=0.6,
        zorder=5,
        label=label,
    )
