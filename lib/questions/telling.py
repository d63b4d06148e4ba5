"""Questions in words: what an exploration found, and what a confirmation says; the answer first, in plain sentences."""

from __future__ import annotations

from math import ceil, floor

from lib.contract.words import bounds, number, rate, time_word
from lib.market.costs import fixed_breakeven_win_rate
from lib.market.terms import Terms
from lib.questions.confirmation import Confirmation
from lib.questions.exploration import Exploration
from lib.questions.file import Question
from lib.stats.levels import SOUGHT_PCT

#: With fewer episodes no interval and no rank is worth a sentence.
LEAST_EPISODES = 10
_SELDOM = 0.95


def exploration_sentences(found: Exploration) -> list[str]:
    """The answer, what costs took, what chance does, and what all of this is worth."""
    trades, span = found.trades, f"{found.market}, {time_word(found.since)} to {time_word(found.until)}"
    if not trades.total:
        return [
            f"Exploratory: {found.question} made no trade in the open part of {span}.",
            _why_none(found),
            _WORTH,
        ]
    made = f"{_pct(trades.net_mean_pct)} an episode after costs, 95 % {bounds(trades.net_low_pct, trades.net_high_pct, 3)}"
    rests = f"n={number(trades.total)} trades in {number(trades.episodes)} episodes"
    said = [f"Exploratory: {found.question} {_verb(found)}: {made}, {rests}, {span}."]
    each = found.costs_total_pct / trades.total
    gross = f"Before costs it made {_pct(found.gross_mean_pct)} a trade, and costs took {each:.2f} % of each"
    even = found.exits.breakeven_win_rate
    won = f"; it won {rate(trades.win_rate)} of them" + (
        f". Where all trades end at target or stop, {rate(even)} of them must win to break even after costs"
        if even is not None
        else ""
    )
    said.append(f"{gross}{won}.")
    return [*said, *_beside(found), f"{_WORTH} {_next(found)}"]


_WORTH = "Exploratory means: who looks at a history and then asks it, proves nothing."


def _next(found: Exploration) -> str:
    """What may be asked after this."""
    if found.trades.net_high_pct is not None and found.trades.net_high_pct < 0:
        return "What lost here is hardly worth the level that the sealed part costs."
    return (
        "The sealed part answers once, at a level that is spent for good: the same command with `--confirm`."
    )


def _why_none(found: Exploration) -> str:
    """Why no trade was made, in a sentence."""
    spoke = found.long_rows + found.short_rows
    if not spoke:
        return "It said nothing of any row: its conditions held nowhere, or both at once."
    ends = f"{number(found.gap)} holds meet a gap, {number(found.open_trades)} had not ended at the end"
    return f"It spoke of {number(spoke)} row{'s' if spoke != 1 else ''}, but {ends}."


def _verb(found: Exploration) -> str:
    trades = found.trades
    if trades.episodes < LEAST_EPISODES or trades.net_low_pct is None or trades.net_high_pct is None:
        return "traded too seldom to say anything"
    if trades.net_low_pct > 0:
        return "gained here"
    return "lost here" if trades.net_high_pct < 0 else "neither gained nor lost for certain here"


def _beside(found: Exploration) -> list[str]:
    chance, said = found.random_entries, []
    if chance is not None and found.trades.episodes >= LEAST_EPISODES:
        better = (
            "better than"
            if chance.rank >= _SELDOM
            else "worse than"
            if chance.rank <= 1 - _SELDOM
            else "no different from"
        )
        # Towards the middle, so that what is no different never shows the share from which on it would be.
        share = round(chance.rank * 100, 6)  # 7, not the 7.000000000000001 that is above it
        above = floor(share) if share >= 50 else ceil(share)
        said.append(
            f"As many entries at random times of any hour with the same exits made {_pct(chance.mean_pct)} a trade, "
            f"90 of 100 draws {bounds(chance.p5_pct, chance.p95_pct, 3)}: it is {better} those, above {above} of 100 "
            f"(from {_SELDOM * 100:.0f} on it would be better, up to {100 - _SELDOM * 100:.0f} worse)."
        )
    said.append(
        f"Added up, not compounded, it made {_pct(found.trades.total_pnl_pct, 2)}; buying and holding made "
        f"{_pct(found.buy_and_hold_pct, 2)}."
    )
    return said


def confirmation_sentences(name: str, market: str, found: Confirmation, looked: list[str]) -> list[str]:
    """The verdict, what it rests on, what more it would take, and who has looked at the sealed part otherwise."""
    span = f"{market}, {time_word(found.since)} to {time_word(found.until)}"
    rests = f"n={number(found.trades)} trades in {number(found.episodes)} episodes, {_pct(found.net_mean_pct)} an episode after costs"
    at_level = f"{bounds(found.net_low_pct, found.net_high_pct, 3)} at its level of {found.level * 100:.3g} % (the smaller, the wider)"
    verdicts = {
        "proven": f"Proven on the sealed part: {name} gains after costs",
        "proven worse": f"Proven worse: {name} loses after costs on the sealed part",
        "not shown": f"Not shown, and {_sought()} is ruled out: {name} on the sealed part"
        if found.ruled_out
        else f"Not shown: the sealed part does not show that {name} gains",
    }
    said = [
        f"{verdicts[found.verdict]} ({span}).",
        f"It rests on {rests}, {at_level}." if found.trades else "It made no trade there.",
    ]
    if found.verdict == "not shown":
        said.append(_missing(found))
    if found.beyond_declared:
        said.append(
            f"{found.beyond_declared} losses or gains were larger than declared, so the level is not exact."
        )
    return [*said, _looked(found, looked)]


def _missing(found: Confirmation) -> str:
    if found.ruled_out:
        return "So more of the same would not help."
    if found.more_episodes == 0:
        return f"{_sought()[0].upper()}{_sought()[1:]} would usually have shown by now."
    days = "" if found.more_days is None else f", some {found.more_days:,.0f} days at this rate"
    return f"{_sought()[0].upper()}{_sought()[1:]} would take about {number(found.more_episodes)} more episodes to show{days}."


def _looked(found: Confirmation, looked: list[str]) -> str:
    if not looked:
        return "Nothing else of this folder has looked at that part; what was opened by hand, or in another folder, nobody wrote down."
    weaker = (
        " It is proven only as far as nobody chose the question by them." if found.verdict == "proven" else ""
    )
    return f"That part was looked at otherwise in this folder: {'; '.join(looked)}.{weaker}"


def _sought() -> str:
    return f"an edge of {SOUGHT_PCT} % an episode"


def terms_words(question: Question, terms: Terms) -> str:
    """Costs and exits that a question is asked with, in one line: its own exits where it has some."""
    own = question.own_exits
    if own is None:
        return terms.words()
    rule = question.exits(terms.exits)
    costs = terms.words().split("; ")[0]
    hold = "its own too" if own.hold_minutes is not None else "of the terms"
    if own.target_pct is None:
        return f"{costs}; exits of its own: stop {rule.stop_pct:g} %, no target, hold {rule.hold_minutes:g} min ({hold})"
    even = fixed_breakeven_win_rate(rule.target_pct, rule.stop_pct, terms.round_trip_pct)
    return (
        f"{costs}; exits of its own: target {rule.target_pct:g} %, stop {rule.stop_pct:g} %, hold {rule.hold_minutes:g} min ({hold}); "
        f"break-even {even:.1f} %"
    )


def _pct(value: float | None, digits: int = 3) -> str:
    return "nothing" if value is None else f"{value:+.{digits}f} %"
