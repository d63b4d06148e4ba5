"""What changed from one cycle to the next, in sentences of numbers with their n; never why.

All text is ASCII, so that it prints in any log.
"""

from __future__ import annotations

from lib.contract.actual_trades import ScalperScore
from lib.contract.dollars import Coin, published_decimals
from lib.contract.words import bounds, money, number, rate, regime_word, time_word
from lib.history.records import CycleRecord, TradesBlock
from lib.lessons.wording import proven_words


def changes_since(record: CycleRecord, before: CycleRecord | None) -> list[str]:
    """What is different from the record before, in numbers with their n; never why."""
    if before is None:
        return ["First cycle of this history: nothing to compare with yet."]
    if (record.decisions, record.synthetic) != (before.decisions, before.synthetic):
        return ["Not compared with the cycle before: it rests on another kind of data."]
    coin = coin_of(record, before)
    found = [_closed_sentence(record.since_last, before, coin)]
    if record.window and before.window:
        found += [
            _win_rate_sentence(record.window, before.window),
            _pnl_sentence(record.window, before.window, coin),
        ]
        if record.window.scalper_score != before.window.scalper_score:
            scores = [score_of(block.scalper_score) for block in (record.window, before.window)]
            found.append(f"Scalper score: {scores[0]} after {scores[1]}.")
    found += _lessons_sentence(record, before)
    if record.regime != before.regime:
        found.append(f"Regime: {regime_word(str(record.regime))} after {regime_word(str(before.regime))}.")
    for key, status in record.sections.items():
        if status != before.sections.get(key):
            found.append(f"Section {key}: {status} after {before.sections.get(key, 'none')}.")
    return found


def _lessons_sentence(record: CycleRecord, before: CycleRecord) -> list[str]:
    """How many lessons are to be acted on and how many are proven, where that changed and both records know it."""
    now, then = record.evidence, before.evidence
    if not now or not then:
        return []
    if now.act_on is None or then.act_on is None:
        same, counts = now.proven == then.proven, f"{number(now.proven)} proven, after {number(then.proven)}"
    else:
        same = (now.act_on, now.proven) == (then.act_on, then.proven)
        counts = f"{proven_words(now)}, after {proven_words(then)}"
    return [] if same else [f"Lessons: {counts}; {number(now.hypotheses)} hypotheses asked."]


def _closed_sentence(block: TradesBlock | None, before: CycleRecord, coin: Coin) -> str:
    if block is None:
        return "Trades since the cycle before: not analyzed."
    if not block.n:
        return f"No trade closed since the cycle before ({time_word(before.timestamp)})."
    return (
        f"Closed since the cycle before ({time_word(before.timestamp)}): n={number(block.n)}, {rate_of(block)} won, "
        f"net {money(block.total_pnl, coin)}."
    )


def _win_rate_sentence(now: TradesBlock, before: TradesBlock) -> str:
    told = f"Win rate of the window: {rate_of(now)} (n={number(now.n)}) after {rate_of(before)} (n={number(before.n)})"
    if not now.n or not before.n:
        return f"{told}."
    apart = now.win_rate_low > before.win_rate_high or now.win_rate_high < before.win_rate_low
    return f"{told}; {'the intervals do not meet' if apart else 'the intervals meet, so no change is shown'}."


def _pnl_sentence(now: TradesBlock, before: TradesBlock, coin: Coin) -> str:
    return (
        f"Net P&L of the window: {money(now.total_pnl, coin)} (n={number(now.n)}) after {money(before.total_pnl, coin)} "
        f"(n={number(before.n)})."
    )


def coin_of(*records: CycleRecord) -> Coin:
    """What the dollars of records are per 1 of: they name no market, so it has the decimals that their figures were published with."""
    told = [
        each for record in records for each in (record.window, record.since_last, record.backtest) if each
    ]
    found = [each.total_pnl for each in told]
    for optimum in (record.optimum for record in records if record.optimum):
        found += [optimum.pnl, optimum.gap_pnl]
    return Coin(decimals=published_decimals(found))


def rate_of(block: TradesBlock) -> str:
    """A block's win rate with its interval."""
    if not block.n:
        return "none"
    return f"{rate(block.win_rate)} {bounds(block.win_rate_low, block.win_rate_high, 1)}"


def score_of(score: ScalperScore) -> str:
    """A scalper score with its grade."""
    return "none" if score.total is None else f"{number(score.total, 1)} {score.grade}"
