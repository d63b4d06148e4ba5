"""What every figure does to its axis: titles with n, units, the UTC time axis, the zero line, gaps that stay gaps.

Times are drawn as matplotlib date numbers (days, UTC); `days` makes them, so that no converter of pandas is involved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter

from lib.contract.dollars import CENTS, MOST
from lib.draw import style
from lib.draw.figure import Figure
from lib.draw.margins import text_width
from lib.draw.numbers import counted, dollars

MINUTES_PER_DAY = 1440.0
#: A line breaks where its times are further apart than this: two 5-minute candles.
GAP_MINUTES = 10.0
#: More points than this on one figure are less than half a pixel apart.
_MOST_POINTS = 2000
#: Inches of a figure's width that a legend above its axis does not get: what stands left of the axis, and the edge.
_BESIDE_LEGEND = 0.9
#: What marks an axis that has nothing to draw, and the height that such an axis needs.
_EMPTY = "nothing to draw"
_EMPTY_INCHES = 0.9


def days(times: Any) -> np.ndarray:
    """Date numbers (float days) of tz-aware times; NaT becomes NaN."""
    stamps = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_localize(None)
    return mdates.date2num(stamps.to_numpy()) if len(stamps) else np.array([], dtype=float)


def time_axis(ax: Axes, *, narrow: bool = False) -> Axes:
    """Concise UTC dates on x; fewer of them on an axis that shares its row with others."""
    # Of these pairs the locator finds an interval for every range; with others it may warn and crowd the axis.
    # With fewer at most than this beside the least, there is a span that none of the locator's steps divides.
    least, most = (2, 5) if narrow else (3, 7)
    locator = mdates.AutoDateLocator(tz="UTC", minticks=least, maxticks=most)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, tz="UTC"))
    ax.set_xlabel("time (UTC)")
    return ax


def title(ax: Axes, text: str, *, n: int | None = None, unit: str = "") -> Axes:
    """Title at the left, ending in "· n 45" (and what n counts, where that is not trades)."""
    shown = "" if n is None else f"  ·  n {counted(n, unit) if unit else f'{n:,}'}"
    ax.set_title(f"{text}{shown}").set_parse_math(False)
    return ax


def tell(ax: Axes, finding: str) -> Axes:
    """What the figure shows, in a sentence: what is read to whoever does not see it."""
    if isinstance(ax.figure, Figure):
        ax.figure.finding = finding
    return ax


def legend_above(ax: Axes, columns: int = 6, *, handles: list[Any] | None = None) -> Axes:
    """Legend in one row between title and axis, so that it never covers data."""
    if handles is None:
        handles = list(ax.get_legend_handles_labels()[0])
    if not handles:
        return ax
    columns = _fitting(ax, handles, columns)
    rows = -(-len(handles) // columns)
    # Legends fill column by column; taking every `columns`th handle in turn makes this one read row by row.
    by_rows = [handles[at] for column in range(columns) for at in range(column, len(handles), columns)]
    ax.legend(
        handles=by_rows,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=min(columns, len(handles)),
        borderaxespad=0.1,
        borderpad=0.2,
    )
    ax.set_title(ax.get_title(loc="left"), pad=7 + 16 * rows).set_parse_math(False)
    return ax


def _fitting(ax: Axes, handles: list[Any], columns: int) -> int:
    """The most columns, up to `columns`, whose widest labels go side by side into the figure."""
    size = rcParams["legend.fontsize"]
    # Each label stands behind its line or patch and before the next column.
    apart = (
        (
            rcParams["legend.handlelength"]
            + rcParams["legend.handletextpad"]
            + rcParams["legend.columnspacing"]
        )
        * size
        / 72
    )
    widths = [text_width(str(handle.get_label()), size) + apart for handle in handles]
    room = ax.figure.get_figwidth() - _BESIDE_LEGEND
    fits = (
        count
        for count in range(min(columns, len(handles)), 1, -1)
        if sum(max(widths[at::count]) for at in range(count)) <= room
    )
    return next(fits, 1)


def draw_nothing(ax: Axes, message: str, heading: str = "") -> Axes:
    """An axis that says why it is empty; a figure with none but such axes shrinks to an inch a row."""
    # Ticks are hidden, not taken away: axes that share their time share its ticks as well.
    ax.tick_params(bottom=False, labelbottom=False)
    ax.set(yticks=[], xlabel="", ylabel="")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set_facecolor("#FAFAFA")
    if heading:
        title(ax, heading, n=0)
    ax.text(0.5, 0.5, message, transform=ax.transAxes, ha="center", va="center", color=style.MUTED)
    if message:
        tell(ax, f"{heading}: {message}." if heading else f"{message}.")
    ax.set_gid(_EMPTY)
    if all(other.get_gid() == _EMPTY for other in ax.figure.axes):
        second_line = text_width(ax.figure.get_supxlabel(), style.SMALL) > 0.9 * style.WIDTH_INCHES
        height = _EMPTY_INCHES * _rows(ax) + (0.3 if second_line else 0.0)
        ax.figure.set_size_inches(style.WIDTH_INCHES, height)
    return ax


def _rows(ax: Axes) -> int:
    place = ax.get_subplotspec()
    return place.get_gridspec().nrows if place is not None else 1


def zero_line(ax: Axes, *, vertical: bool = False) -> Axes:
    """The line between gain and loss."""
    line = ax.axvline if vertical else ax.axhline
    line(0.0, color=style.INK, linewidth=0.9, zorder=1.5, label="_zero")
    return ax


def dollar_axis(ax: Axes, label: str, decimals: int = CENTS) -> Axes:
    """Signed dollars on y, whole ones or with at least so many decimals."""
    ax.yaxis.set_major_formatter(
        TickTexts(lambda value, digits: dollars(value, max(digits, decimals) if digits else 0))
    )
    ax.set_ylabel(label)
    return ax


class TickTexts(Formatter):
    """Writes ticks with as many decimals as keep them apart, the same number on all; `write` takes a value and its decimals."""

    def __init__(self, write: Callable[[float, int], str]) -> None:
        self.write = write

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Texts of all ticks of an axis."""
        ticks = np.asarray(values, dtype=float)
        slack = 1e-3 * float(np.abs(np.diff(ticks)).min()) if len(ticks) > 1 else 1e-9
        enough = (digits for digits in range(MOST) if np.abs(np.round(ticks, digits) - ticks).max() <= slack)
        digits = next(enough, MOST) if len(ticks) else 0
        return [self.write(value, digits) for value in ticks]

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.write(x, 2)


