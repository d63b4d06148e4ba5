"""Figures of hindsight: perfect trades, selection and learnable beside the same events at other times, the gap to the perfect trades in
parts, and where they were.

Titles say "hindsight", so that no figure is taken for a promise.
"""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Patch, Rectangle

from lib.contract.optimal_vs_actual import OptimalComparison, ShiftedTotals
from lib.draw import style
from lib.draw.axis import days, dollar_axis, draw_nothing, legend_above, title, zero_line
from lib.draw.numbers import counted, dollars, per_coin, percent
from lib.draw.price import draw_close, draw_trades, price_axis

#: The parts of the gap in words, for the waterfall and for the table beside it.
PART_WORDS = {
    "missed": "perfect trades missed (hindsight)",
    "late_entry": "entered more than 5 min late",
    "entry": "entered in time, at another price",
    "early_exit": "left before the perfect exit",
    "exit": "left at or after it",
    "false_entry": "trades without a perfect one beside",
}


def draw_gap_parts(
    ax: Axes, comparison: OptimalComparison | None, *, who: str = "actual", coin: str = "coin"
) -> Axes:
    """Waterfall in dollars from the actual P&L through the parts of the gap to the perfect setup trades, each with its count.

    Filled: perfect timing did better there. Hatched: the trades did.
    """
    heading = "From actual to perfect setup trades (hindsight)"
    if comparison is None or not (comparison.optimal_trades or comparison.actual_trades):
        return draw_nothing(ax, "no setups and no trades in this window", heading)
    steps = [(fill(PART_WORDS[part.name], 14), part.pnl, part.count) for part in comparison.gap_parts]
    starts = comparison.actual_pnl + np.r_[0.0, np.cumsum([amount for _, amount, _ in steps])]
    _draw_total(ax, 0, comparison.actual_pnl, style.NEUTRAL)
    for position, (_, amount, _) in enumerate(steps, start=1):
        colour = style.PROFIT if amount >= 0 else style.LOSS
        hatch = None if amount >= 0 else "////"
        ax.bar(
            position,
            amount,
            bottom=starts[position - 1],
            width=0.66,
            color=colour if amount >= 0 else style.LOSS_FILL,
            edgecolor=colour,
            hatch=hatch,
            linewidth=0.8,
            zorder=2,
        )
        _label(ax, position, max(starts[position - 1], starts[position]), dollars(amount))
    for position, level in enumerate(starts):
        ax.plot(
            [position + 0.33, position + 0.67], [level, level], color=style.MUTED, linewidth=0.8, zorder=1.9
        )
    _draw_total(ax, len(steps) + 1, comparison.optimal_pnl, style.OPTIMUM)
    labels = [f"{fill(who, 14)}\nn {comparison.actual_trades}"]
    labels += [f"{name}\nn {count}" for name, _, count in steps]
    labels.append(f"perfect\ntrades\nn {comparison.optimal_trades}")
    ax.set_xticks(range(len(labels)), labels)
    ax.grid(axis="x", visible=False)
    ax.use_sticky_edges = False
    ax.margins(y=0.14)
    zero_line(ax)
    dollar_axis(ax, f"net P&L ($ {per_coin(coin)})")
    title(
        ax,
        f"{heading}: gap {dollars(comparison.gap_pnl)}",
        n=comparison.optimal_trades,
        unit="perfect trades",
    )
    return legend_above(ax, handles=_legend([amount for _, amount, _ in steps]))


def _legend(amounts: list[float]) -> list[Patch]:
    """What filled and hatched parts mean, as far as there are such."""
    filled = Patch(facecolor=style.PROFIT, label="up: perfect timing did better there")
    hatched = Patch(
        facecolor=style.LOSS_FILL,
        edgecolor=style.LOSS,
        hatch="////",
        linewidth=0.8,
        label="down: the trades did better there",
    )
    return [filled] * any(amount >= 0 for amount in amounts) + [hatched] * any(
        amount < 0 for amount in amounts
    )


def _draw_total(ax: Axes, position: int, amount: float, colour: str) -> None:
    ax.bar(position, amount, width=0.66, color=colour, zorder=2)
    below = amount < 0
    _label(ax, position, amount, dollars(amount), below=below)


def _label(ax: Axes, x: float, y: float, text: str, *, below: bool = False) -> None:
    ax.annotate(
        text,
        (x, y),
        xytext=(0, -3 if below else 3),
        textcoords="offset points",
        ha="center",
        va="top" if below else "bottom",
        size=8.5,
        # Where a level is near zero, the zero line would run through the figure.
        bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
        zorder=4,
    )


