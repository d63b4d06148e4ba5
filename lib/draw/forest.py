"""Lessons as rows on one scale: what each says, and beside it its mean and interval, so that any two can be compared and held against zero.

A drawing is layers of one CSS background, as a report's HTML takes neither SVG nor a position: it is the same in JupyterLab, in a report,
and on a dark page. A mark is told apart by its shape too: filled or open, round or square.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor
from typing import NamedTuple

from lib.draw.html import NO_FORMULAS, escape
from lib.draw.numbers import bounds, counted, percent, step_of
from lib.draw.words import tight

#: Colours of what is told to Claude, of what is proven besides, and of all else.
_COLOURS = {"told": "var(--bar, #2a7fb8)", "proven": "#b5762a", "": "#8b929b", "ended": "#8b929b"}
_PAPER = "var(--paper, Canvas)"
#: Pixels of a mark, and of the ticks at the ends of an interval.
_MARK, _TICK = 13, 11
#: Ticks of the scale that are sought, and the share of what is drawn that stays free at its ends.
_TICKS, _MARGIN = 4, 0.03
#: How marks are read.
MARKS = (
    "Dot: what an episode made on average after costs, % of the price. Square: how much more than all others, which need not be a gain. "
    "Line: its interval."
)
#: From this width on (pixels of a column), a row's words stand beside its drawing; on a phone above it.
_COLUMN = 290


class Interval(NamedTuple):
    """A mean between the ends of its interval, percent."""

    low: float
    mean: float
    high: float


class LessonLine(NamedTuple):
    """One lesson, ready to show: what it says, how it stands, its figures, what it still needs, how much of the evidence that it needs it
    has (0 to 1; None where that is not the question), its interval where it has one, how it is marked (a key of the colours), and whether
    its mean is a difference to others.
    """

    statement: str
    standing: str
    figures: str
    needs: str
    share: float | None
    interval: Interval | None = None
    mark: str = ""
    compared: bool = False


class LessonGroup(NamedTuple):
    """Lessons under one heading ("" for none); `meant` is what it means that they stand here, `folded` whether they do behind that."""

    name: str
    lines: Sequence[LessonLine]
    meant: str = ""
    folded: bool = False


class Scale(NamedTuple):
    """What is drawn, from half a step below the lowest tick to half a step above the highest, percent."""

    least: float
    most: float
    step: float

    @classmethod
    def of(cls, lines: Iterable[LessonLine]) -> Scale:
        """One that holds zero and the intervals of all the lines."""
        ends = [0.0, *(end for line in lines if line.interval for end in line.interval)]
        free = _MARGIN * ((max(ends) - min(ends)) or 1.0)
        low, high = min(ends) - free, max(ends) + free
        step = step_of((high - low) / _TICKS)
        first, last = floor(low / step + 0.5), ceil(high / step - 0.5)
        return cls((first - 0.5) * step, (last + 0.5) * step, step)

    @property
    def ticks(self) -> list[float]:
        """Round figures, evenly spaced."""
        first, last = round(self.least / self.step + 0.5), round(self.most / self.step - 0.5)
        return [number * self.step for number in range(first, last + 1)]

    def place(self, value: float) -> float:
        """How far to the right a value lies, percent of the width."""
        return 100 * (value - self.least) / (self.most - self.least)


def forest(groups: Sequence[LessonGroup], caption: str = "", head: str = "") -> str:
    """The groups as rows on one scale, how they are read above, a caption for them all below; HTML, "" without a line."""
    scale = Scale.of(line for group in groups for line in group.lines)
    shown = [group for group in groups if group.lines]
    if not shown:
        return ""
    notes = _notes([caption, *(group.meant for group in shown if not group.folded)])
    first, folded = ([group for group in shown if group.folded is folded] for folded in (False, True))
    notes = f"<figcaption>{notes}</figcaption>{''.join(_folded(group, scale) for group in folded)}"
    return (
        f'<figure class="forest {NO_FORMULAS}" role="group" aria-label="{escape(finding_of(shown))}" style="margin: 8px 0 14px">'
        f"{_notes([head])}{_rows(first, scale)}{notes}</figure>"
    )


def _notes(said: Iterable[str]) -> str:
    return "".join(
        f'<p class="soft" style="font-size: 14px; margin: 4px 0">{escape(tight(note))}</p>'
        for note in said
        if note
    )


def finding_of(groups: Sequence[LessonGroup]) -> str:
    """What the rows show, in a sentence: of each group how many intervals lie on which side of zero."""
    said = []
    for group in groups:
        drawn = [line.interval for line in group.lines if line.interval]
        sides = [_side(found) for found in drawn]
        words = ", ".join(f"{sides.count(side)} {side} zero" for side in _SIDES if side in sides)
        said.append(f"{group.name and f'{group.name}: '}{words or counted(len(group.lines), 'lessons')}")
    return f"Intervals on one scale. {'; '.join(said)}."


_SIDES = ("above", "below", "on both sides of")


def _side(found: Interval) -> str:
    return _SIDES[0] if found.low > 0 else _SIDES[1] if found.high < 0 else _SIDES[2]


def _rows(groups: Sequence[LessonGroup], scale: Scale) -> str:
    """The figures of the scale, and groups below one another, through which zero is one line."""
    drawn = any(line.interval for group in groups for line in group.lines)
    said = [_ticks(scale)] * drawn
    for group in groups:
        head = f'<h3 style="margin: 10px 0 0">{escape(group.name)} ({len(group.lines)})</h3>'
        said += [_beside(head, _layers([], scale), "group")] if group.name else []
        said += [_row(line, scale) for line in group.lines]
    return "".join(said)


def _folded(group: LessonGroup, scale: Scale) -> str:
    means = f": {escape(group.meant)}" if group.meant else ""
    rows = _rows([group._replace(name="")], scale)
    return f"<details><summary>{escape(group.name)} ({len(group.lines)}){means}</summary>{rows}</details>"


def _row(line: LessonLine, scale: Scale) -> str:
    said, stop, besides = escape(tight(line.statement)).partition(". ")
    stands = f"{escape(tight(line.standing))}. " if line.standing else ""
    told = f"{stands}{escape(tight(' '.join(part for part in (line.figures, line.needs) if part)))}"
    drawn = (
        _drawing(line, line.interval, scale)
        if line.interval
        else ""
        if line.share is None
        else _bar(line, line.share)
    )
    said = f'<p style="margin: 0"><b>{said}{stop.strip()}</b> {besides}</p>'
    return _beside(f'{said}<p class="soft" style="margin: 0; font-size: 14px">{told}</p>', drawn, "lesson")


def _beside(words: str, drawn: str, kind: str = "") -> str:
    """Two columns, or where these would be narrow two lines; drawings touch one another, so that zero is one line through all rows."""
    return (
        f'<div class="{kind}" style="display: flex; flex-wrap: wrap; column-gap: 28px">'
        f'<div style="flex: 4 1 {_COLUMN}px; min-width: 0; padding: 4px 0">{words}</div>'
        f'<div style="flex: 3 1 {_COLUMN}px; min-width: 0; display: flex">{drawn}</div></div>'
    )


def _ticks(scale: Scale) -> str:
    """The figures of the scale: cells of equal width, of which each has its figure in the middle."""
    digits = next(digits for digits in range(9) if round(scale.step, digits) == round(scale.step, 9))
    cells = "".join(
        f'<small style="flex: 1 1 0; text-align: center; white-space: nowrap">{_figure(tick, digits)}</small>'
        for tick in scale.ticks
    )
    return _beside(
        "",
        f'<div aria-hidden="true" style="flex: 1; display: flex; border-bottom: 1px solid #8886">{cells}</div>',
    )


def _figure(tick: float, digits: int) -> str:
    return percent(tick, digits, signed=True).replace(" ", "\u00a0") if round(tick, 9) else "0"


def _bar(line: LessonLine, share: float) -> str:
    """How much of the evidence it needs a lesson without an interval has."""
    return (
        f'<div class="bar" role="img" aria-label="{escape(line.standing)}" '
        'style="flex: 1; align-self: center; background: #8884; height: 8px; border-radius: 4px">'
        f'<div style="background: #2a7fb8; height: 8px; width: {max(100 * share, 1.5):.1f}%; border-radius: 4px"></div></div>'
    )


def _drawing(line: LessonLine, found: Interval, scale: Scale) -> str:
    """The mark, the interval with its end ticks, and zero: the first layer lies on top."""
    colour = _COLOURS[line.mark]
    low, mean, high = map(scale.place, found)
    wide = high - low
    # A background's place is a share of what it leaves free.
    band = f"linear-gradient({colour} 0 0) {100 * low / (100 - wide):.2f}% 50%/{wide:.2f}% 3px"
    ends = [f"linear-gradient({colour} 0 0) {_centre(end, 2)} 50%/2px {_TICK}px" for end in (low, high)]
    return _layers(
        [*_mark(line, colour, mean), *ends, band],
        scale,
        f'class="interval" role="img" aria-label="{_alt(found)}"',
    )


def _layers(layers: Sequence[str], scale: Scale, about: str = 'class="zero" aria-hidden="true"') -> str:
    """A drawing of these layers over the line at zero."""
    zero = f"linear-gradient(currentColor 0 0) {_centre(scale.place(0.0), 2)} 0/2px 100%"
    drawn = ", ".join(f"{layer} no-repeat" for layer in (*layers, zero))
    return f'<div {about} style="flex: 1; min-height: 24px; print-color-adjust: exact; background: {drawn}"></div>'


def _mark(line: LessonLine, colour: str, mean: float) -> list[str]:
    """A dot at a mean, a square at a difference to others; open of what has ended."""
    is_open = line.mark == "ended"
    if line.compared:
        size = _MARK - 2
        inner = [
            f"linear-gradient({_PAPER} 0 0) {_centre(mean, size - 4)} 50%/{size - 4}px {size - 4}px"
        ] * is_open
        return [*inner, f"linear-gradient({colour} 0 0) {_centre(mean, size)} 50%/{size}px {size}px"]
    inside = f"{_PAPER} 55%, {colour} 60% 92%" if is_open else f"{colour} 92%"
    return [
        f"radial-gradient(circle closest-side, {inside}, #0000) {_centre(mean, _MARK)} 50%/{_MARK}px {_MARK}px"
    ]


def _centre(place: float, size: int) -> str:
    """Where a layer so many pixels wide is put for its middle to lie there."""
    return f"calc({place:.2f}% + {(place / 100 - 0.5) * size:.2f}px)"


def _alt(found: Interval) -> str:
    return f"On average {percent(found.mean, 3, signed=True)}, the interval {bounds(found.low, found.high, 3)} {_side(found)} zero"
