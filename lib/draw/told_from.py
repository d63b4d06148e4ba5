"""What all trades made before Claude was told lessons and since, as two figures with what they prove: nothing, whatever they are.

The trades of both parts differ in more than what was told, and the part since is looked at every hour; only a controlled test tells.
"""

from __future__ import annotations

import re

from lib.contract.results import GroupStats
from lib.draw.numbers import bounds, counted, dollars, percent
from lib.draw.words import tight
from lib.history.whole_log import WholeLog

#: Of a figure, by whether it is clear of chance: the size of its type follows what it can say.
_LOOKS = {True: "font-size: 22px", False: "font-size: 16px; font-weight: 500; opacity: 0.8"}
NO_PROOF = "That is no proof that telling helps or harms: the market moved on too. A controlled test says it: `ribbon experiment start`."


def parted_html(log: WholeLog) -> str:
    """The two figures side by side, with what they prove below; "" where Claude was told nothing yet."""
    parts = "".join(
        f'<div style="flex: 1 1 200px"><span class="soft" style="font-size: 14px">{name}</span><br><strong style="{look}">{figure}'
        f'</strong><br><span class="soft" style="font-size: 14px">{tight(small)}</span></div>'
        for name, figure, small, look in _parted(log)
    )
    if not parts:
        return ""
    said = re.sub(r"`([^`]+)`", r"<code>\1</code>", NO_PROOF)
    return (
        f'<div class="parted" style="display: flex; flex-wrap: wrap; gap: 8px 24px; margin-bottom: 6px">{parts}</div>'
        f'<p class="soft" style="font-size: 14px; margin: 0 0 8px; max-width: 100ch">{said}</p>'
    )


def parted_lines(log: WholeLog) -> list[str]:
    """The same as lines of a terminal; [] likewise."""
    parts = [f"  {name}: {figure} {small}" for name, figure, small, _ in _parted(log)]
    return [*parts, f"  {NO_PROOF}"] if parts else []


def _parted(log: WholeLog) -> list[tuple[str, str, str, str]]:
    """The name of each part, its money, on how many trades with the mean of one and its interval, and its look; [] as above."""
    if (found := log.told_from) is None:
        return []
    parts = []
    for name, group in (("Before Claude was told", found.before), ("Since then", found.since)):
        money = dollars(group.total_pnl) if group.total else "–"
        parts.append((name, money, _mean_words(group), _LOOKS[group.clear_of_chance]))
    return parts


def _mean_words(group: GroupStats) -> str:
    if not group.total:
        return "no trade yet"
    interval = bounds(group.net_low_pct, group.net_high_pct, 3)
    sure = f" [{interval}]" if interval else ", too few for an interval"
    mean = percent(group.net_mean_pct, 3, signed=True)
    return f"net per 1 coin on {counted(group.total, 'trades')}; on average {mean}{sure}"
