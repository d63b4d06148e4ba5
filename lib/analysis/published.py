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

    name: AnalyzerName = Field(description="Which analyzer made it.")
    as_of: str = Field(description="Instant up to which data counts, ISO time in UTC.")
    lookback_hours: float = Field(description="Length of the window, hours.")
    window_start: str = Field(description="Start of the window, ISO time in UTC.")
    data_until: str = Field(description="When the newest data of the window became known, ISO time in UTC.")
    source: dict[str, Any] = Field(
        description="Who decided on what market: decisions, synthetic, symbol, and a label in words."
    )
    rows: dict[str, dict[str, Any]] = Field(
        description="Rows read by file: rows_in, ok, and set_aside by reason."
    )
    coverage: dict[str, Any] = Field(
        default_factory=dict,
        description="Hours of closed 5-minute candles in the window, and its samples by quality.",
    )
    parameters: dict[str, Any] = Field(
        default_factory=dict,
        description="The notebook's thresholds by name; the unit stands in a name (_pct, _minutes).",
    )
    result: dict[str, Any] = Field(description="The typed result as JSON: one of RESULT_MODELS.")
