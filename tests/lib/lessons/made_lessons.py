"""Lessons made by hand: one proven by default, any field replaced."""

from __future__ import annotations

from typing import Any

from lib.contract.schema import SIGNATURES
from lib.lessons.hypotheses import FAMILIES, STREAMS, Hypothesis, initial_hypotheses, value_hypotheses
from lib.lessons.lesson import NO_LESSONS, Lesson, Lessons
from lib.lessons.wording import statement


def lesson(id_: str = "trades.direction.LONG.above", **more: Any) -> Lesson:
    """A lesson of that id; its statement is the real one."""
    stream, family, value, claim = id_.partition("#")[0].split(".")
    fields = {
        "id": id_,
        "stream": stream,
        "family": family,
        "value": value,
        "claim": claim,
        "statement": "",
        "status": "proven",
        "why": "evidence",
        "since": "2025-10-12T09:30:00Z",
        "large_since": "2025-10-12T09:30:00Z",
        "consequence": "act_on",
        "registered": None,
        "n": 212,
        "episodes": 180,
        "win_rate": 66.0,
        "win_rate_low": 59.4,
        "win_rate_high": 72.0,
        "breakeven_win_rate": 54.2,
        "net_mean_pct": 0.071,
        "net_low_pct": 0.012,
        "net_high_pct": 0.131,
        "trade_mean_pct": 0.07,
        "effect_pct": 0.062,
        "level": 0.05 / 120,
        "evidence": 1.3,
        "tempering": 1.0,
        "doubt": 1.0,
        "more_episodes": None,
        "more_trades": None,
        "more_days": None,
        "beyond_declared": 0,
        "trades": ["d-17", "d-16"],
    }
    if more.get("status", "proven") != "proven":
        fields |= {"consequence": ""}
    made = Lesson(**(fields | more))
    return made if "statement" in more else made.model_copy(update={"statement": statement(made)})


def candidate(id_: str = "trades.wick.present.beats", **more: Any) -> Lesson:
    """An unproven one that needs more."""
    unproven = {
        "status": "candidate",
        "why": "registered",
        "since": None,
        "large_since": None,
        "consequence": "",
        "evidence": 0.4,
        "net_low_pct": -0.05,
        "more_episodes": 120,
        "more_trades": 141,
        "more_days": 9.4,
    }
    return lesson(id_, **(unproven | more))


def lessons(*found: Lesson, threshold: float | None = None, **summary: Any) -> Lessons:
    """Lessons with a summary of 250 own trades, fields of which may be replaced."""
    counts = {
        "head": "2025-10-19T15:00:00Z",
        "hypotheses": 140,
        "candidates": 138,
        "trades": 250,
        "episodes": 213,
        "days": 12.5,
        "episodes_per_day": 17.0,
        "answers": 400,
    }
    told = NO_LESSONS.summary.model_copy(update=counts | summary)
    return Lessons(lessons=list(found), summary=told, optimal_confidence_threshold=threshold)


def every_hypothesis() -> list[Hypothesis]:
    """All that can ever be asked: the standing ones, and those of every setup in every stream."""
    families = [(stream, family) for stream in STREAMS for family in FAMILIES[stream]]
    seen = [value_hypotheses(stream, family, value) for stream, family in families for value in SIGNATURES]
    return [*initial_hypotheses(), *(hypothesis for found in seen for hypothesis in found)]
