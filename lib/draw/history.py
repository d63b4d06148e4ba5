"""Trends over many cycles: win rate, scalper score, evidence and the backtest's win rate, one point a cycle.

The frame is that of lib.history.trends: one row a cycle, indexed by its `timestamp` (UTC), with what it has of COLUMNS. Windows of
neighbouring cycles overlap, so neighbouring points share most of their trades: a smooth line is no evidence of a trend.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lib.draw import style
from lib.draw.axis import days, draw_nothing, legend_above, tell, time_axis, title
from lib.draw.numbers import counted, percent

COLUMNS = (
    "win_rate",
    "win_rate_low",
    "win_rate_high",
    "n",
    "scalper_score",
    "backtest_win_rate",
    "backtest_win_rate_low",
    "backtest_win_rate_high",
    "backtest_n",
    "proven_lessons",
    "lessons_to_act_on",
    "nearest_share",
)
#: A line over cycles breaks where they are further apart than this: a day without one.
_GAP_DAYS = 1.0
#: Fewer cycles are no trend.
_LEAST = 2
_MOST_DOTS = 60
GRADES = {"A": 80, "B": 70, "C": 60, "D": 50}


def draw_win_rate_trend(ax: Axes, history: pd.DataFrame | None) -> Axes:
    """Net win rate of the actual trades (%) with its 95 % interval, which narrows as n grows."""
    return _draw_rate(ax, history, "win_rate", "n", "Win rate of the trades", style.LONG)


def draw_backtest_trend(ax: Axes, history: pd.DataFrame | None) -> Axes:
    """Net win rate of the backtest (%), with its 95 % interval where the history has one."""
    return _draw_rate(
        ax, history, "backtest_win_rate", "backtest_n", "Win rate of the entry rule", style.SHORT
    )


def draw_score_trend(ax: Axes, history: pd.DataFrame | None) -> Axes:
    """Scalper score, 0–100, with the lower bounds of the grades; a cycle with fewer than five trades has none."""
    heading = "Scalper score"
    table, x, score = _series(history, "scalper_score")
    if len(x) < _LEAST:
        return draw_nothing(ax, _too_few(x, "no cycle with five trades yet"), heading)
    for grade, bound in GRADES.items():
        ax.axhline(bound, color=style.GRID, linewidth=0.9, zorder=1)
        ax.annotate(
            grade,
            (1.0, bound),
            xycoords=("axes fraction", "data"),
            xytext=(3, 2),
            textcoords="offset points",
            color=style.MUTED,
        )
    ax.plot(
        *_broken(x, score),
        color=style.LONG,
        linestyle=_dash(x, "-"),
        marker=_marker(x),
        markersize=4,
        label="score",
    )
    ax.set_ylim(0, 100)
    ax.grid(axis="y", visible=False)
    _cycle_axis(ax, history)
    ax.set_ylabel("score (0–100)")
    title(ax, heading, n=len(table), unit="cycles")
    tell(ax, f"{heading}, 0 to 100: {_moved('{:.0f}'.format, score)}.")
    return legend_above(ax)


def draw_evidence_trend(ax: Axes, history: pd.DataFrame | None) -> Axes:
    """Lessons to act on and proven ones as steps (right axis), and what share of the evidence it needs the nearest candidate has (left).

    Cycles whose record says nothing of evidence are left out. The share falls when the nearest candidate becomes a lesson, or ends.
    """
    heading = "Evidence"
    table, x, proven = _series(history, "proven_lessons")
    if len(x) < _LEAST:
        return draw_nothing(ax, _too_few(x, "no cycle with a ledger of lessons yet"), heading)
    share = pd.to_numeric(table["nearest_share"]).to_numpy(dtype=float)
    ax.axhline(1.0, color=style.GRID, linewidth=0.9, zorder=1)
    (nearest,) = ax.plot(
        *_broken(x, share),
        color=style.LONG,
        linestyle=_dash(x, "-"),
        marker=_marker(x),
        markersize=4,
        label="nearest candidate (left)",
    )
    ax.set_ylim(0, 1.05)
    ax.set_ylabel("share of the evidence (0–1)")
    _cycle_axis(ax, history)
    act_on = pd.to_numeric(table["lessons_to_act_on"]).to_numpy(dtype=float)
    steps = _draw_steps(ax, x, {"to act on (right)": act_on, "proven (right)": proven})
    title(ax, heading, n=len(table), unit="cycles")
    known = share[~np.isnan(share)]
    near = (
        f"the nearest candidate's share of the evidence {_moved('{:.2f}'.format, known)}; "
        if len(known)
        else ""
    )
    tell(ax, f"{heading}: {near}proven lessons {_moved('{:.0f}'.format, proven)}.")
    return legend_above(ax, handles=[nearest, *steps])


def _draw_steps(ax: Axes, x: np.ndarray, counts: dict[str, np.ndarray]) -> list[Line2D]:
    """Counts by label as steps on a right axis of whole numbers, the last one broken; the lines, for a legend."""
    right = ax.twinx()
    lines = [
        right.plot(
            *_broken(x, values),
            color=(style.SHORT, style.MUTED)[place % 2],
            drawstyle="steps-post",
            linestyle=_dash(x, "-" if place + 1 < len(counts) else (0, (5, 2))),
            marker=_marker(x),
            markersize=4,
            label=label,
        )[0]
        for place, (label, values) in enumerate(counts.items())
    ]
    right.set_ylim(0, max(4.0, *(np.nanmax(values, initial=0.0) for values in counts.values())) * 1.05)
    right.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
    right.grid(visible=False)
    for each in (ax, right):
        # A twin turns them on.
        each.tick_params(axis="y", left=False, right=False)
    right.spines["right"].set_visible(True)
    right.set_ylabel("lessons")
    return lines


def _draw_rate(
    ax: Axes, history: pd.DataFrame | None, column: str, count: str, heading: str, colour: str
) -> Axes:
    table, x, rate = _series(history, column)
    if len(x) < _LEAST:
        return draw_nothing(ax, _too_few(x, "no cycle with trades yet"), heading)
    bounds = [f"{column}_low", f"{column}_high"]
    if set(bounds) <= set(table.columns) and table[bounds].notna().all(axis=1).any():
        _draw_interval(ax, table, x, bounds, f"95 % interval{_trades_each(table, count)}", colour)
    ax.plot(
        *_broken(x, rate),
        color=colour,
        linestyle=_dash(x, "-"),
        marker=_marker(x),
        markersize=4,
        label="net win rate",
    )
    ax.set_ylim(0, 100)
    _cycle_axis(ax, history)
    ax.set_ylabel("net win rate (%)")
    title(ax, heading, n=len(table), unit="cycles")
    tell(ax, f"{heading}: {_moved(percent, rate)}{_trades_each(table, count)}.")
    return legend_above(ax)


def _draw_interval(
    ax: Axes, table: pd.DataFrame, x: np.ndarray, bounds: list[str], label: str, colour: str
) -> None:
    """A band, and as long as dots stay apart a line at each; lone cycles have no width to fill and get the line only."""
    moments, low = _broken(x, table[bounds[0]].to_numpy(dtype=float))
    _, high = _broken(x, table[bounds[1]].to_numpy(dtype=float))
    if _joined(x):
        ax.fill_between(moments, low, high, color=colour, alpha=0.16, linewidth=0, label=label)
    if _marker(x):
        named = "_intervals" if _joined(x) else label
        ax.vlines(moments, low, high, color=colour, alpha=0.45, linewidth=2.0, zorder=2, label=named)


def _too_few(x: np.ndarray, none: str) -> str:
    return "one cycle is no trend yet" if len(x) else none


def _moved(write: Callable[[float], str], values: np.ndarray) -> str:
    """From the first to the last of some figures, in words."""
    return f"from {write(values[0])} to {write(values[-1])} over {counted(len(values), 'cycles')}"


def _cycle_axis(ax: Axes, history: pd.DataFrame | None) -> None:
    """UTC time over all cycles, those without this figure too, so that the axes agree."""
    assert history is not None
    moments = days(history["timestamp"] if "timestamp" in history.columns else history.index)
    first, last = float(np.nanmin(moments)), float(np.nanmax(moments))
    room = 0.03 * (last - first)
    time_axis(ax)
    ax.set_xlim(first - room, last + room)


def _trades_each(table: pd.DataFrame, count: str) -> str:
    if count not in table.columns or not table[count].notna().any():
        return ""
    least, most = int(table[count].min()), int(table[count].max())
    return f" (n {least}–{most} trades)" if least != most else f" (n {counted(most, 'trades')})"


def _marker(x: np.ndarray) -> str:
    """Dots as long as they stay apart."""
    return "o" if len(x) <= _MOST_DOTS else ""


def _dash(x: np.ndarray, dash: Any) -> Any:
    """No line, in the legend neither, where lone cycles leave none to draw."""
    return dash if _joined(x) else "none"


def _joined(x: np.ndarray) -> bool:
    """Whether any two cycles are near enough for a line between them."""
    return bool((np.diff(x) <= _GAP_DAYS).any())


def _series(history: pd.DataFrame | None, column: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Rows in time order that have `column`, their times as date numbers, and its values."""
    if history is None or history.empty or column not in history.columns:
        return pd.DataFrame(), np.array([]), np.array([])
    table = history.reset_index() if "timestamp" not in history.columns else history
    table = table[pd.to_numeric(table[column]).notna()]
    times = days(table["timestamp"])
    order = np.argsort(times, kind="stable")
    table = table.iloc[order]
    return table, times[order], pd.to_numeric(table[column]).to_numpy(dtype=float)


def _broken(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = np.flatnonzero(np.diff(x) > _GAP_DAYS) + 1
    return np.insert(x, at, np.nan), np.insert(y, at, np.nan)