@dataclass(frozen=True)
class Thinned:
    """Which points of a long series are drawn: `keep` positions, the unbroken `stretch` of each, the `stride` used."""

    keep: np.ndarray
    stretch: np.ndarray
    stride: int

    @property
    def remark(self) -> str:
        """What to say about it; empty where every point is drawn."""
        return "" if self.stride == 1 else f"1 in {self.stride} samples drawn"


def thin(moments: np.ndarray, *, gap_minutes: float = GAP_MINUTES, most: int = _MOST_POINTS) -> Thinned:
    """Choose about `most` of the points at `moments` (date numbers); the ends of every unbroken stretch always stay."""
    count = len(moments)
    breaks = np.diff(moments) * MINUTES_PER_DAY > gap_minutes * (1 + 1e-6)
    stretch = np.concatenate([[0], np.cumsum(breaks)]) if count else np.array([], dtype=int)
    stride = max(1, -(-count // most))
    wanted = np.arange(count) % stride == 0
    if count:
        wanted |= np.concatenate([[True], breaks]) | np.concatenate([breaks, [True]])
    keep = np.flatnonzero(wanted)
    return Thinned(keep, stretch[keep].astype(int), stride)


def with_gaps(moments: np.ndarray, values: np.ndarray, stretch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points with a NaN put in wherever `stretch` changes, so that a line does not run across a gap."""
    at = np.flatnonzero(np.diff(stretch)) + 1
    return np.insert(moments.astype(float), at, np.nan), np.insert(values.astype(float), at, np.nan, axis=0)


def runs(*keys: np.ndarray) -> list[tuple[int, int]]:
    """(first, last) positions of the runs over which all of the equally long `keys` stay the same."""
    count = len(keys[0])
    if not count:
        return []
    changed = np.zeros(count - 1, dtype=bool)
    for key in keys:
        changed |= key[1:] != key[:-1]
    starts = np.concatenate([[0], np.flatnonzero(changed) + 1])
    return list(zip(starts.tolist(), (np.append(starts[1:], count) - 1).tolist(), strict=True))
