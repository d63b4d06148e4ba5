"""Net P&L over the cycles as a line of an inline SVG: its numbers stand beside it as text, so that they stay legible at any width.

Windows of neighbouring cycles share most of their trades, and a sum of them rises when an old loss leaves. So the line runs over what
each cycle saw closed since the one before: every trade once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from lib.draw.numbers import counted, dollars
from runner.cycle.manifest import Manifest

WIDTH, HEIGHT, _EDGE = 1000.0, 120.0, 8.0
#: Fewer points are no line.
_LEAST = 2


class Trend(NamedTuple):
    """A line in a box of WIDTH × HEIGHT: points, the last of them, where zero lies, and what stands at its ends.

    `trades` closed after `since` and up to `last_at`, each counted once, in `n` cycles; money in dollars.
    """

    points: str
    last: tuple[float, float]
    zero: float
    n: int
    trades: int
    since: str
    first: float
    newest: float
    first_at: str
    last_at: str
    alt: str


def trend_of(manifests: Sequence[Manifest]) -> Trend | None:
    """The running net P&L ($) over what the cycles knew up to, of cycles of the newest one's source; None below two.

    It reaches back as far as each cycle goes on where the one before it ended: pruning leaves holes, whose trades would be missing.
    """
    chain = _chain(manifests)
    if len(chain) < _LEAST:
        return None
    values = [round(total, 2) for total in accumulate(float(new["net_pnl"]) for _, new in chain)]
    low, high = min(0.0, *values), max(0.0, *values)
    scale = (HEIGHT - 2 * _EDGE) / ((high - low) or 1.0)
    heights = [round(HEIGHT - _EDGE - (value - low) * scale, 1) for value in values]
    across = [round(place * WIDTH / (len(values) - 1), 1) for place in range(len(values))]
    alt = (
        f"Running net P&L over {counted(len(values), 'cycles')}, each trade once: from {dollars(values[0])} to {dollars(values[-1])}, "
        f"at least {dollars(min(values))}, at most {dollars(max(values))}"
    )
    return Trend(
        " ".join(f"{x},{y}" for x, y in zip(across, heights, strict=True)),
        (across[-1], heights[-1]),
        round(HEIGHT - _EDGE + low * scale, 1),
        len(values),
        sum(new["n"] for _, new in chain),
        chain[0][1]["since"],
        values[0],
        values[-1],
        chain[0][0],
        chain[-1][0],
        alt,
    )


def _chain(manifests: Sequence[Manifest]) -> list[tuple[str, dict[str, Any]]]:
    """What each cycle knew up to and what it saw closed since the one before, oldest first, without a hole; newest manifests first."""
    label = manifests[0].source.get("label") if manifests else ""
    seen: dict[str, dict[str, Any]] = {}
    for manifest in manifests:
        if manifest.since_last and manifest.source.get("label") == label:
            seen.setdefault(manifest.as_of, manifest.since_last)
    chain: list[tuple[str, dict[str, Any]]] = []
    for at in sorted(seen, reverse=True):
        if chain and chain[-1][1]["since"] != at:
            break
        chain.append((at, seen[at]))
    return chain[::-1]
