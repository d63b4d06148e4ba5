"""What all trades made before Claude was told lessons and since, as two figures, and that they prove nothing, whatever they are.

The trades of both parts differ in more than what was told, and the part since is looked at every hour; only a controlled test tells.
"""

from __future__ import annotations

from lib.contract.dollars import A_COIN, Coin
from lib.contract.results import GroupStats
from lib.draw.numbers import counted, dollars, percent
from lib.draw.words import tight
from lib.history.whole_log import WholeLog

#: Fewer trades than this are shown softly.
_FEW = 30
NO_PROOF = (
    "That is no proof that telling helps or harms: the market moved on too. Only a controlled test says that."
)


def parted_html(log: WholeLog, coin: Coin = A_COIN) -> str:
    """The two figures side by side, with that they prove nothing below; "" where Claude was told nothing yet."""
    parts = "".join(
        f'<div style="flex: 1 1 200px"><span class="soft" style="font-size: 14px">{name}</span><br><strong style="{look}">{figure}'
        f'</strong><br><span class="soft" style="font-size: 14px">{tight(small)}</span></div>'
        for name, figure, small, look in _parted(log, coin)
    )
    if not parts:
        return ""
    return (
        f'<div class="parted" style="display: flex; flex-wrap: wrap; gap: 8px 24px; margin-bottom: 6px">{parts}</div>'
        f'<p class="soft" style="font-size: 14px; margin: 0 0 8px; max-width: 100ch">{NO_PROOF}</p>'
    )


def parted_lines(log: WholeLog, coin: Coin = A_COIN) -> list[str]:
    """The same as lines of a terminal; [] likewise."""
    parts = [f"  {name}: {figure} {small}" for name, figure, small, _ in _parted(log, coin)]
    return [*parts, f"  {NO_PROOF}"] if parts else []


def _parted(log: WholeLog, coin: Coin) -> list[tuple[str, str, str, str]]:
    """The name of each part, its money, on how many trades with the mean of one, and its look; [] as above."""
    if (found := log.told_from) is None:
        return []
    parts = []
    for name, group in (("Before Claude was told", found.before), ("Since then", found.since)):
        money = dollars(group.total_pnl, coin) if group.total else "–"
        look = f"font-size: 20px{'; opacity: 0.7' * (group.total < _FEW)}"
        parts.append((name, money, _mean_words(group), look))
    return parts


def _mean_words(group: GroupStats) -> str:
    if not group.total:
        return "no trade yet"
    mean = percent(group.net_mean_pct, 3, signed=True)
    return f"net per 1 coin on {counted(group.total, 'trades')}; on average {mean}"
