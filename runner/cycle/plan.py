"""Which notebooks a cycle runs, in which stage: the one place to name a new one (beside its result model in lib).

Notebooks of a stage run side by side; a stage starts when the one before it has ended. A compile step needs at least one analyzer;
the history needs the compile step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lib.data.schema import INSIGHTS_FILE, PROMPT_FILE

Stage = Literal["analyze", "compile", "history"]


@dataclass(frozen=True)
class Notebook:
    """One notebook of the cycle: `<name>.ipynb`, the question a reader finds in menus, and what it must leave in the run folder."""

    name: str
    title: str
    stage: Stage
    writes: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()  #: which of `publish` and `force` it takes beside the common parameters


def _analyzer(name: str, title: str) -> Notebook:
    return Notebook(name, title, "analyze", writes=(f"results/{name[3:]}.json",))


NOTEBOOKS: tuple[Notebook, ...] = (
    _analyzer("01_actual_trades", "Actual trades"),
    _analyzer("02_optimal_vs_actual", "Optimal vs actual"),
    _analyzer("03_smart_backtest", "Smart backtest"),
    _analyzer("04_regime_and_wicks", "Regime and wicks"),
    Notebook(
        "05_compile_insights", "Insights", "compile", (INSIGHTS_FILE, PROMPT_FILE), ("publish", "force")
    ),
    Notebook("06_training_history", "History", "history", switches=("publish",)),
)
