"""Figures of hindsight: perfect trades, selection and learnable beside the same events at other times, and the gap to the perfect trades
in parts.

Titles say "hindsight", so that no figure is taken for a promise.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, Locator, MaxNLocator

from lib.contract.dollars import A_COIN, CENTS, Coin
from lib.contract.optimal_vs_actual import OptimalComparison, ShiftedTotals
from lib.draw import style
from lib.draw.axis import TickTexts, draw_nothing, legend_above, tell, title, zero_line
from lib.draw.margins import text_width
from lib.draw.numbers import counted, dollars, per_coin, percent

#: About what the names of the parts leave of a figure's width.
_INNER_INCHES = 2.7
#: The parts of the gap in words, for the waterfall, the table beside it, and sentences.
PART_WORDS = {
    "missed": "perfect trades missed",
    "late_entry": "entries over 5 min late",
    "entry": "entries within 5 min of the best one",
    "early_exit": "trades left too early",
    "exit": "exits at the best moment or after it",
    "false_entry": "trades with no perfect one near",
}


def draw_gap_parts(ax: Axes, comparison: OptimalComparison | None, *, coin: Coin = A_COIN) -> Axes:
    """Waterfall in dollars from the actual P&L through the parts of the gap to the perfect setup trades, each with its count.

    Filled: perfect timing did better there. Hatched: the trades did.
    """
    heading = "From what was made to perfect timing"
    if comparison is None or not (comparison.optimal_trades or comparison.actual_trades):
        return draw_nothing(ax, "no setups and no trades in this window", heading)
    steps = [(PART_WORDS[part.name], part.pnl, part.count) for part in comparison.gap_parts]
    shown = coin.decimals - CENTS  # a hundredth of a dollar has no room at a bar
    starts = comparison.actual_pnl + np.r_[0.0, np.cumsum([money for _, money, _ in steps])]
    _draw_total(ax, 0, comparison.actual_pnl, style.NEUTRAL, shown)
    for place, (_, money, _) in enumerate(steps, start=1):
        better = money >= 0
        colour = style.PROFIT if better else style.LOSS
        ax.barh(
            place,
            money,
            left=starts[place - 1],
            height=0.62,
            color=colour if better else style.LOSS_FILL,
            edgecolor=colour,
            hatch=None if better else "////",
            linewidth=0.8,
            zorder=2,
        )
        _label(ax, max(starts[place - 1], starts[place]), place, dollars(money, shown))
    for place, level in enumerate(starts):
        ax.plot([level, level], [place + 0.31, place + 0.69], color=style.MUTED, linewidth=0.8, zorder=1.9)
    _draw_total(ax, len(steps) + 1, comparison.optimal_pnl, style.OPTIMUM, shown)
    labels = [f"what was made, n {comparison.actual_trades}"]
    labels += [f"{fill(name, 24)}, n {count}" for name, _, count in steps]
    labels.append(f"perfect timing, n {comparison.optimal_trades}")
    ax.set_yticks(range(len(labels)), labels)
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.use_sticky_edges = False
    ax.margins(x=_beside(dollars(money, shown) for _, money, _ in steps))
    zero_line(ax, vertical=True)
    ax.xaxis.set_major_locator(_locator(shown))
    ax.xaxis.set_major_formatter(TickTexts(lambda value, digits: dollars(value, shown)))
    ax.set_xlabel(f"net P&L ($ {per_coin(coin)})")
    title(ax, f"{heading}: {dollars(comparison.gap_pnl, coin)}")
    parts = ", ".join(f"{name} {dollars(money, coin)}" for name, money, _ in steps)
    tell(
        ax,
        f"From {dollars(comparison.actual_pnl, coin)} to {dollars(comparison.optimal_pnl, coin)}, which only hindsight makes: {parts}.",
    )
    return legend_above(ax, columns=1, handles=_legend([money for _, money, _ in steps]))


def _locator(decimals: int) -> Locator:
    """Four parts of the axis; zero alone where dollars are so long that they have no room beside each other, as each bar says its own."""
    return MaxNLocator(4) if decimals <= CENTS else FixedLocator([0.0])


def _legend(amounts: list[float]) -> list[Patch]:
    """What filled and hatched parts mean, as far as there are such."""
    filled = Patch(facecolor=style.PROFIT, label="perfect timing did better")
    hatched = Patch(
        facecolor=style.LOSS_FILL,
        edgecolor=style.LOSS,
        hatch="////",
        linewidth=0.8,
        label="the trades did better",
    )
    return [filled] * any(amount >= 0 for amount in amounts) + [hatched] * any(
        amount < 0 for amount in amounts
    )


def _beside(figures: Iterable[str]) -> float:
    """The part of an axis' range that the longest of these figures takes at its end."""
    widest = max((text_width(figure, style.SMALL) for figure in figures), default=0.0) + 0.12
    return widest / max(_INNER_INCHES - 2 * widest, 0.5)


