"""The target × stop grid of the backtest as a heat map, the cells that broke even outlined.

The best cell of a grid is a maximum over many tries on the same candles: the figure compares, it does not recommend.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Patch, Rectangle

from lib.contract.smart_backtest import GridCell
from lib.draw import style
from lib.draw.axis import draw_nothing, legend_above, tell, title
from lib.draw.numbers import LEAST, percent

#: Loss to gain through white; blue and orange, told apart by every kind of colour vision. Its shades are so few that the colour bar's
#: all find a place in the picture's palette (lib.draw.png), and odd in number: one is white.
LOSS_TO_GAIN = LinearSegmentedColormap.from_list(
    "loss_to_gain", ["#C8560F", "#F6C9AC", "#FFFFFF", "#A9D0E8", "#0B6CA8"], N=101
)
Edges = list[tuple[tuple[float, float], tuple[float, float]]]


def draw_grid(
    ax: Axes,
    grid: Sequence[GridCell] | None,
    *,
    standard: tuple[float, float] | None = None,
    heading: str = "Net mean a trade by target and stop",
    tried: int | None = None,
) -> Axes:
    """Net mean return per trade (%) by target and stop, with its n in each cell; heavy lines enclose net mean ≥ 0.

    `standard` marks the cell of the standard exits (target %, stop %), if there is one, by a dotted frame; `tried` says how many
    combinations there were where these cells are a part of them.
    """
    if not grid or not any(cell.total_trades for cell in grid):
        return draw_nothing(ax, "no trades in this window", heading)
    targets = sorted({cell.target_pct for cell in grid})
    stops = sorted({cell.stop_pct for cell in grid})
    means = np.full((len(stops), len(targets)), np.nan)
    for cell in grid:
        row, column = stops.index(cell.stop_pct), targets.index(cell.target_pct)
        means[row, column] = np.nan if _says_nothing(cell) else cell.net_mean_pct
    reach = max(float(np.nanmax(np.abs(means))), 1e-6) if np.isfinite(means).any() else 1.0
    picture = ax.imshow(
        means,
        cmap=LOSS_TO_GAIN,
        norm=Normalize(-reach, reach),
        aspect="auto",
        interpolation="nearest",
        origin="lower",
        zorder=1,
    )
    for cell in grid:
        ground = "white" if _says_nothing(cell) else picture.to_rgba(cell.net_mean_pct)
        _write(ax, cell, targets.index(cell.target_pct), stops.index(cell.stop_pct), style.ink_on(ground))
    even = np.nan_to_num(means, nan=-1.0) >= 0
    lines = outline(even)
    ax.add_collection(
        LineCollection(lines, colors=style.INK, linewidths=2.6, zorder=3, clip_on=False, label="_breakeven")
    )
    framed = standard is not None and standard[0] in targets and standard[1] in stops
    if framed:
        _frame(ax, targets.index(standard[0]), stops.index(standard[1]))
    ax.set_xticks(range(len(targets)), [f"{target:g}" for target in targets])
    ax.set_yticks(range(len(stops)), [f"{stop:g}" for stop in stops])
    ax.set(xlabel="target (% of entry price)", ylabel="stop (% of entry price)")
    ax.grid(False)
    bar = ax.figure.colorbar(picture, cax=ax.inset_axes((1.015, 0.0, 0.035, 1.0)))
    bar.set_label("net mean per trade (%)")
    bar.outline.set_visible(False)
    counts = [cell.total_trades for cell in grid]
    among = f"{len(grid)} cells" if tried is None else f"{len(grid)} of {tried:,}"
    title(ax, f"{heading}  ·  n {min(counts)}–{max(counts)} a cell, {among} tried")
    gained = int(even.sum())
    tell(
        ax,
        f"{heading}: {gained} of {len(grid)} cells broke even or better, on {min(counts)} to {max(counts)} trades each.",
    )
    return legend_above(ax, handles=_legend(bool(even.any()), framed))


def _legend(gained: bool, framed: bool) -> list[Patch]:
    """What the lines and the frame mean, as far as there are such."""
    line = Patch(facecolor="none", edgecolor=style.INK, linewidth=2.2, label="break-even or better")
    frame = Patch(facecolor="none", edgecolor=style.INK, linestyle=":", linewidth=1.4, label="standard exits")
    return [line] * gained + [frame] * framed


def _says_nothing(cell: GridCell) -> bool:
    return cell.net_mean_pct is None or cell.total_trades < LEAST


def _write(ax: Axes, cell: GridCell, column: int, row: int, ink: str) -> None:
    text = "–" if _says_nothing(cell) else percent(cell.net_mean_pct, 2, signed=True).removesuffix(" %")
    ax.text(column, row + 0.14, text, ha="center", va="center", weight="bold", color=ink, zorder=4)
    ax.text(
        column,
        row - 0.2,
        f"n {cell.total_trades}",
        ha="center",
        va="center",
        color=ink,
        zorder=4,
    )


def _frame(ax: Axes, column: int, row: int) -> None:
    ax.add_patch(
        Rectangle(
            (column - 0.45, row - 0.45),
            0.9,
            0.9,
            fill=False,
            edgecolor=style.INK,
            linestyle=":",
            linewidth=1.4,
            zorder=3.5,
        )
    )


def outline(inside: np.ndarray) -> Edges:
    """Edges between the cells (rows × columns, bool) that are inside and those that are not, outer border included."""
    framed = np.pad(inside, 1)
    edges: Edges = []
    for row, column in zip(*np.nonzero(inside), strict=True):
        x, y = column - 0.5, row - 0.5
        if not framed[row, column + 1]:
            edges.append(((x, y), (x + 1, y)))
        if not framed[row + 2, column + 1]:
            edges.append(((x, y + 1), (x + 1, y + 1)))
        if not framed[row + 1, column]:
            edges.append(((x, y), (x, y + 1)))
        if not framed[row + 1, column + 2]:
            edges.append(((x + 1, y), (x + 1, y + 1)))
    return edges
