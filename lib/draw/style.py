"""The one figure style: sizes, colours and the axes that figures are drawn on.

Colours are Okabe–Ito's or close to them, and no pair that must be told apart differs in hue alone: LONG and SHORT also differ in
marker (up, down), profit and loss in fill (filled, hollow), price lines of regimes in a labelled strip. A test simulates two kinds of
colour blindness over the pairs. `text.parse_math` is off, as two dollar amounts in a title would otherwise be set as a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from lib.draw.figure import Figure
from lib.draw.margins import Margins

#: So narrow that one picture serves a phone and a desk: 370 pixels across its letters are over ten high, 530 beside a desk's text fifteen.
WIDTH_INCHES = 5.0
_HEIGHT_INCHES = 3.1
#: 960 pixels across: sharp on a phone and on a desk, and a report of eight figures stays about half a megabyte.
_DPI = 192
#: Points of the smallest text of a figure.
SMALL = 10.0

INK = "#222222"
MUTED = "#6B6B6B"
GRID = "#E4E4E4"

LONG, SHORT = "#0072B2", "#CC3377"
PROFIT, LOSS = "#009E73", "#D55E00"
OPTIMUM = "#E69F00"
NEUTRAL = "#8C8C8C"
BREAKEVEN = "#222222"
CANDLE = "#4A4A4A"
LOSS_FILL = "#F6C9AC"
#: The ground behind the time that a figure calls now.
NOW = "#EAF2F8"

DIRECTION_COLOURS = {"LONG": LONG, "SHORT": SHORT}
DIRECTION_MARKERS = {"LONG": "^", "SHORT": "v"}

STATE_COLOURS = {
    "all_green": "#009E73",
    "mixed_green": "#93D4BE",
    "mixed": "#C4C4C4",
    "mixed_red": "#F3B48E",
    "all_red": "#D55E00",
    "unknown": "#EFEFEF",
}
LINE_COLOURS = {"green": "#009E73", "red": "#D55E00", "gray": "#C4C4C4", "yellow": "#F0E442"}
REGIME_COLOURS = {
    "RANGING_QUIET": "#B5B5B5",
    "BULLISH_TRENDING": "#007A5E",
    "BEARISH_TRENDING": "#D55E00",
    "RANGING_VOLATILE": "#7B5EA7",
    "UNKNOWN": "#5A5A5A",
}
QUALITY_COLOURS = {"ok": "#56B4E9", "frozen": "#D55E00", "partial": "#C4C4C4", "venue_mismatch": "#7B5EA7"}

_RC = {
    "figure.figsize": (WIDTH_INCHES, _HEIGHT_INCHES),
    "figure.dpi": _DPI,
    "savefig.dpi": _DPI,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": SMALL,
    "text.color": INK,
    "text.parse_math": False,
    # Letters as they were designed: quicker than bent to the pixels, and evenly spaced.
    "text.hinting": "none",
    "axes.edgecolor": "#B0B0B0",
    "axes.labelcolor": MUTED,
    "axes.labelsize": SMALL,
    "axes.titlelocation": "left",
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 8,
    # At the axis, whatever the ticks: matplotlib would draw them all to see.
    "axes.titley": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    # The grid says where a tick is.
    "xtick.bottom": False,
    "ytick.left": False,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "legend.handlelength": 1.4,
    "legend.columnspacing": 1.1,
    "lines.linewidth": 1.4,
    "lines.solid_capstyle": "round",
}


def _use_style() -> None:
    """Make this style the one of all figures drawn from now on; calling it again changes nothing."""
    mpl.rcParams.update(_RC)


def ink_on(colour: Any) -> str:
    """INK or white, whichever stands out more on a ground of this colour (contrast ratio of WCAG 2)."""
    ground, dark = _luminance(colour) + 0.05, _luminance(INK) + 0.05
    return INK if ground / dark >= 1.05 / ground else "white"


def _luminance(colour: Any) -> float:
    """Relative luminance of sRGB, 0 (black) to 1 (white)."""
    value = np.array(to_rgb(colour))
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def new_axes(*, height: float = _HEIGHT_INCHES, source: str = "") -> Axes:
    """One axis in a figure of the style's width and `height` inches; `source` names whose data it shows, below it."""
    return new_axes_grid(1, height=height, source=source)[0]


def new_axes_grid(
    rows: int,
    columns: int = 1,
    *,
    height: float = _HEIGHT_INCHES,
    source: str = "",
    heights: Sequence[float] | None = None,
    share_time: bool = False,
) -> list[Axes]:
    """`rows` × `columns` axes row by row; `heights` are the rows' relative heights, `share_time` gives all one time axis."""
    _use_style()
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(WIDTH_INCHES, height),
        FigureClass=Figure,
        layout=Margins(),
        squeeze=False,
        sharex=share_time,
        height_ratios=heights,
    )
    if source:
        # Its right end is that of the plot, beyond which a tick label may reach.
        figure.supxlabel(source, x=0.94, ha="right", fontsize=SMALL, color=MUTED, style="italic")
    return list(np.ravel(axes))
