"""The figure of two sets of trades: both running sums of net returns in one axis."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.draw import style
from lib.draw.axis import TickTexts, days, draw_nothing, legend_above, tell, time_axis, title, zero_line
from lib.draw.numbers import counted, percent

_HEADING = "Running sum of net returns"
#: Told apart by dash as well as by hue.
_LOOKS = ({"color": style.LONG, "linestyle": "-"}, {"color": style.LOSS, "linestyle": (0, (4, 1.5))})


class Run(NamedTuple):
    """A name, its closed trades (with exit_time and net_pct), and the window that they are of."""

    name: str
    trades: pd.DataFrame
    start: pd.Timestamp
    until: pd.Timestamp


def draw_both(ax: Axes, a: Run, b: Run) -> Axes:
    """Running net return in percent of the entry prices, stepping at each exit, of both over the windows that they are of."""
    if a.trades.empty and b.trades.empty:
        return draw_nothing(ax, "no trades on either side", _HEADING)
    ends = []
    for run, look in zip((a, b), _LOOKS, strict=True):
        closed = run.trades.sort_values("exit_time", kind="stable")
        total = np.r_[0.0, closed["net_pct"].cumsum()]
        moments = np.r_[days([run.start]), days(closed["exit_time"]), days([run.until])]
        ax.step(
            moments,
            np.r_[total, total[-1]],
            where="post",
            linewidth=1.7,
            label=f"{run.name}, {counted(len(closed), 'trades')}",
            **look,
        )
        ends.append(f"{run.name} {percent(float(total[-1]), 2, signed=True)}")
    zero_line(ax)
    time_axis(ax)
    ax.yaxis.set_major_formatter(TickTexts(lambda value, digits: percent(value, digits, signed=True)))
    ax.set_ylabel("sum of net returns")
    title(ax, f"{_HEADING}: {', '.join(ends)}")
    tell(
        ax,
        f"{_HEADING}, two lines over time: at their ends {', '.join(ends)}, of {counted(len(a.trades), 'trades')} and "
        f"{counted(len(b.trades), 'trades')}.",
    )
    return legend_above(ax)
