"""The finding that each page begins with: what happened and what of it is proven, in two or three sentences, computed from the figures.

The first sentence is what a reader takes along who reads no other; what is proven of it and what to do come next. Each figure has its n,
each mean and rate its interval, folded, and what one window shows is called unproven. Sentences are templates; of what a file says only the
coin and numbers enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lib.analysis.sentences import verdict
from lib.contract.actual_trades import ActualPerformance
from lib.contract.dollars import A_COIN, Coin
from lib.contract.results import GroupStats
from lib.contract.smart_backtest import RealisticBacktest
from lib.draw.apart import apart_sentences
from lib.draw.equity import cycles_words, in_all_sentence
from lib.draw.html import Folded, Sentences
from lib.draw.next_step import backtest_step, exits_sentence, trades_step
from lib.draw.numbers import LEAST, amount, bounds, counted, least_shown, made, per_coin, percent
from lib.draw.words import subject
from lib.history.whole_log import WholeLog
from lib.prompt.addition import figures_told

#: The entry rule for who has not read docs/definitions.md, in a clause and whole.
_RULE_SHORT = "The rule goes LONG where the 5-minute ribbon is all green, SHORT mirrored; target, stop or time ends a trade."
_RULE = (
    "The entry rule goes LONG where the 5-minute ribbon is all green, just turned so or on a rising candle, and the 15-minute one is "
    "not on the red side; SHORT is mirrored."
)
_LASTS = "Whether another target and stop last on days that they were not chosen on can be tried: `notebooks/explore_sweep.ipynb`."


class Found(NamedTuple):
    """A finding: what a page begins with, and what says how sure that is, which stands folded (lib.draw.html.Finding)."""

    said: list[str]
    sure: list[str]


def trades_finding(result: ActualPerformance, decisions: str = "", coin: Coin = A_COIN) -> Found:
    """What the executed trades made, what to do, and which groups of them stand out; `decisions` is the kind of the source."""
    step = trades_step(result, decisions)
    if not result.total_trades and result.open_trades:
        still = counted(result.open_trades, "trades")
        return Found([f"No trade was closed in this window; {still} still open.", step], [])
    told = figures_finding(
        result.total_trades,
        result.total_pnl,
        result.gross_pnl,
        result.overall,
        result.breakeven_win_rate,
        decisions,
        coin,
    )
    apart, intervals = apart_sentences(result, coin)
    first, *others = told.said
    said = [first, " ".join(part for part in (_sides_sentence(result, coin), *others) if part)]
    return Found([*said, step], [*told.sure, *(part for part in (apart, intervals) if part)])


def _sides_sentence(result: ActualPerformance, coin: Coin) -> str:
    """What LONG and SHORT made, each with its trades; "" where only one was traded."""
    sides = [
        (name, group)
        for name, group in (("LONG", result.long_stats), ("SHORT", result.short_stats))
        if group.total
    ]
    if len(sides) < 2:
        return ""
    said = [
        f"{name} {made(group.total_pnl, coin)} on {counted(group.total, 'trades')}" for name, group in sides
    ]
    return f"{' and '.join(said)}."


def figures_finding(
    trades: int,
    net: float,
    gross: float | None,
    overall: GroupStats,
    breakeven: float | None,
    decisions: str = "",
    coin: Coin = A_COIN,
) -> Found:
    """As `trades_finding`, of the figures that a cycle's manifest keeps: what happened, without what to do."""
    if not trades:
        return Found(["No trade was closed in this window.", "So there is nothing to judge."], [])
    who, they = subject(decisions)
    said = [result_sentence(who, they, net, gross, trades, coin)]
    second = [
        _costs_sentence(net, gross, trades, coin),
        _sure_sentence(overall, net, coin) if overall.total else "",
    ]
    said += [told for told in (" ".join(filter(None, second)),) if told]
    return Found(said, [_evidence_sentence(overall, breakeven)] if overall.total else [])


