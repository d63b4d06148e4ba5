"""When perfect timing was in the market and when the trades were: two lanes under the price, a bar from each entry to its exit.

Marks on the price itself lie on one another from a dozen trades on; in lanes a day of forty is legible on a phone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from lib.draw import style
from lib.draw.axis import TickTexts, days, draw_nothing, legend_above, tell, title
from lib.draw.numbers import counted
from lib.draw.price import draw_close, draw_spans, price_axis

#: Middle of each lane and half its height, in parts of the axis' height; the price has the rest above.
_PERFECT, _ACTUAL, _HALF = 0.30, 0.08, 0.055
_PRICE_FROM = 0.46


def draw_lanes(
    ax: Axes,
    candles: pd.DataFrame | None,
    optimum: pd.DataFrame | None,
    trades: pd.DataFrame | None,
) -> Axes:
    """Closes, and below them the perfect setup trades (hindsight) and the actual ones as bars in time.

    LONG stands above the line of a lane, SHORT below. The title says how long each were held on average, in minutes.
    """
    if candles is None or candles.empty:
        return draw_nothing(ax, "no candles in this window", "Perfect (hindsight) and actual trades")
    draw_close(ax, candles, colour=style.NEUTRAL)
    price_axis(ax)
    _raise_price(ax, candles["close"].to_numpy(dtype=float))
    perfect = _bars(ax, optimum, _PERFECT, "in hindsight: LONG above the line, SHORT below")
    actual = _bars(ax, trades, _ACTUAL, "the trades, likewise")
    shown: list[Patch] = []
    if perfect is not None:
        _draw(ax, perfect, style.OPTIMUM, style.OPTIMUM)
        shown.append(Patch(facecolor=style.OPTIMUM, label="perfect"))
    if actual is not None and trades is not None:
        won = trades["win"].to_numpy(dtype=bool)
        for chosen, face, edge, label in (
            (won, style.PROFIT, style.PROFIT, "won"),
            (~won, "#FFFFFF", style.LOSS, "lost"),
        ):
            if chosen.any():
                _draw(ax, actual[chosen], face, edge)
                shown.append(Patch(facecolor=face, edgecolor=edge, label=label))
    counts = [0 if frame is None else len(frame) for frame in (optimum, trades)]
    title(ax, f"{held_words(optimum, trades)}  ·  n {counts[0]} and {counts[1]}")
    tell(
        ax,
        f"{held_words(optimum, trades)}: {counted(counts[0], 'perfect trades')}, known only afterwards, and "
        f"{counted(counts[1], 'trades')} as bars in time under the price.",
    )
    return legend_above(ax, handles=[*ax.get_legend_handles_labels()[0], *shown])


def _raise_price(ax: Axes, closes: np.ndarray) -> None:
    """Give the price the upper part of the axis, with ticks there alone."""
    low, high = float(np.nanmin(closes)), float(np.nanmax(closes))
    spread = max(high - low, abs(high) * 1e-4)
    ticks = [each for each in MaxNLocator(4).tick_values(low, high) if low <= each <= high] or [low]
    ax.set_yticks(ticks, TickTexts(lambda value, digits: f"{value:,.{digits}f}").format_ticks(ticks))
    ax.set_ylim(
        low - spread * _PRICE_FROM / (0.97 - _PRICE_FROM),
        low + spread * (1 - _PRICE_FROM) / (0.97 - _PRICE_FROM),
    )


def _bars(ax: Axes, trades: pd.DataFrame | None, middle: float, label: str) -> np.ndarray | None:
    """Name a lane and draw its line; of its trades start, end and bottom, one row each, None without one."""
    ax.plot([0, 1], [middle, middle], transform=ax.transAxes, color=style.GRID, linewidth=0.8, zorder=1)
    ax.text(0.005, middle + _HALF + 0.008, label, transform=ax.transAxes, va="bottom", color=style.MUTED)
    if trades is None or trades.empty:
        return None
    long = (trades["direction"] == "LONG").to_numpy()
    bottom = np.where(long, middle, middle - _HALF)
    return np.c_[days(trades["entry_time"]), days(trades["exit_time"]), bottom]


def _draw(ax: Axes, bars: np.ndarray, face: str, edge: str) -> None:
    for bottom in np.unique(bars[:, 2]):
        spans = [(start, end) for start, end, at in bars if at == bottom]
        look = {"facecolors": face, "edgecolors": edge, "linewidths": 0.8, "zorder": 3}
        draw_spans(ax, spans, bottom=bottom, top=bottom + _HALF, **look)


def held_words(optimum: pd.DataFrame | None, trades: pd.DataFrame | None) -> str:
    """How long perfect and actual trades were held on average."""
    perfect, actual = (_mean_minutes(frame) for frame in (optimum, trades))
    if perfect is None and actual is None:
        return "No perfect trade and no trade"
    if actual is None:
        return f"Perfect timing held {perfect:.0f} min on average; there was no trade"
    if perfect is None:
        return f"No perfect trade; the trades were held {actual:.0f} min on average"
    return f"Perfect timing held {perfect:.0f} min on average, the trades {actual:.0f}"


def _mean_minutes(trades: pd.DataFrame | None) -> float | None:
    """Of the trades whose exit time was logged; None without one."""
    held = None if trades is None else trades["hold_minutes"].mean()
    return None if held is None or held != held else float(held)
