"""One lesson as HTML: what it says, its interval beside zero or, where it has none yet, how much of the evidence it needs it has."""

from __future__ import annotations

from typing import NamedTuple

from lib.draw.html import escape
from lib.draw.numbers import bounds, percent
from lib.draw.words import tight

#: Beyond the outermost end of an interval, a share of what is drawn.
_MARGIN = 0.04


class Drawn(NamedTuple):
    """A mean and its interval on an axis from `least` to `most` that holds zero, percent; lessons of a group share the axis."""

    low: float
    mean: float
    high: float
    least: float
    most: float

    def place(self, value: float) -> float:
        """How far to the right a value lies, percent of the axis."""
        return 100 * (value - self.least) / (self.most - self.least)


class LessonLine(NamedTuple):
    """One lesson, ready to show: what it says, how it stands, its figures, what it still needs, how much of the evidence that it needs it
    has (0 to 1; None where that is not the question), and what is drawn of it where it has an interval.
    """

    statement: str
    standing: str
    figures: str
    needs: str
    share: float | None
    drawn: Drawn | None = None


def drawn_together(intervals: list[tuple[float, float, float] | None]) -> list[Drawn | None]:
    """Means with their intervals (low, mean, high) on one axis; None for each that is none."""
    ends = [0.0, *(end for found in intervals if found for end in found)]
    margin = _MARGIN * ((max(ends) - min(ends)) or 1.0)
    least, most = min(ends) - margin, max(ends) + margin
    return [found and Drawn(*found, least, most) for found in intervals]


def card(line: LessonLine) -> str:
    """One lesson as HTML: its sentence, a drawing, how it stands, its figures, and what it still needs."""
    needs = f" {escape(tight(line.needs))}" if line.needs else ""
    said, stop, besides = escape(tight(line.statement)).partition(". ")
    shown = _interval(line.drawn) if line.drawn else "" if line.share is None else _bar(line, line.share)
    return (
        f'<div class="lesson"><p><b>{said}{stop.strip()}</b> {besides}</p>{shown}'
        f'<p class="soft">{escape(tight(line.standing))}. {escape(tight(line.figures))}{needs}</p></div>'
    )


def _bar(line: LessonLine, share: float) -> str:
    wide = max(100 * share, 1.5)
    return (
        f'<div class="bar" role="img" aria-label="{escape(line.standing)}" '
        'style="background: #8884; height: 8px; max-width: 420px; border-radius: 4px">'
        f'<div style="background: #2a7fb8; height: 8px; width: {wide:.1f}%; border-radius: 4px"></div></div>'
    )


def _interval(drawn: Drawn) -> str:
    """Zero as a line, the interval as a band, the mean as a mark in it: layers of one background, as pages take no position, no SVG."""
    zero, low, mean, high = map(drawn.place, (0.0, drawn.low, drawn.mean, drawn.high))
    wide = high - low
    # A background's place is a share of what it leaves free.
    at = 100 * low / (100 - wide)
    layers = (
        f"linear-gradient(currentColor 0 0) {zero:.1f}% 50%/2px 100%",
        f"linear-gradient(var(--bar, #2a7fb8) 0 0) {mean:.1f}% 50%/4px 18px",
        f"linear-gradient(#4a9fd899 0 0) {at:.1f}% 50%/{wide:.1f}% 10px",
        "linear-gradient(#8884 0 0) 0 50%/100% 1px",
    )
    side = f"margin-left: {zero:.1f}%" if zero <= 50 else f"width: {zero:.1f}%; text-align: right"
    return (
        f'<div class="interval" role="img" aria-label="{_alt(drawn)}" style="max-width: 420px">'
        f'<div style="height: 24px; background: {", ".join(f"{layer} no-repeat" for layer in layers)}"></div>'
        f'<div style="{side}; line-height: 1.2"><small>0 %</small></div></div>'
    )


def _alt(drawn: Drawn) -> str:
    side = "above" if drawn.low > 0 else "below" if drawn.high < 0 else "on both sides of"
    mean = percent(drawn.mean, 3, signed=True)
    return f"On average {mean}, the interval {bounds(drawn.low, drawn.high, 3)} {side} zero"
