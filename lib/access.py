"""The original document's names for the analyses, thin over the real modules ("How to access the data").

Each takes a folder of collected data (default: lib.paths), an `as_of` (default: the newest row) and a window
in hours, and answers with plain dictionaries under the keys of docs/definitions.md, Result keys.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from lib import paths
from lib.analysis.trades import ActualTrades, actual_trades
from lib.data.window import MarketWindow, load_window
from lib.history.lesson_effects import effects_at
from lib.history.log import load_history
from lib.history.report import text_report
from lib.market.costs import DEFAULT_COSTS
from lib.market.exits import STANDARD


class _WindowAnalysis:
    """A window of data, read when first needed."""

    def __init__(
        self,
        trading_data: str | Path | None = None,
        as_of: str | pd.Timestamp | None = None,
        lookback_hours: float = 24.0,
    ) -> None:
        self._folder, self._as_of, self._hours = trading_data, as_of, lookback_hours

    @cached_property
    def window(self) -> MarketWindow:
        """What was known in the window (lib.data.window)."""
        return load_window(self._folder, self._as_of, self._hours)


class ActualTradeLearner(_WindowAnalysis):
    """What was really traded (notebook 01)."""

    def load_actual_trades(self) -> ActualTrades:
        """The window's trades; `.closed` is a trades frame, net of fees."""
        return actual_trades(self.window)

    def analyze_trades(self, trades: ActualTrades) -> dict[str, Any]:
        """The keys of `actual_performance`."""
        from lib.analysis.actual_trades import analyze_actual

        return analyze_actual(self.window, trades).model_dump(mode="json")


class OptimalVsActualAnalyzer(_WindowAnalysis):
    """Hindsight's best beside what was traded (notebook 02)."""

    def run_complete_analysis(self) -> dict[str, Any]:
        """The keys of `optimal_comparison`."""
        from lib.analysis.optimal_vs_actual import compare_optimal_with_actual
        from lib.analysis.past_events import past_events

        window = self.window
        past = past_events(window.trading_data, window.start, STANDARD, DEFAULT_COSTS)
        found = compare_optimal_with_actual(window, actual_trades(window).closed, past)
        return found.result.model_dump(mode="json")


class SmartTradeFinder(_WindowAnalysis):
    """The entry rule with fixed exits (notebook 03)."""

    def run_complete_analysis(self) -> dict[str, Any]:
        """The keys of `realistic_backtest`; imports vectorbt, which takes seconds."""
        from lib.analysis.smart_backtest import backtest_rule

        return backtest_rule(self.window).result.model_dump(mode="json")


class UltimateBacktestAnalyzer(_WindowAnalysis):
    """Regimes and wicks (notebook 04)."""

    def run_complete_analysis(self) -> dict[str, Any]:
        """The keys of `regime_analysis`."""
        from lib.analysis.regime_and_wicks import study_regimes

        return study_regimes(self.window).result.model_dump(mode="json")


class TrainingHistory:
    """The record of all cycles (notebook 06)."""

    def __init__(self, trading_data: str | Path | None = None) -> None:
        self._folder = paths.trading_data(trading_data)

    def generate_report(self) -> str:
        """The text that `ribbon history` prints."""
        history = load_history(self._folder)
        effects = effects_at(self._folder, history.records[-1].at) if history.records else []
        return text_report(history.records, set_aside=len(history.set_aside), effects=effects)
