"""The differences that an experiment is judged by: of blocks as they were drawn, and of pairs; and whether the two say the same.

A block's difference is its outcome, less what was to be expected before, weighed by the chance of its arm (inverse probability): its mean
is the arm's effect whatever the ticks are like, because only the draw decided. A pair's is one arm's outcome less the other's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.experiments.blocks import Block
from lib.experiments.evidence import Evidence
from lib.experiments.experiment import Experiment
from lib.experiments.rows import Verdict
from lib.experiments.scoring import Pair
from lib.market.exits import ExitRule
from lib.market.terms import Terms, declared_bounds

#: Blocks of mean 0 that the expected outcome begins with.
_PRIOR_BLOCKS = 20


@dataclass
class Declared:
    """Largest loss and gain of one outcome that are reckoned with, positive percent: of the standard exits, and of all that were seen."""

    terms: Terms
    worst: float = 0.0
    best: float = 0.0
    _stop_pct: float = 0.0
    _target_pct: float = 0.0

    def __post_init__(self) -> None:
        self.widen(self.terms.stop_pct, self.terms.target_pct)

    def widen(self, stop_pct: float, target_pct: float) -> None:
        """Reckon from now on with trades of these distances."""
        if stop_pct <= self._stop_pct and target_pct <= self._target_pct:
            return
        self._stop_pct, self._target_pct = max(stop_pct, self._stop_pct), max(target_pct, self._target_pct)
        rule = ExitRule(target_pct, stop_pct, self.terms.hold_minutes)
        worst, best = declared_bounds(rule, self.terms.costs)
        self.worst, self.best = max(self.worst, worst), max(self.best, best)


@dataclass
class Drawn:
    """One block's difference, scaled by min(p, 1 − p), with its declared bounds."""

    scaled: float
    scale: float
    lowest: float
    highest: float


@dataclass
class Differences:
    """All evidence of one experiment, grown by blocks and pairs in their order."""

    terms: Terms
    randomised: Evidence = field(default_factory=Evidence)
    paired: Evidence = field(default_factory=Evidence)
    #: Of the difference of the two, over blocks that have both: under "they estimate the same" its mean is 0.
    apart: Evidence = field(default_factory=Evidence)
    _drawn: dict[int, Drawn] = field(default_factory=dict)
    _sum: float = 0.0
    _blocks: int = 0

    def __post_init__(self) -> None:
        self._of_blocks, self._of_pairs = Declared(self.terms), Declared(self.terms)

    @classmethod
    def of(cls, definition: Experiment) -> Differences:
        """Before the first block."""
        return cls(definition.terms)

    def observe_block(self, block: Block) -> Verdict | None:
        """One more block that has ended. The expected outcome and the bounds are those of the blocks before it."""
        expected = self._sum / (_PRIOR_BLOCKS + self._blocks)
        p, scale = block.probability, min(block.probability, 1 - block.probability)
        weight = 1 / p if block.arm == "a" else -1 / (1 - p)
        loss, gain = self._of_blocks.worst + expected, self._of_blocks.best - expected
        drawn = Drawn(
            scaled=scale * (block.outcome_pct - expected) * weight,
            scale=scale,
            lowest=scale * max(loss / p, gain / (1 - p)),
            highest=scale * max(gain / p, loss / (1 - p)),
        )
        self._sum, self._blocks = self._sum + block.outcome_pct, self._blocks + 1
        if block.trades:
            self._of_blocks.widen(block.stop_pct, block.target_pct)
        self._drawn[block.number] = drawn
        moved = block.trades > 0
        return self.randomised.observe(
            drawn.scaled / scale, scale, drawn.lowest, drawn.highest, moved, block.begun
        )

    def observe_pair(self, pair: Pair) -> Verdict | None:
        """One more pair, of a block that was observed."""
        most = self._of_pairs.worst + self._of_pairs.best
        moved = pair.difference_pct != 0
        found = self.paired.observe(pair.difference_pct, 1.0, most, most, moved, pair.at)
        drawn = self._drawn.pop(pair.block)
        self.apart.observe(
            drawn.scaled / drawn.scale - pair.difference_pct,
            drawn.scale,
            drawn.lowest + drawn.scale * most,
            drawn.highest + drawn.scale * most,
            True,
        )
        if pair.stop_pct:
            self._of_pairs.widen(pair.stop_pct, pair.target_pct)
        return found
