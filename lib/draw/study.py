"""Heat maps of a study: the net mean of each cell where two things vary, with its n; blue gained, orange lost.

The best cell of many is the luckiest: the map compares, and says how many cells there were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from lib.contract.visible import visible
from lib.draw import style
from lib.draw.axis import draw_nothing, tell, title
from lib.draw.grid import LOSS_TO_GAIN
from lib.draw.numbers import LEAST, percent
from lib.questions.study import Cell

#: What may vary, in the order in which two of them are chosen: the first that varies goes down, the second across.
_SIDES = ("question", "market", "terms", "period")

#: With more columns there is no room for figures: a bar tells what a colour means.
_WRITTEN = 6
#: Letters that a map's width has room for below it.
_LETTERS = 40


class Heat(NamedTuple):
    """Cells of which two things vary; `fixed` says what the others are."""

    down: str
    across: str
    fixed: str
    cells: list[Cell]


def heats(cells: Sequence[Cell]) -> list[Heat]:
    """One map for each value of what is on neither of its sides; none where fewer than two things vary."""
    counts = {side: len({getattr(cell, side) for cell in cells}) for side in _SIDES}
    varied = [side for side in _SIDES if counts[side] > 1]
    if len(varied) < 2:
        return []
    down, across, *others = varied
    if counts[across] > max(counts[down], _WRITTEN):  # a page is long, and not wide
        down, across = across, down
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(", ".join(getattr(cell, side) for side in others), []).append(cell)
    return [Heat(down, across, fixed, group) for fixed, group in groups.items()]


def heat_height(heat: Heat) -> float:
    """Inches that a map's rows need."""
    return 1.3 + 0.42 * len(_values(heat, heat.down))


def draw_heat(ax: Axes, heat: Heat) -> Axes:
    """Net mean of an episode (%) in each cell, with n trades; a dash where it made too few to say, or was not answered."""
    heading = "Net mean an episode" + (f", {heat.fixed}" if heat.fixed else "")
    rows, columns = _values(heat, heat.down), _values(heat, heat.across)
    means = np.full((len(rows), len(columns)), np.nan)
    for cell in heat.cells:
        if _says(cell):
            means[rows.index(getattr(cell, heat.down)), columns.index(getattr(cell, heat.across))] = (
                cell.net_mean_pct
            )
    if not np.isfinite(means).any():
        return draw_nothing(ax, f"no cell has {LEAST} trades", heading)
    reach = max(float(np.nanmax(np.abs(means))), 1e-6)
    picture = ax.imshow(
        means,
        cmap=LOSS_TO_GAIN,
        norm=Normalize(-reach, reach),
        aspect="auto",
        interpolation="nearest",
        zorder=1,
    )
    for cell in heat.cells:
        if len(columns) > _WRITTEN:
            continue
        row, column = rows.index(getattr(cell, heat.down)), columns.index(getattr(cell, heat.across))
        ground = picture.to_rgba(cell.net_mean_pct) if _says(cell) else "white"
        text = percent(cell.net_mean_pct, 3, signed=True).removesuffix(" %") if _says(cell) else "–"
        ax.text(
            column,
            row,
            f"{text}\nn {cell.trades:,}",
            ha="center",
            va="center",
            color=style.ink_on(ground),
            zorder=4,
            linespacing=1.1,
        )
    _name_sides(ax, rows, columns)
    if len(columns) > _WRITTEN:
        bar = ax.figure.colorbar(picture, cax=ax.inset_axes((1.015, 0.0, 0.035, 1.0)))
        bar.set_label("net mean an episode (%)")
        bar.outline.set_visible(False)
    ax.set(xlabel=f"{heat.across} (net % of the entry price)")
    ax.grid(False)
    title(ax, heading, n=len(heat.cells), unit="cells")
    gained, said = int(np.nansum(means > 0)), int(np.isfinite(means).sum())
    return tell(
        ax,
        f"{heading}, {heat.down} by {heat.across}: above zero in {gained} of {said} cells that say something.",
    )


def _name_sides(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    # Every other name stands a line lower, so that each has twice the room.
    most = max(3, 2 * _LETTERS // len(columns) - 2)
    ax.set_xticks(
        range(len(columns)), [f"{chr(10) * (at % 2)}{_short(name, most)}" for at, name in enumerate(columns)]
    )
    ax.set_yticks(range(len(rows)), [_short(name, 20) for name in rows])


def _says(cell: Cell) -> bool:
    return cell.net_mean_pct is not None and cell.trades >= LEAST


def _values(heat: Heat, side: str) -> list[str]:
    return list(dict.fromkeys(getattr(cell, side) for cell in heat.cells))


def _short(name: str, most: int) -> str:
    """At most so many letters: names often differ at their ends, so what goes is the middle."""
    name = visible(name)
    if len(name) <= most:
        return name
    head = most // 2
    return f"{name[:head]}…{name[len(name) - (most - head - 1) :]}"
