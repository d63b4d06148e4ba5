"""Where a block may begin: everywhere, or where the one lesson that an experiment is about could apply."""

from __future__ import annotations

from lib.experiments.condition import condition_holds
from lib.experiments.log import ExperimentRows
from lib.lessons.hypotheses import hypothesis_of
from lib.market.setups import BREAKOUT_CANDLES, breakouts
from runner.trade.models import TickView


def begins_here(rows: ExperimentRows | None, view: TickView) -> bool:
    """Whether a block of a running experiment may begin at this tick, on which nothing is held."""
    if rows is None:
        return False
    lesson = rows.definition.lesson
    if not lesson:
        return True
    states = [view.readings[name].state for name in ("5min", "15min")]
    return condition_holds(hypothesis_of(lesson), *states, view.regime, view.wick, _breakout(view))


def _breakout(view: TickView) -> str:
    """LONG or SHORT where the last closed 5-minute candle broke out that way; "" else."""
    found = breakouts(view.candles_5min.iloc[-BREAKOUT_CANDLES - 1 :])
    if found.empty:
        return ""
    last = found.iloc[-1]
    return "LONG" if last["breakout_up"] else "SHORT" if last["breakout_down"] else ""