def result_sentence(who: str, they: str, net: float, gross: float | None, trades: int, coin: Coin) -> str:
    """Net and gross P&L in one sentence: "You lost $69.61 per 1 ETH after costs on 44 trades; before costs you made $25.12."."""
    told = f"{who} {made(net, coin)} {per_coin(coin)} after costs on {counted(trades, 'trades')}"
    return f"{told}." if gross is None else f"{told}; before costs {they} {made(gross, coin)}."


def _costs_sentence(net: float, gross: float | None, trades: int, coin: Coin, of: str = "") -> str:
    """The costs as money, in sum and a trade, `of` what; "" where they are not known or nothing."""
    costs = 0.0 if gross is None else gross - net
    return (
        f"Costs took {amount(costs, coin)}, {amount(costs / trades, coin)} a trade{of}."
        if costs >= least_shown(coin) * trades
        else ""
    )


def _sure_sentence(group: GroupStats, net: float, coin: Coin) -> str:
    """What one window's interval allows to be said."""
    if group.episodes < LEAST:
        return f"{counted(group.episodes, 'episodes')} prove nothing."
    what = "loss" if round(net, coin.decimals) < 0 else "gain"
    return {
        "lost": "One window in forty loses so much by chance, so this one proves nothing.",
        "gained": "One window in forty gains so much by chance, so this one proves nothing.",
        "unclear": f"Whether the {what} is more than chance cannot be told, and one window proves nothing.",
    }[verdict(group)]


def _evidence_sentence(group: GroupStats, breakeven: float | None) -> str:
    """The net mean and the win rate, each with its interval."""
    won = _won_sentence(group, breakeven, "needed to break even at the size of these wins and losses")
    if group.episodes < LEAST or group.net_low_pct is None:
        return won
    interval = bounds(group.net_low_pct, group.net_high_pct, 3)
    # Where no two trades overlap, an episode is one, and the plainer word is true.
    unit = "a trade" if group.episodes == group.total else "an episode of overlapping trades"
    mean = f"Mean {percent(group.net_mean_pct, 3, signed=True)} {unit} (n {group.episodes}, 95 % {interval})"
    return f"{mean}; {won}"


def _won_sentence(group: GroupStats, breakeven: float | None, words: str) -> str:
    """The win rate with its interval beside the one that is needed."""
    if group.total < LEAST or group.win_rate is None:
        return f"{counted(group.total, 'trades')}: too few for a win rate."
    interval = bounds(group.win_rate_low, group.win_rate_high, 0)
    needed = "" if breakeven is None else f", {percent(breakeven)} {words}"
    return f"{percent(group.win_rate)} won (n {group.total}, 95 % {interval}){needed}."


def backtest_finding(result: RealisticBacktest, coin: Coin = A_COIN) -> Found:
    """What the entry rule made with fixed exits and what to do; how sure: its win rate beside the one that these exits need."""
    if not result.total_trades:
        first = "The entry rule closed no trade in this window."
        return Found([first, "So there is nothing to judge.", backtest_step(result)], [])
    overall = result.overall
    side = "cannot be told apart from"
    if overall.win_rate_low is not None and overall.win_rate_high is not None:
        if overall.win_rate_low > result.breakeven_win_rate:
            side = "is above"
        elif overall.win_rate_high < result.breakeven_win_rate:
            side = "is below"
    told = f" That {side} what they need." if overall.total >= LEAST else ""
    needed = (
        f"needed at its fixed exits (target {percent(result.target_pct, 2)}, stop {percent(result.stop_pct, 2)}, costs; trades with wins "
        "and losses of other sizes need another share)"
    )
    won = _won_sentence(overall, result.breakeven_win_rate, needed)
    net, gross, trades = result.total_pnl, result.gross_pnl, result.total_trades
    first = result_sentence("The entry rule", "it", net, gross, trades, coin)
    costs = _costs_sentence(net, gross, trades, coin, ", slippage among them")
    second = " ".join(filter(None, (_RULE_SHORT, costs, _sure_sentence(overall, net, coin))))
    return Found(
        [first, second, backtest_step(result)],
        [f"{won}{told}", f"{exits_sentence(result)} {_LASTS}".lstrip()],
    )


