"""Exploring: what a question said of a history's open part, made into trades and figures.

`explore` is the whole of it: one question, one market, given terms and stretch, one record. What would surprise: it is given what the
question said, and runs no question itself, so that the same figures come out of a process with limits, of a notebook and of a test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.sweep_exits import OPEN, first_touches
from lib.contract.schema import REGIMES
from lib.contract.times import iso
from lib.errors import EmptyWindowError
from lib.market.costs import Costs, fixed_breakeven_win_rate, max_drawdown
from lib.market.exits import NO_GAP, ExitRule, PricePath
from lib.market.regime import regimes
from lib.market.terms import Terms
from lib.questions.exploration import EquityPoint, ExitsRecord, Exploration, RandomEntries
from lib.questions.file import NO_TARGET_PCT, Question
from lib.questions.history import History
from lib.questions.telling import exploration_sentences, terms_words
from lib.questions.trades import QuestionTrades, entries_at, one_exit, question_trades
from lib.stats.groups import group_stats, named_groups, round_percent, round_rate

DRAWS = 1_000
#: Random entries are drawn out of so many rows: more would cost seconds and change nothing.
_POOL = 4_000
_SEED = 20261129
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Explored:
    """The record, and the trades for whoever draws them."""

    record: Exploration
    trades: pd.DataFrame


def explore(
    question: Question,
    history: History,
    said: np.ndarray,
    terms: Terms,
    boundary: pd.Timestamp,
    since: pd.Timestamp | None = None,
    rows_checked: int = 0,
    notes: tuple[str, ...] = (),
) -> Explored:
    """Explore what was `said` (n,) of the rows of `history`, which must end at the boundary or before; trades from `since` on.

    Raises EmptyWindowError where no row is left.
    """
    begin = 0 if since is None else history.first_row_after(since)
    if begin >= len(said):
        raise EmptyWindowError(
            f"no row of {history.market} became known after {iso(since)} and until {iso(history.newest)}: the open part ends there. "
            "Give an earlier --since"
            if history.newest >= boundary
            else f"no row of {history.market} became known after {iso(since)} in the stretch that is asked: its candles are missing there, "
            f"and the last before it is known at {iso(history.newest)}. Fetch them, or give another --since or --until"
        )
    rule, rows = question.exits(terms.exits), history.rows
    made = question_trades(said, rows, history.path, rule, terms.costs, begin)
    closed = made.closed
    total, gross = group_stats(closed), float(closed["gross_pct"].sum())
    start = max(since, history.first) if since is not None else history.first
    record = Exploration(
        question=question.name,
        claim=question.claim,
        sha256=question.sha256,
        market=history.market,
        source=history.source,
        boundary=iso(boundary),
        since=iso(start),
        until=iso(history.newest),
        days=round((history.newest - start) / _DAY, 2),
        terms=terms_words(question, terms),
        exits=_exits(question, rule, terms.costs),
        rows_checked=rows_checked,
        rows=len(said),
        long_rows=int((said[begin:] > 0).sum()),
        short_rows=int((said[begin:] < 0).sum()),
        busy=made.busy,
        gap=made.gap,
        open_trades=made.open,
        ambiguous=int(closed["ambiguous"].sum()),
        trades=total,
        gross_mean_pct=round_percent(gross / len(closed)) if len(closed) else None,
        gross_total_pct=_percent(gross),
        costs_total_pct=_percent(len(closed) * terms.costs.round_trip_pct),
        max_drawdown_pct=_percent(max_drawdown(closed.sort_values("exit_time", kind="stable")["net_pct"])),
        random_entries=random_entries(made, rows, history.path, rule, terms.costs, begin),
        buy_and_hold_pct=_percent(
            (rows["close"].iloc[-1] / rows["close"].iloc[begin] - 1) * 100 - terms.costs.round_trip_pct
        ),
        equity=_equity(closed),
        **_groups(closed, history.candles_5min),
        notes=[*history.notes, *notes],
        answer=[],
    )
    return Explored(record.model_copy(update={"answer": exploration_sentences(record)}), closed)


def random_entries(
    made: QuestionTrades,
    rows: pd.DataFrame,
    path: PricePath,
    rule: ExitRule,
    costs: Costs,
    begin: int,
    draws: int = DRAWS,
) -> RandomEntries | None:
    """As many entries of either direction at random rows from `begin` on, each judged alone with the same exits; None without a trade.

    Rows whose hold meets a gap or the end of the history are not drawn: of the question's own they count nowhere either.
    """
    closed = made.closed
    if closed.empty:
        return None
    generator = np.random.default_rng(_SEED)
    pool = np.sort(generator.permutation(np.arange(begin, len(rows)))[:_POOL])
    totals = np.zeros(draws)
    for sign, word in ((1, "LONG"), (-1, "SHORT")):
        wanted = int((closed["direction"] == word).sum())
        net = _net_returns(entries_at(rows, pool, np.full(len(pool), sign)), path, rule, costs)
        if wanted and not len(net):
            return None
        for draw in range(draws if wanted else 0):
            totals[draw] += generator.choice(net, wanted).sum()
    means = totals / len(closed)
    low, high = np.quantile(means, [0.05, 0.95])
    return RandomEntries(
        draws=draws,
        mean_pct=_percent(float(means.mean())),
        p5_pct=_percent(float(low)),
        p95_pct=_percent(float(high)),
        rank=float(np.mean(means < closed["net_pct"].mean())),
    )


def _net_returns(entries: pd.DataFrame, path: PricePath, rule: ExitRule, costs: Costs) -> np.ndarray:
    touches = first_touches(entries, path, [rule.target_pct], [rule.stop_pct], [rule.hold_minutes])
    sound = np.flatnonzero(touches.gap_known_at == NO_GAP)
    at, price, _, _ = one_exit(touches, sound)
    ended = at != OPEN
    sign, entry = touches.sign[sound][ended], touches.entry_price[sound][ended]
    return sign * (price[ended] - entry) / entry * 100 - costs.round_trip_pct


def _exits(question: Question, rule: ExitRule, costs: Costs) -> ExitsRecord:
    has_target = rule.target_pct < NO_TARGET_PCT
    even = (
        fixed_breakeven_win_rate(rule.target_pct, rule.stop_pct, costs.round_trip_pct) if has_target else None
    )
    return ExitsRecord(
        stop_pct=rule.stop_pct,
        target_pct=rule.target_pct if has_target else None,
        hold_minutes=rule.hold_minutes,
        own=question.own_exits is not None,
        own_hold=question.own_exits is not None and question.own_exits.hold_minutes is not None,
        breakeven_win_rate=round_rate(even),
    )


def _groups(closed: pd.DataFrame, candles_5min: pd.DataFrame) -> dict[str, object]:
    """The trades by direction, year, month, regime and hour of their entries."""
    entered = pd.DatetimeIndex(closed["entry_time"])
    regime = regimes(candles_5min)["regime"].to_numpy(object)[closed["row"].to_numpy(int)]
    by = {
        "by_direction": (closed["direction"].to_numpy(object), ("LONG", "SHORT")),
        "by_year": (entered.strftime("%Y"), ()),
        "by_month": (entered.strftime("%Y-%m"), ()),
        "by_regime": (regime, REGIMES),
        "by_hour": (entered.strftime("%H"), ()),
    }
    found = {
        name: named_groups(closed, pd.Series(words, closed.index, dtype="str"), order)
        for name, (words, order) in by.items()
    }
    return {name: [group for group in groups if group.total] for name, groups in found.items()}


def _equity(closed: pd.DataFrame) -> list[EquityPoint]:
    months = pd.DatetimeIndex(closed["entry_time"]).strftime("%Y-%m")
    sums = closed["net_pct"].groupby(months.to_numpy()).sum().cumsum()
    return [EquityPoint(month=str(month), total_pct=_percent(float(total))) for month, total in sums.items()]


def _percent(value: float) -> float:
    return round_percent(value) or 0.0
