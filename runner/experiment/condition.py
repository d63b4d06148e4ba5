"""Where a block may begin: everywhere, or where the one lesson that an experiment is about could apply."""

from __future__ import annotations

from lib.contract.times import microseconds
from lib.experiments.condition import condition_holds
from lib.experiments.running import ExperimentRows
from lib.lessons.hypotheses import hypothesis_of
from runner.trade.models import TickView


def begins_here(rows: ExperimentRows | None, view: TickView) -> bool:
    """Whether a block of a running experiment may begin at this tick, on which nothing is held."""
    if rows is None:
        return False
    lesson = rows.definition.lesson
    if not lesson:
        return True
    samples = (view.samples[name] for name in ("5min", "15min"))
    return condition_holds(hypothesis_of(lesson), microseconds(view.at), view.candles_5min, *samples)
