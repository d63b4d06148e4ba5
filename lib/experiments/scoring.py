"""What an answer would have made that nobody executed: the same rails, fills, costs, exits and price path as one that was.

Both answers of a pair are scored here, also the one that was executed, so that two answers that are the same differ by exactly 0. What
would surprise: the pair of a block is that of the first tick at which either arm would enter. Until then both arms stand alike; after it
one of them holds a position, and the other cannot be asked the same question any more. An exit that an answer advised is not scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import nan
from typing import Literal

import numpy as np

from lib.experiments.rows import Answered
from lib.experiments.running import ExperimentRows
from lib.lessons.streams.models import judged_until
from lib.market.costs import SIGN
from lib.market.exits import MINUTE, NO_GAP, Exit, ExitRule, PricePath, find_exit, gaps_known_at
from lib.market.fills import entry_fill, exit_fill, valid_until
from lib.market.terms import Terms
from lib.market.watched import OpenTrade, exit_on_candles

#: Why a block has no pair: the other arm was not asked, a candle is missing, or an answer was not written (the program died).
Unpaired = Literal["left_out", "gap", "no_row"]
#: Microseconds within which the answer of a shadow comes, if it comes at all: until then a pair without it is not known yet.
_LATE = 2 * MINUTE
_NO_STATES = np.empty(0, dtype=object)


@dataclass(frozen=True)
class Prices:
    """What answers are scored on, from before the experiment began. `states` are those of the path's samples, for the rule decider's
    exits; empty where nobody needs them. `until` is what is known, microseconds.
    """

    path: PricePath
    until: int
    states: np.ndarray = field(default_factory=lambda: _NO_STATES)


@dataclass(frozen=True)
class Scored:
    """What one answer made, percent net: 0 where it makes no order or the order expires, nan while open or over a gap."""

    net_pct: float = 0.0
    known_at: int | None = None  #: microseconds; None while it is open
    exit_reason: str = (
        ""  #: TP_HIT, SL_HIT, TIME_EXIT, RIBBON_REVERSAL, GAP; "" while open or without an entry
    )

    @property
    def is_gap(self) -> bool:
        """Whether it is null, because a candle is missing within the longest hold after its entry."""
        return self.exit_reason == "GAP"


@dataclass(frozen=True)
class Pair:
    """The one difference of a block: what arm a's answer made less what arm b's did, percent net."""

    block: int
    at: int  #: the tick; of a block in which neither would enter, its end
    known_at: int  #: when both outcomes were known, microseconds
    a_pct: float
    b_pct: float
    stop_pct: float = 0.0  #: furthest of the answers that enter, 0 without one
    target_pct: float = 0.0

    @property
    def difference_pct(self) -> float:
        """a less b."""
        return self.a_pct - self.b_pct


@dataclass(frozen=True)
class Pairs:
    """What is known of an experiment's pairs, in the order of its blocks, up to the first that is not known yet."""

    known: list[Pair] = field(default_factory=list)
    unpaired: dict[int, Unpaired] = field(default_factory=dict)  #: blocks that will have none, and why


def score_answer(answer: Answered, prices: Prices, terms: Terms, reverses: bool = False) -> Scored:
    """What an answer made as known at `prices.until`. `reverses`: the opposite ribbon ends it (the rule decider's exit).

    It is ordered `took_s` after its tick, filled at the first sample after that while it is valid, and left as the standard exits say
    (docs/definitions.md, Standard exits), at its own distances.
    """
    if not answer.enters:
        return Scored(known_at=answer.at)
    path, sign = prices.path, SIGN[answer.direction]
    ordered_at = valid_until(answer.at, answer.took_s)
    expires = valid_until(ordered_at, answer.valid_s)
    fill = entry_fill(path.sample_at, path.sample_price, ordered_at, expires, sign, terms.costs)
    if fill is None:
        return Scored(known_at=expires) if prices.until > expires else Scored(nan)
    rule = ExitRule(answer.target_pct, answer.stop_pct, terms.hold_minutes)
    if (gap_at := _gap_known_at(path, fill.at, terms.hold_minutes)) != NO_GAP:
        return Scored(nan, gap_at, "GAP")
    trade = OpenTrade(answer.direction, sign, fill.at, fill.price, rule, reverses)
    found = _exit(trade, prices)
    # Until its whole hold is past a gap may still void it: no quick end escapes that (docs/definitions.md, Ribbon).
    if found is None or fill.at > judged_until(path, terms):
        return Scored(nan)
    left = exit_fill(found, sign, terms.costs)
    net = sign * (left - fill.price) / fill.price * 100 - terms.costs.fees_pct
    return Scored(net, max(found.at, fill.at + int(terms.hold_minutes * MINUTE)), found.reason)


