"""Figures of the backtest: equity with drawdown, exit reasons, hold times, its best trades on price (the grid is in lib.draw.grid)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.contract.smart_backtest import ExitCount, TradeExample
from lib.draw import style
from lib.draw.actual_trades import NO_TRADES, draw_equity
from lib.draw.axis import days, dollar_axis, draw_nothing, legend_above, time_axis, title
from lib.draw.numbers import dollars, per_coin, percent
from lib.draw.price import draw_candles, price_axis

_LINE_END = "\n"
_BIN_MINUTES = 5.0
_AROUND = pd.Timedelta(minutes=30)  #: of price that is shown around a trade
_EXIT_WORDS = {"TP_HIT": "target hit", "SL_HIT": "stop hit", "TIME_EXIT": "time exit"}


def draw_equity_and_drawdown(
    axes: Sequence[Axes], trades: pd.DataFrame | None, *, coin: str = "coin"
) -> Sequence[Axes]:
    """Equity on the first of two axes, on the second the fall of net equity below its earlier high, trade by trade from 0 ($)."""
    upper, lower = axes[0], axes[1]
    draw_equity(upper, trades, who="backtest", coin=coin)
    if trades is None or trades.empty:
        draw_nothing(lower, "")
        return axes
    closed = trades.sort_values("exit_time", kind="stable")
    moments = np.r_[days(closed["entry_time"]).min(), days(closed["exit_time"])]
    equity = np.r_[0.0, closed["net_usd"].cumsum()]
    fall = equity - np.maximum.accumulate(equity)
    lower.step(moments, fall, where="post", color=style.LOSS, linewidth=1.2)
    lower.fill_between(moments, fall, 0.0, step="post", color=style.LOSS, alpha=0.22, linewidth=0)
    title(lower, f"Drawdown: deepest {dollars(float(fall.min()))}", n=len(closed))
    lower.margins(y=0.12)
    time_axis(lower)
    dollar_axis(lower, f"below its high ($ {per_coin(coin)})")
    upper.set_xlabel("")
    return axes


def draw_exit_reasons(ax: Axes, exit_reasons: dict[str, ExitCount] | None) -> Axes:
    """Trades by exit reason, the profitable part filled and the rest hatched, with count and win rate at the end of each bar."""
    heading = "How trades ended"
    shown = {name: count for name, count in (exit_reasons or {}).items() if count.count}
    if not shown:
        return draw_nothing(ax, NO_TRADES, heading)
    names = list(shown)[::-1]
    rows = np.arange(len(names))
    won = np.array([shown[name].profitable for name in names])
    lost = np.array([shown[name].count for name in names]) - won
    ax.barh(rows, won, height=0.62, color=style.PROFIT, zorder=2, label="net profit")
    ax.barh(
        rows,
        lost,
        left=won,
        height=0.62,
        facecolor=style.LOSS_FILL,
        edgecolor=style.LOSS,
        hatch="////",
        linewidth=0.8,
        zorder=2,
        label="net loss",
    )
    for row, name in zip(rows, names, strict=True):
        count = shown[name]
        text = f"n {count.count}, {percent(100 * count.profitable / count.count, 0)} won"
        ax.annotate(text, (count.count, row), xytext=(5, 0), textcoords="offset points", va="center", size=9)
    ax.set_yticks(rows, [_EXIT_WORDS.get(name, name.lower().replace("_", " ")) for name in names])
    ax.set_xlabel("trades (count)")
    ax.margins(x=0.18)
    ax.set_xlim(left=0)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(axis="y", visible=False)
    title(ax, heading, n=int((won + lost).sum()))
    return legend_above(ax)


def draw_hold_times(ax: Axes, trades: pd.DataFrame | None) -> Axes:
    """Histogram of hold times in minutes, profit stacked under loss, with the median.

    A bin holds its lower bound, the last one its upper bound as well: trades closed after 45 minutes stand in 40–45.
    """
    heading = "How long trades were held"
    if trades is None or trades.empty:
        return draw_nothing(ax, NO_TRADES, heading)
    held = trades["hold_minutes"].to_numpy(dtype=float)
    won = trades["win"].to_numpy(dtype=bool)
    bins = max(int(np.ceil(held.max() / _BIN_MINUTES)), 1)
    edges = np.arange(bins + 1) * _BIN_MINUTES
    ax.hist(
        [held[won], held[~won]],
        bins=edges.tolist(),
        stacked=True,
        color=[style.PROFIT, style.LOSS_FILL],
        edgecolor="white",
        label=["net profit", "net loss"],
        zorder=2,
    )
    for patch in ax.containers[-1]:
        patch.set(edgecolor=style.LOSS, hatch="////", linewidth=0.8)
    median = float(np.median(held))
    ax.axvline(
        median,
        color=style.INK,
        linewidth=1.3,
        linestyle=(0, (4, 2)),
        label=f"median {median:.1f} min",
        zorder=3,
    )
    ax.set(xlabel="hold time (minutes)", ylabel="trades (count)")
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.set_xlim(left=0)
    title(ax, heading, n=len(held))
    return legend_above(ax)


def draw_top_trades(
    axes: Sequence[Axes], candles: pd.DataFrame | None, examples: Sequence[TradeExample] | None
) -> Sequence[Axes]:
    """The best trades, one an axis: candles from half an hour before the entry to half an hour after the exit, both ribbons named.

    The best of a window are picked in hindsight; axes without a trade are left blank.
    """
    chosen = list(examples or [])
    for position, ax in enumerate(axes):
        if candles is None or candles.empty or position >= len(chosen):
            draw_nothing(ax, NO_TRADES if position == 0 else "")
            continue
        _draw_example(ax, candles, chosen[position])
        wide = ax.get_subplotspec().get_gridspec().ncols == 1
        title(ax, f"{position + 1}. {_words(chosen[position], between=', ' if wide else _LINE_END)}")
        ax.set_title(ax.get_title(loc="left"), fontsize=8.5, pad=6)
        if position:
            ax.set_ylabel("")
    return axes


def _words(example: TradeExample, between: str) -> str:
    made = f"{example.direction} {dollars(example.pnl_dollars)} in {example.hold_minutes:g} min"
    return between.join(
        [made, f"5 min: {example.entry_ribbon_5min}", f"15 min: {example.entry_ribbon_15min}"]
    )


def _draw_example(ax: Axes, candles: pd.DataFrame, example: TradeExample) -> None:
    entered = pd.Timestamp(example.entry_time)
    entered = entered.tz_localize("UTC") if entered.tzinfo is None else entered.tz_convert("UTC")
    left = entered + pd.Timedelta(minutes=example.hold_minutes)
    near = candles[(candles.index >= entered - _AROUND) & (candles["closed_at"] <= left + _AROUND)]
    draw_candles(ax, near)
    start, end = days([entered, left])
    colour = style.DIRECTION_COLOURS[example.direction]
    ax.axvspan(start, end, color=colour, alpha=0.08, linewidth=0, zorder=0.6)
    ax.plot([start, end], [example.entry_price, example.exit_price], color=colour, linewidth=1.6, zorder=4)
    ax.plot(
        [start],
        [example.entry_price],
        marker=style.DIRECTION_MARKERS[example.direction],
        markersize=9,
        color=colour,
        markeredgecolor="white",
        zorder=5,
    )
    gained = example.pnl_dollars > 0
    ax.plot(
        [end],
        [example.exit_price],
        marker="o",
        markersize=7,
        color=style.PROFIT if gained else style.LOSS,
        markerfacecolor=style.PROFIT if gained else "white",
        zorder=5,
    )
    price_axis(ax, narrow=True)
