"""The judge: helps, harms or not yet, valid however often it is looked at (docs/evidence-method.md, Controlled test)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.experiments.blocks import Block
from lib.experiments.judgement import Chance, Judgement
from lib.experiments.log import ExperimentLog, ExperimentRows
from lib.experiments.scoring import Pair, Unpaired

#: A verdict needs an e-value of so much on either side: 2.5 % and 2.5 %.
PROVEN = 40.0


def judge(
    rows: ExperimentRows,
    blocks: Sequence[Block],
    pairs: Sequence[Pair] = (),
    unpaired: Mapping[int, Unpaired] | None = None,
) -> Judgement:
    """How an experiment stands after these blocks. A verdict is kept once it was reached after any block, whatever came after.

    `pairs` and `unpaired` are those of `pairs_of`; without them a paired experiment has no evidence.
    """
    raise NotImplementedError


def chance(log: ExperimentLog) -> Chance:
    """How many experiments were begun, and how many verdicts chance alone would give."""
    raise NotImplementedError
