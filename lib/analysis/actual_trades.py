"""What was really traded, and what it shows (notebook 01_actual_trades)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.analysis.score import scalper_score
from lib.analysis.sentences import BANDS, window_sentences
from lib.analysis.trades import ActualTrades
from lib.contract.actual_trades import ActualPerformance, LongerHold
from lib.data.window import MarketWindow
from lib.market.candles import is_covered
from lib.market.costs import (
    DEFAULT_COSTS,
    SIGN,
    Costs,
    max_drawdown,
    profit_factor,
    realised_breakeven_win_rate,
)
from lib.market.exits import MINUTE, finest_path
from lib.market.readings import instant, instants
from lib.stats.groups import (
    group_stats,
    named_groups,
    round_dollars,
    round_percent,
    round_rate,
    signature_stats,
)

HOLDS = ("< 5 min", "5–15 min", "15–25 min", "25–45 min", "≥ 45 min", "unknown")
HELD_MINUTES = tuple(range(5, 50, 5))


def confidence_bands(confidence: pd.Series) -> pd.Series:
    """The band of each confidence (docs/definitions.md, Confidence), by the names of lib.analysis.sentences; None without one."""
    # Confidences are sums of tenths: .6 + .1 + .1 is a hair below .8.
    value = confidence.astype(float) + 1e-9
    names = np.select([value >= 0.85, value >= 0.75, value < 0.75], list(BANDS), default="")
    return pd.Series(names, index=confidence.index, dtype=object).where(confidence.notna(), None)


def hold_bands(minutes: pd.Series) -> pd.Series:
    """The band of each hold time."""
    limits = [minutes < 5, minutes < 15, minutes < 25, minutes < 45, minutes >= 45]
    return pd.Series(np.select(limits, HOLDS[:5], default=HOLDS[5]), index=minutes.index, dtype="str")


def analyze_actual(
    window: MarketWindow, trades: ActualTrades, costs: Costs = DEFAULT_COSTS
) -> ActualPerformance:
    """All of what notebook 01 answers, for the window's closed trades."""
    closed = trades.closed
    by_exit = closed.sort_values("exit_time", kind="stable")
    overall = group_stats(closed)
    wick = closed["trigger"].isin(["WICK_DOWN", "WICK_UP"])
    hours = closed["entry_time"].dt.strftime("%H:00")
    fields = {
        "total_trades": overall.total,
        "win_rate": overall.win_rate,
        "total_pnl": overall.total_pnl,
        "total_pnl_pct": overall.total_pnl_pct,
        "gross_pnl": round_dollars(closed["gross_usd"].sum()),
        "gross_pnl_pct": round_percent(closed["gross_pct"].sum()),
        "overall": overall,
        "profit_factor": round_percent(profit_factor(closed["net_usd"])),
        "max_drawdown": round_dollars(max_drawdown(by_exit["net_usd"])),
        "max_drawdown_pct": round_percent(max_drawdown(by_exit["net_pct"])),
        "breakeven_win_rate": round_rate(realised_breakeven_win_rate(closed["net_pct"])),
        "avg_hold_minutes": round_rate(_known(closed["hold_minutes"].mean())),
        "median_hold_minutes": round_rate(_known(closed["hold_minutes"].median())),
        "long_stats": group_stats(closed[closed["direction"] == "LONG"]),
        "short_stats": group_stats(closed[closed["direction"] == "SHORT"]),
        "confidence_bands": named_groups(closed, confidence_bands(closed["confidence"]), tuple(BANDS)),
        "ema_patterns": signature_stats(closed),
        "mixed_timeframes": group_stats(closed[closed["alignment"] == "MIXED_TIMEFRAMES"]),
        "with_wick": group_stats(closed[wick]),
        "without_wick": group_stats(closed[~wick]),
        "by_hour": named_groups(closed, hours, sorted(hours.unique())),
        "by_hold": named_groups(closed, hold_bands(closed["hold_minutes"]), HOLDS),
        "by_exit_reason": named_groups(closed, closed["exit_reason"], sorted(closed["exit_reason"].unique())),
        "held_longer": longer_holds(closed, window, costs),
        "decisions": _decisions_in_window(window),
        "open_trades": trades.open_trades,
        "incomplete_trades": trades.incomplete,
        "pnl_deviations": trades.deviations,
        "scalper_score": scalper_score(closed),
        "key_lessons": [],
    }
    performance = ActualPerformance(**fields)
    return performance.model_copy(update={"key_lessons": window_sentences(performance)})


def _known(value: float) -> float | None:
    """A figure, or None where there was nothing to take it of."""
    return None if np.isnan(value) else float(value)


def _decisions_in_window(window: MarketWindow) -> dict[str, int]:
    seen = window.decisions[window.decisions["timestamp"] > window.start]["direction"].value_counts()
    return {name: int(seen.get(name, 0)) for name in ("LONG", "SHORT", "HOLD")}


def longer_holds(
    closed: pd.DataFrame, window: MarketWindow, costs: Costs = DEFAULT_COSTS
) -> list[LongerHold]:
    """What trades that closed earlier would have made if held for 5 to 45 minutes, and how far they went
    against their entry until then.

    Only trades whose whole price path to that minute is known and free of gaps count; the exit is a market
    order at the close of the finest candle that ends then. Beside it stands what the same trades made as they
    were closed.
    """
    path = finest_path(window.candles_1min, window.candles_5min)
    opens, closes_at = instants(path.index), instants(path["closed_at"])
    high, low, close = (path[name].to_numpy() for name in ("high", "low", "close"))
    rows = []
    for minutes in HELD_MINUTES:
        held, actual, adverse = [], [], []
        for trade in closed[closed["hold_minutes"] < minutes].itertuples():
            entry_at = instant(trade.entry_time)
            first = int(np.searchsorted(closes_at, entry_at, side="right"))
            last = int(np.searchsorted(closes_at, entry_at + minutes * MINUTE, side="left"))
            if not is_covered(opens, closes_at, first, last, entry_at):
                continue
            sign = SIGN[trade.direction]
            whole = slice(first if opens[first] >= entry_at else first + 1, last + 1)
            worst = (low[whole] if sign > 0 else high[whole]) - trade.entry_price
            moved = sign * (close[last] - trade.entry_price) / trade.entry_price * 100
            held.append(moved - (trade.gross_pct - trade.net_pct) - costs.slippage_pct)
            adverse.append(
                min(0.0, float((sign * worst).min() / trade.entry_price * 100)) if len(worst) else 0.0
            )
            actual.append(trade.net_pct)
        rows.append(
            LongerHold(
                minutes=minutes,
                total=len(held),
                mean_net_pct=round_percent(np.mean(held)) if held else None,
                mean_actual_net_pct=round_percent(np.mean(actual)) if held else None,
                worst_adverse_pct=round_percent(min(adverse)) if held else None,
                mean_adverse_pct=round_percent(np.mean(adverse)) if held else None,
            )
        )
    return rows
