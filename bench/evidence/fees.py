"""A market that only costs: all groups lose alike. "Below zero" is then true and useless, and must be marked so."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from bench.evidence.ledgers import fold_days, found_by
from bench.evidence.null import SPAN_DAYS, WEEKS
from bench.evidence.runs import Bench, share
from bench.evidence.tables import World, null_weeks
from lib.lessons.hypotheses import parse_id
from lib.lessons.ledger import Ledger
from lib.lessons.lesson import Lesson
from lib.market.costs import DEFAULT_COSTS

RUNS = 200
MEAN_PCT = -0.05


class Loss(NamedTuple):
    """A run's lessons by claim, and how many of those "below" are marked as restating costs."""

    above: int
    below: int
    beats: int
    marked: int


def losing_weeks(rng: np.random.Generator) -> Loss:
    """One run: weeks in which everything has the same net loss."""
    ledger = Ledger.new()
    found = [
        change.id
        for change in found_by(fold_days(ledger, null_weeks(WEEKS, rng, World(mean_pct=MEAN_PCT)), SPAN_DAYS))
    ]
    counts = [sum(f".{claim}" in name for name in found) for claim in ("above", "below", "beats")]
    below = [name for name in found if ".below" in name]
    return Loss(*counts, sum(marked(ledger, name) for name in below))


def marked(ledger: Ledger, name: str) -> bool:
    """Whether a "below" lesson is told as restating costs, by the bounds it has at the end of the run."""
    from lib.lessons.compiling import restates_costs
    from lib.lessons.seen import ObservationArrays, bounds_of

    hypothesis, entry = parse_id(name), ledger.entries[name]
    if hypothesis is None:
        raise ValueError(f"{name} is no hypothesis")
    rows = [
        (seen.at, seen.x, seen.worst, seen.best, seen.tempering)
        for seen in ledger.observed
        if seen.group == hypothesis.group and not seen.pair and seen.at > entry.born
    ]
    _, high = bounds_of(hypothesis, entry.k, ObservationArrays(*np.array(rows).T))
    lesson = Lesson.model_construct(claim=hypothesis.claim, stream=hypothesis.stream, net_high_pct=high)
    return restates_costs(lesson, DEFAULT_COSTS)


def fee_figures(bench: Bench) -> dict[str, Any]:
    """How often each claim became a lesson, and the share of "below" lessons that are marked."""
    runs = bench.runs("fee_world", losing_weeks, RUNS, Loss._make)
    below, told = sum(run.below for run in runs), sum(run.marked for run in runs)
    return {
        "fee_world": {
            "net_mean_pct": MEAN_PCT,
            "weeks": WEEKS,
            **{
                claim: share(sum(getattr(run, claim) > 0 for run in runs), len(runs))
                for claim in ("above", "below", "beats")
            },
            "below_lessons": below,
            "below_marked_as_costs": told,
            "below_marked_share": told / below if below else None,
        }
    }
