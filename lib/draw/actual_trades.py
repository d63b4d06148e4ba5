"""Figures of the actual trades: equity, trades on price and ribbon, what holding longer would have made.

`who` says whose trades they are ("your trades", "rule decider on a synthetic market"): the label of the window's source.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.contract.actual_trades import LongerHold
from lib.contract.dollars import A_COIN, CENTS, Coin
from lib.draw import style
from lib.draw.axis import days, dollar_axis, draw_nothing, legend_above, tell, time_axis, title, zero_line
from lib.draw.numbers import bounds, counted, dollars, per_coin, percent, price_words
from lib.draw.price import (
    candle_key,
    draw_candles,
    draw_ribbon,
    draw_trades,
    price_axis,
    shade_quality,
)
from lib.draw.zoom import price_block

NO_TRADES = "no trades in this window"
#: More marks than this lie on one another, on a phone most of all, and say nothing that the line does not.
_MOST_MARKED = 25
#: More candles than this are so narrow that nobody sees whether one is hollow.
_SEEN_CANDLES = 120
#: With fewer episodes than this no longer hold is shown.
LEAST_HOLD_EPISODES = 30
FEW_HOLDS = f"no hold time has {LEAST_HOLD_EPISODES} episodes of trades closed earlier"
HELD_LONGER = (
    "The same trades, had each been kept for so many minutes with its stop in place and then closed at the market, and how far the price "
    "went against them until then. Trades that a stop ended could not have been kept and are left out. A hold time with fewer than "
    f"{LEAST_HOLD_EPISODES} episodes is not shown: such a mean is noise."
)


def draw_equity(
    ax: Axes,
    trades: pd.DataFrame | None,
    *,
    who: str = "actual trades",
    coin: Coin = A_COIN,
    heading: str = "Equity",
    beside: tuple[str, pd.DataFrame] | None = None,
) -> Axes:
    """Running net and gross P&L in dollars for one coin, stepping at each exit; up to 25 trades are marked by direction and outcome.

    `beside`: the name of somebody else and their trades, whose net P&L is a line of its own.
    """
    label = f"running P&L ($ {per_coin(coin)})"
    return _equity(ax, trades, ("net_usd", "gross_usd"), heading, label, who, beside, coin.decimals)


def draw_account_equity(ax: Axes, trades: pd.DataFrame | None, *, who: str = "actual trades") -> Axes:
    """The same in the account's money: every trade at its own size, those that log none left out."""
    heading = "Equity of the account"
    if trades is not None and not trades.empty:
        trades = trades[trades["net_account"].notna()]
        if trades.empty:
            return draw_nothing(ax, "no trade logs a size", heading)
    return _equity(
        ax, trades, ("net_account", "gross_account"), heading, "running P&L of the account ($)", who
    )


def _equity(
    ax: Axes,
    trades: pd.DataFrame | None,
    columns: tuple[str, str],
    heading: str,
    ylabel: str,
    who: str,
    beside: tuple[str, pd.DataFrame] | None = None,
    decimals: int = CENTS,
) -> Axes:
    if trades is None or trades.empty:
        return draw_nothing(ax, NO_TRADES, heading)
    closed = _by_exit(trades)
    moments, net = _running(closed, columns[0])
    _, gross = _running(closed, columns[1])
    labels = ("gross", "net of costs")
    if beside is not None and len(beside[1]):
        labels = (f"{heading.lower()}, gross", f"{heading.lower()}, net")
    look = {"where": "post", "color": style.NEUTRAL, "linewidth": 1.1, "linestyle": (0, (4, 2))}
    ax.step(moments, gross, **look, label=labels[0])
    ax.step(moments, net, where="post", color=style.INK, linewidth=1.6, label=labels[1])
    ax.fill_between(moments, net, 0.0, step="post", color=style.LONG, alpha=0.07, linewidth=0)
    if len(closed) <= _MOST_MARKED:
        _mark_outcomes(ax, closed, moments[1:], net[1:])
    shown, count = (
        f"{heading}: {dollars(net[-1], decimals)} net, {dollars(gross[-1], decimals)} gross",
        f"{len(closed):,}",
    )
    said = ""
    if beside is not None and len(beside[1]):
        name, others = beside
        at, theirs = _running(_by_exit(others), columns[0])
        ax.step(at, theirs, where="post", color=style.LONG, linewidth=1.6, label=f"{name}, net")
        shown, count = (
            f"{heading}: {dollars(net[-1], decimals)} net, {name} {dollars(theirs[-1], decimals)}",
            f"{count} and {len(others):,}",
        )
        said = f" Beside it {name}, with {dollars(theirs[-1], decimals)} after costs over {counted(len(others), 'trades')}."
    zero_line(ax)
    time_axis(ax)
    dollar_axis(ax, ylabel, decimals)
    title(ax, f"{shown}  ·  n {count}")
    tell(
        ax,
        f"{heading}, {who}: a line that ends at {dollars(net[-1], decimals)} after costs and {dollars(gross[-1], decimals)} before them, "
        f"over {counted(len(closed), 'trades')}; its lowest point is {dollars(float(net.min()), decimals)}.{said}",
    )
    return legend_above(ax)


def _by_exit(trades: pd.DataFrame) -> pd.DataFrame:
    return trades.sort_values("exit_time", kind="stable")