def rule_words(result: RealisticBacktest) -> Folded:
    """How the entry rule enters and leaves."""
    left = f"It leaves at target {percent(result.target_pct, 2)}, at stop {percent(result.stop_pct, 2)}, or by time."
    return Folded("How the rule enters and leaves", Sentences([f"{_RULE} {left}"]))


def lessons_finding(
    to_act_on: int | None, proven: int | None, asked: int | None = None, no_advice: str = ""
) -> list[str]:
    """Whether anything is proven that can be acted on, and how much else is; `no_advice` is why the latter is none."""
    if proven is None:
        return ["What is proven is not known: the lessons were not compiled."]
    of = "" if asked is None else f" of {counted(asked, 'questions')}"
    if to_act_on:
        first = f"{counted(to_act_on, 'lessons')} {'is' if to_act_on == 1 else 'are'} proven and large enough for Claude to act on."
    else:
        first = "Nothing is proven that could be acted on."
    rest = proven - (to_act_on or 0)
    if rest:
        besides = " more" if to_act_on else ""
        why = no_advice and f": {no_advice}"
        more = f"{rest:,}{besides}{of} {'is' if rest == 1 else 'are'} proven, but no advice{why}."
    else:
        more = f"No other{of} is proven." if to_act_on else f"None{of} is proven."
    return [first, more]


def told_sentence(to_act_on: int | None, held_since: str = "", *, prompt: str = "") -> str:
    """What Claude is told, in one sentence; `prompt`: the text, where no lesson was spoken of before the sentence."""
    if held_since:
        return "Claude is told an earlier prompt addition, which a person holds."
    if to_act_on is None:
        return "What Claude is told is not known."
    if not to_act_on:
        return "Claude is told no lesson to act on and decides by the static rules."
    if prompt:
        figures = ", and figures of this window that prove nothing" if figures_told(prompt) else ""
        lessons = counted(to_act_on, "proven lessons")
        return f"Claude is told {lessons} to act on{',' if figures else ' and'} the static rules{figures}."
    return f"Claude is told {'this lesson' if to_act_on == 1 else f'these {to_act_on} lessons'} and the static rules."


def change_finding(change: Mapping[str, Any]) -> str:
    """What is told now that was not told before, in one sentence; of the change as a record keeps it."""
    if not change:
        return "What changed in what Claude is told was not recorded."
    if not change["sha256_before"]:
        return "This is the first prompt addition of this history."
    if change["before_lost"]:
        return "What was told before is not kept, so nothing is compared."
    lessons = len(change["lessons"] or []) + change["lessons_more"]
    came, went = (len(_new(change[key])) + change[f"{key}_more"] for key in ("came", "went"))
    if not (lessons or came or went):
        return "Since the cycle before only figures changed in what Claude is told."
    parts = [
        f"{counted(came, 'new lines')}" if came else "",
        f"{went:,} gone" if went else "",
        f"{counted(lessons, 'lessons')} with another status" if lessons else "",
    ]
    return f"Since the cycle before: {', '.join(part for part in parts if part)} in what Claude is told."


def _new(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [line for line in lines if not line.get("figures")]


def history_finding(
    log: WholeLog,
    coin: Coin = A_COIN,
    *,
    state: str = "",
    told: str = "",
    more: Sequence[str] = (),
    step: str = "",
) -> list[str]:
    """What all trades of the log made, and whether telling lessons is known to help.

    `state` is Judged.state of the newest experiment, "" where none was begun; `told` names the lessons told now; `more` is what else
    matters: whether the whole is proven, and where the experiment stands. `step` is what to do next.
    """
    if not log.cycles:
        return ["No cycle is recorded yet.", step or "`ribbon cycle` records one."]
    return [
        part
        for part in (in_all_sentence(log, coin), told, f"{cycles_words(log)}; {_HELPS[state]}.", *more, step)
        if part
    ]


#: Whether telling lessons helps, by the state of the newest experiment.
_HELPS = {
    "": "whether telling lessons helps is not known",
    "running": "whether what Claude is told helps is being tested",
    "ended": "whether what Claude is told helps is not known, as the test ended undecided",
    "helps": "by the controlled test, what is asked about helps",
    "harms": "by the controlled test, what is asked about harms",
}
