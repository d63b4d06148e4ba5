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
    terms: tuple[str, ...] = ()  #: which of the terms it takes; "terms": all of them, as one parameter


COSTS = ("fee_pct", "slippage_pct")
EXITS = ("target_pct", "stop_pct", "hold_minutes")


def _analyzer(name: str, title: str, terms: tuple[str, ...]) -> Notebook:
    return Notebook(name, title, "analyze", writes=(f"results/{name[3:]}.json",), terms=terms)


NOTEBOOKS: tuple[Notebook, ...] = (
    _analyzer("01_actual_trades", "Actual trades", COSTS),
    _analyzer("02_optimal_vs_actual", "Optimal vs actual", COSTS),
    _analyzer("03_smart_backtest", "Smart backtest", EXITS + COSTS),
    _analyzer("04_regime_and_wicks", "Regime and wicks", EXITS + COSTS),
    Notebook(
        "05_compile_insights",
        "Insights",
        "compile",
        (INSIGHTS_FILE, PROMPT_FILE),
        ("publish", "force"),
        ("terms",),
    ),
    Notebook("06_training_history", "History", "history", switches=("publish",)),
)
