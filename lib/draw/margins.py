"""Where the axes of a figure stand: margins from the lengths of its texts, in place of a layout engine that draws all to measure it.

Widths are sums of the font's advances, heights count lines. Room is kept for tick labels, axis labels, titles and the source note, and
titles and labels that are longer than their room go on in a second line. What stands inside an axis is the drawing function's own care.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians, sin
from textwrap import wrap

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.layout_engine import LayoutEngine
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

_POINT = 1 / 72
#: Inches: of a figure's edge, and of the tick label that reaches beyond the end of its axis.
_EDGE = 0.06
_OVERHANG = 0.25
#: Points between axis and tick label, and between that and the axis label.
_TICK_GAP = 7.0
_LABEL_GAP = 4.0
#: Letters are set on whole pixels, which may make a text some percent longer than its advances.
_SLACK = 1.04
_LINE = 1.25  #: from line to line, in parts of the font's size
_UNIT = 100
#: Between the words of a title and what it counts (lib.draw.axis.title).
_COUNTED = "  ·  "


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Inches that the longest line of `text` takes in the figures' font at `size` points."""
    longest = max((sum(_advance(mark, bold) for mark in line) for line in text.split("\n")), default=0.0)
    return longest * size * _SLACK * _POINT


@lru_cache(maxsize=1024)
def _advance(mark: str, bold: bool) -> float:
    """Width of a letter in parts of the font's size."""
    font = get_font(findfont(FontProperties(weight="bold" if bold else "normal")))
    font.set_size(_UNIT, 72)
    return float(font.load_char(ord(mark), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / _UNIT


def text_height(text: str, size: float) -> float:
    """Inches that the lines of `text` take at `size` points."""
    return _LINE * (text.count("\n") + 1) * size * _POINT if text else 0.0


class Margins(LayoutEngine):
    """Puts the axes of one grid into the room that their texts leave; a figure may be drawn, changed and drawn again."""

    _adjust_compatible = False
    _colorbar_gridspec = False

    def execute(self, fig: Figure) -> None:
        """Place axes, axis labels and the source note; titles and labels that are too long are broken into lines."""
        axes = [ax for ax in fig.axes if ax.get_subplotspec() is not None]
        if not axes:
            return
        source = _source(fig)
        if source is not None:
            _break(source, source.get_position()[0] * fig.get_figwidth() - _EDGE)
        # How many ticks there are depends on the height, so that comes first; broken lines change it a little.
        _place(fig, axes)
        _place(fig, axes, [_sides(ax) for ax in axes])
        if _break_lines(axes):
            _place(fig, axes, [_sides(ax) for ax in axes])
        for ax in axes:
            if ax.axison:
                _place_labels(ax)
        if source is not None:
            source.set_y(_EDGE / fig.get_figheight())


def _place(fig: Figure, axes: list[Axes], sides: list[tuple[float, float]] | None = None) -> None:
    """Set the positions for these rooms left and right of each axis; without them those are guessed."""
    width, height = fig.get_size_inches()
    grid = axes[0].get_subplotspec().get_gridspec()
    rows, columns = grid.nrows, grid.ncols
    above, below, left, right = [0.0] * rows, [0.0] * rows, [0.0] * columns, [0.0] * columns
    places = []
    for ax, (to_left, to_right) in zip(axes, sides or [(0.9, _OVERHANG)] * len(axes), strict=True):
        spot = ax.get_subplotspec()
        row, column = spot.rowspan.start, spot.colspan.start
        places.append((row, column))
        above[row], below[row] = max(above[row], _above(ax)), max(below[row], _below(ax))
        left[column], right[column] = max(left[column], to_left), max(right[column], to_right)
    source = _source(fig)
    foot = _EDGE + (0.0 if source is None else text_height(source.get_text(), source.get_fontsize()))
    shares = grid.get_height_ratios()
    inner_width = max(width - sum(left) - sum(right), 0.1 * width) / columns
    inner_height = max(height - foot - sum(above) - sum(below), 0.1 * height) / sum(shares)
    for ax, (row, column) in zip(axes, places, strict=True):
        x = sum(left[: column + 1]) + sum(right[:column]) + column * inner_width
        top = height - sum(above[: row + 1]) - sum(below[:row]) - sum(shares[:row]) * inner_height
        tall = shares[row] * inner_height
        ax.set_position((x / width, (top - tall) / height, inner_width / width, tall / height))


def _source(fig: Figure) -> Text | None:
    """The note below the figure."""
    return next((text for text in fig.texts if text.get_text() == fig.get_supxlabel() != ""), None)


def _above(ax: Axes) -> float:
    """Inches between the axis and what is over it: its title and what that keeps free for the legend."""
    title = _title(ax)
    if not title.get_text():
        return _EDGE + 0.06
    pad = ax.titleOffsetTrans.transform((0.0, 0.0))[1] / ax.figure.dpi
    return float(pad) + text_height(title.get_text(), title.get_fontsize()) + _EDGE


def _title(ax: Axes) -> Text:
    """The title at the left, of the three that an axis has."""
    return next(
        child
        for child in ax.get_children()
        if isinstance(child, Text) and child.get_horizontalalignment() == "left" and child not in ax.texts
    )


def _below(ax: Axes) -> float:
    """Inches that tick labels and label of x take."""
    if not ax.axison:
        return _EDGE
    return _tick_height(ax) + _label_height(ax.xaxis)


def _sides(ax: Axes) -> tuple[float, float]:
    """Inches that tick labels and label of y take left and right of the axis."""
    sides = {"left": _OVERHANG, "right": _OVERHANG}
    if ax.axison:
        side = ax.yaxis.get_label_position()
        sides[side] = max(sides[side], _tick_width(ax) + _label_height(ax.yaxis) + _EDGE)
    for child in ax.child_axes:
        # A colour bar: how far it reaches beyond its axis, and its own texts.
        beyond = child.get_axes_locator()(child, None).x1 - ax.get_position().x1
        sides["right"] = max(sides["right"], beyond * ax.figure.get_figwidth() + _sides(child)[1])
    return sides["left"], sides["right"]


def _label_height(axis: Axis) -> float:
    """Inches across an axis' label, with the gap before it."""
    text = axis.label.get_text()
    return _LABEL_GAP * _POINT + text_height(text, axis.label.get_fontsize()) if text else 0.0


def _tick_height(ax: Axes) -> float:
    """Inches from an axis to the lower end of its x tick labels; those that a locator finds have one line."""
    look = ax.xaxis.get_tick_params()
    if not look.get("labelbottom", True):
        return 0.0
    size, texts = _tick_size(ax.xaxis), ["0"]
    if isinstance(ax.xaxis.get_major_locator(), FixedLocator):
        texts = _tick_texts(ax.xaxis)
    turned = radians(look.get("rotation", 0.0))
    tall = [
        cos(turned) * text_height(text, size) + sin(turned) * text_width(text, size) for text in texts if text
    ]
    return _TICK_GAP * _POINT + max(tall, default=0.0)


def _tick_width(ax: Axes) -> float:
    """Inches from an axis to the outer end of its y tick labels."""
    if not ax.yaxis.get_tick_params().get(f"label{ax.yaxis.get_label_position()}", True):
        return 0.0
    size, bold = _tick_size(ax.yaxis), False
    if isinstance(ax.yaxis.get_major_locator(), FixedLocator):
        bold = any(label.get_fontweight() == "bold" for label in ax.get_yticklabels())
    texts = _tick_texts(ax.yaxis)
    return _TICK_GAP * _POINT + max((text_width(text, size, bold=bold) for text in texts), default=0.0)


def _tick_size(axis: Axis) -> float:
    return float(axis.get_tick_params().get("labelsize", rcParams[f"{axis.axis_name}tick.labelsize"]))


def _tick_texts(axis: Axis) -> list[str]:
    return list(axis.get_major_formatter().format_ticks(axis.get_majorticklocs()))


def _break_lines(axes: list[Axes]) -> bool:
    """Break titles and labels that are longer than their room; whether any was."""
    broken = False
    for ax in axes:
        width, height = ax.get_position().size * ax.figure.get_size_inches()
        # A label stands in the middle of its axis and may reach beyond both ends.
        for text, room in (
            (_title(ax), width + _OVERHANG - _EDGE),
            (ax.xaxis.label, width + _OVERHANG),
            (ax.yaxis.label, height + 2 * min(_above(ax), _below(ax)) - _EDGE),
        ):
            broken |= _break(text, room)
    return broken


def _break(text: Text, room: float) -> bool:
    bold, shown = text.get_fontweight() == "bold", text.get_text()
    needed = text_width(shown, text.get_fontsize(), bold=bold)
    if needed <= room:
        return False
    longest = max(len(line) for line in shown.split("\n"))
    text.set_text(
        "\n".join(_evenly(line, max(int(longest * room / needed), 1)) for line in shown.split("\n"))
    )
    return True


def _evenly(line: str, fitting: int) -> str:
    """The line in lines of at most that many letters: what a title counts stands in the second, others are about as long."""
    told, _, counted = line.partition(_COUNTED)
    if counted and max(len(told), len(counted)) <= fitting:
        return f"{told}\n{counted}"
    lines = len(wrap(line, fitting))
    widths = range(max(len(line) // max(lines, 1), 1), fitting + 1)
    return "\n".join(next(parts for width in widths if len(parts := wrap(line, width)) <= lines))


def _place_labels(ax: Axes) -> None:
    """Axis labels just beyond the tick labels, which matplotlib would draw to find out where that is."""
    width, height = ax.get_position().size * ax.figure.get_size_inches()
    beyond = (_tick_width(ax) + _LABEL_GAP * _POINT) / width
    ax.yaxis.set_label_coords(-beyond if ax.yaxis.get_label_position() == "left" else 1.0 + beyond, 0.5)
    ax.xaxis.set_label_coords(0.5, -(_tick_height(ax) + _LABEL_GAP * _POINT) / height)
