"""The analyzers: the one list of them. What runs, publishes, merges, words, looks at or draws results goes through it.

An analyzer's name is its stem: notebook `<number>_<name>.ipynb`, module `lib/analysis/<name>.py`, result `results/<name>.json`, drawing
`lib/draw/<name>.py` and their tests are called by it. Its key in training_insights.json is a fixed name of the data contract.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.contract.actual_trades import ActualPerformance
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.regime_and_wicks import RegimeAnalysis
from lib.contract.results import Model
from lib.contract.smart_backtest import RealisticBacktest


@dataclass(frozen=True)
class Analyzer:
    """One analysis of a window, from its notebook to its section of the prompt addition."""

    number: int  #: of its notebook; analyzers run side by side, so it orders lists only
    name: str  #: the stem that its files share
    title: str  #: what a reader finds in menus
    model: type[Model]  #: of its result
    key: str  #: of its result in training_insights.json
    heading: str  #: of its section in the prompt addition
    needs_market: bool = True  #: whether it has nothing to say without samples and candles

    @property
    def notebook(self) -> str:
        """The name of its notebook, without the suffix."""
        return f"{self.number:02}_{self.name}"

    @property
    def file(self) -> str:
        """Its result below a run folder."""
        return f"results/{self.name}.json"


ANALYZERS: tuple[Analyzer, ...] = (
    Analyzer(
        1,
        "actual_trades",
        "Actual trades",
        ActualPerformance,
        "actual_performance",
        "ACTUAL TRADES",
        needs_market=False,
    ),
    Analyzer(
        2,
        "optimal_vs_actual",
        "Optimal vs actual",
        OptimalComparison,
        "optimal_comparison",
        "PERFORMANCE GAP (a benchmark with hindsight)",
    ),
    Analyzer(
        3,
        "smart_backtest",
        "Entry-rule backtest",
        RealisticBacktest,
        "realistic_backtest",
        "REALISTIC BACKTEST (the original entry rule, fixed exits)",
    ),
    Analyzer(4, "regime_and_wicks", "Regime and wicks", RegimeAnalysis, "regime_analysis", "CURRENT REGIME"),
)
#: The same by name.
ANALYZER: dict[str, Analyzer] = {analyzer.name: analyzer for analyzer in ANALYZERS}
