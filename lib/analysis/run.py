"""All four analyses of a window without notebooks: the same results that notebooks 01–04 publish with their default thresholds.

What runs a cycle in one process (a replay, a compile notebook opened by hand) uses this; a test holds it and the notebooks together.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from lib.analysis.actual import analyze_actual
from lib.analysis.backtest import backtest_rule
from lib.analysis.gap import compare_with_optimum
from lib.analysis.publish import publish_result
from lib.analysis.published import Published
from lib.analysis.regimes import study_regimes
from lib.analysis.trades import actual_trades
from lib.data.window import MarketWindow
from lib.market.terms import DEFAULT_TERMS, Terms

SHIFTS = 200
SEED = 0


def analyze_window(
    window: MarketWindow, run_dir: str | Path = "", terms: Terms = DEFAULT_TERMS
) -> dict[str, Published | None]:
    """Results under `terms` by analyzer name; written below `run_dir` too where one is given. Imports vectorbt, which takes seconds."""
    costs = asdict(terms.costs)
    exits = asdict(terms.exits) | costs
    trades = actual_trades(window, terms.costs)
    performance = analyze_actual(window, trades, terms.costs)
    comparison = compare_with_optimum(window, trades.closed, SHIFTS, SEED, terms.costs).result
    backtest = backtest_rule(window, terms.exits, terms.costs).result
    regimes = study_regimes(window, terms.exits, terms.costs).result
    shifted = costs | {"shifts": SHIFTS, "seed": SEED}
    published = [
        publish_result("actual_trades", performance, window, run_dir, **costs),
        publish_result("optimal_vs_actual", comparison, window, run_dir, **shifted),
        publish_result("smart_backtest", backtest, window, run_dir, **exits),
        publish_result("regime_and_wicks", regimes, window, run_dir, **exits),
    ]
    return {result.name: result for result in published}
