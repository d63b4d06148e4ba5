"""What the page of hindsight begins with: what was made, what perfect timing makes, what had paid before, and what follows for a reader.

Perfect timing is large on any chart, so it never stands alone or first: what it makes at other times stands beside it.
"""

from __future__ import annotations

from lib.analysis.sentences import HIGH_RANK, missed_sentence, rank_words
from lib.contract.dollars import A_COIN, Coin
from lib.contract.optimal_vs_actual import Learnable, OptimalComparison
from lib.draw.findings import Found
from lib.draw.next_step import hindsight_step
from lib.draw.numbers import LEAST, amount, counted, made, per_coin, percent
from lib.draw.optimal_vs_actual import PART_WORDS
from lib.draw.words import subject, typeset

#: What an event is, for who has not read the definitions.
_SETUPS = "a wick, a breakout or a flip of the ribbon"
_EXITS = "after costs with the standard exits"


def hindsight_finding(
    result: OptimalComparison, decisions: str = "", coin: Coin = A_COIN, held: str = ""
) -> Found:
    """What was made beside perfect timing, and what follows; folded what that rests on, and why perfect timing is out of reach.

    `decisions` is the kind of the source, `held` how long perfect timing and the trades held, in words. A window without a setup has one
    sentence, and the trades' own.
    """
    traded, step = _made_sentence(result, decisions, coin), hindsight_step(result)
    if not result.events or result.learnable is None:
        first = "No setup showed in this window, so there is nothing that hindsight could have timed."
        return Found([first, f"A setup is {_SETUPS}. {traded}", step], [])
    parts = (
        _paid_words(result.learnable, coin) if result.optimal_trades else "",
        _largest_words(result, held, coin),
    )
    besides = " ".join(part for part in parts if part)
    return Found(
        [f"{traded.rstrip('.')}; {_perfect_words(result, coin)}.", *[besides] * bool(besides), step],
        [_means(result.learnable, coin), _out_of_reach(result)],
    )


def missed_finding(result: OptimalComparison, coin: Coin = A_COIN) -> str:
    """The money of perfect trades that nobody entered, beside what chance makes of the same timing."""
    return typeset(missed_sentence(result, coin))


def _perfect_words(result: OptimalComparison, coin: Coin) -> str:
    """What perfect timing makes, held against the same setups at other times where these are known, as a clause."""
    if not result.optimal_trades:
        return "even hindsight finds nothing to gain in these setups"
    found, null = f"perfect timing makes {amount(result.optimal_pnl, coin)}", result.optimal_null
    if null is None:
        return found
    if null.p5 <= result.optimal_pnl_pct <= null.p95:
        return f"{found}, about what it makes at other times"
    return f"{found}, {'more' if result.optimal_pnl_pct > null.p95 else 'less'} than at other times"


def _paid_words(learned: Learnable, coin: Coin) -> str:
    """What the setups that had clearly paid before made of it, as a sentence."""
    if not learned.past_signatures:
        return "No kind of setup was seen often enough in the 14 days before to point to any of it."
    if not learned.signatures:
        return "No kind of setup had clearly paid in the 14 days before, so none pointed to any of it."
    if not learned.trades:
        return "The setups that had clearly paid in the 14 days before did not show."
    sure = "too few to judge"
    if learned.trades >= LEAST:
        high = (learned.rank or 0.0) >= HIGH_RANK
        sure = "more than most other times" if high else "not told apart from chance"
    return (
        f"Setups that had clearly paid before, taken at every signal, {made(learned.pnl, coin)} in "
        f"{counted(learned.trades, 'trades')}: {sure}."
    )


def _means(learned: Learnable, coin: Coin) -> str:
    """What that rests on: the kinds of setup that were seen before, and how many of them had gained."""
    if not learned.past_signatures:
        return "In the 14 days before no kind of setup was seen 10 times."
    seen = (
        f"Of {counted(learned.past_signatures, 'kinds')} of setup seen 10 times or more in the 14 days before"
    )
    if not learned.signatures:
        return f"{seen} none had clearly gained when taken every time, {_EXITS}."
    gained = f"{seen} {len(learned.signatures):,} had clearly gained when taken every time, {_EXITS}"
    if not learned.trades:
        return f"{gained}; none of these could be taken here."
    sure = rank_words(learned.rank) if learned.trades >= LEAST else "too few to judge"
    return f"{gained}. Copied here they {made(learned.pnl, coin)} in {counted(learned.trades, 'trades')}: {sure}."


def _made_sentence(result: OptimalComparison, decisions: str, coin: Coin) -> str:
    who, _ = subject(decisions)
    if not result.actual_trades:
        return f"{who} closed no trade."
    return f"{who} {made(result.actual_pnl, coin)} {per_coin(coin)} on {counted(result.actual_trades, 'trades')}."


def _largest_words(result: OptimalComparison, held: str, coin: Coin) -> str:
    """The largest part of the gap in one short sentence, with how long was held where it is of exits; "" where there is none."""
    part = max(result.gap_parts, key=lambda each: each.pnl, default=None)
    if part is None or min(part.pnl, result.gap_pnl) <= 0 or not result.actual_trades:
        return ""
    said = (
        f"The largest part of the {amount(result.gap_pnl, coin)} between the two, {amount(part.pnl, coin)}, is in "
        f"{PART_WORDS[part.name]}, which shows only afterwards."
    )
    return f"{said} {held}." if held and part.name == "early_exit" else said


def _out_of_reach(result: OptimalComparison) -> str:
    """Why perfect timing is no aim: it knows the future, and at other times it makes as much."""
    setups = f"this window's {counted(result.events or 0, 'setups')} ({_SETUPS})"
    told = f"Hindsight times entries and exits of {setups} knowing the future."
    null = result.optimal_null
    if null is None:
        return told
    mean = percent(null.mean, 2, signed=True)
    return (
        f"{told} Moved to other times of the window the same setups make {mean} on average: "
        f"what they made here is {rank_words(result.optimal_rank)}."
    )
