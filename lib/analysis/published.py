"""What an analyzer notebook publishes: its typed result in an envelope that says what it was made from.

The one place that lists the analyzers; a new one adds its name, its model and its key in training_insights.json here.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from lib.analysis.results import Model
from lib.analysis.results_actual import ActualPerformance
from lib.analysis.results_backtest import RealisticBacktest
from lib.analysis.results_optimal import OptimalComparison
from lib.analysis.results_regimes import RegimeAnalysis

AnalyzerName = Literal["actual_trades", "optimal_vs_actual", "smart_backtest", "regime_and_wicks"]
ANALYZERS: tuple[AnalyzerName, ...] = (
    "actual_trades",
    "optimal_vs_actual",
    "smart_backtest",
    "regime_and_wicks",
)
RESULT_MODELS: dict[str, type[Model]] = {
    "actual_trades": ActualPerformance,
    "optimal_vs_actual": OptimalComparison,
    "smart_backtest": RealisticBacktest,
    "regime_and_wicks": RegimeAnalysis,
}
#: The key of each analyzer's result in training_insights.json.
SECTION_KEYS: dict[str, str] = {
    "actual_trades": "actual_performance",
    "optimal_vs_actual": "optimal_comparison",
    "smart_backtest": "realistic_backtest",
    "regime_and_wicks": "regime_analysis",
}


class Published(Model):
    """What a notebook leaves in `<run_dir>/results/<name>.json`: its result and what it was made from."""

    name: AnalyzerName
    as_of: str
    lookback_hours: float
    window_start: str
    data_until: str
    source: dict[str, Any]
    rows: dict[str, dict[str, Any]]
    coverage: dict[str, Any] = Field(default_factory=dict)  #: lib.data.window.MarketWindow.coverage
    parameters: dict[str, Any] = Field(default_factory=dict)
    result: dict[str, Any]
