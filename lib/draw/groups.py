"""Groups of trades side by side: win rates as dots with their intervals, P&L as bars, each with its n."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from lib.contract.results import GroupStats, NamedGroup, SignatureStats
from lib.draw import style
from lib.draw.axis import dollar_axis, draw_nothing, legend_above, title, zero_line
from lib.draw.numbers import dollars, per_coin, percent

#: Below this many trades an interval spans most of the axis; its dot is drawn hollow.
FEW = 10


def _name_of(group: GroupStats) -> str:
    """What a group is called: its name or signature, else "all"."""
    if isinstance(group, NamedGroup):
        return group.name
    return group.signature if isinstance(group, SignatureStats) else "all"


def named(groups: Sequence[GroupStats] | dict[str, GroupStats] | None) -> list[tuple[str, GroupStats]]:
    """Groups with their names, of a list (named by themselves) or of a dict (named by its keys)."""
    if not groups:
        return []
    if isinstance(groups, dict):
        return list(groups.items())
    return [(_name_of(group), group) for group in groups]


def draw_win_rates(
    ax: Axes,
    groups: Sequence[GroupStats] | dict[str, GroupStats] | None,
    *,
    heading: str = "Win rate by group",
    breakeven: float | None = None,
    most: int = 14,
) -> Axes:
    """Win rate of each group as a dot on its 95 % Wilson interval, against the break-even line (percent).

    Groups without a trade are left out; of more than `most` those with the most trades are drawn, and the title says so. Fewer
    than ten trades: a hollow dot.
    """
    filled = [(name, group) for name, group in named(groups) if group.total and group.win_rate is not None]
    if not filled:
        return draw_nothing(ax, "no trades in this window", heading)
    largest = sorted(filled, key=lambda pair: -pair[1].total)[:most]
    shown = [pair for pair in filled if pair in largest][::-1]
    rows = np.arange(len(shown))
    for row, (_, group) in zip(rows, shown, strict=True):
        _draw_rate(ax, row, group)
    if breakeven is not None:
        draw_breakeven(ax, breakeven, vertical=True)
    ax.set_yticks(rows, [f"{name}   n {group.total}" for name, group in shown])
    rate_axis(ax, len(shown))
    ax.grid(axis="y", visible=False)
    total = sum(group.total for _, group in filled)
    left_out = f" ({most} of {len(filled)})" if len(filled) > most else ""
    title(ax, f"{heading}{left_out}", n=total)
    return legend_above(ax) if breakeven is not None else ax


def rate_axis(ax: Axes, rows: int, right: float = 103.0) -> Axes:
    """Win rates from 0 to 100 % on x, one row a group; a little room, so that marks at 0 and 100 stay whole."""
    ax.set_xticks(range(0, 101, 20))
    ax.set(xlim=(-3, right), ylim=(-0.6, rows - 0.4), xlabel="net win rate (%), 95 % Wilson interval")
    return ax


def draw_interval(ax: Axes, row: float, group: GroupStats, colour: str) -> None:
    """The interval of a group's win rate as a pale bar along its row; nothing where it has none."""
    if group.win_rate_low is not None and group.win_rate_high is not None:
        span = [group.win_rate_low, group.win_rate_high]
        ax.plot(span, [row, row], color=colour, linewidth=2.2, alpha=0.45, zorder=2)


def _draw_rate(ax: Axes, row: float, group: GroupStats, colour: str = style.LONG, marker: str = "o") -> None:
    rate = float(group.win_rate or 0.0)
    draw_interval(ax, row, group, colour)
    hollow = group.total < FEW
    ax.plot(
        [rate],
        [row],
        marker=marker,
        markersize=8,
        color=colour,
        markerfacecolor="white" if hollow else colour,
        markeredgewidth=1.5,
        linestyle="none",
        zorder=3,
    )
    ax.annotate(
        percent(rate),
        (rate, row),
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        size=8,
        color=style.MUTED,
    )


def draw_breakeven(ax: Axes, rate: float, *, vertical: bool = False) -> Axes:
    """The win rate (percent) at which costs eat every gain, as a dashed line with its figure in the legend."""
    line = ax.axvline if vertical else ax.axhline
    line(
        rate,
        color=style.BREAKEVEN,
        linewidth=1.2,
        linestyle=(0, (4, 3)),
        zorder=1.8,
        label=f"break-even {percent(rate)}",
    )
    return ax


def draw_pnl_bars(
    ax: Axes,
    groups: Sequence[GroupStats] | dict[str, GroupStats] | None,
    *,
    heading: str,
    xlabel: str,
    keep_empty: bool = False,
    coin: str = "coin",
) -> Axes:
    """Net P&L of each group in dollars as a bar, its n and win rate at the bar's end; losses are hatched."""
    shown = [(name, group) for name, group in named(groups) if group.total or keep_empty]
    if not any(group.total for _, group in shown):
        return draw_nothing(ax, "no trades in this window", heading)
    x = np.arange(len(shown))
    money = np.array([group.total_pnl for _, group in shown], dtype=float)
    gains = money >= 0
    bars = ax.bar(x, money, width=0.72, color=np.where(gains, style.PROFIT, style.LOSS), zorder=2)
    for bar, gain in zip(bars, gains, strict=True):
        if not gain:
            bar.set(facecolor=style.LOSS_FILL, edgecolor=style.LOSS, hatch="////", linewidth=0.8)
    wide = len(shown) <= 8
    for position, (_, group), amount in zip(x, shown, money, strict=True):
        if group.total:
            _label_bar(ax, position, amount, group, wide)
    zero_line(ax)
    ax.margins(y=0.2)
    ax.set_xticks(x, [name for name, _ in shown])
    ax.set_xlabel(xlabel)
    ax.grid(axis="x", visible=False)
    dollar_axis(ax, f"net P&L ($ {per_coin(coin)})")
    return title(ax, heading, n=sum(group.total for _, group in shown))


def _label_bar(ax: Axes, x: float, amount: float, group: GroupStats, wide: bool) -> None:
    text = (
        f"{dollars(amount)}\nn {group.total}, {percent(group.win_rate, 0)} won" if wide else f"{group.total}"
    )
    below = amount < 0
    ax.annotate(
        text,
        (x, amount),
        xytext=(0, -4 if below else 4),
        textcoords="offset points",
        ha="center",
        va="top" if below else "bottom",
        size=8,
        color=style.MUTED,
    )
