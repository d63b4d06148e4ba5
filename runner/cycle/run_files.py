"""JSON files of a cycle's run folder, as notebooks left them: read without trust in what stands there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from lib.contract.actual_trades import ActualPerformance
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.regime_and_wicks import RegimeAnalysis
from lib.contract.results import Model
from lib.contract.smart_backtest import RealisticBacktest
from lib.contract.standing import file_text
from lib.history.lesson_effects import LessonEffect, LessonHistory

Found = TypeVar("Found", bound=Model)


def json_of(path: Path) -> Any:
    """What a file says; None where there is none, it is torn, no JSON or nested without end, or holds NaN or an infinity."""
    if not path.is_file():  # a pipe would be waited for
        return None
    try:
        return json.loads(file_text(path), parse_constant=_refuse)
    except (OSError, ValueError, RecursionError):
        return None


class Results(NamedTuple):
    """What the analyzers of a cycle found; None for one whose result is missing, cannot be read, or is of an older version."""

    actual: ActualPerformance | None
    optimum: OptimalComparison | None
    backtest: RealisticBacktest | None
    regime: RegimeAnalysis | None


def results_of(run_dir: Path) -> Results:
    """As their notebooks left them. What cannot be read has its own page, which says so."""
    return Results(
        _result(run_dir, "actual_trades", ActualPerformance),
        _result(run_dir, "optimal_vs_actual", OptimalComparison),
        _result(run_dir, "smart_backtest", RealisticBacktest),
        _result(run_dir, "regime_and_wicks", RegimeAnalysis),
    )


def effects_of(run_dir: Path) -> list[LessonEffect]:
    """What became of each lesson, as the history notebook left it; none where it left nothing that can be read."""
    found = _result(run_dir, "lesson_history", LessonHistory)
    return found.effects if found else []


def _result(run_dir: Path, name: str, model: type[Found]) -> Found | None:
    try:
        return model.read(json_of(run_dir / "results" / f"{name}.json")["result"])
    except (ValueError, KeyError, TypeError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
