"""Net P&L over the cycles as a line of an inline SVG: its numbers stand beside it as text, so that they stay legible at any width.

Windows of neighbouring cycles share most of their trades, and a sum of them rises when an old loss leaves. So the line runs over what
each cycle saw closed since the one before, every trade once; and it begins at $0, before the first of them, so that it has its height to
show what was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from lib.contract.times import parse_instant
from lib.draw.numbers import counted, dollars
from runner.cycle.manifest import Manifest

WIDTH, HEIGHT, _EDGE = 1000.0, 120.0, 8.0
#: Of fewer cycles nothing is summed up, and of fewer than the second number a line says no more than the sum.
_LEAST, _LEAST_DRAWN = 2, 8


class Trend(NamedTuple):
    """What was made over `n` cycles, and its line in a box of WIDTH × HEIGHT: points, the last of them, and where zero lies.

    `trades` closed after `since` and up to `last_at`, each counted once; `made` in dollars, net. Of few cycles there are no points.
    """

    points: str
    last: tuple[float, float]
    zero: float
    n: int
    trades: int
    since: str
    last_at: str
    made: float
    alt: str


def trend_of(manifests: Sequence[Manifest]) -> Trend | None:
    """The running net P&L ($) over what the cycles knew up to, of cycles of the newest one's source; None below two.

    It reaches back as far as each cycle goes on where the one before it ended: pruning leaves holes, whose trades would be missing.
    """
    chain = _chain(manifests)
    if len(chain) < _LEAST:
        return None
    since, last_at = chain[0][1]["since"], chain[-1][0]
    values = [
        round(total, 2) for total in accumulate((float(new["net_pnl"]) for _, new in chain), initial=0.0)
    ]
    low, high = min(values), max(values)
    scale = (HEIGHT - 2 * _EDGE) / ((high - low) or 1.0)
    heights = [round(HEIGHT - _EDGE - (value - low) * scale, 1) for value in values]
    times = [parse_instant(at).timestamp() for at in (since, *(at for at, _ in chain))]
    across = [round((at - times[0]) * WIDTH / (times[-1] - times[0]), 1) for at in times]
    alt = (
        f"Running net P&L over {counted(len(chain), 'cycles')}, each trade once: {dollars(values[-1])}, at least {dollars(low)}, "
        f"at most {dollars(high)}"
    )
    drawn = zip(across, heights, strict=True) if len(chain) >= _LEAST_DRAWN else ()
    return Trend(
        points=" ".join(f"{x},{y}" for x, y in drawn),
        last=(across[-1], heights[-1]),
        zero=heights[0],
        n=len(chain),
        trades=sum(new["n"] for _, new in chain),
        since=since,
        last_at=last_at,
        made=values[-1],
        alt=alt,
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
