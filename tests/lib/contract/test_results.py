from __future__ import annotations

import pytest
from pydantic import ValidationError

from lib.contract.analyzers import ANALYZER, ANALYZERS
from lib.contract.optimal_vs_actual import Spread
from lib.contract.results import GroupStats
from lib.contract.smart_backtest import ExitCount, TradeExample

# docs/definitions.md, Result keys.
KEYS = {
    "actual_trades": "total_trades win_rate total_pnl long_stats short_stats ema_patterns key_lessons",
    "optimal_vs_actual": "optimal_trades optimal_pnl optimal_win_rate actual_trades actual_pnl actual_win_rate "
    "missed_opportunities missed_pnl gap_pnl ceiling optimal_patterns",
    "smart_backtest": "total_trades profitable_trades win_rate total_pnl total_pnl_dollars avg_profit_per_trade "
    "avg_hold_time exit_reasons top_trades top_patterns",
    "regime_and_wicks": "current_regime regime_strategy wick_performance",
}


@pytest.mark.parametrize("name", ANALYZER)
def test_results_have_the_keys_of_the_definitions(name):
    assert set(KEYS[name].split()) <= set(ANALYZER[name].model.model_fields)


def test_parts_have_the_keys_of_the_definitions():
    assert {"total", "wins", "win_rate", "total_pnl"} <= set(GroupStats.model_fields)
    assert set(ExitCount.model_fields) == {"count", "profitable"}
    example = "direction entry_price exit_price pnl_dollars hold_minutes entry_ribbon_5min entry_ribbon_15min exit_reason"
    assert set(example.split()) <= set(TradeExample.model_fields)


def test_sections_are_named_as_in_the_insights():
    assert [analyzer.key for analyzer in ANALYZERS] == [
        "actual_performance",
        "optimal_comparison",
        "realistic_backtest",
        "regime_analysis",
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_figure_without_a_value_is_ever_published(value):
    with pytest.raises(ValidationError):
        Spread(mean=value, low=None, high=None, shifts=0)


def test_a_misspelt_key_is_an_error():
    with pytest.raises(ValidationError):
        ExitCount(count=1, profitable=0, profitible=1)
