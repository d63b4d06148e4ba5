"""How an experiment went, for a figure: what each arm made, and the running difference with its bounds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.experiments.blocks import blocks_of
from lib.experiments.differences import Differences
from lib.experiments.running import ExperimentRows
from lib.experiments.scoring import Pairs


class CoursePoint(NamedTuple):
    """One look, after a block. Percent net; bounds None while there is too little for one."""

    block: int
    at: int  #: microseconds
    a_pct: float  #: sum of the outcomes of arm a's blocks until then
    b_pct: float
    difference_pct: float | None  #: a block, by the estimate that decides; None without a difference
    low_pct: float | None
    high_pct: float | None


def course(rows: ExperimentRows, pairs: Pairs | None = None, points: int = 100) -> list[CoursePoint]:
    """At most `points` looks, evenly spread over the blocks that have ended, the last among them."""
    blocks = blocks_of(rows)
    looks = set(np.unique(np.linspace(1, len(blocks), min(points, len(blocks))).round().astype(int)).tolist())
    of_block = {pair.block: pair for pair in (pairs or Pairs()).known}
    differences = Differences.of(rows.definition)
    decisive = differences.paired if rows.definition.paired else differences.randomised
    sums = {"a": 0.0, "b": 0.0}
    found = []
    for place, block in enumerate(blocks, 1):
        sums[block.arm] += block.outcome_pct
        differences.observe_block(block)
        if (pair := of_block.get(block.number)) is not None:
            differences.observe_pair(pair)
        if place in looks:
            found.append(
                CoursePoint(
                    block.number, block.ended, sums["a"], sums["b"], decisive.mean(), *decisive.bounds()
                )
            )
    return found
