"""Figures of market regimes: price by regime, and what wicks were worth in each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from lib.contract import schema
from lib.contract.regime_and_wicks import RegimeWicks
from lib.contract.results import GroupStats
from lib.draw import style
from lib.draw.axis import days, draw_nothing, legend_above, runs, tell, thin, title
from lib.draw.groups import FEW, draw_breakeven, draw_interval, rate_axis
from lib.draw.numbers import LEAST, counted, percent
from lib.draw.price import draw_close, draw_spans, gap_minutes, price_axis

#: Height of the strip under the price that repeats the regime, in parts of the axis.
_STRIP = 0.045
#: The 24 five-minute candles that the regime of a moment is of, in days.
_NOW_DAYS = 2 / 24


def words(regime: str) -> str:
    """A regime's name as a reader says it: "ranging quiet"; tables keep the word of the data."""
    return regime.replace("_", " ").lower()


def draw_price_by_regime(
    ax: Axes, candles: pd.DataFrame | None, regimes: pd.Series | None, heading: str = "Price by regime"
) -> Axes:
    """Closes, every stretch in the colour of its regime, and a strip below that repeats it.

    `regimes`: regime names on the candles' index, each known at its candle's close. The legend gives each regime's share of candles.
    """
    if candles is None or candles.empty or regimes is None or regimes.empty:
        return draw_nothing(ax, "no candles in this window", heading)
    names = regimes.reindex(candles.index).fillna("UNKNOWN").to_numpy(dtype=object)
    moments, prices = days(candles["closed_at"]), candles["close"].to_numpy(dtype=float)
    draw_close(ax, candles, colour="#D9D9D9", label="_close")
    stretch = thin(moments, gap_minutes=gap_minutes(candles), most=len(moments) + 1).stretch
    shares = {name: float((names == name).mean() * 100) for name in schema.REGIMES}
    opened, points = days(candles.index), np.c_[moments, prices]
    lines: dict[str, list[np.ndarray]] = {}
    spans: dict[str, list[tuple[float, float]]] = {}
    for first, last in runs(names, stretch):
        # The stretch begins at the close before it, so that the line is whole; a gap stays open.
        start = first - 1 if first and stretch[first - 1] == stretch[first] else first
        lines.setdefault(str(names[first]), []).append(points[start : last + 1])
        spans.setdefault(str(names[first]), []).append((opened[first], moments[last]))
    for regime in sorted(lines, key=schema.REGIMES.index):
        colour, label = style.REGIME_COLOURS[regime], f"{words(regime)} {percent(shares[regime], 0)}"
        ax.add_collection(
            LineCollection(
                lines[regime],
                colors=colour,
                linewidths=1.9,
                linestyles=[(0, (3, 1.5)) if regime == "UNKNOWN" else "-"],
                zorder=3.2,
                label=label,
            )
        )
        draw_spans(ax, spans[regime], top=_STRIP, facecolors=colour, zorder=2, label=f"_{regime}")
    if names[-1] != "UNKNOWN":
        ax.axvspan(
            moments[-1] - _NOW_DAYS,
            moments[-1],
            color=style.NOW,
            zorder=0.5,
            label="now: these 2 h alone",
        )
    ax.margins(y=0.1)
    price_axis(ax)
    title(ax, heading, n=len(candles), unit="candles")
    told = ", ".join(f"{words(name)} {percent(share, 0)}" for name, share in shares.items() if share)
    tell(
        ax,
        f"{heading}. Price over {counted(len(candles), 'candles')} of 5 minutes, coloured by regime: {told} of the time.",
    )
    return legend_above(ax, columns=2)


def draw_wick_outcomes(
    ax: Axes, regimes: Sequence[RegimeWicks] | None, *, breakeven: float | None = None
) -> Axes:
    """Net win rate of wick trades per regime, down-wicks traded long and up-wicks short, with 95 % Wilson intervals and n.

    Fewer than ten trades: a hollow mark; fewer than LEAST: only their n. "Unknown", which is no regime, goes where it has no wick.
    """
    heading = "Wick trades by regime, standard exits"
    shown = [
        row
        for row in list(regimes or [])[::-1]
        if row.regime != "UNKNOWN" or row.wick_down_long.total or row.wick_up_short.total
    ]
    total = sum(row.wick_down_long.total + row.wick_up_short.total for row in shown)
    groups = [group for row in shown for group in (row.wick_down_long, row.wick_up_short)]
    if not any(group.total >= LEAST for group in groups):
        few = (
            f"n {total}: no regime has {LEAST} wicks of a kind"
            if total
            else "no wicks of 0.3–0.8 % in this window"
        )
        return draw_nothing(ax, few, heading)
    kinds = (("wick down, LONG", "LONG", 0.17), ("wick up, SHORT", "SHORT", -0.17))
    for name, direction, _ in kinds:
        look = {"marker": style.DIRECTION_MARKERS[direction], "color": style.DIRECTION_COLOURS[direction]}
        ax.plot([], [], **look, linestyle="none", markersize=8, label=name)
    if any(LEAST <= group.total < FEW for group in groups):
        look = {"marker": "o", "color": style.NEUTRAL, "markerfacecolor": "white"}
        ax.plot([], [], **look, linestyle="none", markersize=8, label=f"hollow: n below {FEW}")
    for position, row in enumerate(shown):
        for group, (_, direction, offset) in zip((row.wick_down_long, row.wick_up_short), kinds, strict=True):
            _draw_outcome(ax, position + offset, group, direction)
    if breakeven is not None:
        draw_breakeven(ax, breakeven, vertical=True, of=" here")
    ax.set_yticks(range(len(shown)), [words(row.regime).replace(" ", "\n") for row in shown])
    rate_axis(ax, len(shown), right=138.0)
    ax.grid(axis="y", visible=False)
    title(ax, heading, n=total)
    told = [
        f"{words(row.regime)}: {name} {percent(group.win_rate)} of {group.total}"
        for row in shown
        for name, group in (("down", row.wick_down_long), ("up", row.wick_up_short))
        if group.total >= LEAST
    ]
    tell(ax, f"{heading}, won net: {'; '.join(told)}.")
    return legend_above(ax)


def _draw_outcome(ax: Axes, y: float, group: GroupStats, direction: str) -> None:
    colour = style.DIRECTION_COLOURS[direction]
    if group.total < LEAST or group.win_rate is None:
        ax.text(103.5, y, f"n {group.total}", va="center", color=style.NEUTRAL)
        return
    draw_interval(ax, y, group, colour)
    ax.plot(
        [group.win_rate],
        [y],
        marker=style.DIRECTION_MARKERS[direction],
        markersize=8,
        color=colour,
        markerfacecolor="white" if group.total < FEW else colour,
        markeredgewidth=1.4,
        linestyle="none",
        zorder=3,
    )
    ax.text(103.5, y, f"n {group.total}, {percent(group.win_rate, 0)}", va="center", color=style.MUTED)
