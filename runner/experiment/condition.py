"""Where a block may begin: everywhere, or where the one lesson that an experiment is about could apply; and in which loop."""

from __future__ import annotations

from lib.contract.times import microseconds
from lib.experiments.condition import condition_holds
from lib.experiments.running import ExperimentRows
from lib.lessons.hypotheses import hypothesis_of
from runner.trade.deciders import RuleDecider
from runner.trade.models import Decider, TickView


def begins_here(rows: ExperimentRows | None, view: TickView) -> bool:
    """Whether a block of a running experiment may begin at this tick, on which nothing is held."""
    if rows is None:
        return False
    lesson = rows.definition.lesson
    if not lesson:
        return True
    samples = (view.samples[name] for name in ("5min", "15min"))
    return condition_holds(hypothesis_of(lesson), microseconds(view.at), view.candles_5min, *samples)


def cannot_run(rows: ExperimentRows, base: Decider) -> str:
    """Why a loop that `base` decides for cannot run an experiment; "" if it can: decisions of rules and of a model share no folder."""
    of_rules = rows.definition.a.decider == rows.definition.b.decider == "rules"
    if of_rules == isinstance(base, RuleDecider):
        return ""
    asked, run = ("the rules alone", "Claude") if of_rules else ("Claude", "the rules")
    return (
        f"{rows.definition.id} asks {asked}, and this loop is run by {run}: no block begins. "
        "Set [trade] decider to fit, or stop it with `ribbon experiment stop`"
    )
