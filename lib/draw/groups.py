"""Groups of trades side by side: win rates as dots with their intervals, each with its n, and what they answer in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes

from lib.contract.results import GroupStats, NamedGroup, SignatureStats
from lib.draw import style
from lib.draw.axis import draw_nothing, legend_above, tell, title
from lib.draw.numbers import LEAST, bounds, counted, percent
from lib.draw.words import name_words, setup_words

#: Below this many trades an interval spans most of the axis.
FEW = 10
#: Groups that a sentence names at most.
_MOST_NAMED = 3


def _name_of(group: GroupStats) -> str:
    """What a group is called: its name or signature, else "all"."""
    if isinstance(group, NamedGroup):
        return name_words(group.name)
    return setup_words(group.signature) if isinstance(group, SignatureStats) else "all"


def named(groups: Sequence[GroupStats] | dict[str, GroupStats] | None) -> list[tuple[str, GroupStats]]:
    """Groups with their names, of a list (named by themselves) or of a dict (named by its keys)."""
    if not groups:
        return []
    if isinstance(groups, dict):
        return [(name_words(name), group) for name, group in groups.items()]
    return [(_name_of(group), group) for group in groups]


def enough(groups: Iterable[GroupStats]) -> bool:
    """Whether one of the groups has LEAST trades, so that anything can be said of them."""
    return any(group.total >= LEAST for group in groups)


def draw_win_rates(
    ax: Axes,
    groups: Sequence[GroupStats] | dict[str, GroupStats] | None,
    *,
    heading: str = "Win rate by group",
    breakeven: float | None = None,
    most: int = 14,
) -> Axes:
    """Win rate of each group as a dot on its 95 % Wilson interval, against the break-even line (percent).

    Groups with fewer than LEAST trades are left out, and of more than `most` those with the fewest; the title says of how many trades.
    """
    known = [(name, group) for name, group in named(groups) if group.total and group.win_rate is not None]
    filled = [(name, group) for name, group in known if group.total >= LEAST]
    if not filled:
        few = f"no group has {LEAST} trades" if known else "no trades in this window"
        return draw_nothing(ax, few, heading)
    largest = sorted(filled, key=lambda pair: -pair[1].total)[:most]
    shown = [pair for pair in filled if pair in largest][::-1]
    rows = np.arange(len(shown))
    for row, (_, group) in zip(rows, shown, strict=True):
        _draw_rate(ax, row, group)
    if breakeven is not None:
        draw_breakeven(ax, breakeven, vertical=True, of=" of the trades")
    ax.set_yticks(rows, [f"{_broken(name)}\nn {group.total}" for name, group in shown])
    if len(ax.figure.axes) == 1:
        ax.figure.set_size_inches(style.WIDTH_INCHES, 1.5 + 0.62 * len(shown))
    rate_axis(ax, len(shown))
    ax.grid(axis="y", visible=False)
    drawn, total = (sum(group.total for _, group in each) for each in (shown, known))
    title(ax, heading, n=total) if drawn == total else title(
        ax, f"{heading}  ·  {drawn:,} of {total:,} trades"
    )
    hidden = len(known) - len(shown)
    rest = f"; {counted(hidden, 'groups')} left out" if hidden else ""
    rates = ", ".join(f"{name} {percent(group.win_rate)} of {group.total}" for name, group in shown[::-1])
    needed = "" if breakeven is None else f"; break-even {percent(breakeven)}"
    tell(ax, f"{heading}: {rates}{needed}{rest}.")
    return legend_above(ax) if breakeven is not None else ax


def setups_finding(groups: Sequence[GroupStats] | None, breakeven: float | None = None) -> list[str]:
    """Which setups lie clear of the break-even win rate (percent) by their intervals, and how many trades are in none that is drawn."""
    known = [(name, group) for name, group in named(groups) if group.total]
    filled = [(name, group) for name, group in known if group.total >= LEAST]
    few = [group.total for _, group in known if group.total < LEAST]
    told = []
    if not known:
        told.append("No trade was closed in this window.")
    if filled and breakeven is not None:
        told.append(_clear_words(filled, breakeven))
    if few:
        setups = f"{counted(len(few), 'setups')} of fewer than {LEAST} each"
        told.append(f"{counted(sum(few), 'trades')} in {setups} are not drawn: so few say nothing.")
    return told


def _clear_words(groups: list[tuple[str, GroupStats]], breakeven: float) -> str:
    needed = f"the {percent(breakeven)} that these trades need to break even"
    clear = [
        f"{name} won {percent(group.win_rate)} (n {group.total}, {bounds(low, high, 0)}), clearly {'less' if high < breakeven else 'more'}"
        for name, group in groups
        if (low := group.win_rate_low) is not None
        and (high := group.win_rate_high) is not None
        and not low <= breakeven <= high
    ]
    if not clear:
        return f"No setup is told apart from {needed}, by the 95 % intervals of this window."
    more = f"; {len(clear) - _MOST_NAMED} more are clear of it too" if len(clear) > _MOST_NAMED else ""
    rest = len(groups) - len(clear)
    others = (
        f" By its win rate that cannot be said of the other {rest if rest > 1 else 'one'} drawn."
        if rest
        else ""
    )
    return f"In this window {'; '.join(clear[:_MOST_NAMED])} than {needed}{more}.{others}"


def habit_sentence(asked: str, first: tuple[str, GroupStats], second: tuple[str, GroupStats]) -> str:
    """Whether one way to enter did worse than another, by the intervals of their net means: "In this window entries with … did worse …".

    `asked` is what cannot be told, as a clause ("whether a wick helps").
    """
    (name, group), (other, rest) = first, second
    if min(group.total, rest.total) < LEAST:
        return f"It cannot be told {asked}: n {group.total} {name}, {rest.total} {other}."
    low, high, rest_low, rest_high = (
        end for each in (group, rest) for end in (each.net_low_pct, each.net_high_pct)
    )
    if (
        low is None
        or high is None
        or rest_low is None
        or rest_high is None
        or (low <= rest_high and rest_low <= high)
    ):
        return f"It cannot be told {asked}: the intervals of the means meet (n {group.total} {name}, {rest.total} {other})."
    side = "worse" if high < rest_low else "better"
    return f"In this window entries {name} did {side} than those {other}: {_mean_words(group)} against {_mean_words(rest)}."


def _mean_words(group: GroupStats) -> str:
    interval = bounds(group.net_low_pct, group.net_high_pct, 3)
    return f"{percent(group.net_mean_pct, 3, signed=True)} on average (n {group.episodes}, {interval})"


def _broken(name: str) -> str:
    """A name in short lines: beside the axis there is little room."""
    return "\n".join(wrap(name, 22))


def rate_axis(ax: Axes, rows: int, right: float = 103.0) -> Axes:
    """Win rates from 0 to 100 % on x, one row a group; a little room, so that marks at 0 and 100 stay whole."""
    ax.set_xticks(range(0, 101, 20))
    ax.set(xlim=(-3, right), ylim=(-0.6, rows - 0.4), xlabel="net win rate (%), 95 % interval")
    return ax


def draw_interval(ax: Axes, row: float, group: GroupStats, colour: str) -> None:
    """The interval of a group's win rate as a pale bar along its row; nothing where it has none."""
    if group.win_rate_low is not None and group.win_rate_high is not None:
        span = [group.win_rate_low, group.win_rate_high]
        ax.plot(span, [row, row], color=colour, linewidth=2.2, alpha=0.45, zorder=2)


def _draw_rate(ax: Axes, row: float, group: GroupStats, colour: str = style.LONG, marker: str = "o") -> None:
    rate = float(group.win_rate or 0.0)
    draw_interval(ax, row, group, colour)
    ax.plot(
        [rate],
        [row],
        marker=marker,
        markersize=8,
        color=colour,
        linestyle="none",
        zorder=3,
    )
    ax.annotate(
        percent(rate),
        (rate, row),
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        color=style.MUTED,
    )


def draw_breakeven(ax: Axes, rate: float, *, vertical: bool = False, of: str = "") -> Axes:
    """The win rate (percent) at which costs eat every gain, as a dashed line with its figure in the legend; `of` says whose."""
    line = ax.axvline if vertical else ax.axhline
    line(
        rate,
        color=style.BREAKEVEN,
        linewidth=1.2,
        linestyle=(0, (4, 3)),
        zorder=1.8,
        label=f"break-even{of} {percent(rate)}",
    )
    return ax
