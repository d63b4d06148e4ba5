"""What hindsight would have made of the window, and the gap between its perfect setup trades and what was traded, part by part
(notebook 02_optimal_vs_actual; docs/definitions.md, Optimal).

optimal − actual = missed + entry + exit + false, in dollars per 1 coin. Published dollars are rounded part by
part; the odd cent of rounding is counted under `exit`, so that the parts sum to the gap exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.analysis import setup_trades, shifted
from lib.analysis.optimal import ceiling
from lib.analysis.trades import complete_trades
from lib.contract.dollars import dollar_decimals
from lib.contract.hindsight import HINDSIGHT
from lib.contract.optimal_vs_actual import Ceiling, GapPart, OptimalComparison
from lib.data.window import MarketWindow
from lib.market.costs import DEFAULT_COSTS, Costs, signs
from lib.market.exits import MINUTE, STANDARD, ExitRule
from lib.market.readings import instants
from lib.stats.groups import group_stats, round_dollars, round_percent

_EARLIEST_MINUTES = -5.0
_LATEST_MINUTES = 15.0
_LATE_AFTER_MINUTES = 5.0


@dataclass(frozen=True)
class OptimalVsActual:
    """The perfect setup trades (a trades frame), the pairs of them matched with actual trades, and the result."""

    optimum: pd.DataFrame = field(metadata=HINDSIGHT)
    pairs: (
        pd.DataFrame
    )  #: one row a matched pair: optimum, actual (row numbers), entry_usd, exit_usd, late, early
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
    sides = ((optimum, pairs[:, 0]), (actual, pairs[:, 1]))
    best, real = (
        {name: frame[name].to_numpy()[rows] for name in ("entry_price", "net_usd")}
        | {name: instants(frame[name])[rows] for name in ("entry_time", "exit_time")}
        for frame, rows in sides
    )
    entry = signs(optimum["direction"])[pairs[:, 0]] * (real["entry_price"] - best["entry_price"])
    return pd.DataFrame(
        {
            "optimum": pairs[:, 0],
            "actual": pairs[:, 1],
            "entry_usd": entry,
            "exit_usd": best["net_usd"] - real["net_usd"] - entry,
            "late": real["entry_time"] - best["entry_time"] > _LATE_AFTER_MINUTES * MINUTE,
            "early": real["exit_time"] < best["exit_time"],
        }
    )


def gap_parts(optimum: pd.DataFrame, actual: pd.DataFrame, pairs: pd.DataFrame) -> list[GapPart]:
    """The parts of the gap, in cents that sum exactly to optimal − actual as published."""
    missed = np.delete(optimum["net_usd"].to_numpy(), pairs["optimum"])
    false = np.delete(actual["net_usd"].to_numpy(), pairs["actual"])
    late, early, entry_usd, exit_usd = (
        pairs[name].to_numpy() for name in ("late", "early", "entry_usd", "exit_usd")
    )
    parts = {
        "missed": (len(missed), missed.sum()),
        "late_entry": (int(late.sum()), entry_usd[late].sum()),
        "entry": (int((~late).sum()), entry_usd[~late].sum()),
        "early_exit": (int(early.sum()), exit_usd[early].sum()),
        "false_entry": (len(false), -false.sum()),
    }
    decimals = _decimals(optimum, actual)
    cents = {name: round_dollars(money, decimals) for name, (_, money) in parts.items()}
    best, made = (round_dollars(frame["net_usd"].sum(), _decimals(frame)) for frame in (optimum, actual))
    gap = round_dollars(best - made, decimals)
    rest = round_dollars(gap - sum(cents.values()), decimals)
    listed = [GapPart(name=name, count=count, pnl=cents[name]) for name, (count, _) in parts.items()]
    listed.insert(4, GapPart(name="exit", count=int((~early).sum()), pnl=rest))
    return listed


def _decimals(*trades: pd.DataFrame) -> int:
    """Of the dollars of trades frames together."""
    return max(dollar_decimals(frame["entry_price"]) for frame in trades)


def compare_optimal_with_actual(
    window: MarketWindow,
    actual: pd.DataFrame,
    past: pd.DataFrame,
    rule: ExitRule = STANDARD,
    costs: Costs = DEFAULT_COSTS,
    shifts: int = shifted.SHIFTS,
    seed: int = 0,
) -> OptimalVsActual:
    """All of what notebook 02 answers; `actual` is the trades frame of the window's closed trades, `past` the outcomes of the events
    before it (lib.analysis.past_events).
    """
    seen = setup_trades.WindowEvents.of(window, rule, costs)
    by = shifted.offsets(len(seen.candles), shifts, seed)
    best = setup_trades.perfect(seen, costs, by)
    optimum = complete_trades(best.trades, window)
    pairs = describe_pairs(optimum, actual, match_trades(optimum, actual))
    parts = gap_parts(optimum, actual, pairs)
    bound = ceiling(seen.candles, costs)
    result = OptimalComparison(
        **_sums(optimum, "optimal"),
        optimal_null=best.null,
        optimal_rank=best.rank,
        events=len(seen.events),
        gap=best.gap,
        selection=setup_trades.selection(seen, by),
        learnable=setup_trades.learnable(seen, past, by),
        **_sums(actual, "actual"),
        matched_trades=len(pairs),
        missed_opportunities=parts[0].count,
        false_entries=parts[-1].count,
        missed_pnl=parts[0].pnl,
        gap_pnl=round_dollars(sum(part.pnl for part in parts), _decimals(optimum, actual)),
        gap_parts=parts,
        ceiling=Ceiling(
            trades=len(bound.entries),
            pnl=round_dollars(bound.net_usd.sum(), dollar_decimals(seen.candles["close"])),
            pnl_pct=round_percent(bound.net_pct.sum()),
        ),
        optimal_patterns=setup_trades.patterns(seen, optimum),
    )
    return OptimalVsActual(optimum=optimum, pairs=pairs, result=result)


def _sums(trades: pd.DataFrame, whose: str) -> dict[str, float | int | None]:
    found = group_stats(trades)
    return {
        f"{whose}_trades": found.total,
        f"{whose}_pnl": found.total_pnl,
        f"{whose}_pnl_pct": found.total_pnl_pct,
        f"{whose}_win_rate": found.win_rate,
    }
