"""Which notebooks a cycle runs, in which stage: the analyzers of lib, then what compiles and records their results.

Notebooks of a stage run side by side; a stage starts when the one before it has ended. A compile step needs at least one analyzer;
the history needs the compile step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lib.contract.analyzers import ANALYZERS
from lib.contract.schema import INSIGHTS_FILE, PROMPT_FILE

Stage = Literal["analyze", "compile", "history"]


@dataclass(frozen=True)
class Notebook:
    """One notebook of the cycle: `<name>.ipynb`, the question a reader finds in menus, and what it must leave in the run folder."""

    name: str
    title: str
    stage: Stage
    writes: tuple[str, ...] = ()
    needs_market: bool = False  #: whether it is skipped where the window has neither samples nor candles
    leaves: tuple[str, ...] = ()  #: what it may leave there besides, and need not
    switches: tuple[str, ...] = ()  #: which of `publish` and `force` it takes beside the common parameters


NOTEBOOKS: tuple[Notebook, ...] = (
    *(
        Notebook(
            analyzer.notebook, analyzer.title, "analyze", (analyzer.file,), needs_market=analyzer.needs_market
        )
        for analyzer in ANALYZERS
    ),
    Notebook(
        "05_compile_insights",
        "Insights",
        "compile",
        (INSIGHTS_FILE, PROMPT_FILE),
        switches=("publish", "force"),
    ),
    Notebook(
        "06_training_history",
        "History",
        "history",
        leaves=("results/lesson_history.json", "results/whole_log.json"),
        switches=("publish",),
    ),
)
