"""The gap between the setup optimum and what was traded, part by part (notebook 02_optimal_vs_actual;
docs/definitions.md, Optimal).

optimal − actual = missed + entry + exit + false, in dollars of one unit. Published cents are rounded part by
part; the odd cent of rounding is counted under `exit`, so that the parts sum to the gap exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.analysis.optimal import (
    ceiling,
    setup_directions,
    setup_optimum,
    shifted_setup_totals,
    shifted_totals,
)
from lib.analysis.trades import complete_trades
from lib.contract.hindsight import HINDSIGHT
from lib.contract.optimal_vs_actual import Ceiling, GapPart, OptimalComparison, PatternStats, Spread
from lib.data.window import MarketWindow
from lib.market.costs import DEFAULT_COSTS, Costs, signs
from lib.market.exits import MINUTE
from lib.market.readings import instants
from lib.stats.groups import group_stats, round_dollars, round_percent, round_rate

_EARLIEST_MINUTES = -5.0
_LATEST_MINUTES = 15.0
_LATE_AFTER_MINUTES = 5.0


@dataclass(frozen=True)
class OptimalVsActual:
    """The optimum (a trades frame), the pairs matched with actual trades, the ceiling's points and the
    null's totals.
    """

    optimum: pd.DataFrame = field(metadata=HINDSIGHT)
    pairs: (
        pd.DataFrame
    )  #: one row a matched pair: optimum, actual (row numbers), entry_usd, exit_usd, late, early
    shifted: pd.DataFrame
    result: OptimalComparison


def match_trades(optimum: pd.DataFrame, actual: pd.DataFrame) -> np.ndarray:
    """Pairs (optimum row, actual row), one to one: same direction, actual entry −5…+15 min of the
    optimum's, nearest in time first.
    """
    apart = (instants(actual["entry_time"])[None, :] - instants(optimum["entry_time"])[:, None]) / MINUTE
    same = optimum["direction"].to_numpy()[:, None] == actual["direction"].to_numpy()[None, :]
    candidates = np.argwhere(same & (apart >= _EARLIEST_MINUTES) & (apart <= _LATEST_MINUTES))
    nearest = (
        np.argsort(np.abs(apart[candidates[:, 0], candidates[:, 1]]), kind="stable")
        if len(candidates)
        else []
    )
    taken_optimum: set[int] = set()
    taken_actual: set[int] = set()
    pairs = []
    for row in nearest:
        left, right = (int(value) for value in candidates[row])
        if left not in taken_optimum and right not in taken_actual:
            taken_optimum.add(left)
            taken_actual.add(right)
            pairs.append((left, right))
    return np.array(sorted(pairs), dtype=int).reshape(-1, 2)


def describe_pairs(optimum: pd.DataFrame, actual: pd.DataFrame, pairs: np.ndarray) -> pd.DataFrame:
    """What each matched pair lost at its entry and at its exit, in dollars; cost differences count under
    the exit.
    """
    best, real = (
        optimum.iloc[pairs[:, 0]].reset_index(drop=True),
        actual.iloc[pairs[:, 1]].reset_index(drop=True),
    )
    entry = signs(best["direction"]) * (real["entry_price"] - best["entry_price"])
    late = (real["entry_time"] - best["entry_time"]) > pd.Timedelta(minutes=_LATE_AFTER_MINUTES)
    return pd.DataFrame(
        {
            "optimum": pairs[:, 0],
            "actual": pairs[:, 1],
            "entry_usd": entry,
            "exit_usd": best["net_usd"] - real["net_usd"] - entry,
            "late": late,
            "early": real["exit_time"] < best["exit_time"],
        }
    )


def gap_parts(optimum: pd.DataFrame, actual: pd.DataFrame, pairs: pd.DataFrame) -> list[GapPart]:
    """The parts of the gap, in cents that sum exactly to optimal − actual as published."""
    missed = optimum.drop(index=optimum.index[pairs["optimum"]])
    false = actual.drop(index=actual.index[pairs["actual"]])
    parts = {
        "missed": (len(missed), missed["net_usd"].sum()),
        "late_entry": (int(pairs["late"].sum()), pairs.loc[pairs["late"], "entry_usd"].sum()),
        "entry": (int((~pairs["late"]).sum()), pairs.loc[~pairs["late"], "entry_usd"].sum()),
        "early_exit": (int(pairs["early"].sum()), pairs.loc[pairs["early"], "exit_usd"].sum()),
        "false_entry": (len(false), -false["net_usd"].sum()),
    }
    cents = {name: round_dollars(money) for name, (_, money) in parts.items()}
    gap = round_dollars(round_dollars(optimum["net_usd"].sum()) - round_dollars(actual["net_usd"].sum()))
    rest = round_dollars(gap - sum(cents.values()))
    listed = [GapPart(name=name, count=count, pnl=cents[name]) for name, (count, _) in parts.items()]
    listed.insert(4, GapPart(name="exit", count=int((~pairs["early"]).sum()), pnl=rest))
    return listed


def _spread(values: pd.Series, round_to: Callable[[float], float | None]) -> Spread:
    if values.empty:
        return Spread(mean=None, low=None, high=None, shifts=0)
    low, high = values.quantile([0.05, 0.95])
    return Spread(mean=round_to(values.mean()), low=round_to(low), high=round_to(high), shifts=len(values))


def _patterns(optimum: pd.DataFrame) -> list[PatternStats]:
    found = [
        PatternStats(
            signature=name,
            count=len(group),
            avg_pnl=round_dollars(group["net_usd"].mean()),
            avg_pnl_pct=round_percent(group["net_pct"].mean()),
            win_rate=round_rate(group["win"].mean() * 100),
        )
        for name, group in optimum.groupby("signature", sort=True)
    ]
    return sorted(found, key=lambda pattern: (-pattern.avg_pnl * pattern.count, pattern.signature))


def compare_optimal_with_actual(
    window: MarketWindow,
    actual: pd.DataFrame,
    shifts: int = 200,
    seed: int = 0,
    costs: Costs = DEFAULT_COSTS,
) -> OptimalVsActual:
    """All of what notebook 02 answers; `actual` is the trades frame of the window's closed trades."""
    inside = window.in_window(window.candles_5min)
    direction = setup_directions(window.candles_5min, window.samples_5min)[
        len(window.candles_5min) - len(inside) :
    ]
    raw = setup_optimum(inside, direction, costs)
    shifted = shifted_totals(inside, raw, shifts, seed, costs)
    chosen_anew = shifted_setup_totals(inside, direction, shifts, seed, costs)
    optimum = complete_trades(raw, window)
    pairs = describe_pairs(optimum, actual, match_trades(optimum, actual))
    parts = gap_parts(optimum, actual, pairs)
    bound = ceiling(inside, costs)
    best, real = group_stats(optimum), group_stats(actual)
    result = OptimalComparison(
        optimal_trades=best.total,
        optimal_pnl=best.total_pnl,
        optimal_pnl_pct=best.total_pnl_pct,
        optimal_win_rate=best.win_rate,
        actual_trades=real.total,
        actual_pnl=real.total_pnl,
        actual_pnl_pct=real.total_pnl_pct,
        actual_win_rate=real.win_rate,
        matched_trades=len(pairs),
        missed_opportunities=parts[0].count,
        false_entries=parts[-1].count,
        missed_pnl=parts[0].pnl,
        gap_pnl=round_dollars(best.total_pnl - real.total_pnl),
        gap_parts=parts,
        ceiling=Ceiling(
            trades=len(bound.entries),
            pnl=round_dollars(bound.net_usd.sum()),
            pnl_pct=round_percent(bound.net_pct.sum()),
        ),
        shifted_pnl=_spread(shifted["net_usd"], round_dollars),
        shifted_pnl_pct=_spread(shifted["net_pct"], round_percent),
        shifted_setups_pnl=_spread(chosen_anew["net_usd"], round_dollars),
        shifted_setups_pnl_pct=_spread(chosen_anew["net_pct"], round_percent),
        optimal_patterns=_patterns(optimum),
    )
    return OptimalVsActual(optimum=optimum, pairs=pairs, shifted=shifted, result=result)
