"""The judge: helps, harms or not yet, valid however often it is looked at (docs/evidence-method.md, Controlled test).

What would surprise: of a paired experiment the pairs decide, and the randomised estimate stands beside them. Which of the two decides is
fixed when it begins, because two tests at 5 % each are one at 10 %.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from lib.experiments.arm import LETTERS, Letter
from lib.experiments.blocks import Block, blocks_of
from lib.experiments.differences import Differences
from lib.experiments.evidence import Evidence
from lib.experiments.judgement import ArmFigures, Chance, JudgedBy, Judgement, Needed
from lib.experiments.log import ExperimentLog
from lib.experiments.running import ExperimentRows
from lib.experiments.scoring import Pair, Pairs
from lib.stats.levels import SOUGHT_PCT, fixed_sample_size

#: Chance that an experiment without any difference ends in a verdict, at most; one side has half of it.
LEVEL = 0.05
#: Simulated: by how much more than the fixed number 80 % of experiments have found a difference of 0.05 %, when every block is looked at
#: (docs/reference/experiment-figures.md).
_LOOKING_COSTS: dict[JudgedBy, float] = {"randomised": 1.63, "paired": 1.45}
#: Least spread that is reckoned with, percent a trade.
_LEAST_SPREAD_PCT = 0.16
_HOUR, _DAY = 3_600e6, 86_400e6


@dataclass
class _Course:
    """What the differences have come to, block by block, and when something was proven."""

    differences: Differences
    by: JudgedBy
    since: int | None = None
    proven_by: int | None = None
    after: Evidence | None = None

    def take(self, at: int, block: int) -> None:
        """Look once more, after a block."""
        if self._decisive.verdict is not None and self.since is None:
            self.since, self.proven_by = at, block
            if self._decisive.verdict == "helps":
                self.after = Evidence()

    @property
    def _decisive(self) -> Evidence:
        return self.differences.paired if self.by == "paired" else self.differences.randomised

    def newest_after(self, evidence: Evidence) -> None:
        """Let the newest difference count once more, on the evidence that began when help was proven."""
        if self.after is not None and self.since is not None:
            self.after.observe(
                evidence.scaled[-1] / evidence.scales[-1],
                evidence.scales[-1],
                evidence.lowest[-1],
                evidence.highest[-1],
                evidence.scaled[-1] != 0,
            )


def judge(rows: ExperimentRows, pairs: Pairs | None = None) -> Judgement:
    """How an experiment stands. A verdict is kept once it was reached after any block, whatever came after.

    `pairs` are those of `pairs_of`; without them a paired experiment has no evidence yet.
    """
    blocks, pairs = blocks_of(rows), pairs or Pairs()
    by: JudgedBy = "paired" if rows.definition.paired else "randomised"
    course = _walk(rows, blocks, pairs.known, by)
    differences = course.differences
    decisive = differences.paired if by == "paired" else differences.randomised
    verdict = rows.verdict.verdict if rows.verdict is not None else decisive.verdict
    arms = {letter: _figures(rows, blocks, letter) for letter in LETTERS}
    return Judgement(
        experiment=rows.definition.id,
        verdict=verdict or "not_yet",
        since=rows.verdict.at if rows.verdict is not None else course.since,
        proven_by=course.proven_by,
        judged_by=by,
        randomised=differences.randomised.estimate(),
        paired=differences.paired.estimate() if rows.definition.paired else None,
        unpaired=dict(sorted(Counter(pairs.unpaired.values()).items())),
        left_out=dict(sorted(Counter(row.why for tick in rows.left_out.values() for row in tick).items())),
        disagree=differences.apart.verdict is not None,
        after=course.after.estimate() if course.after is not None else None,
        changed=course.after is not None and course.after.harmed,
        **arms,
        needed=None
        if verdict
        else _needed(rows, blocks, decisive, by, sum(arm.cost_usd for arm in arms.values())),
    )


def _walk(rows: ExperimentRows, blocks: list[Block], pairs: list[Pair], by: JudgedBy) -> _Course:
    """Blocks and pairs in their order; each counts once it is known."""
    course = _Course(Differences.of(rows.definition), by)
    for block in blocks:
        course.differences.observe_block(block)
        if by == "randomised":
            course.newest_after(course.differences.randomised)
            course.take(block.ended, block.number)
    for pair in pairs:
        course.differences.observe_pair(pair)
        if by == "paired":
            course.newest_after(course.differences.paired)
            course.take(pair.known_at, pair.block)
    return course


def _figures(rows: ExperimentRows, blocks: list[Block], letter: Letter) -> ArmFigures:
    own = [block for block in blocks if block.arm == letter]
    answers = [answer for tick in rows.answers.values() for answer in tick if answer.arm == letter]
    net = sum(block.outcome_pct for block in own)
    return ArmFigures(
        name=rows.definition.arm(letter).name,
        blocks=len(own),
        traded=sum(block.trades > 0 for block in own),
        hours=sum(block.ended - block.begun for block in own) / _HOUR,
        net_pct=net,
        mean_pct=net / len(own) if own else None,
        asked=sum(answer.executed for answer in answers),
        shadows=sum(not answer.executed for answer in answers),
        cost_usd=sum(answer.cost_usd for answer in answers),
    )


def _needed(
    rows: ExperimentRows, blocks: list[Block], evidence: Evidence, by: JudgedBy, cost_usd: float
) -> Needed:
    """What a difference of 0.05 % a block that trades would take: the fixed number times what looking costs, less what was seen."""
    p = rows.definition.share
    least = _LEAST_SPREAD_PCT if by == "paired" else _LEAST_SPREAD_PCT / (p * (1 - p)) ** 0.5
    spread = max(least, evidence.spread() or 0.0)
    whole = ceil(_LOOKING_COSTS[by] * fixed_sample_size(LEVEL / 2, spread, SOUGHT_PCT))
    more = max(0, whole - evidence.differing)
    if not evidence.differing:
        return Needed(episodes=more, days=None, cost_usd=None)
    days = (blocks[-1].ended - blocks[0].begun) / _DAY
    share = more / evidence.differing
    return Needed(episodes=more, days=days * share, cost_usd=cost_usd * share)


def chance(log: ExperimentLog) -> Chance:
    """How many experiments were begun, and how many verdicts chance alone would give."""
    begun = len(log.experiments)
    found = sum(rows.verdict is not None for rows in log.experiments)
    return Chance(experiments=begun, verdicts=found, by_chance=LEVEL * begun)