def _gap_known_at(path: PricePath, entry_at: int, hold_minutes: float) -> int:
    """`gaps_known_at` of one entry; quick where no gap comes after it, as nearly always."""
    after, _ = path.gaps
    if not len(after) or path.opens[after[-1]] <= entry_at:
        return NO_GAP
    return int(gaps_known_at(path, np.array([entry_at]), hold_minutes)[0])


def _exit(trade: OpenTrade, prices: Prices) -> Exit | None:
    if not trade.reverses:
        return find_exit(prices.path, trade.sign, trade.entry_at, trade.entry_price, trade.rule)
    return exit_on_candles(trade, prices.path, prices.states)


def pairs_of(rows: ExperimentRows, prices: Prices, terms: Terms) -> Pairs:
    """The pairs of an experiment's ended blocks.

    They come in the order of the blocks, never in that of their exits: stops are quicker than time exits, and whoever took what is known
    first would see losses first.
    """
    found = Pairs()
    for block in sorted(rows.ends):
        pair = pair_of(rows, block, prices, terms)
        if pair is None:
            break
        if isinstance(pair, Pair):
            found.known.append(pair)
        else:
            found.unpaired[block] = pair
    return found


def pair_of(rows: ExperimentRows, block: int, prices: Prices, terms: Terms) -> Pair | Unpaired | None:
    """The pair of a block that has ended, or why there is none; None while it is not known. 0 and 0 where neither arm would enter."""
    tick, end = _first_entry(rows.answers.get(block, [])), rows.ends[block]
    if isinstance(tick, str):
        if rows.left_out.get(block):
            return "left_out"
        return None if prices.until < rows.answers[block][-1].at + _LATE else "no_row"
    if tick is not None:
        return _scored_pair(rows, block, tick, prices, terms)
    return "no_row" if end.trades else Pair(block, end.at, end.at, 0.0, 0.0)


def _first_entry(answers: Sequence[Answered]) -> Sequence[Answered] | Literal["alone"] | None:
    """Both answers of the first tick at which either enters; None where neither ever does, "alone" once a tick has no shadow's answer."""
    in_time = sorted(
        answers, key=lambda answer: answer.at
    )  # a shadow's may be written behind the next tick's
    for _, group in groupby(in_time, key=lambda answer: answer.at):
        both = list(group)
        if len(both) < 2:
            return "alone"
        if any(answer.enters for answer in both):
            return both
    return None


def _scored_pair(
    rows: ExperimentRows, block: int, both: Sequence[Answered], prices: Prices, terms: Terms
) -> Pair | Unpaired | None:
    """The pair of a block's two answers, or why there is none; None while it is not known."""
    # Beside Claude the rules leave as Claude's positions do: one position is watched alike whoever entered it.
    reverses = rows.definition.a.decider == rows.definition.b.decider == "rules"
    scored = {answer.arm: score_answer(answer, prices, terms, reverses) for answer in both}
    if any(one.is_gap for one in scored.values()):
        return "gap"
    known = [one.known_at for one in scored.values() if one.known_at is not None]
    if len(known) < len(both):
        return None
    entering = [answer for answer in both if answer.enters]
    return Pair(
        block=block,
        at=both[0].at,
        known_at=max(known),
        a_pct=scored["a"].net_pct,
        b_pct=scored["b"].net_pct,
        stop_pct=max(answer.stop_pct for answer in entering),
        target_pct=max(answer.target_pct for answer in entering),
    )
