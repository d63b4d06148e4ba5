"""The target × stop grid of the backtest as a heat map: one figure a cell, its sign in words, colour and sign.

The best cell of a grid is a maximum over many tries on the same candles: the figure compares, it does not recommend.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Patch, Rectangle

from lib.contract.smart_backtest import GridCell
from lib.draw import style
from lib.draw.axis import draw_nothing, legend_above, tell, title
from lib.draw.numbers import LEAST
from lib.stats.intervals import wilson_interval

_LOSS, _GAIN = "#EE9A68", "#74B6DE"
#: Loss to gain through white; blue and orange, told apart by every kind of colour vision, and so light that dark figures stand out on all
#: of it. Its shades are so few that all find a place in the picture's palette (lib.draw.png), and odd in number: one is white.
LOSS_TO_GAIN = LinearSegmentedColormap.from_list("loss_to_gain", [_LOSS, "#FFFFFF", _GAIN], N=101)
#: Percent to hundredths of a percent.
_HUNDREDTHS = 100
#: Numbers that a sentence writes out.
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def draw_grid(
    ax: Axes,
    grid: Sequence[GridCell] | None,
    *,
    standard: tuple[float, float] | None = None,
    heading: str = "",
    tried: int | None = None,
) -> Axes:
    """Net mean return per trade in hundredths of a percent by target and stop; of cells with fewer than LEAST trades none.

    `standard` marks the cell of the standard exits (target %, stop %), if there is one, by a dotted frame; the title is `heading`, else
    what the grid shows; `tried` says how many combinations there were where these cells are a part of them.
    """
    if not grid or not any(cell.total_trades for cell in grid):
        return draw_nothing(ax, "no trades in this window", heading or "Net mean a trade by target and stop")
    targets = sorted({cell.target_pct for cell in grid})
    stops = sorted({cell.stop_pct for cell in grid})
    means = np.full((len(stops), len(targets)), np.nan)
    for cell in grid:
        row, column = stops.index(cell.stop_pct), targets.index(cell.target_pct)
        if not _says_nothing(cell):
            means[row, column] = cell.net_mean_pct
        ax.text(
            column, row, _figure(cell), ha="center", va="center", weight="bold", color=style.INK, zorder=4
        )
    reach = max(float(np.nanmax(np.abs(means))), 1e-6) if np.isfinite(means).any() else 1.0
    ax.imshow(
        means,
        cmap=LOSS_TO_GAIN,
        norm=Normalize(-reach, reach),
        aspect="auto",
        interpolation="nearest",
        origin="lower",
        zorder=1,
    )
    framed = standard is not None and standard[0] in targets and standard[1] in stops
    if framed:
        _frame(ax, targets.index(standard[0]), stops.index(standard[1]))
    ax.set_xticks(range(len(targets)), [f"{target:g}" for target in targets])
    ax.set_yticks(range(len(stops)), [f"{stop:g}" for stop in stops])
    ax.set(xlabel="target (% of entry price)", ylabel="stop (% of entry price)")
    ax.grid(False)
    said, counts = grid_sentence(grid), [cell.total_trades for cell in grid]
    among = "" if tried is None else f", {len(grid)} of {tried:,} tried"
    title(ax, f"{heading or said}  ·  in 0.01 % a trade, n {min(counts)}–{max(counts)} a pair{among}")
    tell(ax, f"Net mean a trade by target and stop: {said}, on {min(counts)} to {max(counts)} trades each.")
    return legend_above(ax, handles=_legend(means, framed))


def grid_sentence(grid: Sequence[GridCell]) -> str:
    """How many pairs lost, and whether those that gained are more than chance: "40 of 42 pairs lost; the two gains are within chance".

    A gain is more than chance by itself where the whole 95 % interval of its win rate lies above what its exits need; of many cells some
    do by chance.
    """
    told = [cell for cell in grid if not _says_nothing(cell)]
    gains = [cell for cell in told if (cell.net_mean_pct or 0.0) > 0]
    lost = sum((cell.net_mean_pct or 0.0) < 0 for cell in told)
    said = f"{lost} of {len(told)} pairs lost"
    if not gains:
        return said
    clear, n = sum(map(_is_clear, gains)), _written(len(gains))
    if clear:
        return f"{said}; of {len(gains)} that gained {clear} {'is' if clear == 1 else 'are'} clear of chance, each taken alone"
    return (
        f"{said}; the {n} gains are within chance"
        if len(gains) > 1
        else f"{said}; the one gain is within chance"
    )


def _is_clear(cell: GridCell) -> bool:
    wins = round((cell.win_rate or 0.0) / 100 * cell.total_trades)
    interval = wilson_interval(wins, cell.total_trades)
    return interval is not None and interval[0] > cell.breakeven_win_rate


def _written(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def _legend(means: np.ndarray, framed: bool) -> list[Patch]:
    """What colours and frame mean, as far as there are such."""
    loss, gain = Patch(facecolor=_LOSS, label="loss"), Patch(facecolor=_GAIN, label="gain")
    frame = Patch(facecolor="none", edgecolor=style.INK, linestyle=":", linewidth=1.4, label="standard exits")
    return [loss] * bool((means < 0).any()) + [gain] * bool((means > 0).any()) + [frame] * framed


def _says_nothing(cell: GridCell) -> bool:
    return cell.net_mean_pct is None or cell.total_trades < LEAST


def _figure(cell: GridCell) -> str:
    """The net mean in hundredths of a percent, with a decimal where it would show as zero: "−7", "+0.4"; a dash of too few trades."""
    if _says_nothing(cell):
        return "–"
    value = (cell.net_mean_pct or 0.0) * _HUNDREDTHS
    shown = f"{abs(value):.{0 if abs(value) >= 0.95 else 1}f}"
    return "0" if shown == "0.0" else f"{'−' if value < 0 else '+'}{shown}"


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
