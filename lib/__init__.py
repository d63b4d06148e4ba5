"""What is true of the data: pure functions, frames in, results out.

The names of the original document are here as they were; each is loaded when first used, so that importing a part costs only that part.

Start reading at docs/map.md.
May import: nothing of the runner.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "ActualTradeLearner": "lib.access",
    "OptimalVsActualAnalyzer": "lib.access",
    "SmartTradeFinder": "lib.access",
    "UltimateBacktestAnalyzer": "lib.access",
    "TrainingHistory": "lib.access",
    "get_training_prompt_addition": "lib.published.pair",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lib' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