def _draw_total(ax: Axes, place: int, money: float, colour: str, shown: int) -> None:
    ax.barh(place, money, height=0.62, color=colour, zorder=2)
    _label(ax, money, place, dollars(money, shown), left=money < 0)


def _label(ax: Axes, x: float, y: float, text: str, *, left: bool = False) -> None:
    ax.annotate(
        text,
        (x, y),
        xytext=(-4 if left else 4, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        # Where a level is near zero, the zero line would run through the figure.
        bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
        zorder=4,
    )


def draw_setup_trades(ax: Axes, comparison: OptimalComparison | None, *, coin: Coin = A_COIN) -> Axes:
    """What was made, what had paid before, and what only hindsight makes of the window's setups, as bars from zero in dollars.

    Hindsight has the colour that it has in `draw_gap_parts`; a band shows what the same setups make at other times (5 to 95 %).
    """
    heading = "What was made, and hindsight"
    if comparison is None or not comparison.events:
        return draw_nothing(ax, "no setups in this window", heading)
    rows, shown = _reach(comparison), coin.decimals - CENTS
    # Sums at other times are known in percent of the entry prices: they are drawn at those of perfect timing, within one window.
    percents = comparison.optimal_pnl_pct
    dollars_a_percent = comparison.optimal_pnl / percents if percents else 0.0
    for place, row in enumerate(rows):
        _draw_reach(ax, place, row, dollars_a_percent, shown)
    zero_line(ax, vertical=True)
    ax.set_yticks(
        range(len(rows)), [f"{row.name}, n {row.trades}" if row.trades else row.name for row in rows]
    )
    ax.set(ylim=(len(rows) - 0.4, -0.6), xlabel=f"net P&L ($ {per_coin(coin)})")
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.use_sticky_edges = False
    ax.margins(x=_beside(dollars(row.money, shown) for row in rows))
    ax.xaxis.set_major_locator(_locator(shown))
    ax.xaxis.set_major_formatter(TickTexts(lambda value, digits: dollars(value, shown)))
    title(ax, heading, n=comparison.events, unit="setups")
    tell(ax, f"{heading}: {'; '.join(_beside_null(row, coin) for row in rows)}.")
    return legend_above(ax, columns=1, handles=_reach_legend(rows))


class _Reach(NamedTuple):
    """One row: how much was made in how many trades (dollars, and percent of the entry prices), and the same at other times."""

    name: str
    trades: int
    money: float
    returns: float
    null: ShiftedTotals | None = None
    hindsight: bool = False


def _reach(comparison: OptimalComparison) -> list[_Reach]:
    """The rows from what happened to what cannot; those that an older file lacks are left out."""
    rows = [_Reach("made", comparison.actual_trades, comparison.actual_pnl, comparison.actual_pnl_pct)]
    if (known := comparison.learnable) is not None:
        rows.append(_Reach("had paid before", known.trades, known.pnl, known.pnl_pct, known.null))
    if (chosen := comparison.selection) is not None:
        made = chosen.trades, chosen.pnl, chosen.pnl_pct, chosen.null
        rows.append(_Reach("hindsight, with\nstandard exits", *made, hindsight=True))
    perfect = comparison.optimal_trades, comparison.optimal_pnl, comparison.optimal_pnl_pct
    return [*rows, _Reach("hindsight,\nperfect timing", *perfect, comparison.optimal_null, hindsight=True)]


def _draw_reach(ax: Axes, place: int, row: _Reach, dollars_a_percent: float, shown: int) -> None:
    """The bar of a row, over the band of the same at other times; its figure stands beyond both."""
    colour = style.OPTIMUM if row.hindsight else style.NEUTRAL
    ax.barh(place, row.money, height=0.46, color=colour, zorder=2)
    if row.null is not None and dollars_a_percent:
        band = np.array([row.null.p5, row.null.p95]) * dollars_a_percent
        below = place + 0.33
        ax.plot(band, [below, below], color=style.MUTED, linewidth=3, solid_capstyle="butt")
        mean = row.null.mean * dollars_a_percent
        ax.plot([mean], [below], "|", color=style.INK, markersize=8, markeredgewidth=1.4)
    _label(ax, row.money, place, dollars(row.money, shown) if row.trades else "nothing", left=row.money < 0)


def _reach_legend(rows: list[_Reach]) -> list[Artist]:
    future = Patch(facecolor=style.OPTIMUM, label="knows the future: nobody can have it")
    band = Line2D([], [], color=style.MUTED, linewidth=3, label="the same at other times (90 of 100)")
    return [future] + [band] * any(row.null is not None for row in rows)


def _beside_null(row: _Reach, coin: Coin) -> str:
    """One row in words: what was made, and the same at other times."""
    usual = f", at other times {percent(row.null.mean, 2, signed=True)} on average" if row.null else ""
    name, returns = " ".join(row.name.split()), percent(row.returns, 2, signed=True)
    if not row.trades:
        return f"{name} nothing"
    trades = counted(row.trades, "trades")
    return f"{name} {dollars(row.money, coin)} in {trades} ({returns}{usual})"
