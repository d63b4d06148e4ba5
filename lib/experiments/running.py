"""One experiment's rows, by kind: what has been drawn, answered and ended, and what may come next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lib.experiments.arm import OTHER
from lib.experiments.draw import draw
from lib.experiments.experiment import HOLDOUT, Experiment
from lib.experiments.rows import (
    Answered,
    Begin,
    BlockEnded,
    Draw,
    Released,
    Row,
    ShadowLeftOut,
    Stop,
    VerdictFound,
)


@dataclass
class ExperimentRows:
    """The rows of one experiment in the order in which they were written; only `take` changes them."""

    begin: Begin
    draws: list[Draw] = field(default_factory=list)
    answers: dict[int, list[Answered]] = field(default_factory=dict)  #: by block
    left_out: dict[int, list[ShadowLeftOut]] = field(default_factory=dict)  #: by block
    ends: dict[int, BlockEnded] = field(default_factory=dict)  #: by block
    verdict: VerdictFound | None = None
    stop: Stop | None = None
    released: Released | None = None

    @property
    def definition(self) -> Experiment:
        """What is compared."""
        return self.begin.definition

    @property
    def open_block(self) -> Draw | None:
        """The block that has begun and not ended."""
        newest = self.draws[-1] if self.draws else None
        return newest if newest is not None and newest.block not in self.ends else None

    def probability(self) -> float:
        """With which arm a is drawn for the next block: its share; once help is proven, all but the holdout."""
        return self.definition.share if self.verdict is None else 1 - HOLDOUT

    def next_draw(self, at: int) -> Draw:
        """The draw of the next block, if one began at the tick `at`."""
        block, probability, name = len(self.draws) + 1, self.probability(), self.definition.id
        arm = draw(self.definition.seed, name, block, probability)
        return Draw(at=at, experiment=name, block=block, arm=arm, probability=probability)

    def has_entry(self) -> bool:
        """Whether an answer of either arm enters in the open block: then its pair is decided, and no shadow is asked in it any more."""
        block = self.open_block
        return block is not None and any(answer.enters for answer in self.answers.get(block.block, ()))

    def why_not(self, row: Row) -> str:
        """Why a row of this experiment cannot follow; "" if it can. Of a release and a begin its log knows more."""
        return _WHY_NOT.get(row.kind, _nothing)(self, row)

    def take(self, row: Row) -> None:
        """Let a row count that may follow."""
        if isinstance(row, Draw):
            self.draws.append(row)
        elif isinstance(row, Answered):
            self.answers.setdefault(row.block, []).append(row)
        elif isinstance(row, ShadowLeftOut):
            self.left_out.setdefault(row.block, []).append(row)
        elif isinstance(row, BlockEnded):
            self.ends[row.block] = row
        elif isinstance(row, VerdictFound):
            self.verdict = row
        elif isinstance(row, Stop):
            self.stop = row
        elif isinstance(row, Released):
            self.released = row


def _nothing(rows: ExperimentRows, row: Any) -> str:
    return ""


def _draw(rows: ExperimentRows, row: Draw) -> str:
    if rows.stop is not None:
        return "it was stopped, so no block begins"
    if rows.open_block is not None:
        return f"block {rows.open_block.block} has not ended"
    if row.block != len(rows.draws) + 1:
        return f"its block is not {len(rows.draws) + 1}"
    if rows.draws and row.at <= rows.draws[-1].at:
        return "it does not begin after the block before it; if a clock was wrong then, stop the experiment and begin another"
    if (expected := rows.next_draw(row.at)) != row:
        return f"seed and number draw arm {expected.arm} at {expected.probability:g}, not {row.arm} at {row.probability:g}"
    return ""


def _of_open_block(rows: ExperimentRows, row: Answered | ShadowLeftOut | BlockEnded) -> str:
    """Why a row is not of the block that is open; "" if it is."""
    block = rows.open_block
    if block is None or row.block != block.block:
        return f"block {row.block} is not open"
    return "it lies before its block began" if row.at < block.at else ""


def _of_a_block(rows: ExperimentRows, row: Answered | ShadowLeftOut) -> str:
    """Why a shadow's row is of no block; "" if it is. It may come behind the end of its block, which never waits for it."""
    if row.block > len(rows.draws):
        return f"block {row.block} has not begun"
    return "it lies before its block began" if row.at < rows.draws[row.block - 1].at else ""


def _answered(rows: ExperimentRows, row: Answered) -> str:
    if fault := _of_open_block(rows, row) if row.executed else _of_a_block(rows, row):
        return fault
    own = rows.draws[row.block - 1].arm
    if row.arm != (own if row.executed else OTHER[own]):
        return f"block {row.block} executes arm {own}"
    return _repeated(rows, row) if row.executed else _shadow(rows, row)


def _repeated(rows: ExperimentRows, row: Answered) -> str:
    """Why an executed answer cannot follow those of its block."""
    before = rows.answers.get(row.block, ())
    return (
        "an answer of this tick or a later one is there"
        if any(row.at <= other.at for other in before)
        else ""
    )


def _shadow(rows: ExperimentRows, row: Answered | ShadowLeftOut) -> str:
    """Why a shadow's row cannot follow: it comes once, after the executed answer of its tick."""
    answers = [other for other in rows.answers.get(row.block, ()) if other.at == row.at]
    if not any(other.executed for other in answers):
        return "a shadow comes after the executed answer of its tick"
    told = [other for other in answers if not other.executed]
    told += [other for other in rows.left_out.get(row.block, ()) if other.at == row.at]
    return "the shadow of this tick is there" if told else ""


def _left_out(rows: ExperimentRows, row: ShadowLeftOut) -> str:
    if fault := _of_a_block(rows, row):
        return fault
    shadow = OTHER[rows.draws[row.block - 1].arm]
    return _shadow(rows, row) if row.arm == shadow else f"the shadow of block {row.block} is arm {shadow}"


def _ended(rows: ExperimentRows, row: BlockEnded) -> str:
    if fault := _of_open_block(rows, row):
        return fault
    if (row.why == "closed") != (row.trades > 0):
        return f"it ended by {row.why} with {row.trades} trades"
    if not row.trades and row.net_pct:
        return "it has a return without a trade"
    return "it was not stopped" if row.why == "stopped" and rows.stop is None else ""


def _verdict(rows: ExperimentRows, row: VerdictFound) -> str:
    if rows.verdict is not None:
        return "a verdict is there"
    return "" if row.blocks <= len(rows.ends) else f"only {len(rows.ends)} blocks have ended"


def _stop(rows: ExperimentRows, row: Stop) -> str:
    if rows.stop is not None:
        return "it was stopped before"
    harms = rows.verdict is not None and rows.verdict.verdict == "harms"
    return "" if row.why != "harms" or harms else "no harm was proven"


_WHY_NOT: dict[str, Callable[[ExperimentRows, Any], str]] = {
    "draw": _draw,
    "answer": _answered,
    "left_out": _left_out,
    "end": _ended,
    "verdict": _verdict,
    "stop": _stop,
}
