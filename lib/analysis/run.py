"""All four analyses of a window without notebooks: the same results that notebooks 01–04 publish with their default thresholds.

What runs a cycle in one process (a replay, a compile notebook opened by hand) uses this; a test holds it and the notebooks together.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from lib.analysis.actual_trades import analyze_actual
from lib.analysis.optimal_vs_actual import compare_optimal_with_actual
from lib.analysis.past_events import past_events
from lib.analysis.publish import publish_result
from lib.analysis.regime_and_wicks import study_regimes
from lib.analysis.shifted import SHIFTS
from lib.analysis.smart_backtest import backtest_rule
from lib.analysis.trades import ActualTrades, actual_trades
from lib.contract.analyzers import ANALYZER
from lib.contract.envelope import ResultEnvelope
from lib.data.window import MarketWindow
from lib.market.terms import Terms

SEED = 0


def analyze_window(
    window: MarketWindow,
    terms: Terms,
    run_dir: str | Path = "",
    unsettled: MarketWindow | None = None,
    trades: ActualTrades | None = None,
) -> dict[str, ResultEnvelope | None]:
    """Results under `terms` by analyzer name; written below `run_dir` too where one is given. Imports vectorbt, which takes seconds.

    `unsettled`: see lib.analysis.past_events. `trades`: the window's, where they are had already.
    """
    costs = asdict(terms.costs)
    exits = asdict(terms.exits) | costs
    trades = trades or actual_trades(window, terms.costs)
    backtest = backtest_rule(window, terms.exits, terms.costs)
    regimes = study_regimes(window, terms.exits, terms.costs, backtest.trades)
    past = past_events(window.trading_data, window.start, terms.exits, terms.costs, unsettled)
    analyses = {
        "actual_trades": (analyze_actual(window, trades, terms), exits),
        "optimal_vs_actual": (
            compare_optimal_with_actual(
                window, trades.closed, past, terms.exits, terms.costs, SHIFTS, SEED
            ).result,
            exits | {"shifts": SHIFTS, "seed": SEED},
        ),
        "smart_backtest": (backtest.result, exits),
        "regime_and_wicks": (regimes.result, exits),
    }
    published: dict[str, ResultEnvelope | None] = {}
    for name in ANALYZER:
        result, thresholds = analyses[name]
        published[name] = publish_result(name, result, window, run_dir, **thresholds)
    return published
