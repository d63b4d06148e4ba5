"""The entry rule under many combinations of target, stop, hold, spacing and wick, booked on vectorbt in chunks of bounded memory.

A Sharpe ratio here is that of net returns summed by clock periods (`period_hours`), those without a trade counting 0: mean over
standard deviation (ddof 1), not annualised. Periods run from the first to the last signal, the same for every combination,
so that ratios of combinations that trade often and seldom compare. A trade belongs to the period of its entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.sweep_candidates import CHUNK_BYTES, Candidates
from lib.analysis.sweep_exits import OPEN, Exits, choose_each
from lib.analysis.vectorbt_book import BYTES_PER_TRADE, booked_returns
from lib.contract.smart_backtest import GridCell
from lib.market.costs import DEFAULT_COSTS, Costs, fixed_breakeven_win_rate
from lib.market.exits import MINUTE
from lib.stats.deflated import Deflated, deflated_sharpe, implied_trials
from lib.stats.groups import round_percent, round_rate

PERIOD_HOURS = 4.0
#: Peak bytes per signal and exit rule, per signal and combination, per period and combination.
_BYTES_PER_EXIT, _BYTES_PER_CHOICE, _BYTES_PER_PERIOD = 80, 24, 48
Progress = Callable[[str], object]


@dataclass(frozen=True)
class Sweep:
    """One row a combination: its parameters, trades, open, ambiguous, win_rate (%), net_mean_pct, total_pct, sharpe, skew, kurtosis.

    `mean_correlation` is that of the period returns of two different combinations.
    """

    table: pd.DataFrame
    periods: int
    mean_correlation: float
    signals: int
    gap: int  #: further signals that no combination may take: a candle is missing within the longest of all holds
    costs: Costs = DEFAULT_COSTS


@dataclass(frozen=True)
class Luck:
    """The best combination, its Sharpe ratio deflated by all trials and by as many as their correlation makes them worth."""

    best: pd.Series
    by_all: Deflated | None
    by_implied: Deflated | None


def run_sweep(
    candidates: Candidates,
    after: int | None = None,
    until: int | None = None,
    known_until: int | None = None,
    *,
    period_hours: float = PERIOD_HOURS,
    chunk_bytes: int = CHUNK_BYTES,
    progress: Progress | None = None,
) -> Sweep:
    """Every combination over the signals in (after, until], starting flat; microseconds, None for no bound.

    An exit or a gap later than `known_until` is not known: its trade is open, and no figure counts it. About `chunk_bytes` are in use at
    a time, however many combinations there are; `progress` is told after each chunk.
    """
    stretch = _Stretch.of(candidates, after, until, known_until, period_hours)
    parts: list[pd.DataFrame] = []
    standardised, counted, done = np.zeros(stretch.periods), 0, 0
    for first, rules in _rule_chunks(candidates, len(stretch.rows), chunk_bytes):
        for part, returns in stretch.run(rules, chunk_bytes):
            part.index += first
            varied = returns[:, part["sharpe"].notna().to_numpy()]
            if varied.size:
                standardised += ((varied - varied.mean(axis=0)) / varied.std(axis=0)).sum(axis=1)
            counted += varied.shape[1]
            parts.append(part)
            done += len(part)
            if progress is not None:
                progress(f"{done:,} of {candidates.combinations:,} combinations")
    table = candidates.space.combinations().join(pd.concat(parts))
    pairs = counted * (counted - 1)
    together = float((standardised**2).mean() - counted) / pairs if pairs else 0.0
    return Sweep(table, stretch.periods, together, len(stretch.rows), stretch.gap, candidates.costs)


def judge_best(sweep: Sweep, min_trades: int = 30) -> Luck | None:
    """The combination of the highest Sharpe ratio among those with `min_trades`, and what is left of it after all the trying.

    All combinations that made a trade count as trials, those with too few trades to be chosen included. None if there is none.
    """
    tried = sweep.table[sweep.table["sharpe"].notna()]
    eligible = tried[tried["trades"] >= max(min_trades, 1)]
    if eligible.empty:
        return None
    best = eligible.loc[eligible["sharpe"].idxmax()]
    variance = float(tried["sharpe"].var(ddof=1)) if len(tried) > 1 else 0.0
    moments = float(best["sharpe"]), sweep.periods, float(best["skew"]), float(best["kurtosis"])
    implied = implied_trials(len(tried), sweep.mean_correlation)
    return Luck(
        best=best,
        by_all=deflated_sharpe(*moments, len(tried), variance),
        by_implied=deflated_sharpe(*moments, implied, variance),
    )


def cells_at(
    table: pd.DataFrame,
    hold_minutes: float,
    spacing_minutes: float,
    wick: str,
    costs: Costs,
) -> list[GridCell]:
    """The target × stop grid at one hold, spacing and wick."""
    chosen = table[
        (table["hold_minutes"] == hold_minutes)
        & (table["spacing_minutes"] == spacing_minutes)
        & (table["wick"] == wick)
    ]
    return [
        GridCell(
            target_pct=row.target_pct,
            stop_pct=row.stop_pct,
            total_trades=row.trades,
            win_rate=round_rate(row.win_rate) if row.trades else None,
            breakeven_win_rate=round_rate(
                fixed_breakeven_win_rate(row.target_pct, row.stop_pct, costs.round_trip_pct)
            ),
            net_mean_pct=round_percent(row.net_mean_pct) if row.trades else None,
            total_pnl_pct=round_percent(row.total_pct),
        )
        for row in chosen.itertuples()
    ]


def _rule_chunks(candidates: Candidates, signals: int, chunk_bytes: int) -> Iterator[tuple[int, np.ndarray]]:
    """Chunks of exit rules: the number of the first combination, and positions among targets, stops and holds (3 × r)."""
    space = candidates.space
    shape = len(space.targets_pct), len(space.stops_pct), len(space.holds_minutes)
    rules = np.indices(shape).reshape(3, -1)
    ways = candidates.combinations // max(rules.shape[1], 1)
    # They are kept while their trades are booked: a quarter for them, the rest for the book.
    step = max(1, chunk_bytes // 4 // max(signals * (_BYTES_PER_EXIT + ways * _BYTES_PER_CHOICE), 1))
    for begin in range(0, rules.shape[1], step):
        yield begin * ways, rules[:, begin : begin + step]


@dataclass(frozen=True)
class _Stretch:
    """The signals of one stretch of time (positions `rows`) without those over a gap, and the period that each belongs to."""

    candidates: Candidates
    rows: np.ndarray
    gap: int
    known_until: int
    period: np.ndarray
    periods: int

    @classmethod
    def of(
        cls,
        candidates: Candidates,
        after: int | None,
        until: int | None,
        known_until: int | None,
        period_hours: float,
    ) -> _Stretch:
        at = candidates.touches.entry_at
        within = (at > (-OPEN if after is None else after)) & (at <= (OPEN if until is None else until))
        known = OPEN - 1 if known_until is None else known_until
        gap = within & (candidates.touches.gap_known_at <= known)
        rows = np.flatnonzero(within & ~gap)
        clock = at[rows] // int(period_hours * 60 * MINUTE)
        period = clock - clock.min(initial=OPEN) if len(clock) else clock
        return cls(candidates, rows, int(gap.sum()), known, period, int(period.max(initial=-1)) + 1)

    def run(self, rules: np.ndarray, chunk_bytes: int) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
        """Figures, indexed by place, and period returns (periods × combinations, percent) of all combinations of these exit rules."""
        space, touches = self.candidates.space, self.candidates.touches
        found = touches.exits(*rules, self.rows)
        at = np.where(found.at <= self.known_until, found.at, OPEN)
        bands = len(space.wick_bands_pct)
        spacing = np.repeat(np.asarray(space.spacings_minutes, dtype=float), bands)
        allowed = np.tile(self.candidates.has_wick[self.rows], len(space.spacings_minutes))
        chosen = choose_each(touches.entry_at[self.rows], at, allowed, spacing)
        rule_of = np.repeat(np.arange(rules.shape[1]), len(spacing))
        chosen = chosen.reshape(len(self.rows), len(rule_of))
        # Few and many trades apart: a column is booked as if it had as many as the longest one beside it.
        trades = chosen.sum(axis=0)
        order = np.argsort(-trades, kind="stable")
        while len(order):
            each = max(trades[order[0]], 1) * BYTES_PER_TRADE + len(self.rows) * _BYTES_PER_CHOICE
            step = max(1, int(chunk_bytes * 3 // 4 // (each + self.periods * _BYTES_PER_PERIOD)))
            columns, order = order[:step], order[step:]
            part, returns = self._book(chosen[:, columns], rule_of[columns], found, at != OPEN)
            yield part.set_index(columns), returns

    def _book(
        self, chosen: np.ndarray, rule_of: np.ndarray, found: Exits, known: np.ndarray
    ) -> tuple[pd.DataFrame, np.ndarray]:
        """Book the chosen trades (signals × combinations) whose exit is known; `rule_of` names each combination's exits."""
        columns = chosen.shape[1]
        closed = chosen & known[:, rule_of]
        column, row = np.nonzero(closed.T)
        trades = closed.sum(axis=0)
        touches, of_all = self.candidates.touches, self.rows[row]
        net = booked_returns(
            column,
            columns,
            touches.sign[of_all],
            touches.entry_price[of_all],
            found.price[row, rule_of[column]],
            self.candidates.costs,
        )
        cell = column * self.periods + self.period[row]
        returns = np.bincount(cell, net, minlength=columns * self.periods).reshape(columns, self.periods).T
        total = np.bincount(column, net, minlength=columns)
        unsure = np.bincount(column, found.ambiguous[row, rule_of[column]], minlength=columns)
        with np.errstate(divide="ignore", invalid="ignore"):
            figures = {
                "trades": trades,
                "open": (chosen & ~closed).sum(axis=0),
                "ambiguous": unsure.astype(int),
                "win_rate": np.bincount(column, net > 0, minlength=columns) / trades * 100,
                "net_mean_pct": total / trades,
                "total_pct": total,
            }
        return pd.DataFrame(figures | _moments(returns)), returns


def _moments(returns: np.ndarray) -> dict[str, np.ndarray]:
    """Sharpe ratio, skew and kurtosis of each column of period returns; NaN where it does not vary."""
    if len(returns) < 2:
        return dict.fromkeys(("sharpe", "skew", "kurtosis"), np.full(returns.shape[1], np.nan))
    mean, spread = returns.mean(axis=0), returns.std(axis=0)
    spread = np.where(spread > 0, spread, np.nan)
    z = (returns - mean) / spread
    return {
        "sharpe": mean / (spread * np.sqrt(len(returns) / (len(returns) - 1))),
        "skew": (z**3).mean(axis=0),
        "kurtosis": (z**4).mean(axis=0),
    }
