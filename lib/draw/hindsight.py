"""What the page of hindsight begins with: what only the future knew, what of it could be known beforehand, and what follows for a reader.

Perfect timing is large on any chart, so it never stands alone: the same setups at other times stand beside it.
"""

from __future__ import annotations

from lib.analysis.sentences import missed_sentence, rank_words
from lib.contract.optimal_vs_actual import Learnable, OptimalComparison
from lib.draw.next_step import hindsight_step
from lib.draw.numbers import LEAST, amount, counted, per_coin, percent
from lib.draw.optimal_vs_actual import PART_WORDS
from lib.draw.words import subject, typeset

#: What an event is, for who has not read the definitions.
_ONLY_AFTERWARDS = {
    "missed": "Which setups were worth an entry shows only afterwards",
    "late_entry": "Which minute was the best to enter shows only afterwards",
    "entry": "Which minute was the best to enter shows only afterwards",
    "early_exit": "Which close was the best to leave at shows only afterwards",
    "exit": "Which close was the best to leave at shows only afterwards",
    "false_entry": "Which entries had no perfect trade beside them shows only afterwards",
}
_SETUPS = "a wick, a breakout or a flip of the ribbon"


def hindsight_finding(result: OptimalComparison, decisions: str = "", coin: str = "coin") -> list[str]:
    """Perfect timing beside what could be known, what that means, what follows, and why the first is out of reach.

    `decisions` is the kind of the source. A window without a setup has one sentence, and the trades' own.
    """
    made = _made_sentence(result, decisions)
    if not result.events or result.learnable is None:
        return [
            "No setup showed in this window, so there is nothing that hindsight could have timed.",
            f"A setup is {_SETUPS}. {made}",
            hindsight_step(result),
        ]
    return [
        f"{_hindsight_words(result)} {_known_words(result.learnable)}",
        f"{_means(result.learnable)} {made}",
        *_gap_words(result, result.learnable, coin),
        hindsight_step(result),
        _out_of_reach(result),
    ]


def missed_finding(result: OptimalComparison, coin: str = "coin") -> str:
    """The money of perfect trades that nobody entered, beside what chance makes of the same timing."""
    return typeset(missed_sentence(result, coin))


def _hindsight_words(result: OptimalComparison) -> str:
    if not result.optimal_trades:
        return "Even hindsight would have made nothing of these setups."
    return f"Hindsight would have made {percent(result.optimal_pnl_pct, 2, signed=True)}, which nobody can reach."


def _known_words(learned: Learnable) -> str:
    """The half of the first line that is of use: what the setups made that had gained before."""
    if not learned.past_signatures:
        return "No kind of setup was seen often enough before to be known."
    if not learned.signatures:
        return "Taken every time, no kind of setup had clearly gained in the 14 days before."
    if not learned.trades:
        return "Kinds of setup that had clearly gained before, taken every time, did not show."
    return f"Setups that had clearly gained before, taken every time, made {percent(learned.pnl_pct, 2, signed=True)}."


def _means(learned: Learnable) -> str:
    """What follows: whether there was anything to copy."""
    if not learned.past_signatures:
        return "So there was nothing to copy: in the 14 days before no kind of setup was seen 10 times."
    kinds = counted(learned.past_signatures, "kinds")
    seen = f"of {kinds} seen 10 times or more in the 14 days before"
    exits = "after costs with the standard exits"
    if not learned.signatures:
        return f"So there was nothing to copy: {seen} none had, {exits}."
    gained = f"{seen} {len(learned.signatures):,} had, {exits}"
    if not learned.trades:
        return f"So there was nothing to copy: {gained}, and none of these could be taken here."
    sure = rank_words(learned.rank) if learned.trades >= LEAST else "too few to judge"
    trades = counted(learned.trades, "trades")
    return f"Copying these would have made that in {trades}, {sure}: {gained}."


def _made_sentence(result: OptimalComparison, decisions: str) -> str:
    who, _ = subject(decisions)
    if not result.actual_trades:
        return f"{who} closed no trade."
    made = percent(result.actual_pnl_pct, 2, signed=True)
    return f"{who} made {made} in {counted(result.actual_trades, 'trades')}: hold that against zero, not against hindsight."


def _gap_words(result: OptimalComparison, learned: Learnable, coin: str) -> list[str]:
    """The largest part of the gap, and whether it could be known beforehand; nothing where there is no gap to speak of."""
    largest = max(result.gap_parts, key=lambda part: part.pnl, default=None)
    if largest is None or largest.pnl <= 0 or result.gap_pnl <= 0 or not result.actual_trades:
        return []
    known = "by the kind of setup alone nothing of it could be known beforehand"
    if learned.trades:
        gained = percent(learned.pnl_pct, 2, signed=True)
        known = f"what the kind of setup told beforehand made {gained} in {counted(learned.trades, 'trades')}"
    return [
        f"The largest part of the gap: {PART_WORDS[largest.name]}, {amount(largest.pnl)} (n {largest.count:,}) of the "
        f"{amount(result.gap_pnl)} {per_coin(coin)}. {_ONLY_AFTERWARDS[largest.name]}; {known}."
    ]


def _out_of_reach(result: OptimalComparison) -> str:
    """Why perfect timing is no aim: it knows the future, and at other times it makes as much."""
    setups = f"this window's {counted(result.events or 0, 'setups')} ({_SETUPS})"
    told = f"Hindsight times entries and exits of {setups} knowing the future."
    null = result.optimal_null
    if null is None:
        return told
    mean = percent(null.mean, 2, signed=True)
    return (
        f"{told} At other times of the window they make {mean} on average: "
        f"what they made here is {rank_words(result.optimal_rank)}."
    )
