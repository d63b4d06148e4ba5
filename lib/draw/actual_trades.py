"""Figures of the actual trades: equity, trades on price and ribbon, calibration, what holding longer would have made.

`who` says whose trades they are ("your trades", "rule decider on a synthetic market"): the label of the window's source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lib.contract.actual_trades import LongerHold
from lib.contract.results import NamedGroup
from lib.draw import style
from lib.draw.axis import days, dollar_axis, draw_nothing, legend_above, tell, time_axis, title, zero_line
from lib.draw.groups import draw_breakeven
from lib.draw.numbers import LEAST, counted, dollars, per_coin, percent
from lib.draw.price import draw_candles, draw_ribbon, draw_trades, price_axis, shade_quality
from lib.draw.zoom import price_block

NO_TRADES = "no trades in this window"
#: Percent. Nobody enters on a confidence below a coin's, so a band that is open below promises no less.
_LEAST_PROMISE = 50.0
#: Of executed trades and of answers: words, colour, and shift from the middle of the band where both are drawn.
_CALIBRATED = (("executed trades", style.LONG, -0.2), ("answers", style.BREAKEVEN, 0.2))
#: With fewer episodes than this no longer hold is shown.
LEAST_HOLD_EPISODES = 30
FEW_HOLDS = f"no hold time has {LEAST_HOLD_EPISODES} episodes of trades closed earlier"


def draw_equity(
    ax: Axes, trades: pd.DataFrame | None, *, who: str = "actual trades", coin: str = "coin"
) -> Axes:
    """Running net and gross P&L in dollars for one coin, stepping at each exit, every trade marked by direction and outcome."""
    return _equity(ax, trades, ("net_usd", "gross_usd"), "Equity", f"running P&L ($ {per_coin(coin)})", who)


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
    ax: Axes, trades: pd.DataFrame | None, columns: tuple[str, str], heading: str, ylabel: str, who: str
) -> Axes:
    if trades is None or trades.empty:
        return draw_nothing(ax, NO_TRADES, heading)
    closed = trades.sort_values("exit_time", kind="stable")
    moments = np.r_[days(closed["entry_time"]).min(), days(closed["exit_time"])]
    net, gross = (np.r_[0.0, closed[name].cumsum()] for name in columns)
    ax.step(
        moments, gross, where="post", color=style.NEUTRAL, linewidth=1.1, linestyle=(0, (4, 2)), label="gross"
    )
    ax.step(moments, net, where="post", color=style.INK, linewidth=1.6, label="net of costs")
    ax.fill_between(moments, net, 0.0, step="post", color=style.LONG, alpha=0.07, linewidth=0)
    _mark_outcomes(ax, closed, moments[1:], net[1:])
    zero_line(ax)
    time_axis(ax)
    dollar_axis(ax, ylabel)
    title(ax, f"{heading}: {dollars(net[-1])} net, {dollars(gross[-1])} gross", n=len(closed))
    tell(
        ax,
        f"{heading}, {who}: a line that ends at {dollars(net[-1])} after costs and {dollars(gross[-1])} before them, "
        f"over {counted(len(closed), 'trades')}; its lowest point is {dollars(float(net.min()))}.",
    )
    return legend_above(ax)


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
    closes = candles["close"]
    tell(
        ax,
        f"Price from {closes.iloc[0]:,.2f} to {closes.iloc[-1]:,.2f} with the ribbon as a band, and where {counted(count, 'trades')} "
        "were entered and left.",
    )
    ax.figure.block = price_block(candles, {} if samples is None else {"5min": samples}, trades)
    return legend_above(ax)


def draw_calibration(
    ax: Axes,
    bands: Sequence[NamedGroup] | None,
    answers: Sequence[NamedGroup] | None = None,
    *,
    breakeven: float | None = None,
    least: int = LEAST,
) -> Axes:
    """Net win rate by confidence band with its interval, of executed trades and beside it of all answers; a box spans what the band's
    confidence would promise if it were calibrated. A band with fewer than `least` trades or answers has no dot.

    A band without a lower bound promises from LEAST_PROMISE on, or from 0 where the whole band lies below that.
    """
    heading = "Confidence and outcome"
    series = [{band.name: band for band in found or []} for found in (bands, answers)]
    names = {name for found in series for name, band in found.items() if band.total}
    if not names:
        return draw_nothing(ax, NO_TRADES, heading)
    shown = sorted(names, key=lambda name: band_bounds(name) or (101, 101))
    for x, name in enumerate(shown):
        if (promised := band_bounds(name)) is not None:
            _draw_promise(ax, x, *promised)
    for found, (label, colour, shift) in zip(series, _CALIBRATED, strict=True):
        at = [(x + (shift if answers else 0.0), found[name]) for x, name in enumerate(shown) if name in found]
        filled = [(x, band) for x, band in at if band.total >= least]
        for place, (x, band) in enumerate(filled):
            _draw_band_rate(ax, x, band, colour, f"_{label}" if place else label)
    if breakeven is not None:
        draw_breakeven(ax, breakeven)
    ax.set_xticks(range(len(shown)), [_band_words(name, *series) for name in shown])
    xlabel = "confidence; n executed / n answers that count" if answers else "confidence"
    ax.set(xlim=(-0.6, len(shown) - 0.4), ylim=(0, 100), xlabel=xlabel)
    ax.set_ylabel("net win rate (%), 95 %")
    ax.grid(axis="x", visible=False)
    title(ax, heading, n=sum(band.total for band in series[0].values()))
    told = [
        f"{label} at {name} {percent(found[name].win_rate)} of {found[name].total}"
        for found, (label, _, _) in zip(series, _CALIBRATED, strict=True)
        for name in shown
        if name in found and found[name].total >= least
    ]
    tell(ax, f"{heading}: {', '.join(told) or 'no band with enough trades'}.")
    return legend_above(ax)


def _band_words(name: str, executed: dict[str, NamedGroup], answers: dict[str, NamedGroup]) -> str:
    counts = [str(found[name].total) if name in found else "0" for found in (executed, answers) if found]
    return f"{name}\nn {' / '.join(counts)}"


def _draw_promise(ax: Axes, x: int, low: float, high: float) -> None:
    label = "_promised" if x else "promised win rate"
    ax.add_patch(
        Rectangle(
            (x - 0.34, low), 0.68, high - low, facecolor="#E3EAEF", edgecolor="none", zorder=1, label=label
        )
    )


def _draw_band_rate(ax: Axes, x: float, band: NamedGroup, colour: str, label: str) -> None:
    rate = float(band.win_rate or 0.0)
    low = rate if band.win_rate_low is None else band.win_rate_low
    high = rate if band.win_rate_high is None else band.win_rate_high
    ax.errorbar(
        [x],
        [rate],
        yerr=[[max(rate - low, 0.0)], [max(high - rate, 0.0)]],
        fmt="o",
        markersize=8,
        color=colour,
        elinewidth=2.2,
        zorder=3,
        label=label,
    )
    ax.annotate(
        percent(rate, 0),
        (x, max(high, rate)),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
    )


def band_bounds(name: str) -> tuple[float, float] | None:
    """Confidence bounds in percent that a band's name gives: "≥ 0.85" is 85–100, "0.75–0.85" 75–85, "< 0.75" 50–75; else None."""
    found = [float(number) * 100 for number in re.findall(r"\d*\.\d+", name)]
    if len(found) >= 2:
        return found[0], found[1]
    if not found:
        return None
    if "<" in name:
        return (_LEAST_PROMISE if found[0] > _LEAST_PROMISE else 0.0), found[0]
    return found[0], 100.0


def holds_enough(held: Sequence[LongerHold] | None) -> list[LongerHold]:
    """The hold times that enough episodes speak of."""
    return [row for row in held or [] if row.episodes >= LEAST_HOLD_EPISODES]


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
