"""Figures and tables of a question: its running sum, its net mean by part, and beside entries at random times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.contract.results import NamedGroup
from lib.draw import style
from lib.draw.axis import TickTexts, days, draw_nothing, legend_above, tell, time_axis, title, zero_line
from lib.draw.html import Finding
from lib.draw.numbers import LEAST, counted, percent
from lib.draw.tables import Table, show_facts
from lib.draw.words import name_words
from lib.questions.exploration import Exploration

_NONE = "no trades in this stretch"


def show_answer(found: Exploration) -> Finding:
    """What was found, in sentences."""
    return Finding(found.answer)


def show_question(found: Exploration) -> Table:
    """What was asked: the claim, its exits, of what, and what it said."""
    exits = found.exits
    target = "none" if exits.target_pct is None else f"{exits.target_pct:g} %"
    return show_facts(
        {
            "question": f"{found.question} ({found.sha256[:12]})",
            "claim": " ".join(found.claim.split()),
            "exits": f"stop {exits.stop_pct:g} %, target {target}, hold {exits.hold_minutes:g} min",
            "terms": found.terms,
            "open part": f"{found.since} to {found.until}; sealed from {found.boundary} on",
            "said": f"LONG of {found.long_rows:,} rows, SHORT of {found.short_rows:,}",
            "checked": f"the same behind {found.rows_checked:,} cuts",
        }
    )


def draw_running_sum(ax: Axes, trades: pd.DataFrame, found: Exploration) -> Axes:
    """Running sum of returns in percent of the entry prices, net and before costs, stepping at each exit."""
    heading = f"{found.question}: running sum"
    if trades.empty:
        return draw_nothing(ax, _NONE, heading)
    closed = trades.sort_values("exit_time", kind="stable")
    moments = np.r_[days(closed["entry_time"]).min(), days(closed["exit_time"])]
    net, gross = (np.r_[0.0, closed[name].cumsum()] for name in ("net_pct", "gross_pct"))
    ax.step(
        moments,
        gross,
        where="post",
        color=style.NEUTRAL,
        linewidth=1.1,
        linestyle=(0, (4, 2)),
        label="before costs",
    )
    ax.step(moments, net, where="post", color=style.INK, linewidth=1.6, label="after costs")
    zero_line(ax)
    time_axis(ax)
    ax.yaxis.set_major_formatter(TickTexts(lambda value, digits: percent(value, digits, signed=True)))
    ax.set_ylabel("sum of returns")
    ends = f"{percent(net[-1], 2, signed=True)} after costs, {percent(gross[-1], 2, signed=True)} before"
    title(ax, f"{heading} {ends}", n=len(closed))
    tell(ax, f"Running sum of returns over {counted(len(closed), 'trades')}: it ends at {ends}.")
    return legend_above(ax)


def draw_means(ax: Axes, groups: Sequence[NamedGroup], *, heading: str) -> Axes:
    """Net mean an episode of each group as a dot on its 95 % interval, percent; groups of fewer than LEAST trades are left out."""
    shown = [group for group in groups if group.total >= LEAST and group.net_mean_pct is not None][::-1]
    if not shown:
        return draw_nothing(ax, f"no group has {LEAST} trades", heading)
    for row, group in enumerate(shown):
        if group.net_low_pct is not None and group.net_high_pct is not None:
            ax.plot(
                [group.net_low_pct, group.net_high_pct],
                [row, row],
                color=style.LONG,
                linewidth=2.2,
                alpha=0.45,
                zorder=2,
            )
        ax.plot(
            [group.net_mean_pct],
            [row],
            marker="o",
            markersize=7,
            color=style.LONG,
            linestyle="none",
            zorder=3,
        )
    zero_line(ax, vertical=True)
    ax.set_yticks(range(len(shown)), [f"{name_words(group.name)}  n {group.total:,}" for group in shown])
    ax.set(ylim=(-0.6, len(shown) - 0.4), xlabel="net mean an episode (%), 95 % interval")
    ax.grid(axis="y", visible=False)
    if len(ax.figure.axes) == 1:
        ax.figure.set_size_inches(style.WIDTH_INCHES, 1.3 + 0.28 * len(shown))
    title(ax, heading, n=sum(group.total for group in shown))
    means = ", ".join(
        f"{name_words(group.name)} {percent(group.net_mean_pct, 3, signed=True)}" for group in shown[::-1]
    )
    return tell(ax, f"{heading}, net mean an episode: {means}.")


def draw_against_random(ax: Axes, found: Exploration) -> Axes:
    """The question's net mean of a trade beside the middle 90 % of as many entries at random times with the same exits."""
    heading = "Beside entries at random times"
    chance = found.random_entries
    if chance is None or not found.trades.total:
        return draw_nothing(ax, _NONE, heading)
    mean = (found.trades.total_pnl_pct or 0.0) / found.trades.total
    ax.plot(
        [chance.p5_pct, chance.p95_pct],
        [0, 0],
        color=style.NEUTRAL,
        linewidth=9,
        alpha=0.5,
        solid_capstyle="butt",
        label="random, 90 of 100",
    )
    ax.plot(
        [chance.mean_pct],
        [0],
        marker="|",
        markersize=16,
        color=style.INK,
        linestyle="none",
        label="random, mean",
    )
    ax.plot([mean], [0], marker="D", markersize=8, color=style.LONG, linestyle="none", label=found.question)
    zero_line(ax, vertical=True)
    ax.set(yticks=[], ylim=(-1, 1), xlabel="net mean of a trade (%)")
    title(ax, f"{heading}: above {chance.rank * 100:.0f} of 100", n=found.trades.total)
    tell(
        ax,
        f"Net mean of a trade {percent(mean, 3, signed=True)}; as many entries at random times made "
        f"{percent(chance.p5_pct, 3, signed=True)} to {percent(chance.p95_pct, 3, signed=True)} in 90 of 100 draws.",
    )
    return legend_above(ax)