def _running(closed: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Date numbers and the running sum of a column, from 0 at the first entry on, of trades in the order of their exits."""
    moments = np.r_[days(closed["entry_time"]).min(), days(closed["exit_time"])]
    return moments, np.r_[0.0, closed[column].cumsum()]


def _mark_outcomes(ax: Axes, trades: pd.DataFrame, moments: np.ndarray, equity: np.ndarray) -> None:
    won = trades["win"].to_numpy(dtype=bool)
    for direction, marker in style.DIRECTION_MARKERS.items():
        for outcome, colour in ((True, style.PROFIT), (False, style.LOSS)):
            chosen = (trades["direction"] == direction).to_numpy() & (won == outcome)
            if chosen.any():
                ax.scatter(
                    moments[chosen],
                    equity[chosen],
                    marker=marker,
                    s=20,
                    facecolors=colour if outcome else "white",
                    edgecolors=colour,
                    linewidths=1.2,
                    zorder=4,
                    label=f"{direction} {'won' if outcome else 'lost'}",
                )


def draw_price_with_trades(
    ax: Axes,
    candles: pd.DataFrame | None,
    trades: pd.DataFrame | None,
    samples: pd.DataFrame | None = None,
) -> Axes:
    """Candles over the ribbon band, with entries and exits; stretches of doubtful samples are hatched.

    A 24-hour window of 10-second samples is thinned for display, which the figure says.
    """
    heading = "Price, ribbon and trades"
    if candles is None or candles.empty:
        return draw_nothing(ax, "no candles in this window", heading)
    remark = ""
    if samples is not None and not samples.empty:
        remark = draw_ribbon(ax, samples)
        shade_quality(ax, samples)
    draw_candles(ax, candles)
    count = 0 if trades is None else len(trades)
    if trades is not None and count:
        draw_trades(ax, trades)
    price_axis(ax)
    title(ax, f"{heading}  ·  n {counted(count, 'trades')}{remark and f', {remark}'}")
    first, last = (price_words(candles["close"].iloc[place]) for place in (0, -1))
    tell(
        ax,
        f"Price from {first} to {last} with the ribbon as a band, and where {counted(count, 'trades')} "
        "were entered and left.",
    )
    ax.figure.block = price_block(candles, {} if samples is None else {"5min": samples}, trades)
    key = candle_key() if len(candles) <= _SEEN_CANDLES else []
    return legend_above(ax, handles=[*ax.get_legend_handles_labels()[0], *key])


def holds_enough(held: Sequence[LongerHold] | None) -> list[LongerHold]:
    """The hold times that enough episodes speak of."""
    return [row for row in held or [] if row.episodes >= LEAST_HOLD_EPISODES]


def longer_holds_answer(held: Sequence[LongerHold] | None) -> str:
    """Whether keeping the trades longer would have made another mean than theirs, by the 95 % intervals of the differences."""
    enough = holds_enough(held)
    if not enough:
        return f"Held longer: nothing can be said yet, as {FEW_HOLDS}"
    clear = [
        row
        for row in enough
        if (low := row.difference_low_pct) is not None
        and (high := row.difference_high_pct) is not None
        and not low <= 0 <= high
    ]
    if not clear:
        most = max(row.episodes for row in enough)
        return f"Held longer: no hold time is told apart from how the trades were closed (n {most} episodes at most)"
    most_seen = max(clear, key=lambda row: row.episodes)
    interval = bounds(most_seen.difference_low_pct, most_seen.difference_high_pct, 3)
    others = f"; {counted(len(clear) - 1, 'other hold times')} clear of zero too" if len(clear) > 1 else ""
    return (
        f"Held longer: {most_seen.minutes} min would have changed the mean by "
        f"{percent(most_seen.difference_pct, 3, signed=True)} (n {most_seen.episodes}, {interval}){others}"
    )


def draw_longer_holds(ax: Axes, held: Sequence[LongerHold] | None) -> Axes:
    """What keeping the trades for 5–45 minutes, stop in place, would have added to what they made, with its interval.

    Hold times with fewer than LEAST_HOLD_EPISODES episodes are not drawn: their means are noise that looks like advice.
    """
    heading = "If held longer, stop in place"
    shown = holds_enough(held)
    if not shown:
        most = max((row.episodes for row in held or []), default=0)
        draw_nothing(ax, FEW_HOLDS if most else NO_TRADES)
        return title(ax, heading, n=most)
    x = np.array([row.minutes for row in shown], dtype=float)
    mean, low, high = (
        _numbers([getattr(row, name) for row in shown])
        for name in ("difference_pct", "difference_low_pct", "difference_high_pct")
    )
    ax.errorbar(
        x,
        mean,
        yerr=np.nan_to_num([mean - low, high - mean]),
        fmt="o",
        color=style.LONG,
        elinewidth=2.0,
        label="if held less as closed, net, 95 %",
    )
    zero_line(ax)
    ax.set_xticks(x, [f"{row.minutes}\nn {row.episodes}" for row in shown])
    ax.set(xlabel="minutes held, and n of episodes", ylabel="points of % of the price")
    counts = sorted({row.episodes for row in shown})
    title(ax, f"{heading}  ·  n {counts[0]}" + (f"–{counts[-1]}" if len(counts) > 1 else ""))
    return legend_above(ax)


def _numbers(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)