def draw_setup_trades(ax: Axes, comparison: OptimalComparison | None, *, who: str = "actual") -> Axes:
    """What perfect timing, the best choice and what could be learned made of the window's events, each beside the same at other times
    (mean and 5–95 %), in percent; the trades that were made as a line through all.
    """
    heading = "This window's setups, beside the same setups at other times"
    if comparison is None or not comparison.events:
        return draw_nothing(ax, "no setups in this window", heading)
    chosen, learned = comparison.selection, comparison.learnable
    rows = [
        (
            "perfect timing\n(hindsight)",
            comparison.optimal_trades,
            comparison.optimal_pnl_pct,
            comparison.optimal_null,
        )
    ]
    rows += [
        (name, made.trades, made.pnl_pct, made.null)
        for name, made in (("best choice\n(hindsight)", chosen), ("learnable\n(could be had)", learned))
        if made is not None
    ]
    for place, (_, _, value, null) in enumerate(rows):
        _draw_band(ax, null, place)
        label = "these setups" if place == 0 else "_these"
        ax.plot([value], [place], "D", color=style.OPTIMUM, markersize=8, label=label, zorder=3)
        _label(ax, value, place - 0.2, percent(value, 2, signed=True))
    actual = f"{who}, n {comparison.actual_trades}: {percent(comparison.actual_pnl_pct, 2, signed=True)}"
    ax.axvline(
        comparison.actual_pnl_pct, color=style.LONG, linestyle=(0, (1, 1)), linewidth=2.0, label=actual
    )
    zero_line(ax, vertical=True)
    ax.set_yticks(range(len(rows)), [f"{name}\nn {trades}" for name, trades, _, _ in rows])
    ax.set(ylim=(len(rows) - 0.4, -0.7), xlabel="net P&L of the window (sum of % of entry price)")
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.margins(x=0.08)
    title(ax, heading, n=comparison.events, unit="setups")
    return legend_above(ax, columns=4)


def _draw_band(ax: Axes, null: ShiftedTotals | None, place: int) -> None:
    """The 5–95 % band of a null with its mean as a dashed line; nothing where there is none."""
    if null is None:
        return
    height = 0.44
    band = (null.p5, place - height / 2), max(null.p95 - null.p5, 0.0), height
    mark = "" if place == 0 else "_"
    label = f"{mark}at other times, 5–95 % of {null.shifts}"
    ax.add_patch(Rectangle(*band, facecolor="#BCC6CE", edgecolor="none", zorder=1, label=label))
    ends = [place - height / 2, place + height / 2]
    dash = (0, (4, 2))
    ax.plot([null.mean, null.mean], ends, color=style.MUTED, linestyle=dash, label=f"{mark}their mean")


def draw_optimum_on_price(
    ax: Axes,
    candles: pd.DataFrame | None,
    optimum: pd.DataFrame | None,
    trades: pd.DataFrame | None,
) -> Axes:
    """Closes with the perfect setup trades (orange diamonds, hindsight) behind the actual ones."""
    heading = "Where the perfect setup trades (hindsight) and the actual ones were"
    if candles is None or candles.empty:
        return draw_nothing(ax, "no candles in this window", heading)
    draw_close(ax, candles, colour=style.NEUTRAL)
    optima = 0 if optimum is None else len(optimum)
    if optimum is not None and optima:
        _draw_optima(ax, optimum)
    actual = 0 if trades is None else len(trades)
    if trades is not None and actual:
        draw_trades(ax, trades)
    price_axis(ax)
    title(ax, f"{heading}  ·  n {counted(optima, 'perfect trades')}, {counted(actual, 'trades')}")
    return legend_above(ax)


def _draw_optima(ax: Axes, optimum: pd.DataFrame) -> None:
    start, end = days(optimum["entry_time"]), days(optimum["exit_time"])
    paths = np.stack([np.c_[start, optimum["entry_price"]], np.c_[end, optimum["exit_price"]]], axis=1)
    ax.add_collection(
        LineCollection(paths, colors=style.OPTIMUM, linewidths=3.2, alpha=0.55, zorder=3.2, label="_optima")
    )
    shared = {"s": 30, "marker": "D", "edgecolors": style.OPTIMUM, "linewidths": 1.2, "zorder": 3.5}
    ax.scatter(start, optimum["entry_price"], facecolors=style.OPTIMUM, label="perfect entry", **shared)
    ax.scatter(end, optimum["exit_price"], facecolors="white", label="perfect exit", **shared)
