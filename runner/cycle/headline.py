"""The few figures by which a list names a cycle, copied from its result files. Nothing is computed here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

#: Figure → (result file, path of keys inside its `result`).
FIGURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "trades": ("actual_trades", ("total_trades",)),
    "win_rate": ("actual_trades", ("win_rate",)),
    "net_pnl": ("actual_trades", ("total_pnl",)),
    "net_pnl_pct": ("actual_trades", ("total_pnl_pct",)),
    "score": ("actual_trades", ("scalper_score", "total")),
    "grade": ("actual_trades", ("scalper_score", "grade")),
    "backtest_trades": ("smart_backtest", ("total_trades",)),
    "backtest_win_rate": ("smart_backtest", ("win_rate",)),
    "backtest_net_pnl": ("smart_backtest", ("total_pnl",)),
    "regime": ("regime_and_wicks", ("current_regime",)),
    "active_lessons": ("lesson_history", ("evidence", "active")),
    "nearest_share": ("lesson_history", ("evidence", "nearest")),
    "lesson_verdicts": ("lesson_history", ("verdicts",)),
}


def headline(run_dir: Path) -> dict[str, Any]:
    """The figures of FIGURES; None where a result is missing (its notebook failed) or has no such key."""
    results = {
        name: _result(run_dir / "results" / f"{name}.json") for name in {file for file, _ in FIGURES.values()}
    }
    return {figure: _at(results[file], keys) for figure, (file, keys) in FIGURES.items()}


def _result(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8")).get("result")
    except (OSError, ValueError, AttributeError):
        return None


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
