"""The next step that follows from a page's figures: one line after its finding, "What to do: ...".

One window proves nothing, so from the figures of one no step is ever a trade: it says what would prove something, and where to see it.
Only what the ledger has proven is called to be acted on, and that Claude is told it already is said with it.
"""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any

from lib.analysis.sentences import HIGH_RANK, verdict
from lib.contract.actual_trades import ActualPerformance
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.results import GroupStats
from lib.contract.smart_backtest import RealisticBacktest
from lib.draw.html import STEP
from lib.draw.numbers import LEAST, counted, percent

#: Who trades by the loop, whose status says why it did not.
_LOOPS = ("live", "rules")
#: So many windows are more than anybody waits for.
_MOST_WINDOWS = 100
_INSIGHTS = "What holds over all days stands under Insights."


def trades_step(result: ActualPerformance, decisions: str = "") -> str:
    """What follows from one window of trades: how many more would tell, or why there are none; `decisions` is the kind of source."""
    group = result.overall
    if not group.episodes and result.open_trades:
        return f"{STEP}wait until a trade is closed."
    if not group.episodes:
        if decisions in _LOOPS:
            return f"{STEP}see why nothing was entered: `ribbon status --why 24h` counts the reasons."
        return f"{STEP}look at a longer window: `ribbon cycle --lookback-hours 168`."
    if group.episodes < LEAST:
        return f"{STEP}wait; of fewer than {LEAST} episodes nothing can be said. {_INSIGHTS}"
    said = {
        "lost": "nothing; one bad window is no reason to change anything.",
        "gained": "nothing; one good window is no reason to change anything.",
        "unclear": f"nothing; this window is no reason to change anything. {_enough(group)}",
    }[verdict(group)]
    return f"{STEP}{said} {_INSIGHTS}"


def _enough(group: GroupStats) -> str:
    """How many trades would tell a mean like this one from zero, if mean and spread stayed.

    The interval of a mean narrows with the root of n, so it is n times the square of half the interval over the mean.
    """
    mean, low, high = group.net_mean_pct, group.net_low_pct, group.net_high_pct
    if not mean or low is None or high is None or low == high:
        return "Nobody can say how many more trades would tell it from zero."
    windows = ((high - low) / 2 / mean) ** 2
    if windows > _MOST_WINDOWS:
        return f"What is so near to zero would take over {_MOST_WINDOWS} such windows to be told from it."
    if windows <= 1:
        return f"Of so few ({counted(group.episodes, 'episodes')}) no figure is to be trusted yet."
    needed = _round(ceil(group.total * windows))
    return f"Some {needed:,} trades like these would be needed to tell it from zero."


def _round(count: int) -> int:
    """A count to two digits, upward: it is an estimate."""
    step = 10 ** max(floor(log10(count)) - 1, 0)
    return ceil(count / step) * step


def hindsight_step(result: OptimalComparison) -> str:
    """What of hindsight can be of use."""
    learned = result.learnable
    if not result.events or learned is None or not result.optimal_trades:
        return f"{STEP}nothing. {_INSIGHTS}"
    if learned.signatures and learned.trades >= LEAST and (learned.rank or 0.0) >= HIGH_RANK:
        return f"{STEP}see whether that lasts: one window in twenty ranks so high by chance. {_INSIGHTS}"
    return f"{STEP}copy nothing from here. {_INSIGHTS}"


def backtest_step(result: RealisticBacktest) -> str:
    """What follows from the entry rule's trades."""
    if not result.total_trades:
        return f"{STEP}nothing; a longer window has more entries: `ribbon cycle --lookback-hours 168`."
    return f"{STEP}nothing; the rule is only what trades are held against."


def exits_sentence(result: RealisticBacktest) -> str:
    """That no other exits on the same entries are shown to be better; "" where none was tried."""
    means = [cell.net_mean_pct for cell in result.grid if cell.net_mean_pct is not None]
    if not means:
        return ""
    lost, best = sum(mean < 0 for mean in means), percent(max(means), 3, signed=True)
    tried = "pairs of target and stop tried on these entries lose"
    if lost == len(means):
        return f"All {lost} {tried}."
    luck = f"the best of so many ({best} a trade) is expected to look good by luck"
    return f"Of other exits {lost} of {len(means)} {tried}, and {luck}."


def lessons_step(
    act_on: int | None, *, state: str = "", held: bool = False, synthetic: bool = False, needs: str = ""
) -> str:
    """What follows from how lessons and the newest controlled test stand.

    `act_on` is None where the lessons were not compiled; `state` is Judged.state; `held` says that a person holds an earlier prompt
    addition; `needs` is the nearest candidate and what it lacks, in sentences.
    """
    if act_on is None:
        return f"{STEP}look at what went wrong in this cycle; `ribbon cycle` makes the next one."
    if held:
        return f"{STEP}decide whether the earlier text is still to be told; `ribbon lessons rollback --release` ends that."
    told = "nothing is proven that Claude could be told"
    if act_on:
        told = f"Claude is told {'this lesson' if act_on == 1 else f'these {act_on} lessons'} already"
    if state:
        return f"{STEP}{_TESTED[state].format(told=told)}"
    if not act_on:
        near = f" Nearest to proof: {needs}" if needs else ""
        return f"{STEP}nothing but collect more; the static rules stand until something is proven.{near}"
    if synthetic:
        return (
            f"{STEP}nothing; {told}, and this market is made up. On a real market (`ribbon setup` connects one) a controlled test says "
            "whether telling helps: `ribbon experiment start`."
        )
    return f"{STEP}nothing; {told}. To know whether telling helps, begin a controlled test: `ribbon experiment start`."


def history_step(history: Any, state: str = "", synthetic: bool = False) -> str:
    """`lessons_step` by the newest row of the frame of lib.history.trends."""
    if not len(history):
        return f"{STEP}`ribbon cycle` records the first."
    act_on = history.iloc[-1]["lessons_to_act_on"]
    if act_on != act_on:  # a record of before they were counted
        return f"{STEP}`ribbon cycle` records how many lessons are to be acted on."
    return lessons_step(int(act_on), state=state, synthetic=synthetic)


_TESTED = {
    "running": "wait; the controlled test is not decided yet, and until it is, nobody knows whether telling helps.",
    "helps": "nothing; {told}, and by the controlled test what is asked about helps.",
    "harms": "read what was proven to harm, and what the loop does since: `ribbon experiment status`.",
    "ended": "nothing; {told}. The controlled test ended before anything was proven: `ribbon experiment start` begins another.",
}
