"""The figure of one decision: price before and after it with entry, stop, target and exit, and both ribbons."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.contract.dollars import plain_number
from lib.contract.price_block import PriceBlock
from lib.data.window import MarketWindow
from lib.draw import style
from lib.draw.axis import days, draw_nothing, legend_above, title
from lib.draw.figure import Figure
from lib.draw.price import draw_candles, draw_close, draw_ribbon, draw_trades, price_axis
from lib.draw.zoom import price_block
from lib.market.exits import finest_path

#: Inches: of a figure that is shown at a phone's width, and of either's height.
_NARROW_INCHES = 4.4
_HEIGHTS = {False: 5.4, True: 5.8}
_NARROW_DPI = 160
#: Room for the names of levels behind the price, of its width; least distance of two, points.
_NAMES = 0.5
_APART = 13.0
_HEADINGS = {False: "Price and the 5-minute ribbon", True: "Price, 5-minute ribbon"}


class DecisionMarks(NamedTuple):
    """What is marked: when it was asked, and the trade that was or would have been, as far as it is known (None: not known)."""

    at: pd.Timestamp
    direction: str
    entry_at: pd.Timestamp | None = None
    entry: float | None = None
    stop: float | None = None
    target: float | None = None
    exit_at: pd.Timestamp | None = None
    exit: float | None = None
    won: bool = False
    net_pct: float | None = None
    exit_reason: str = ""


def decision_figure(
    market: MarketWindow,
    marks: DecisionMarks,
    around: pd.Timedelta,
    *,
    source: str = "",
    narrow: bool = False,
) -> Figure:
    """Price within `around` of a decision and on to its exit; `narrow` for a phone, whose letters stay as large."""
    axes = style.new_axes_grid(2, height=_HEIGHTS[narrow], source=source, heights=[2.4, 1.0], share_time=True)
    figure = axes[0].figure
    if narrow:
        figure.set_size_inches(_NARROW_INCHES, _HEIGHTS[narrow])
        figure.set_dpi(_NARROW_DPI)
    first, last = marks.at - around, max(market.as_of, marks.at)
    candles = _shown(finest_path(market.candles_1min, market.candles_5min), first)
    if candles.empty:
        for ax in axes:
            draw_nothing(ax, "no candle of that time is there")
        return figure  # type: ignore[return-value]
    room = _NAMES * (last - first) if marks.entry is not None else pd.Timedelta(0)
    asked = float(days([marks.at])[0])
    for ax in axes:
        ax.set_xlim(*days([first, last + room]))
    _draw_price(axes[0], market, candles, marks, first)
    axes[0].set_xlabel("")
    title(axes[0], _HEADINGS[narrow])
    legend_above(axes[0], 3 if narrow else 8)
    price_axis(axes[1], narrow=narrow)
    draw_ribbon(axes[1], _since(market.samples_15min, first))
    draw_close(axes[1], _shown(market.candles_5min, first), colour=style.CANDLE)
    title(axes[1], "15-minute ribbon")
    for ax in axes:
        ax.axvline(asked, color=style.INK, linewidth=1.0, linestyle=(0, (1, 2)), zorder=2)
    return figure  # type: ignore[return-value]


def decision_block(market: MarketWindow, marks: DecisionMarks, around: pd.Timedelta) -> PriceBlock | None:
    """The same as a block for a zoomable chart; None where no candle of that time is there."""
    first = marks.at - around
    candles = _shown(finest_path(market.candles_1min, market.candles_5min), first)
    ribbons = {"5min": _since(market.samples_5min, first), "15min": _since(market.samples_15min, first)}
    if marks.entry is None or marks.entry_at is None:
        return price_block(candles, ribbons, asked=marks.at)
    until = marks.exit_at or max(market.as_of, marks.entry_at)
    known = {"entry": marks.entry, "stop": marks.stop, "target": marks.target}
    levels = [(name, level, marks.entry_at, until) for name, level in known.items() if level is not None]
    return price_block(candles, ribbons, _trade(marks), levels=levels, asked=marks.at)


def _draw_price(
    ax: Axes, market: MarketWindow, candles: pd.DataFrame, marks: DecisionMarks, first: pd.Timestamp
) -> None:
    price_axis(ax)
    draw_ribbon(ax, _since(market.samples_5min, first))
    draw_candles(ax, candles)
    _fit(ax, candles, marks)
    if marks.entry is None or marks.entry_at is None:
        return
    begun, end = days([marks.entry_at, marks.exit_at or max(market.as_of, marks.entry_at)])
    _draw_levels(ax, begun, end, marks)
    left = marks.exit_at is not None and marks.exit is not None
    draw_trades(ax, _trade(marks) if left else _trade(marks).iloc[:0])
    if not left:
        marker, ink = style.DIRECTION_MARKERS[marks.direction], style.DIRECTION_COLOURS[marks.direction]
        ax.plot([begun], [marks.entry], marker=marker, color=ink, label=f"{marks.direction} entry")


def _fit(ax: Axes, candles: pd.DataFrame, marks: DecisionMarks) -> None:
    """Let price and trade have the height; the ribbon's long lines lie far off, and the key says beyond which edge."""
    known = [candles["low"].min(), candles["high"].max(), marks.entry, marks.stop, marks.target, marks.exit]
    low, high = np.nanmin(np.array(known, dtype=float)), np.nanmax(np.array(known, dtype=float))
    air = max(high - low, abs(high) * 1e-4) * 0.06
    ax.set_ylim(low - air, high + air)
    beyond = ax.dataLim.y1 > high + air, ax.dataLim.y0 < low - air
    if any(beyond):
        arrow = {(True, True): "\u2195", (True, False): "\u2191", (False, True): "\u2193"}[beyond]
        ax.plot([], [], linestyle="none", label=f"ribbon goes on {arrow}")


def _draw_levels(ax: Axes, begun: float, end: float, marks: DecisionMarks) -> None:
    """Prices that the trade knew, over the time that it did, each with its name behind the price; names that lie near are moved apart."""
    inks = {"target": style.PROFIT, "entry": style.INK, "stop": style.LOSS}
    levels = [(getattr(marks, name), name) for name in inks if getattr(marks, name) is not None]
    (low, high), last = ax.get_ylim(), float("inf")
    points = ax.get_position().height * ax.figure.get_figheight() * 72 / (high - low)
    for level, name in sorted(levels, reverse=True):
        ink, dash = inks[name], "-" if name == "entry" else (0, (4, 2))
        ax.plot(
            [begun, end], [level] * 2, color=ink, linewidth=1.4, linestyle=dash, label=f"_{name}", zorder=3.5
        )
        last = min((level - low) * points, last - _APART)
        ax.annotate(
            f"{name} {plain_number(level, grouped=True)}",
            (1.0, level),
            xycoords=("axes fraction", "data"),
            xytext=(0, last - (level - low) * points),
            textcoords="offset points",
            ha="right",
            va="center",
            color=ink,
            bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1.0},
        )


def _trade(marks: DecisionMarks) -> pd.DataFrame:
    names = {"entry_at": "entry_time", "entry": "entry_price", "exit": "exit_price", "won": "win"}
    found = pd.DataFrame([marks._asdict()]).rename(columns=names)
    return found.assign(exit_time=pd.DatetimeIndex([marks.exit_at]))


def _shown(candles: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    return candles[(candles["closed_at"] > first).to_numpy()]


def _since(samples: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    return samples[samples.index > first]
