"""Net P&L over the cycles as a line of an inline SVG: its numbers stand beside it as text, so that they stay legible at any width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lib.draw.numbers import counted, dollars
from runner.cycle.manifest import Manifest

WIDTH, HEIGHT, _EDGE = 1000.0, 120.0, 8.0
#: Fewer points are no line.
_LEAST = 2


class Trend(NamedTuple):
    """A line in a box of WIDTH × HEIGHT: points, the last of them, where zero lies (None: outside), and what stands at its ends."""

    points: str
    last: tuple[float, float]
    zero: float | None
    n: int
    first: float
    newest: float
    first_at: str
    last_at: str
    alt: str


def trend_of(manifests: Sequence[Manifest]) -> Trend | None:
    """The net P&L of each cycle's window ($) over what it knew up to, of cycles of the newest one's source; None below two."""
    label = manifests[0].source.get("label") if manifests else ""
    money = {
        manifest.as_of: float(manifest.headline["net_pnl"])
        for manifest in reversed(manifests)
        if isinstance(manifest.headline.get("net_pnl"), int | float) and manifest.source.get("label") == label
    }
    if len(money) < _LEAST:
        return None
    times = sorted(money)
    values = [money[at] for at in times]
    low, high = min(0.0, *values), max(0.0, *values)
    scale = (HEIGHT - 2 * _EDGE) / ((high - low) or 1.0)
    heights = [round(HEIGHT - _EDGE - (value - low) * scale, 1) for value in values]
    across = [round(place * WIDTH / (len(values) - 1), 1) for place in range(len(values))]
    alt = (
        f"Net P&L of {counted(len(values), 'cycles')}: from {dollars(values[0])} to {dollars(values[-1])}, "
        f"at least {dollars(min(values))}, at most {dollars(max(values))}"
    )
    return Trend(
        " ".join(f"{x},{y}" for x, y in zip(across, heights, strict=True)),
        (across[-1], heights[-1]),
        round(HEIGHT - _EDGE + low * scale, 1),
        len(values),
        values[0],
        values[-1],
        times[0],
        times[-1],
        alt,
    )
