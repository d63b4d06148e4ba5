"""Results and trades made by hand, small enough to check by eye."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd

from lib.contract.analyzers import ANALYZER
from lib.contract.envelope import ResultEnvelope
from lib.stats.episodes import assign_episodes

AS_OF = "2025-10-19T15:00:00Z"
SOURCE = {"decisions": "live", "synthetic": False, "symbol": "ETHUSDT", "label": "live trader"}
NAMES = tuple(ANALYZER)


def trades(net_pct: list[float], **columns: Any) -> pd.DataFrame:
    """Closed trades of 10 minutes, one every 20 minutes from 2025-10-19 00:00Z, entered at 1,000 dollars; columns may be replaced."""
    count = len(net_pct)
    entry = pd.date_range("2025-10-19", periods=count, freq="20min", tz="UTC", unit="us")
    net = np.asarray(net_pct, dtype=float)
    frame = pd.DataFrame(
        {
            "direction": pd.array(["LONG"] * count, dtype="str"),
            "entry_time": entry,
            "exit_time": entry + pd.Timedelta(minutes=10),
            "entry_price": np.full(count, 1_000.0),
            "hold_minutes": np.full(count, 10.0),
            "net_pct": net,
            "net_usd": net * 10.0,
            "win": net > 0,
            "signature": pd.array(["LONG_BOTH_GREEN"] * count, dtype="str"),
            "confidence": np.full(count, 0.8),
        }
    ).assign(**columns)
    return frame.assign(episode=assign_episodes(frame["entry_time"], frame["exit_time"]))


def group(
    total: int, wins: int, pnl: float = 0.0, mean: float = 0.0, half: float = 0.1, **more: Any
) -> dict[str, Any]:
    """GroupStats as JSON, with a net interval of mean ± half."""
    return {
        "total": total,
        "wins": wins,
        "win_rate": round(100 * wins / total, 1) if total else None,
        "win_rate_low": 20.0 if total else None,
        "win_rate_high": 80.0 if total else None,
        "total_pnl": pnl,
        "total_pnl_pct": round(mean * total, 4),
        "avg_pnl": round(pnl / total, 2) if total else None,
        "account_trades": 0,
        "account_pnl": None,
        "episodes": total,
        "net_mean_pct": mean if total else None,
        "net_low_pct": round(mean - half, 4) if total else None,
        "net_high_pct": round(mean + half, 4) if total else None,
        **more,
    }


def actual(**more: Any) -> dict[str, Any]:
    """ActualPerformance as JSON: the 45 trades of the original document."""
    return {
        "total_trades": 45,
        "win_rate": 44.4,
        "total_pnl": -12.5,
        "total_pnl_pct": -0.31,
        "gross_pnl": 7.3,
        "gross_pnl_pct": 0.2,
        "account_trades": 0,
        "account_pnl": None,
        "account_gross_pnl": None,
        "account_fees": None,
        "account_max_drawdown": None,
        "overall": group(45, 20, -12.5, -0.02),
        "profit_factor": 0.8,
        "max_drawdown": 30.0,
        "max_drawdown_pct": 0.8,
        "breakeven_win_rate": 49.2,
        "avg_hold_minutes": 12.0,
        "median_hold_minutes": 11.0,
        "long_stats": group(28, 10, -18.3, -0.05),
        "short_stats": group(17, 10, 5.8, 0.02),
        "confidence_bands": [
            group(20, 9, -4.0, name="≥ 0.85"),
            group(15, 7, -5.0, name="0.75–0.85"),
            group(10, 4, -3.5, name="< 0.75"),
        ],
        "answers": answers(),
        "ema_patterns": [
            group(15, 8, 3.1, 0.01, signature="LONG_ALL_GREEN_5MIN"),
            group(12, 7, 2.2, 0.01, signature="SHORT_ALL_RED_5MIN"),
            group(18, 5, -17.8, -0.06, signature="LONG_MIXED_TIMEFRAMES"),
        ],
        "mixed_timeframes": group(18, 5, -17.8, -0.06),
        "with_wick": group(0, 0),
        "without_wick": group(45, 20, -12.5, -0.02),
        "by_hour": [group(45, 20, -12.5, name="14:00")],
        "by_hold": [group(45, 20, -12.5, name="5–15 min")],
        "by_exit_reason": [group(20, 20, 30.0, name="TP_HIT"), group(25, 0, -42.5, name="SL_HIT")],
        "held_longer": [
            {
                "minutes": 15,
                "total": 30,
                "episodes": 30,
                "mean_net_pct": -0.01,
                "mean_actual_net_pct": -0.02,
                "difference_pct": 0.01,
                "difference_low_pct": -0.05,
                "difference_high_pct": 0.07,
                "worst_adverse_pct": -0.6,
                "mean_adverse_pct": -0.12,
            }
        ],
        "decisions": {"LONG": 30, "SHORT": 20, "HOLD": 200},
        "open_trades": 1,
        "incomplete_trades": 0,
        "pnl_deviations": 0,
        "scalper_score": score(),
        "key_lessons": ["No lesson yet: n=45."],
        **more,
    }


def answers(*counts: tuple[str, int]) -> dict[str, Any]:
    """AnswerCalibration as JSON with bands of so many answers that count, all of them lost."""
    zero = dict.fromkeys(("total", "executed", "scored", "open", "overlapping", "standard_distances"), 0)
    bands = [group(n, 0, -2.0, name=name) | {"scored": n, "scored_win_rate": 0.0} for name, n in counts]
    return zero | {"unscored": {}, "overall": group(0, 0), "bands": bands}


def score() -> dict[str, Any]:
    """ScalperScore as JSON."""
    return {
        "total": 55.0,
        "win_rate_part": 20.0,
        "hold_part": 20.0,
        "ratio_part": 5.0,
        "loss_part": 10.0,
        "grade": "D",
        "capped": False,
    }


def optimal(**more: Any) -> dict[str, Any]:
    """OptimalComparison as JSON."""
    return {
        "optimal_trades": 32,
        "optimal_pnl": 450.25,
        "optimal_pnl_pct": 11.6,
        "optimal_win_rate": 100.0,
        "actual_trades": 45,
        "actual_pnl": -12.5,
        "actual_pnl_pct": -0.31,
        "actual_win_rate": 44.4,
        "matched_trades": 18,
        "missed_opportunities": 14,
        "false_entries": 27,
        "missed_pnl": 200.0,
        "gap_pnl": 462.75,
        "gap_parts": [
            {"name": "missed", "count": 14, "pnl": 200.0},
            {"name": "exit", "count": 18, "pnl": 262.75},
        ],
        "ceiling": {"trades": 90, "pnl": 1200.0, "pnl_pct": 31.0},
        "optimal_null": {"mean": 10.6, "p5": 8.5, "p95": 12.4, "shifts": 200},
        "optimal_rank": 0.72,
        "events": 54,
        "gap": 2,
        "selection": {
            "trades": 15,
            "pnl": 76.2,
            "pnl_pct": 2.85,
            "gap": 1,
            "null": {"mean": 3.3, "p5": 2.5, "p95": 4.0, "shifts": 200},
            "rank": 0.19,
        },
        "learnable": {
            "trades": 4,
            "pnl": 7.1,
            "pnl_pct": 0.31,
            "gap": 0,
            "null": {"mean": -0.12, "p5": -0.9, "p95": 0.5, "shifts": 200},
            "rank": 0.96,
            "signatures": ["LONG_BOTH_GREEN"],
            "past_events": 702,
            "past_signatures": 19,
        },
        "optimal_patterns": [
            {
                "signature": "LONG_BOTH_GREEN",
                "seen": 34,
                "count": 20,
                "avg_pnl": 14.0,
                "avg_pnl_pct": 0.36,
                "win_rate": 41.2,
                "standard": {"n": 34, "win_rate": 41.2, "net_mean_pct": -0.05},
            },
            {
                "signature": "SHORT_WICK_UP_MIXED",
                "seen": 20,
                "count": 12,
                "avg_pnl": 14.2,
                "avg_pnl_pct": 0.37,
                "win_rate": 60.0,
                "standard": {"n": 20, "win_rate": 60.0, "net_mean_pct": 0.01},
            },
        ],
        **more,
    }


def backtest(**more: Any) -> dict[str, Any]:
    """RealisticBacktest as JSON."""
    example = {
        "direction": "LONG",
        "entry_time": "2025-10-19T10:00:00Z",
        "entry_price": 3875.25,
        "exit_price": 3886.9,
        "pnl_dollars": 7.39,
        "net_pct": 0.1906,
        "hold_minutes": 18.0,
        "entry_ribbon_5min": "all_green",
        "entry_ribbon_15min": "mixed_green",
        "exit_reason": "TP_HIT",
        "signature": "LONG_ALL_GREEN_5MIN",
    }
    return {
        "total_trades": 28,
        "profitable_trades": 17,
        "win_rate": 60.7,
        "total_pnl": 12.5,
        "total_pnl_dollars": 12.5,
        "total_pnl_pct": 0.3,
        "gross_pnl": 125.5,
        "gross_pnl_pct": 3.2,
        "avg_profit_per_trade": 0.45,
        "avg_hold_time": 22.3,
        "overall": group(28, 17, 12.5, 0.01),
        "breakeven_win_rate": 57.8,
        "profit_factor": 1.1,
        "max_drawdown": 20.0,
        "max_drawdown_pct": 0.5,
        "max_drawdown_marked": 21.0,
        "target_pct": 0.3,
        "stop_pct": 0.15,
        "ambiguous_trades": 1,
        "ambiguous_share": 3.6,
        "open_trades": 0,
        "signals": 40,
        "exit_reasons": {
            "TP_HIT": {"count": 17, "profitable": 17},
            "SL_HIT": {"count": 8, "profitable": 0},
            "TIME_EXIT": {"count": 3, "profitable": 0},
        },
        "top_trades": [example] * 5,
        "top_patterns": [group(28, 17, 12.5, 0.01, signature="LONG_ALL_GREEN_5MIN")],
        "grid": [],
        **more,
    }


def regime(**more: Any) -> dict[str, Any]:
    """RegimeAnalysis as JSON."""
    here = {"regime": "RANGING_QUIET", "hours": 20.0, "share": 83.3}
    return {
        "current_regime": "RANGING_QUIET",
        "current_since": "2025-10-19T11:00:00Z",
        "range_pct": 0.84,
        "change_pct": -0.12,
        "regime_strategy": "No wick strategy is supported.",
        "strategy_supported": False,
        "wick_performance": {
            "WICK_DOWN_LONG": group(12, 7, 2.0, 0.01, count=12),
            "WICK_UP_SHORT": group(5, 1, -6.0, -0.1, count=5),
        },
        "ribbon_dips": {"RIBBON_DIP_DOWN_LONG": group(0, 0, count=0)},
        "regimes": [
            {**here, "wick_down_long": group(8, 5, 2.0, 0.02), "wick_up_short": group(4, 1, -4.0, -0.1)}
        ],
        "current_patterns": [group(9, 5, 1.0, 0.01, signature="LONG_ALL_GREEN_5MIN")],
        "candles": 288,
        "unknown_candles": 0,
        **more,
    }


RESULTS = {
    "actual_trades": actual,
    "optimal_vs_actual": optimal,
    "smart_backtest": backtest,
    "regime_and_wicks": regime,
}


def published(name: str, as_of: str = AS_OF, **more: Any) -> ResultEnvelope:
    """What a notebook leaves: 24 hours up to `as_of`, with data until then."""
    start = (pd.Timestamp(as_of) - pd.Timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = {
        "name": name,
        "as_of": as_of,
        "lookback_hours": 24.0,
        "window_start": start,
        "data_until": as_of,
        "source": dict(SOURCE),
        "rows": {"candlesticks_5min.csv": {"rows_in": 288, "ok": 288, "set_aside": {}}},
        "parameters": {"threshold": 1.0},
        "result": copy.deepcopy(RESULTS[name]()),
    }
    return ResultEnvelope.model_validate(fields | more)


def all_published(as_of: str = AS_OF, **more: Any) -> dict[str, ResultEnvelope | None]:
    """All four."""
    return {name: published(name, as_of, **more) for name in NAMES}
